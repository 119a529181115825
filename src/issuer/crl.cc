// Certificate revocation lists of an authority. RFC 5280 §5.
#include <algorithm>

#include "crypto/keys.h"
#include "issuer/authority.h"
#include "issuer/serial.h"

namespace countersign::issuer {
namespace {

// Of INTEGER content octets that are positive: the shorter one is the smaller.
bool smaller(const x509::RevokedEntry& a, const x509::RevokedEntry& b) {
  if (a.serial.size() != b.serial.size()) return a.serial.size() < b.serial.size();
  return a.serial < b.serial;
}

Bytes magnitude(std::uint64_t number) {
  Bytes out(8);
  for (std::size_t i = out.size(); i > 0; --i, number >>= 8) out[i - 1] = static_cast<Byte>(number);
  return out;
}

Result<x509::CrlFields> fields(const CrlOrder& order, const x509::Certificate& issuer,
                               const ports::Signer& signer) {
  if (order.next_update <= order.this_update)
    return fail(Failure::systemFailure, "issuer.crl-times",
                "the next update of the CRL is not later than this one");
  Bytes key_id = issuer.subject_key_identifier();
  if (key_id.empty()) key_id = crypto::key_identifier(issuer.spki);
  x509::CrlFields out;
  out.signature_algorithm = signer.algorithm();
  out.issuer = issuer.subject;
  out.this_update = order.this_update;
  out.next_update = order.next_update;
  // RFC 5280 §5.2 [MUST] authorityKeyIdentifier and cRLNumber in every CRL.
  out.extensions = {x509::make_authority_key_identifier(key_id),
                    x509::make_crl_number(magnitude(order.number))};
  // RFC 5280 §5.3.1 [MUST] removeFromCRL is for delta CRLs; here its entry is left out.
  std::ranges::copy_if(
      order.revoked, std::back_inserter(out.revoked),
      [](const x509::RevokedEntry& e) { return e.reason != x509::CrlReason::removeFromCRL; });
  std::ranges::sort(out.revoked, smaller);
  return out;
}

}  // namespace

void make_crl(const CrlOrder& order, const x509::Certificate& issuer, const ports::Signer& signer,
              Done<Bytes> done) {
  const auto made = fields(order, issuer, signer);
  if (!made) {
    done(std::unexpected(made.error()));
    return;
  }
  Bytes tbs = x509::encode_tbs_crl(*made);
  Bytes kept = tbs;
  signer.sign(std::move(tbs), [tbs = std::move(kept), algorithm = made->signature_algorithm,
                               done = std::move(done)](Result<Bytes> signature) mutable {
    if (!signature) {
      done(std::unexpected(std::move(signature).error()));
      return;
    }
    done(x509::join_signed(tbs, algorithm, *signature));
  });
}

}  // namespace countersign::issuer
