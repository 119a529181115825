#include "app/countersignd/profile_signers.h"

#include <algorithm>

#include "app/countersignd/config_file.h"
#include "crypto/pkcs12.h"

namespace countersign::app {
namespace {

namespace fs = std::filesystem;
using enrol::SignerFiles;
using server::CmpSigner;

struct Identity {
  std::shared_ptr<const ports::Signer> signer;
  Bytes certificate;
  std::vector<Bytes> others;
};

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence));
}

Result<Identity> identity_in(const SignerFiles& files, SigningKeys& keys) {
  if (!files.pkcs12.empty()) {
    Secret password;
    if (!files.password.empty())
      password = TRY(read_secret_line("signer_password", files.password));
    const Secret file(TRY(read_named_file("signer_pkcs12", files.pkcs12)));
    auto both = TRY(crypto::from_pkcs12(file.expose(), password));
    return Identity{keys.in_memory(std::move(both.key)), std::move(both.certificate),
                    std::move(both.others)};
  }
  auto chain = TRY(
      x509::certificates_from_file(TRY(read_named_file("signer_certificate", files.certificate))));
  if (chain.empty())
    return refuse("app.signer-certificate",
                  "the file that signer_certificate names has no certificate in it");
  auto signer = TRY(keys.open({"signer_key", files.key, "signer_password", files.password}));
  Bytes certificate = std::move(chain.front());
  chain.erase(chain.begin());
  return Identity{std::move(signer), std::move(certificate), std::move(chain)};
}

bool is_of(const x509::Certificate& certificate, const ports::Signer& signer) {
  const auto certified = crypto::PublicKey::from_spki(certificate.spki);
  const auto own = crypto::PublicKey::from_spki(signer.spki());
  return certified && own && certified->kind() == own->kind() &&
         equal(certified->key_octets(), own->key_octets());
}

Result<> check_usable(const x509::Certificate& certificate, const ports::Signer& signer, Time now) {
  if (!is_of(certificate, signer))
    return refuse("app.signer-key", "the private key is another than that of the certificate of " +
                                        x509::to_text(certificate.subject));
  // RFC 9483 §3.5 [MUST] keyUsage, where it is there, has digitalSignature
  const auto usage = certificate.key_usage();
  if (usage && !usage->test(static_cast<std::size_t>(x509::KeyUsage::digitalSignature)))
    return refuse("app.signer-usage", "the certificate of " + x509::to_text(certificate.subject) +
                                          " may not sign: its keyUsage has no digitalSignature");
  const auto& validity = certificate.validity;
  if (now >= validity.not_before && now <= validity.not_after) return {};
  return refuse("app.signer-time", "the certificate of " + x509::to_text(certificate.subject) +
                                       " is valid from " + to_iso(validity.not_before) + " to " +
                                       to_iso(validity.not_after) + ", which is not now");
}

// From the certificate upwards, whatever the order of the file; its root apart.
void put_chain(CmpSigner& out, const std::vector<Bytes>& others) {
  out.extra_certs = {out.certificate.der};
  x509::Name issuer = out.certificate.issuer;
  for (std::size_t steps = 0; steps < others.size(); ++steps) {
    const auto above = std::ranges::find_if(others, [&](const Bytes& der) {
      const auto parsed = x509::parse_certificate(der);
      return parsed && x509::same_name(parsed->subject, issuer);
    });
    if (above == others.end()) return;
    const auto parsed = x509::parse_certificate(*above);
    if (x509::same_name(parsed->subject, parsed->issuer)) {
      out.root = *above;
      return;
    }
    if (std::ranges::find(out.extra_certs, *above) != out.extra_certs.end()) return;
    out.extra_certs.push_back(*above);
    issuer = parsed->issuer;
  }
}

}  // namespace

Result<std::shared_ptr<const CmpSigner>> open_profile_signer(const SignerFiles& files,
                                                             SigningKeys& keys, Time now) {
  Identity identity = TRY(identity_in(files, keys));
  auto out = std::make_shared<CmpSigner>();
  out->certificate = TRY(x509::parse_certificate(identity.certificate));
  TRY(check_usable(out->certificate, *identity.signer, now));
  put_chain(*out, identity.others);
  out->key_id = out->certificate.subject_key_identifier();
  out->signer = std::move(identity.signer);
  return std::shared_ptr<const CmpSigner>(std::move(out));
}

ProfileSigners::Seen ProfileSigners::look(const SignerFiles& files) {
  Seen out;
  for (const auto* path : {&files.certificate, &files.key, &files.pkcs12, &files.password}) {
    std::error_code missing;
    out.emplace_back(fs::last_write_time(*path, missing), fs::file_size(*path, missing));
  }
  return out;
}

// What ended while it was in use is opened in vain, and says so.
bool ProfileSigners::is_due(const SignerFiles& files, const Entry& entry, Time now) {
  constexpr Seconds kAgain{60};
  const auto& signer = entry.signer.signer;
  if (signer != nullptr && now > signer->certificate.validity.not_after) return true;
  const bool may_begin = signer == nullptr && now - entry.opened >= kAgain;
  return may_begin || look(files) != entry.seen;
}

void ProfileSigners::log(server::LogEvent::Level level, const Entry& entry, const std::string& what,
                         std::string_view code, const std::string& detail) const {
  std::string profiles;
  for (const std::string& name : entry.signer.profiles)
    profiles += (profiles.empty() ? "" : ", ") + name;
  engine_.log({level,
               "the signer of the CMP profile " + profiles + what,
               {},
               {},
               std::string(code),
               detail});
}

void ProfileSigners::open(const SignerFiles& files, Entry& entry, Time now) {
  using Level = server::LogEvent::Level;
  const std::string before = std::exchange(entry.signer.trouble, {});
  const bool first = entry.opened == Time{};
  entry.seen = look(files);
  entry.opened = now;
  auto opened = open_profile_signer(files, keys_, now);
  entry.signer.signer = opened ? std::move(*opened) : nullptr;
  if (opened) {
    if (!first) log(Level::info, entry, " was read anew", {}, {});
    return;
  }
  entry.signer.trouble = opened.error().reply_text;
  if (entry.signer.trouble != before)
    log(Level::error, entry,
        " cannot be used, and nothing is served there: " + entry.signer.trouble,
        opened.error().code, opened.error().detail);
}

void ProfileSigners::publish() const {
  auto out = std::make_shared<server::ProfileSigners>();
  for (const auto& [files, entry] : entries_) out->emplace(files, entry.signer);
  engine_.profile_signers.set(std::move(out));
}

void ProfileSigners::use(const enrol::Catalogue& catalogue, Time now) {
  std::map<SignerFiles, std::set<std::string>> wanted;
  for (const auto& [name, endpoint] : catalogue.endpoints())
    if (!endpoint.profile.signer.empty() && endpoint.off.empty())
      wanted[endpoint.profile.signer].insert(endpoint.cmp_profile);
  std::erase_if(entries_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (auto& [files, profiles] : wanted) {
    Entry& entry = entries_[files];
    entry.signer.profiles = std::move(profiles);
    if (entry.opened == Time{}) open(files, entry, now);
  }
  publish();
}

void ProfileSigners::keep(Time now) {
  bool changed = false;
  for (auto& [files, entry] : entries_) {
    if (!is_due(files, entry, now)) continue;
    open(files, entry, now);
    changed = true;
  }
  if (changed) publish();
}

}  // namespace countersign::app
