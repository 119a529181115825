#include "protect/signer.h"

#include "crypto/sign.h"
#include "protect/protected_part.h"

namespace countersign::protect {
namespace {

// RFC 9483 §3.1 [MUST] senderKID is the subjectKeyIdentifier where the certificate has one
bool fits_key_id(const x509::Certificate& certificate, const message::PKIHeader& header) {
  if (!header.sender_kid) return true;
  const Bytes key_id = certificate.subject_key_identifier();
  return key_id.empty() || key_id == *header.sender_kid;
}

// The first certificate of the list that fits senderKID and, if `whole`, sender.
std::optional<x509::Certificate> first_fit(const message::PKIHeader& header,
                                           const std::vector<View>& list, bool whole) {
  for (const View der : list) {
    auto certificate = x509::parse_certificate(der);
    if (!certificate || !fits_key_id(*certificate, header)) continue;
    if (whole && !fits_sender(*certificate, header)) continue;
    return *std::move(certificate);
  }
  return std::nullopt;
}

}  // namespace

std::vector<View> views(const std::vector<Bytes>& list) { return {list.begin(), list.end()}; }

std::optional<Signer> find_signer(const message::PKIHeader& header, const Candidates& candidates) {
  for (const bool whole : {true, false}) {
    if (auto found = first_fit(header, candidates.sent, whole))
      return Signer{*std::move(found), true};
    if (auto found = first_fit(header, candidates.known, whole))
      return Signer{*std::move(found), false};
  }
  return std::nullopt;
}

bool fits_sender(const x509::Certificate& certificate, const message::PKIHeader& header) {
  const auto name = x509::directory_name(header.sender);
  if (!name) return false;
  if (x509::same_name(*name, certificate.subject)) return true;
  // RFC 9810 §5.1.1: who does not know its name sends NULL-DN and is told by senderKID.
  return name->is_null() && header.sender_kid && !certificate.subject_key_identifier().empty() &&
         certificate.subject_key_identifier() == *header.sender_kid;
}

Result<> check_sender(const x509::Certificate& certificate, const message::PKIHeader& header) {
  if (fits_sender(certificate, header)) return {};
  return fail(Failure::badMessageCheck, "protect.sender-mismatch",
              "sender is not the subject of the protection certificate; set sender to the "
              "directoryName " +
                  x509::to_text(certificate.subject));
}

Result<> check_key_usage(const x509::Certificate& certificate) {
  if (x509::find(certificate.extensions, x509::oids::key_usage) == nullptr) return {};
  const auto usages = certificate.key_usage();
  if (usages && usages->test(static_cast<std::size_t>(x509::KeyUsage::digitalSignature))) return {};
  return fail(Failure::signerNotTrusted, "protect.signer-key-usage",
              "keyUsage of the protection certificate lacks digitalSignature; sign with a "
              "certificate that has it");
}

Result<> verify_signature(const message::PKIMessage& message, const crypto::PublicKey& key) {
  if (auto strong = key.check_strength(); !strong) {
    strong.error().failure = Failure::badAlg;
    return strong;
  }
  const ProtectedPart part(message);
  auto verified = crypto::verify(key, *message.header.protection_alg, part.head(), part.content(),
                                 message.protection->octets);
  if (verified || verified.error().failure != Failure::badMessageCheck) return verified;
  return fail(
      Failure::badMessageCheck, "protect.signature-mismatch",
      "the protection does not verify with the protection certificate; sign header and body "
      "with its key, and send it first in extraCerts",
      verified.error().detail);
}

}  // namespace countersign::protect
