#include "app/countersignd/authority_files.h"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/countersignd/generations.h"
#include "der/pem.h"
#include "store/sqlite/key_change.h"

namespace countersign::app {
namespace {

Result<> write_pem(const std::string& path, View certificate) {
  const std::string part = path + ".new";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << der::to_pem("CERTIFICATE", certificate);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(part, path, error);
  if (!out || error)
    return fail(Failure::systemFailure, "app.file",
                path + " cannot be written; check the folder's permissions and free space");
  return {};
}

Result<Bytes> needed(ports::Ledger& ledger, std::string_view name) {
  auto value = TRY(ledger.value(name));
  if (!value)
    return fail(Failure::systemFailure, "app.no-authority",
                "this data folder has no CA yet; make one with `countersignd init`",
                std::string(name));
  return std::move(*value);
}

Result<Data> open_store(store::DataFolder folder, store::StoreKey key, Entropy& entropy, Time now) {
  const auto source = key.source;
  store::sqlite::SqliteOptions options{
      .file = folder.database(), .store_key = std::move(key.key), .entropy = entropy};
  options.opened_at = now;
  auto store = TRY(store::sqlite::SqliteStore::open(std::move(options)));
  return Data{std::move(folder), source, std::move(store)};
}

// A certificate and key of a role, by the certificate's serial number.
Result<std::shared_ptr<const server::CmpSigner>> load_role(ports::Ledger& ledger,
                                                           const server::Publications& known,
                                                           const std::string& key,
                                                           const Bytes& certificate,
                                                           const issuer::RunElsewhere& run) {
  auto out = std::make_shared<server::CmpSigner>();
  out->certificate = TRY(x509::parse_certificate(certificate));
  out->extra_certs = known.chain_of(certificate);
  out->extra_certs.insert(out->extra_certs.begin(), certificate);
  out->key_id = out->certificate.subject_key_identifier();
  out->signer = TRY(load_signer(ledger, key + x509::serial_text(out->certificate.serial), run));
  return std::shared_ptr<const server::CmpSigner>(std::move(out));
}

Result<> save_role(ports::Ledger& ledger, const std::string& role, const issuer::NewSigner& signer,
                   const std::string& ca) {
  const auto serial = x509::serial_text(TRY(x509::parse_certificate(signer.certificate)).serial);
  TRY(ledger.set_secret_value(stored_name("key." + role + "." + serial, {1, ca}), signer.key));
  return ledger.set_value(stored_name("certificate." + role, {1, ca}), signer.certificate);
}

}  // namespace

std::string spec_json(const issuer::AuthoritySpec& spec) {
  return boost::json::serialize(boost::json::object{{"name", spec.name},
                                                    {"organization", spec.organization},
                                                    {"cmp_algorithm", spec.cmp_algorithm},
                                                    {"public_url", spec.public_url},
                                                    {"cmp_validity", spec.cmp_validity.count()}});
}

bool has_data(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(path) / "countersign.db", error);
}

Result<Data> open_data(const std::string& path, store::Exclusive exclusive, Entropy& entropy,
                       Time now) {
  auto folder = TRY(store::DataFolder::open(path, exclusive));
  if (!has_data(path))
    return fail(Failure::systemFailure, "app.no-authority",
                path + " has no CA; make one with `countersignd init --data " + path + "`");
  auto key = TRY(store::sqlite::settled_store_key(folder, store::credentials_directory(), entropy));
  return open_store(std::move(folder), std::move(key), entropy, now);
}

Result<Data> create_data(const std::string& path, Entropy& entropy, Time now) {
  if (has_data(path))
    return fail(Failure::systemFailure, "app.data-exists",
                path + " has a CA already; choose another folder, or serve this one");
  auto folder = TRY(store::DataFolder::open(path, store::Exclusive::yes, store::Missing::create));
  // A key from a credential, or left by an attempt that was cut off, is taken as it is.
  auto key = store::read_store_key(path, store::credentials_directory());
  if (!key && key.error().code == "store.key-missing") key = store::create_store_key(path, entropy);
  return open_store(std::move(folder), TRY(std::move(key)), entropy, now);
}

CertificatePaths certificate_paths(const store::DataFolder& folder, const std::string& ca) {
  if (ca.empty())
    return {folder.file("root.pem"), folder.file("issuing.pem"), folder.file("cmp.pem")};
  const std::string below = "authorities/" + ca;
  return {folder.file(below + "/root.pem"), folder.file(below + "/issuing.pem"), {}};
}

Result<> write_certificates(Data& data, const std::string& ca) {
  const auto certificates = TRY(load_certificates(*data.store, ca));
  const auto paths = certificate_paths(data.folder, ca);
  std::error_code there_is;  // or writing tells
  std::filesystem::create_directories(std::filesystem::path(paths.root).parent_path(), there_is);
  for (const auto& [path, certificate] : {std::pair(&paths.root, &certificates.root),
                                          std::pair(&paths.issuing, &certificates.issuing),
                                          std::pair(&paths.cmp, &certificates.cmp)}) {
    if (path->empty()) continue;
    std::ifstream in(*path, std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(in), {}};
    if (there != der::to_pem("CERTIFICATE", *certificate)) TRY(write_pem(*path, *certificate));
  }
  return {};
}

