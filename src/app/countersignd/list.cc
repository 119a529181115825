// countersignd certificates | audit verify | audit list | check | config

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <map>
#include <set>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/profile_signers.h"
#include "app/countersignd/remote_authority.h"
#include "app/countersignd/rollover.h"
#include "console/rows.h"
#include "enrol/catalogue.h"
#include "server/config.h"

namespace countersign::app {
namespace {

constexpr Seconds kSoon{30LL * 86400};

Result<Data> open(const Host& host, const ListOptions& options) {
  return open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now());
}

// Names are what peers asked for: a line stays one line.
void print_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  print(Stream::out, text + "\n");
}

Result<int> certificates(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  ports::Ledger::CertificateFilter filter;
  filter.most = options.most;
  filter.subject_contains = options.subject;
  filter.subscriber = options.subscriber;
  if (!options.status.empty()) {
    filter.status = enrol::certificate_status_from_name(options.status);
    if (!filter.status)
      return fail(Failure::systemFailure, "app.status",
                  "--status is unconfirmed, valid, revoked or held");
  }
  boost::json::array rows;
  for (const auto& c : TRY(data.store->certificates(filter))) {
    if (options.json) {
      rows.push_back(console::to_json(c));
      continue;
    }
    print_line(x509::serial_text(c.serial) + "  " + std::string(enrol::name(c.status)) + "  " +
               to_date(c.validity.not_before) + " to " + to_date(c.validity.not_after) + "  " +
               c.subject);
  }
  if (options.json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

Result<int> audit_verify(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  const auto rows = TRY(data.store->verify_audit());
  if (options.json)
    std::cout << boost::json::object{{"rows", rows}, {"intact", true}} << "\n";
  else
    std::cout << "the audit chain is whole: " << rows << " rows\n";
  return kDone;
}

int print_rows(const std::vector<enrol::AuditRow>& all, bool as_json) {
  boost::json::array rows;
  for (const auto& r : all) {
    rows.push_back(console::to_json(r));
    if (as_json) continue;
    std::string line = to_iso(r.at) + "  " + r.event;
    for (const auto& [before, text] : {std::pair<const char*, const std::string&>{"", r.subject},
                                       {"serial ", r.serial},
                                       {"by ", r.sender},
                                       {"", r.code},
                                       {"", r.detail}})
      if (!text.empty()) line.append("  ").append(before).append(text);
    print_line(std::move(line));
  }
  if (as_json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

Result<int> audit_list(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  return print_rows(TRY(data.store->audit(options.most)), options.json);
}

Result<int> why(const Host& host, const ListOptions& options) {
  auto data = TRY(open(host, options));
  const auto rows = TRY(data.store->audit_of(options.transaction));
  if (!rows.empty()) return print_rows(rows, options.json);
  return fail(Failure::systemFailure, "app.no-transaction",
              "nothing is recorded of the transaction " + options.transaction +
                  "; its ID has 32 hexadecimal digits in small letters, as the log and `audit list "
                  "--json` show it. What was refused before its sender proved itself is in the log "
                  "alone");
}

struct Findings {
  int bad = 0;
  void good(const std::string& text) { std::cout << "good     " << text << "\n"; }
  void note(const std::string& text) { std::cout << "note     " << text << "\n"; }
  void warn(const std::string& text) { std::cout << "WARNING  " << text << "\n"; }
  void fault(const std::string& text) {
    std::cout << "FAULT    " << text << "\n";
    ++bad;
  }
};

void check_expiry(Findings& out, const std::string& what, Time not_after, Time now,
                  Seconds soon = kSoon) {
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

// What we sign with as the registration authority of others; until when it is good.
Result<Time> check_key_of(const enrol::Authority& authority, const std::string& prefix,
                          SigningKeys& keys) {
  auto key = TRY(
      keys.open({prefix + "key", authority.key, prefix + "key_password", authority.key_password}));
  auto chain = TRY(x509::certificates_from_file(
      TRY(read_named_file(prefix + "certificate", authority.certificate))));
  return TRY(make_signer(std::move(chain), std::move(key)))->certificate.validity.not_after;
}

// Those that its certificates lead to: the first issues, what others did may be over.
void check_authority_ca(Findings& out, const enrol::Authority& authority, const std::string& prefix,
                        Time now) {
  if (authority.ca.empty()) return;
  const auto octets = read_named_file(prefix + "ca", authority.ca);
  const auto chain =
      octets ? x509::certificates_from_file(*octets) : std::unexpected(octets.error());
  const auto issuing = chain ? until(chain->front()) : std::unexpected(chain.error());
  if (!issuing) return out.fault(prefix + "ca cannot be used: " + issuing.error().reply_text);
  check_expiry(out, prefix + "ca, the CA that issues", *issuing, now);
}

void check_authority_key(Findings& out, const enrol::Authority& authority,
                         const std::string& prefix, SigningKeys& keys, Time now) {
  check_authority_ca(out, authority, prefix, now);
  if (authority.key.empty()) return;
  const auto checked = check_key_of(authority, prefix, keys);
  if (!checked) return out.fault(prefix + "key cannot be used: " + checked.error().reply_text);
  check_expiry(out, prefix + "certificate", *checked, now);
  if (crypto::is_token_uri(authority.key)) out.good(prefix + "key signs in its token");
}

Result<> check_signers(Findings& out, ports::Ledger& ledger, const std::string& folder, Time now) {
  const auto config = TRY(load_config(folder, {}));
  const auto built = enrol::build_catalogue(config.cmp, TRY(ledger.objects()));
  SigningKeys keys(config.pkcs11, {});
  check_profile_signers(out, *built.catalogue, keys, now);
  if (!config.upstream.url.empty())
    check_authority_key(out, config.upstream, "upstream.", keys, now);
  for (const auto& [name, authority] : built.catalogue->authorities())
    check_authority_key(out, authority, "authority." + name + ".", keys, now);
  return {};
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
  auto data = TRY(open(host, options));
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

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_certificates(const Host& h, const ListOptions& o) { return end(certificates(h, o)); }
int run_audit_verify(const Host& h, const ListOptions& o) { return end(audit_verify(h, o)); }
int run_audit_list(const Host& h, const ListOptions& o) { return end(audit_list(h, o)); }
int run_check(const Host& h, const ListOptions& o) { return end(check(h, o)); }

int run_why(const Host& host, const ListOptions& options) {
  const auto done = why(host, options);
  return done ? *done : report(done.error());
}

int run_config(bool markdown) {
  std::cout << (markdown ? server::config_markdown() : server::config_example());
  return kDone;
}

int report(const Error& error) {
  std::cerr << "countersignd: " << error.reply_text << " [" << error.code << "]";
  if (!error.detail.empty()) std::cerr << "\n  " << error.detail;
  std::cerr << "\n";
  return kLocal;
}

}  // namespace countersign::app
