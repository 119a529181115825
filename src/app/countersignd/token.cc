// countersignd token add|list|remove

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>

#include "app/countersignd/init.h"
#include "app/countersignd/knowledge.h"
#include "console/rows.h"
#include "enrol/rights.h"
#include "enrol/tokens.h"
#include "server/officer.h"

namespace countersign::app {
namespace {

using enrol::TokenKind;

Result<TokenKind> read_kind(const std::string& text) {
  if (const auto kind = server::token_kind_from_name(text)) return *kind;
  return fail(Failure::systemFailure, "app.token-kind", "--kind takes regToken or authenticator");
}

struct New {
  enrol::TokenRecord record;
  std::string shown;  // the token as text, when we made it
};

Result<New> make(const Host& host, ports::Ledger& ledger, const TokenOptions& options) {
  New out;
  auto& r = out.record;
  r.created = host.clock.now();
  r.kind = TRY(read_kind(options.kind));
  TRY(enrol::check_name_rule(options.names));
  r.names = options.names;
  TRY(check_profile(*TRY(catalogue_of(ledger)), options.profile));
  r.profile = options.profile;
  const std::string usual = r.kind == TokenKind::regToken ? "1" : "any";
  r.uses_left = TRY(read_uses(options.uses.empty() ? usual : options.uses));
  r.uses_granted = r.uses_left.value_or(0);
  r.expires = TRY(read_expiry(options.expires, r.created));
  if (options.source.empty()) {
    out.shown = server::random_secret(host.entropy);
    r.digest = enrol::token_digest(r.kind, out.shown);
    return out;
  }
  const Secret given = TRY(read_source("--token", options.source));
  const View value = given.expose();
  if (value.size() < enrol::kShortestToken)
    return fail(Failure::systemFailure, "app.token-short",
                "a token has " + std::to_string(enrol::kShortestToken) +
                    " characters at least, so that nobody guesses it; leave --token out to have "
                    "one made");
  r.digest =
      enrol::token_digest(r.kind, {reinterpret_cast<const char*>(value.data()), value.size()});
  return out;
}

std::string expiry(const enrol::TokenRecord& r) { return r.expires ? to_iso(*r.expires) : ""; }

void print(const enrol::TokenRecord& r) {
  std::cout << server::token_id(r) << "   " << server::name(r.kind) << "   names " << r.names
            << "   uses left " << uses_text(r.uses_left, r.uses_granted) << "   expires "
            << (r.expires ? expiry(r) : "never")
            << (r.profile.empty() ? "" : "   template " + r.profile) << "\n";
}

Result<int> add(const Host& host, const TokenOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto fresh = TRY(make(host, *data.store, options));
  TRY(data.store->add_token(fresh.record));
  if (options.json) {
    auto out = console::to_json(fresh.record);
    if (!fresh.shown.empty()) out["token"] = fresh.shown;
    std::cout << boost::json::serialize(out) << "\n";
    return kDone;
  }
  if (!fresh.shown.empty()) std::cout << "token " << fresh.shown << "   (shown this once)\n";
  print(fresh.record);
  return kDone;
}

Result<int> list(const Host& host, const TokenOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto all = TRY(data.store->tokens());
  boost::json::array rows;
  for (const auto& r : all) {
    rows.push_back(console::to_json(r));
    if (!options.json) print(r);
  }
  if (options.json)
    std::cout << boost::json::serialize(rows) << "\n";
  else if (rows.empty())
    std::cout << "no tokens; add one with `countersignd token add`, and set cmp.tokens\n";
  return kDone;
}

Result<int> remove(const Host& host, const TokenOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto all = TRY(data.store->tokens());
  const auto at = std::ranges::find(all, options.id, server::token_id);
  if (at == all.end() || !TRY(data.store->remove_token(at->digest)))
    return fail(Failure::systemFailure, "app.no-such-token",
                "there is no token " + options.id + "; `countersignd token list` shows their ids");
  std::cout << "removed " << options.id << "\n";
  return kDone;
}

int done(const Result<int>& result) { return result ? *result : report(result.error()); }

}  // namespace

int run_token_add(const Host& host, const TokenOptions& options) {
  return done(add(host, options));
}
int run_token_list(const Host& host, const TokenOptions& options) {
  return done(list(host, options));
}
int run_token_remove(const Host& host, const TokenOptions& options) {
  return done(remove(host, options));
}

}  // namespace countersign::app
