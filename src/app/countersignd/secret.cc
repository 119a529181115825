// countersignd secret add|list|remove

#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "app/countersignd/init.h"
#include "enrol/rights.h"

namespace countersign::app {
namespace {

Result<Secret> read_source(const std::string& source) {
  const auto colon = source.find(':');
  const std::string kind = source.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : source.substr(colon + 1);
  std::string line;
  if (kind == "pass")
    line = rest;
  else if (kind == "env") {
    const char* value = std::getenv(rest.c_str());
    line = value == nullptr ? "" : value;
  } else if (kind == "file") {
    std::ifstream in(rest);
    std::getline(in, line);
  } else if (kind == "stdin") {
    std::getline(std::cin, line);
  } else {
    return fail(Failure::systemFailure, "app.secret-source",
                "--secret takes pass:TEXT, env:NAME, file:PATH or stdin:");
  }
  Secret out{view(line)};
  wipe({reinterpret_cast<Byte*>(line.data()), line.size()});
  if (out.empty())
    return fail(Failure::systemFailure, "app.secret-empty",
                "the secret from " + kind + ": is empty");
  return out;
}

Result<std::optional<std::int64_t>> read_uses(const std::string& text) {
  if (text == "any") return std::nullopt;
  std::int64_t uses = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uses);
  if (error != std::errc{} || end != text.data() + text.size() || uses < 1)
    return fail(Failure::systemFailure, "app.uses", "--uses takes a number from 1, or any");
  return uses;
}

Result<std::optional<Time>> read_expiry(const std::string& text, Time now) {
  if (text.empty()) return std::nullopt;
  if (const auto lives = parse_duration(text)) return now + *lives;
  if (const auto at = from_iso(text)) return *at;
  return fail(Failure::systemFailure, "app.expires",
              "--expires takes a duration (24h, 30d) or a date (2027-01-31)");
}

struct New {
  enrol::CredentialRecord record;
  std::string shown;  // the secret as text, when we made it
};

Result<New> make(const Host& host, const SecretOptions& options) {
  New out;
  auto& r = out.record;
  r.created = host.clock.now();
  r.reference = options.reference.empty()
                    ? "ref-" + random_tag(host.entropy) + random_tag(host.entropy)
                    : options.reference;
  TRY(enrol::check_name_rule(options.names));
  r.names = options.names;
  r.profile = options.profile;
  r.uses_left = TRY(read_uses(options.uses));
  r.uses_granted = r.uses_left.value_or(0);
  r.expires = TRY(read_expiry(options.expires, r.created));
  r.made_by_us = options.source.empty();
  if (r.made_by_us) {
    out.shown = random_secret(host.entropy);
    r.secret = Secret(view(out.shown));
  } else {
    r.secret = TRY(read_source(options.source));
  }
  if (!r.profile.empty() && enrol::find_template(enrol::built_in_templates(), r.profile) == nullptr)
    return fail(Failure::systemFailure, "app.profile",
                "there is no certificate template " + r.profile);
  return out;
}

std::string uses_text(const enrol::CredentialRecord& c) {
  return c.uses_left ? std::to_string(*c.uses_left) + " of " + std::to_string(c.uses_granted)
                     : std::string("any number");
}

Result<int> add(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto fresh = TRY(make(host, options));
  TRY(data.store->add_credential(fresh.record));
  const auto& r = fresh.record;
  if (options.json) {
    boost::json::object out{{"reference", r.reference},
                            {"names", r.names},
                            {"uses", r.uses_granted},
                            {"expires", r.expires ? to_iso(*r.expires) : ""}};
    if (!fresh.shown.empty()) out["secret"] = fresh.shown;
    std::cout << boost::json::serialize(out) << "\n";
    return kDone;
  }
  std::cout << "reference " << r.reference
            << (fresh.shown.empty() ? "" : "   secret " + fresh.shown + "   (shown this once)")
            << "\n  names " << r.names << "   uses " << uses_text(r) << "   expires "
            << (r.expires ? to_iso(*r.expires) : "never") << "\n";
  return kDone;
}

Result<int> list(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  boost::json::array rows;
  for (const auto& r : TRY(data.store->credentials())) {
    rows.push_back(boost::json::object{
        {"reference", r.reference},
        {"names", r.names},
        {"profile", r.profile},
        {"uses_left", r.uses_left ? boost::json::value(*r.uses_left) : boost::json::value(nullptr)},
        {"expires", r.expires ? to_iso(*r.expires) : ""},
        {"made_by_us", r.made_by_us}});
    if (!options.json)
      std::cout << r.reference << "   names " << r.names << "   uses left " << uses_text(r)
                << "   expires " << (r.expires ? to_iso(*r.expires) : "never")
                << (r.profile.empty() ? "" : "   template " + r.profile) << "\n";
  }
  if (options.json)
    std::cout << boost::json::serialize(rows) << "\n";
  else if (rows.empty())
    std::cout << "no secrets; add one with `countersignd secret add`\n";
  return kDone;
}

Result<int> remove(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  if (!TRY(data.store->remove_credential(options.reference)))
    return fail(Failure::systemFailure, "app.no-such-secret",
                "there is no secret with reference " + options.reference);
  std::cout << "removed " << options.reference << "\n";
  return kDone;
}

}  // namespace

int run_secret_add(const Host& host, const SecretOptions& options) {
  const auto done = add(host, options);
  return done ? *done : report(done.error());
}
int run_secret_list(const Host& host, const SecretOptions& options) {
  const auto done = list(host, options);
  return done ? *done : report(done.error());
}
int run_secret_remove(const Host& host, const SecretOptions& options) {
  const auto done = remove(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
