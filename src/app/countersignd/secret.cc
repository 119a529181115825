// countersignd secret add|list|remove

#include "app/countersignd/secret.h"

#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/init.h"
#include "app/countersignd/knowledge.h"
#include "enrol/rights.h"
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
  return row;
}

namespace {

Result<int> add(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto fresh = TRY(make_secret(host, *TRY(catalogue_of(*data.store)), options));
  TRY(data.store->add_credential(fresh.record, {added_row(fresh.record)}));
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
            << "\n  names " << r.names << "   uses " << uses_text(r.uses_left, r.uses_granted)
            << "   expires " << (r.expires ? to_iso(*r.expires) : "never") << "\n";
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
        {"cmp_profile", r.cmp_profile},
        {"enabled", r.enabled},
        {"note", r.note},
        {"author", r.author},
        {"uses_left", r.uses_left ? boost::json::value(*r.uses_left) : boost::json::value(nullptr)},
        {"expires", r.expires ? to_iso(*r.expires) : ""},
        {"made_by_us", r.made_by_us}});
    if (!options.json)
      std::cout << r.reference << "   names " << r.names << "   uses left "
                << uses_text(r.uses_left, r.uses_granted) << "   expires "
                << (r.expires ? to_iso(*r.expires) : "never")
                << (r.profile.empty() ? "" : "   RA profile " + r.profile)
                << (r.note.empty() ? "" : "   " + harmless(r.note)) << "\n";
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
