// countersignd secret add|rotate

#include "app/countersignd/secret.h"

#include <boost/json.hpp>
#include <iostream>
#include <set>

#include "app/common/terminal.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/delivery.h"
#include "app/countersignd/init.h"
#include "app/countersignd/knowledge.h"
#include "app/countersignd/qr.h"
#include "client/files.h"
#include "enrol/rights.h"
#include "server/csv.h"
#include "server/invitation.h"
#include "server/networks.h"
#include "server/officer.h"

namespace countersign::app {

Result<NewSecret> make_secret(const Host& host, const enrol::Catalogue& catalogue,
                              const SecretOptions& options) {
  NewSecret out;
  auto& r = out.record;
  r.created = host.clock.now();
  r.reference = options.reference.empty()
                    ? "ref-" + server::random_tag(host.entropy) + server::random_tag(host.entropy)
                    : options.reference;
  TRY(enrol::check_name_rule(options.names));
  if (options.ra && options.names == "self")
    return fail(Failure::systemFailure, "app.ra-names",
                "a registration authority asks for others: say for whom with --names, a list, a "
                "pattern, or any");
  r.names = options.names;
  TRY(check_profile(catalogue, options.profile));
  r.profile = options.profile;
  TRY(check_cmp_profile(catalogue, options.cmp_profile));
  r.cmp_profile = options.cmp_profile;
  r.uses_left = TRY(read_uses(options.uses));
  r.uses_granted = r.uses_left.value_or(0);
  r.begins = TRY(read_expiry(options.begins, r.created));
  r.expires = TRY(read_expiry(options.expires, r.created));
  r.note = options.note;
  r.networks = TRY(server::read_networks(options.networks));
  TRY(check_subscriber(catalogue, options.subscriber));
  r.subscriber = options.subscriber;
  r.is_ra = options.ra;
  r.author = "local";
  r.made_by_us = options.source.empty();
  if (r.made_by_us) {
    out.shown = server::random_secret(host.entropy);
    r.secret = Secret(view(out.shown));
  } else {
    r.secret = TRY(read_source("--secret", options.source));
  }
  return out;
}

enrol::AuditRow added_row(const enrol::CredentialRecord& r) {
  enrol::AuditRow row;
  row.at = r.created;
  row.event = "secret-added";
  row.sender = "operator:" + r.author;
  row.subject = r.reference;
  row.detail = "names " + r.names + (r.profile.empty() ? "" : ", RA profile " + r.profile);
  if (!r.subscriber.empty()) row.detail += ", of the subscriber " + r.subscriber;
  if (r.is_ra) row.detail += ", a registration authority's";
  if (!r.networks.empty()) row.detail += ", from " + server::networks_text(r.networks);
  return row;
}

std::string as_csv(const std::vector<NewSecret>& secrets, const server::Config& config) {
  std::string out =
      server::csv_line({"reference", "secret", "names", "profile", "cmp_profile", "uses", "begins",
                        "expires", "note", "networks", "subscriber", "invitation"});
  for (const auto& [r, shown] : secrets)
    out += server::csv_line({r.reference, shown, r.names, r.profile, r.cmp_profile,
                             r.uses_left ? std::to_string(*r.uses_left) : "any",
                             r.begins ? to_iso(*r.begins) : "", r.expires ? to_iso(*r.expires) : "",
                             r.note, server::networks_text(r.networks), r.subscriber,
                             server::invitation(r, shown, config.public_url)});
  return out;
}

Result<> write_csv(const std::string& csv, const SecretOptions& options) {
  if (!options.out.empty())
    return client::write_file(options.out, view(csv), client::Access::secret);
  std::cout << csv;
  return {};
}

namespace {

std::string expiry_text(const enrol::CredentialRecord& r) {
  return r.expires ? to_iso(*r.expires) : "never";
}

// What an operator has in hand of a secret that was made just now.
class Handout {
 public:
  Handout(const NewSecret& fresh, const server::Config& config, const SecretOptions& options)
      : fresh_(fresh), config_(config), options_(options) {}

  // Before it is stored: one that does not reach whom it is for is not kept.
  Result<> deliver_it() const {
    if (!delivers()) return {};
    if (fresh_.shown.empty())
      return fail(Failure::systemFailure, "app.deliver-chosen",
                  "--deliver is for secrets that are made here; leave --secret out");
    return deliver(config_, fresh_.record, fresh_.shown, options_.deliver);
  }

  // `more`: members for --json; `lines`: for people.
  Result<> show(const boost::json::object& more, const std::string& lines) const {
    const auto& r = fresh_.record;
    const bool shown = !fresh_.shown.empty() && !delivers();
    const std::string invitation =
        shown ? server::invitation(r, fresh_.shown, config_.public_url) : std::string();
    if (options_.json) {
      boost::json::object out{{"reference", r.reference}};
      for (const auto& [name, value] : more) out[name] = value;
      if (shown) {
        out["secret"] = fresh_.shown;
        out["invitation"] = invitation;
      }
      if (delivers()) out["delivered"] = options_.deliver;
      std::cout << boost::json::serialize(out) << "\n";
      return {};
    }
    std::cout << "reference " << r.reference
              << (shown ? "   secret " + fresh_.shown + "   (shown this once)" : "")
              << (delivers() ? "   delivered to " + harmless(options_.deliver) : "") << "\n"
              << lines;
    if (options_.qr && shown) std::cout << TRY(qr_code(invitation)) << invitation << "\n";
    return {};
  }

  void note_delivery(enrol::AuditRow& row) const {
    if (delivers()) row.detail += ", delivered to " + options_.deliver;
  }

