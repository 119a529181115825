// countersignd check

#include <iostream>
#include <map>
#include <set>

#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/findings.h"
#include "app/countersignd/profile_signers.h"
#include "app/countersignd/rollover.h"

namespace countersign::app {

void Findings::good(const std::string& text) { std::cout << "good     " << text << "\n"; }
void Findings::note(const std::string& text) { std::cout << "note     " << text << "\n"; }
void Findings::warn(const std::string& text) { std::cout << "WARNING  " << text << "\n"; }
void Findings::fault(const std::string& text) {
  std::cout << "FAULT    " << text << "\n";
  ++bad;
}

void check_expiry(Findings& out, const std::string& what, Time not_after, Time now, Seconds soon) {
  const std::string line = what + " expires " + to_iso(not_after);
  if (now >= not_after)
    out.fault(line + ": it has expired");
  else if (now + soon > not_after)
    out.warn(line + ": soon");
  else
    out.good(line);
}

Result<Time> until(View certificate) {
  return TRY(x509::parse_certificate(certificate)).validity.not_after;
}

namespace {

// Of earlier generations an end is no fault: the present one has taken their place.
template <class Generation>
void check_generations(Findings& out, const std::string& role, const std::vector<Generation>& all,
                       Time due, Time now) {
  const auto end_of = [](const Generation& g) { return g.certificate.validity.not_after; };
  const std::string& ca = all.front().generation.ca;
  const std::string called = (ca.empty() ? "" : ca + ": ") + role;
  for (const Generation& g : all) {
    std::string what = called + " CA certificate";
    if (g.generation.number > 1) what += ", generation " + std::to_string(g.generation.number);
    if (&g == all.data())
      check_expiry(out, what, end_of(g), now);
    else
      out.note("earlier " + what + (now < end_of(g) ? " expires " : " expired ") +
               to_iso(end_of(g)));
  }
  const std::string when = called + " CA: a new key is due from " + to_date(due) + " on";
  if (now < due) return out.note(when);
  out.warn(when + ", since what it issues ends with it: countersignd ca rollover --" + role +
           (ca.empty() ? "" : " --authority " + ca));
}

template <class Generation>
Result<> check_crls(Findings& out, ports::Ledger& ledger, const std::vector<Generation>& all,
                    std::string_view what, Time now) {
  for (const Generation& g : all) {
    if (now >= g.certificate.validity.not_after) continue;
    const std::string name = stored_name(what, g.generation);
    if (const auto crl = TRY(ledger.value(name)))
      check_expiry(out, name + " (reissued while serving)",
                   TRY(x509::parse_crl(*crl)).fields.next_update, now, Seconds{3600});
  }
  return {};
}

Result<> check_ca(Findings& out, ports::Ledger& ledger, const std::string& name, Time now) {
  const Authority authority = TRY(load_authority(ledger, name));
  const bool root = !authority.shares_root();
  if (root) check_generations(out, "root", authority.roots, TRY(root_due(ledger, authority)), now);
  check_generations(out, "issuing", authority.issuing, TRY(issuing_due(ledger, authority)), now);
  if (const auto cmp = TRY(ledger.value(stored_name("certificate.cmp", {1, name}))))
    check_expiry(out, (name.empty() ? "" : name + ": ") + "CMP signer certificate (renews itself)",
                 TRY(until(*cmp)), now);
  TRY(check_crls(out, ledger, authority.issuing, "crl.issuing", now));
  if (root) TRY(check_crls(out, ledger, authority.roots, "crl.root", now));
  return {};
}

Result<> check_certificates(Findings& out, ports::Ledger& ledger, const server::Config& config,
                            Time now) {
  const std::string& above = config.upstream.url;
  if (above.empty())
    TRY(check_ca(out, ledger, {}, now));
  else
    out.note("this server is a registration authority of " + above +
             "; the CA that init made here is not in use");
  const auto built = enrol::build_catalogue({}, TRY(ledger.objects()));
  const auto& in_use = built.catalogue->authorities();
  for (const std::string& name : TRY(load_authority_names(ledger))) {
    const auto at = in_use.find(name);
    if (at != in_use.end() && at->second.kind == enrol::AuthorityKind::own)
      TRY(check_ca(out, ledger, name, now));
    else
      out.note(name + ": a CA of this server that is out of use");
  }
  for (const auto& anchor : TRY(ledger.trust()))
    check_expiry(out, "anchor " + to_hex(anchor.fingerprint).substr(0, 16), TRY(until(anchor.der)),
                 now);
  return {};
}

// Files first: whoever names them means them.
Result<> check_tls(Findings& out, const Data& data, const std::string& folder, Time now) {
  const auto config = TRY(load_config(folder, {}));
  const std::string& file = config.tls.certificate;
  if (!file.empty()) {
    const auto octets = read_named_file("tls.certificate", file);
    if (!octets) {
      out.fault(octets.error().reply_text);
      return {};
    }
    const auto chain = x509::certificates_from_file(*octets);
    if (!chain)
      out.fault("TLS certificate " + file + ": " + chain.error().reply_text);
    else
      check_expiry(out, "TLS certificate " + file, TRY(until(chain->front())), now);
    return {};
  }
  const auto stored = TRY(data.store->value("certificate.tls"));
  if (!stored) return {};
  // One that was left behind when the port was closed is nobody's concern.
  const Time not_after = TRY(until(*stored));
  if (now < not_after || !config.tls.listen.empty())
    check_expiry(out, "TLS certificate (renews itself)", not_after, now);
  return {};
}

// Of CMP profiles that are served: once for each signer, whatever number of them it has.
void check_profile_signers(Findings& out, const enrol::Catalogue& catalogue, SigningKeys& keys,
                           Time now) {
  std::map<enrol::SignerFiles, std::set<std::string>> signers;
  for (const auto& [name, endpoint] : catalogue.endpoints())
    if (!endpoint.profile.signer.empty() && endpoint.off.empty())
      signers[endpoint.profile.signer].insert(endpoint.cmp_profile);
  for (const auto& [files, profiles] : signers) {
    std::string what = "signer certificate of the CMP profile";
    for (const std::string& name : profiles)
      what += (&name == &*profiles.begin() ? " " : ", ") + name;
    const auto opened = open_profile_signer(files, keys, now);
    if (opened)
      check_expiry(out, what, (*opened)->certificate.validity.not_after, now);
    else
      out.fault(what +
                " cannot be used, and nothing is served there: " + opened.error().reply_text);
  }
}

Result<> check_signers(Findings& out, ports::Ledger& ledger, const std::string& folder, Time now) {
  const auto config = TRY(load_config(folder, {}));
  const auto built = enrol::build_catalogue(config.cmp, TRY(ledger.objects()));
  SigningKeys keys(config.pkcs11, {});
  check_profile_signers(out, *built.catalogue, keys, now);
  return check_authorities(out, ledger, config, *built.catalogue, keys, now);
}

Result<> check_secrets(Findings& out, ports::Ledger& ledger, Time now) {
  for (const auto& c : TRY(ledger.credentials())) {
    const bool alive = !c.expires || now < *c.expires;
    if (c.expires) out.note("secret " + c.reference + " expires " + to_iso(*c.expires));
    if (alive && c.names == "any")
      out.warn("secret " + c.reference +
               " may ask for any name; remove it when it has served: "
               "countersignd secret remove --reference " +
               c.reference);
    if (!c.made_by_us)
      out.note("secret " + c.reference +
               " was chosen by a person: it is as strong as their choice");
  }
  return {};
}

void check_store_key(Findings& out, const Data& data) {
  if (data.key_source == store::StoreKey::Source::credential) {
    out.good("the store key comes from a systemd credential, apart from the data");
    return;
  }
  out.note(
      "the store key lies beside the data (store.key): it protects copies of the database "
      "that are made without it (backups of countersign.db, a stolen snapshot of the table "
      "files), and nothing from whoever reads this folder. To part them, give the key as the "
      "systemd credential countersign-store-key and remove the file.");
}

Result<int> check(const Host& host, const ListOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const Time now = host.clock.now();
  Findings out;
  TRY(check_certificates(out, *data.store, TRY(load_config(options.data, {})), now));
  TRY(check_tls(out, data, options.data, now));
  TRY(check_signers(out, *data.store, options.data, now));
  TRY(check_secrets(out, *data.store, now));
  check_store_key(out, data);
  if (const auto rows = data.store->verify_audit())
    out.good("the audit chain is whole: " + std::to_string(*rows) + " rows");
  else
    out.fault(rows.error().reply_text);
  return out.bad == 0 ? kDone : kRefused;
}

}  // namespace

int run_check(const Host& host, const ListOptions& options) {
  const auto done = check(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
