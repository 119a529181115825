#include "client/identity.h"

#include <cstdlib>

#include "client/failure.h"
#include "client/files.h"
#include "der/pem.h"
#include "x509/crl.h"

namespace countersign::client {
namespace {

std::string known_algorithms() {
  std::string out;
  for (const auto& spec : crypto::kKeySpecs)
    out += (out.empty() ? "" : ", ") + std::string(spec.name);
  return out;
}

}  // namespace

Result<Secret> read_secret(std::string_view source) {
  const auto colon = source.find(':');
  const std::string_view kind = source.substr(0, colon);
  const std::string rest(colon == std::string_view::npos ? "" : source.substr(colon + 1));
  if (colon != std::string_view::npos && kind == "pass") return Secret(view(rest));
  if (colon != std::string_view::npos && kind == "stdin") return read_first_line("-");
  if (colon != std::string_view::npos && kind == "file") return read_first_line(rest);
  if (colon == std::string_view::npos || kind != "env")
    return wrong_usage("a secret is given as pass:TEXT, env:NAME, file:PATH or stdin:");
  const char* value = std::getenv(rest.c_str());
  if (value == nullptr)
    return wrong_usage("the environment has no variable " + rest + "; set it, or name another");
  return Secret(view(value));
}

Result<crypto::PrivateKey> load_key(const std::string& path, const Secret& passphrase) {
  const Secret content(TRY(read_file(path)));
  auto key = crypto::PrivateKey::from_pem(text(content.expose()), passphrase);
  if (key) return key;
  if (auto der = crypto::PrivateKey::from_pkcs8(content.expose())) return der;
  const bool passphrase_wrong = key.error().code.starts_with("crypto.passphrase");
  auto error = recoded(std::move(key).error(),
                       passphrase_wrong ? "client.key-passphrase" : "client.key", path);
  if (passphrase_wrong) error.reply_text += " (give it with --key-pass)";
  return std::unexpected(std::move(error));
}

Result<> save_key(const std::string& path, const crypto::PrivateKey& key,
                  const Secret& passphrase) {
  if (passphrase.empty()) return write_file(path, key.to_pem().expose(), Access::secret);
  const std::string pem = TRY(key.to_encrypted_pem(passphrase));
  return write_file(path, view(pem), Access::secret);
}

Result<crypto::PrivateKey> generate_key(std::string_view algorithm) {
  const auto* spec = crypto::key_spec(algorithm);
  if (spec == nullptr)
    return wrong_usage("unknown key algorithm " + std::string(algorithm) + "; use one of " +
                       known_algorithms());
  return crypto::PrivateKey::generate(*spec);
}

Result<crypto::PrivateKey> load_or_make_key(const std::string& path,
                                            const std::optional<std::string>& algorithm,
                                            const Secret& passphrase) {
  if (!file_exists(path)) {
    auto key = TRY(generate_key(algorithm.value_or("p256")));
    TRY(save_key(path, key, passphrase));
    return key;
  }
  auto key = TRY(load_key(path, passphrase));
  const auto* spec = algorithm ? crypto::key_spec(*algorithm) : nullptr;
  if (algorithm && spec == nullptr) return generate_key(*algorithm);
  if (spec != nullptr && (spec->kind != key.kind() ||
                          (crypto::is_rsa(spec->kind) && spec->bits != key.public_key().bits())))
    return fail(Failure::systemFailure, "client.key",
                path + " holds a key of another algorithm (" +
                    std::string(crypto::name(key.kind())) + ", " +
                    std::to_string(key.public_key().bits()) +
                    " bits); leave --algorithm out to use it, or name another file");
  return key;
}

Result<CertificateFile> load_certificates(const std::string& path) {
  const Bytes content = TRY(read_file(path));
  auto list = TRY(recode(x509::certificates_from_file(content), "client.file-certificate", path));
  CertificateFile out{
      TRY(recode(x509::parse_certificate(list.front()), "client.file-certificate", path)), {}};
  out.rest.assign(list.begin() + 1, list.end());
  return out;
}

Result<std::vector<Bytes>> load_anchor_list(const std::string& path) {
  const Bytes content = TRY(read_file(path));
  return recode(x509::certificates_from_file(content), "client.file-certificate", path);
}

Result<crypto::TrustSet> load_anchors(const std::string& path) {
  const auto list = TRY(load_anchor_list(path));
  return recode(crypto::TrustSet::make(list), "client.file-certificate", path);
}

Result<std::vector<Bytes>> load_crls(const std::string& path) {
  return recode(x509::crls_from_file(TRY(read_file(path))), "client.file-crl", path);
}

Result<x509::CertificationRequest> load_csr(const std::string& path) {
  const Bytes content = TRY(read_file(path));
  if (!text(content).contains("-----BEGIN "))
    return recode(x509::parse_csr(content), "client.file-csr", path);
  const auto blocks = der::from_pem(text(content));
  for (const auto& block : blocks.value_or(std::vector<der::PemBlock>{}))
    if (block.label.ends_with("CERTIFICATE REQUEST"))
      return recode(x509::parse_csr(block.der), "client.file-csr", path);
  return fail(Failure::systemFailure, "client.file-csr",
              path + " holds no certification request (BEGIN CERTIFICATE REQUEST)");
}

std::string to_pem(const std::vector<Bytes>& certificates) {
  std::string out;
  for (const auto& certificate : certificates) out += der::to_pem("CERTIFICATE", certificate);
  return out;
}

bool certifies(const x509::Certificate& certificate, const crypto::PublicKey& key) {
  if (equal(certificate.spki, key.spki())) return true;
  // The same key, written differently (a point compressed, parameters NULL or absent).
  const auto certified = crypto::PublicKey::from_spki(certificate.spki);
  return certified && certified->kind() == key.kind() &&
         equal(certified->key_octets(), key.key_octets());
}

}  // namespace countersign::client