 private:
  bool delivers() const { return !options_.deliver.empty(); }

  const NewSecret& fresh_;
  const server::Config& config_;
  const SecretOptions& options_;
};

// Found out before anybody is told a secret that could not be stored.
Result<> check_free(ports::Ledger& ledger, const std::set<std::string>& references) {
  for (const auto& r : TRY(ledger.credentials()))
    if (references.contains(r.reference))
      return fail(Failure::systemFailure, "store.reference-exists",
                  "there is a credential with the reference " + r.reference +
                      " already; remove it first, or choose another reference");
  return {};
}

Result<int> add_one(const Host& host, Data& data, const server::Config& config,
                    const SecretOptions& options) {
  const auto fresh = TRY(make_secret(host, *TRY(catalogue_of(*data.store)), options));
  const auto& r = fresh.record;
  if (!options.deliver.empty()) TRY(check_free(*data.store, {r.reference}));
  const Handout handout(fresh, config, options);
  TRY(handout.deliver_it());
  auto row = added_row(r);
  handout.note_delivery(row);
  TRY(data.store->add_credential(r, {row}));
  const std::string networks = server::networks_text(r.networks);
  TRY(handout.show({{"names", r.names},
                    {"uses", r.uses_granted},
                    {"expires", r.expires ? to_iso(*r.expires) : ""},
                    {"networks", boost::json::value_from(r.networks)},
                    {"ra", r.is_ra}},
                   "  names " + r.names + "   uses " + uses_text(r.uses_left, r.uses_granted) +
                       "   expires " + expiry_text(r) +
                       (networks.empty() ? "" : "   from " + networks) +
                       (r.is_ra ? "   of a registration authority" : "") + "\n"));
  return kDone;
}

// With references that count up from 1 behind the one that is given, all of one length.
std::string numbered(const std::string& prefix, std::size_t number, std::size_t count) {
  if (prefix.empty() || count == 1) return prefix;
  std::string digits = std::to_string(number);
  return prefix + std::string(std::to_string(count).size() - digits.size(), '0') + digits;
}

Result<int> add_many(const Host& host, Data& data, const server::Config& config,
                     const SecretOptions& options) {
  const auto catalogue = TRY(catalogue_of(*data.store));
  std::vector<NewSecret> all;
  std::set<std::string> references;
  for (std::size_t n = 1; n <= options.count; ++n) {
    SecretOptions one = options;
    one.reference = numbered(options.reference, n, options.count);
    all.push_back(TRY(make_secret(host, *catalogue, one)));
    references.insert(all.back().record.reference);
  }
  TRY(check_free(*data.store, references));
  if (!options.out.empty()) TRY(client::check_writable(options.out));
  for (const NewSecret& one : all)
    TRY(data.store->add_credential(one.record, {added_row(one.record)}));
  TRY(write_csv(as_csv(all, config), options));
  return kDone;
}

Result<int> add(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, options.config));
  constexpr std::size_t kMost = 100'000;
  if (options.count == 0 || options.count > kMost)
    return fail(Failure::systemFailure, "app.secret-count",
                "--count takes a number from 1 to 100000");
  if (options.count == 1 && options.out.empty()) return add_one(host, data, config, options);
  if (options.json || options.qr || !options.deliver.empty() || !options.source.empty())
    return fail(Failure::systemFailure, "app.secret-count",
                "--count and --out give CSV; leave --json, --qr, --deliver and --secret out");
  return add_many(host, data, config, options);
}

Result<std::optional<Time>> overlap_of(const std::string& text, Time now) {
  const auto lasts = text == "0" ? std::optional(Seconds{0}) : parse_duration(text);
  if (!lasts)
    return fail(Failure::systemFailure, "app.overlap",
                "--overlap takes a duration (24h, 7d), or 0: the former secret is void at once");
  return *lasts == Seconds{0} ? std::nullopt : std::optional(now + *lasts);
}

enrol::AuditRow rotated_row(const std::string& reference, const std::optional<Time>& until,
                            Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = "secret-rotated";
  row.sender = "operator:local";
  row.subject = reference;
  row.detail = until ? "the former one passes until " + to_iso(*until) : "the former one is void";
  return row;
}

std::unexpected<Error> no_such_secret(const std::string& reference) {
  return fail(Failure::systemFailure, "app.no-such-secret",
              "there is no secret with reference " + reference);
}

Result<int> rotate(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, options.config));
  auto all = TRY(data.store->credentials());
  const auto found = std::ranges::find(all, options.reference, &enrol::CredentialRecord::reference);
  if (found == all.end()) return no_such_secret(options.reference);
  const NewSecret fresh{std::move(*found), server::random_secret(host.entropy)};
  const Time now = host.clock.now();
  const auto until = TRY(overlap_of(options.overlap, now));
  const Handout handout(fresh, config, options);
  TRY(handout.deliver_it());
  auto row = rotated_row(options.reference, until, now);
  handout.note_delivery(row);
  if (!TRY(data.store->rotate_credential({options.reference, Secret(view(fresh.shown)), until},
                                         {row})))
    return no_such_secret(options.reference);
  TRY(handout.show({{"former_until", until ? to_iso(*until) : ""}},
                   until ? "  the former secret passes too until " + to_iso(*until) + "\n"
                         : "  the former secret is void\n"));
  return kDone;
}

}  // namespace

int run_secret_add(const Host& host, const SecretOptions& options) {
  const auto done = add(host, options);
  return done ? *done : report(done.error());
}
int run_secret_rotate(const Host& host, const SecretOptions& options) {
  const auto done = rotate(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
