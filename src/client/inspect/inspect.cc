#include "client/inspect/inspect.h"

#include <algorithm>

#include "client/inspect/body.h"
#include "crypto/path.h"
#include "crypto/sign.h"
#include "der/pem.h"
#include "message/message.h"
#include "protect/protect.h"

namespace countersign::client {
namespace {

// DER begins with a SEQUENCE; text is PEM or bare base64.
Result<Bytes> der_of(View input) {
  if (!input.empty() && input.front() == 0x30) return copy(input);
  if (const auto blocks = der::from_pem(text(input))) return blocks->front().der;
  if (auto octets = der::from_base64(text(input)); octets && !octets->empty()) return *octets;
  return fail(Failure::badDataFormat, "inspect.input",
              "this is neither DER nor PEM nor base64; give a file as it went over the wire");
}

std::string_view version_text(std::int64_t pvno) {
  switch (pvno) {
    case 1:
      return "cmp1999, RFC 2510";
    case 2:
      return "cmp2000, RFC 4210";
    case 3:
      return "cmp2021, RFC 9480 and 9810";
    default:
      return "unknown version";
  }
}

void show_header(Page& page, const message::PKIHeader& h) {
  page.line("pvno", std::to_string(h.pvno), version_text(h.pvno));
  page.line("sender", x509::to_text(h.sender));
  page.line("recipient", x509::to_text(h.recipient));
  if (h.message_time) page.line("messageTime", to_iso(*h.message_time));
  if (h.protection_alg) page.line("protectionAlg", algorithm_text(*h.protection_alg));
  if (h.sender_kid) {
    const bool readable =
        std::ranges::all_of(*h.sender_kid, [](Byte b) { return b >= 0x20 && b < 0x7f; });
    page.line("senderKID", shown(*h.sender_kid),
              readable ? "\"" + std::string(text(*h.sender_kid)) + "\"" : "");
  }
  if (h.recip_kid) page.line("recipKID", shown(*h.recip_kid));
  if (h.transaction_id) page.line("transactionID", shown(h.transaction_id->octets));
  if (h.sender_nonce) page.line("senderNonce", shown(h.sender_nonce->octets));
  if (h.recip_nonce) page.line("recipNonce", shown(h.recip_nonce->octets));
  for (const auto& t : h.free_text) page.line("freeText", "\"" + printable(t) + "\"");
  for (const auto& item : h.general_info) show_info(page, item);
}

std::string mac_verdict(const message::PKIMessage& m, const InspectOptions& options) {
  if (options.secret == nullptr) return "MAC; give --secret to verify it";
  protect::Policy lenient;
  lenient.min_iterations_made = 1;
  lenient.max_iterations = 10000000;
  const auto key =
      protect::derive_mac_key(*m.header.protection_alg, *options.secret, true, lenient);
  if (!key) return "MAC; cannot be verified: " + key.error().reply_text;
  return protect::mac_matches(*key, m) ? "MAC verifies under the secret"
                                       : "MAC DOES NOT VERIFY under this secret";
}

std::string path_verdict(const message::PKIMessage& m, const InspectOptions& options) {
  if (options.anchors == nullptr) return "; give --trust to check the signer's path";
  std::vector<View> others(m.extra_certs.begin(), m.extra_certs.end());
  const auto path =
      crypto::validate_path({m.extra_certs.front(), std::move(others), *options.anchors,
                             options.now, crypto::Purpose::cmp_signature});
  return path ? "; its path ends in a trusted anchor" : "; but " + path.error().reply_text;
}

std::string signature_verdict(const message::PKIMessage& m, const InspectOptions& options) {
  if (m.extra_certs.empty()) return "signature; the signer's certificate is not in extraCerts";
  const auto certificate = x509::parse_certificate(m.extra_certs.front());
  if (!certificate) return "signature; extraCerts[0] cannot be read";
  const auto key = crypto::PublicKey::from_spki(certificate->spki);
  if (!key) return "signature; the signer's key cannot be read";
  const auto good = crypto::verify(*key, *m.header.protection_alg, message::protected_part(m),
                                   m.protection->octets);
  if (!good) return "signature DOES NOT VERIFY with extraCerts[0]: " + good.error().reply_text;
  return "signature verifies with extraCerts[0]" + path_verdict(m, options);
}

std::string verdict(const message::PKIMessage& m, const InspectOptions& options) {
  if (!m.protection || !m.header.protection_alg) return "none: anybody may have written this";
  const auto kind = protect::proof_kind(*m.header.protection_alg);
  if (!kind) return "by an algorithm that is not known here";
  return *kind == message::ProofKind::mac ? mac_verdict(m, options) : signature_verdict(m, options);
}

}  // namespace

Result<std::string> inspect(View input, const InspectOptions& options) {
  const Bytes der = TRY(der_of(input));
  const auto m = TRY(message::parse_message(der));
  Page page;
  page.group("PKIMessage", std::to_string(der.size()) + " octets; RFC 9810 §5.1", [&] {
    page.group("header", "§5.1.1", [&] { show_header(page, m.header); });
    page.group("body", std::string(message::name(m.body.type)) + "; §5.1.2",
               [&] { show_body(page, m.body); });
    page.line("protection", verdict(m, options), "§5.1.3");
    for (const auto& c : m.extra_certs) show_certificate(page, "extraCerts", c);
  });
  return std::move(page).take();
}

}  // namespace countersign::client
