#include "client/protection.h"

#include "crypto/sign.h"
#include "protect/signature.h"

namespace countersign::client {
namespace {

// RFC 9810 §5.1.3.1 [SHOULD] at least 10,000; a server bounds it from above.
constexpr std::int64_t kIterations = 10000;

// A new root's key certified by the old one is self-issued, too, and belongs to the chain.
bool is_self_signed(View der) {
  const auto certificate = x509::parse_certificate(der);
  if (!certificate || !certificate->self_issued()) return false;
  const auto key = crypto::PublicKey::from_spki(certificate->spki);
  return key && crypto::verify(*key, certificate->signature_algorithm, certificate->tbs,
                               certificate->signature);
}

}  // namespace

Result<> Protection::begin(Entropy& entropy) {
  const auto* with = std::get_if<SharedSecret>(&with_);
  if (with == nullptr) return {};
  const auto algorithm = TRY(protect::new_mac_algorithm(with->choice, kIterations, entropy));
  mac_key_ = TRY(protect::derive_mac_key(algorithm, with->secret, false, {}));
  return {};
}

Result<> Protection::resume(const message::PKIMessage& sent) {
  const auto* with = std::get_if<SharedSecret>(&with_);
  if (with == nullptr || !sent.header.protection_alg) return {};
  mac_key_ = TRY(protect::derive_mac_key(*sent.header.protection_alg, with->secret, false, {}));
  if (protect::mac_matches(*mac_key_, sent)) return {};
  return fail(
      Failure::badMessageCheck, "client.secret-changed",
      "what was sent before was protected with another secret; give that one again, or drop "
      "the old request with --start-over");
}

Result<Bytes> Protection::seal(message::PKIMessage message, Time now, Entropy& entropy) {
  message.header.message_time = now;
  return std::visit([&](auto& with) { return seal_with(with, std::move(message), entropy); },
                    with_);
}

// RFC 9483 §3.1 [MUST] sender: a directoryName whose common name is the reference, senderKID the
// reference.
Result<Bytes> Protection::seal_with(SharedSecret& secret, message::PKIMessage message,
                                    Entropy& entropy) {
  message.header.sender = x509::directory_name(x509::common_name(secret.reference));
  message.header.sender_kid = to_bytes(secret.reference);
  TRY(protect::protect_with_mac(message, *mac_key_, entropy));
  return message::encode(message);
}

// RFC 9483 §3.1 [MUST] sender: the subject of the protection certificate, senderKID its key
// identifier. §3.3 [MUST] extraCerts: that certificate first, then its chain; no self-signed ones.
Result<Bytes> Protection::seal_with(SigningIdentity& identity, message::PKIMessage message,
                                    Entropy& /*entropy*/) {
  const auto& leaf = identity.certificate.leaf;
  message.header.sender = x509::directory_name(leaf.subject);
  if (auto id = leaf.subject_key_identifier(); !id.empty())
    message.header.sender_kid = std::move(id);
  message.extra_certs = {leaf.der};
  for (const Bytes& above : identity.certificate.rest)
    if (!is_self_signed(above)) message.extra_certs.push_back(above);
  const auto algorithm = identity.key.default_signature_algorithm();
  const Bytes tbs = protect::prepare_signature(message, algorithm);
  protect::attach_signature(message, TRY(crypto::sign(identity.key, algorithm, tbs)));
  return message::encode(message);
}

const Secret* Protection::secret() const noexcept {
  const auto* with = std::get_if<SharedSecret>(&with_);
  return with == nullptr ? nullptr : &with->secret;
}

const crypto::PrivateKey* Protection::key() const noexcept {
  const auto* with = std::get_if<SigningIdentity>(&with_);
  return with == nullptr ? nullptr : &with->key;
}

const CertificateFile* Protection::certificate() const noexcept {
  const auto* with = std::get_if<SigningIdentity>(&with_);
  return with == nullptr ? nullptr : &with->certificate;
}

}  // namespace countersign::client
