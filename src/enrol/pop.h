// Proof of possession. RFC 9810 §5.2.8, RFC 4211 §4.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crmf/crmf.h"
#include "message/authenticated.h"
#include "protect/protect.h"
#include "x509/csr.h"

namespace countersign::enrol {

// signature with and without poposkInput (sender or publicKeyMAC); raVerified only from
// sender.may_act_as_ra (else notAuthorized "pop.ra-verified"). Everything else that fails is
// badPOP with a code of its own: "pop.missing", "pop.signature", "pop.input-present",
// "pop.input-missing", "pop.key-differs", "pop.sender-differs", "pop.mac", "pop.method",
// "pop.algorithm" (SHA-1, or one that does not fit the key). Without a public key, or with one that
// is malformed or too weak: badCertTemplate "template.key-missing", "crypto.…".
// `secret` is the sender's when it used a MAC: for publicKeyMAC.
Result<> check_pop(const crmf::CertReqMsg& request, const message::Sender& sender,
                   const Secret* secret, const protect::Policy& policy);
// PKCS #10: its own signature.
Result<> check_pop(const x509::CertificationRequest& request);

}  // namespace countersign::enrol
