// What an upstream CA is asked for a certificate by. RFC 9483 §5.2.3, §5.3.1: with our protection,
// and with raVerified, since the proof of possession was checked before, or with that proof as it
// was. Never a key update (§5.2.3 [MUST NOT]).
//
// Errors: badRequest "issuer.upstream-update"; where the proof is to be kept and cannot be, badPOP
// "issuer.upstream-pop" or badCertTemplate "issuer.upstream-changed".
#pragma once

#include "issuer/upstream_cmp/upstream.h"

namespace countersign::issuer {

// `index` is that of the request in the message that the order came by.
Result<message::PKIBody> request_for(const Upstream& upstream,
                                     const transaction::CertificateOrder& order, std::size_t index);
// What its header says besides: implicitConfirm, the message that the order came by; or neither.
std::vector<message::InfoTypeAndValue> info_for(const Upstream& upstream,
                                                const transaction::CertificateOrder& order);

// SHA-256 of what is asked for: a memo is of one order.
Bytes digest_of(const message::PKIBody& body);

}  // namespace countersign::issuer