Result<> save_authority(Data& data, const issuer::NewAuthority& authority,
                        const issuer::AuthoritySpec& spec) {
  auto& ledger = *data.store;
  TRY(ledger.set_secret_value("key.root", authority.root_key));
  TRY(ledger.set_secret_value("key.issuing", authority.issuing_key));
  TRY(ledger.set_value("certificate.issuing", authority.issuing_certificate));
  TRY(ledger.set_value("authority", view(spec_json(spec))));
  TRY(save_cmp_signer(ledger, {authority.cmp_certificate, authority.cmp_key.clone()}));
  const auto paths = certificate_paths(data.folder);
  TRY(write_pem(paths.cmp, authority.cmp_certificate));
  TRY(write_pem(paths.issuing, authority.issuing_certificate));
  TRY(write_pem(paths.root, authority.root_certificate));
  // Last: a folder without it has no CA, and init may begin again.
  return ledger.set_value("certificate.root", authority.root_certificate);
}

// The key first: its certificate is found by it, so that both always belong together.
Result<> save_cmp_signer(ports::Ledger& ledger, const issuer::NewSigner& signer,
                         const std::string& ca) {
  return save_role(ledger, "cmp", signer, ca);
}

Result<AuthorityCertificates> load_certificates(ports::Ledger& ledger, const std::string& ca) {
  AuthorityCertificates out;
  const Generations present = TRY(load_generations(ledger, ca));
  out.root = TRY(needed(ledger, stored_name("certificate.root", present.root)));
  out.issuing = TRY(needed(ledger, stored_name("certificate.issuing", present.issuing)));
  out.cmp = TRY(needed(ledger, stored_name("certificate.cmp", {1, ca})));
  return out;
}

Result<std::shared_ptr<const ports::Signer>> load_signer(ports::Ledger& ledger,
                                                         std::string_view name,
                                                         const issuer::RunElsewhere& run) {
  std::string key(name);
  if (name == "key.cmp") {
    const auto certificate = TRY(x509::parse_certificate(TRY(needed(ledger, "certificate.cmp"))));
    key += "." + x509::serial_text(certificate.serial);
  }
  const auto pem = TRY(ledger.secret_value(key));
  if (!pem)
    return fail(Failure::systemFailure, "app.key-missing",
                "the data folder lacks the private key " + key + "; restore it from a backup");
  return issuer::open_software_signer(*pem, run);
}

Result<std::shared_ptr<const server::CmpSigner>> load_cmp(ports::Ledger& ledger,
                                                          const server::Publications& known,
                                                          const issuer::RunElsewhere& run,
                                                          const std::string& ca) {
  const auto certificate = TRY(needed(ledger, stored_name("certificate.cmp", {1, ca})));
  return load_role(ledger, known, stored_name("key.cmp.", {1, ca}), certificate, run);
}

Result<> save_kga(ports::Ledger& ledger, const issuer::NewSigner& signer, const std::string& ca) {
  return save_role(ledger, "kga", signer, ca);
}

Result<std::shared_ptr<const server::CmpSigner>> load_kga(ports::Ledger& ledger,
                                                          const server::Publications& known,
                                                          const issuer::RunElsewhere& run,
                                                          const std::string& ca) {
  const auto stored = TRY(ledger.value(stored_name("certificate.kga", {1, ca})));
  if (!stored) return std::shared_ptr<const server::CmpSigner>{};
  return load_role(ledger, known, stored_name("key.kga.", {1, ca}), *stored, run);
}

Result<issuer::AuthoritySpec> load_spec(ports::Ledger& ledger, const std::string& ca) {
  const auto stored = TRY(needed(ledger, stored_name("authority", {1, ca})));
  issuer::AuthoritySpec spec;
  boost::system::error_code error;
  const auto json = boost::json::parse(std::string(text(stored)), error);
  const auto* object = json.if_object();
  if (error || object == nullptr)
    return fail(Failure::systemFailure, "app.authority-damaged",
                "the description of the CA in the store is damaged; restore a backup");
  const auto get = [&](const char* key) {
    const auto* v = object->if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
  };
  spec.name = get("name");
  spec.organization = get("organization");
  spec.cmp_algorithm = get("cmp_algorithm");
  spec.public_url = get("public_url");
  if (const auto* v = object->if_contains("cmp_validity"); v != nullptr && v->is_int64())
    spec.cmp_validity = Seconds{v->as_int64()};
  spec.issuing = TRY(load_generations(ledger, ca)).issuing;
  return spec;
}

}  // namespace countersign::app
