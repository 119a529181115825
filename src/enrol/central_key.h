// Central key generation: whether a key pair is made here for the requester, which one, and how the
// private key reaches it. RFC 9483 §4.1.6, RFC 9810 §5.2.2. Rules over values.
//
// Codes: template.central-key-popo (badRequest), template.central-key-ra,
// template.central-key-plain, template.central-key-secret (notAuthorized), and as badCertTemplate
// template.central-key-recipient, template.central-key-strength, template.key-kind.
#pragma once

#include "crypto/algorithm_table.h"
#include "enrol/controls.h"
#include "enrol/records.h"
#include "enrol/template.h"
#include "enrol/transport.h"
#include "message/authenticated.h"

namespace countersign::enrol {

// off: never. signers: for senders that sign, encrypted for their certificate; for senders with a
// secret only where the transport is confidential too. any: for those in the clear as well.
enum class CentralKeys { off, signers, any };

// Without publicKey, or with one that has an algorithm and no bits.
bool asks_for_key(const crmf::CertTemplate& asked);

struct CentralKeyWish {
  const crmf::CertTemplate& asked;
  const std::optional<crmf::ProofOfPossession>& popo;
  const Template& t;
  CentralKeys allowed;
  Transport transport;
  const message::Sender& sender;
  const CredentialRecord* credential;  // of a MAC'd sender
  const Controls& controls;            // algId, rsaKeyLen
};
// The key is of the kind that was asked for, or suits what protects it; never stronger than that.
Result<transaction::CentralKey> grant_central_key(const CentralKeyWish& wish);

}  // namespace countersign::enrol
