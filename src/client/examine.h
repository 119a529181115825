// The issued certificate, before it is accepted: is it for our key, with the names that were asked
// for, and does it lead to a root that is trusted?
// Errors, all of them reasons for a rejecting certConf: client.certificate-format,
// client.certificate-key, client.certificate-name, client.certificate-path.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/enrolment.h"
#include "crypto/trust_set.h"
#include "message/authenticated.h"
#include "transaction/client_machine.h"

namespace countersign::client {

// Whom the client believes.
struct Trust {
  std::optional<crypto::TrustSet> anchors;   // --trust, or the roots file
  std::vector<Bytes> anchor_list;            // the same
  std::vector<Bytes> revocation_lists = {};  // --crl, of any CA under these anchors
  std::optional<Bytes> pinned;               // --server-cert
  std::optional<x509::Name> expected_sender;
  bool signed_answer_to_mac = false;  // --trust was given
  // The root comes in caPubs of an ip whose MAC verified under the secret.
  bool anchors_from_mac = false;
};

// Those anchors, with the lists.
Result<crypto::TrustSet> trust_set(const std::vector<Bytes>& anchors, const Trust& trust);

struct Expectation {
  std::optional<crypto::PublicKey> key;  // nullopt: the server makes it
  x509::Name subject;
  std::vector<x509::GeneralName> alternative_names;
};

// A certificate that may be kept.
struct Kept {
  Bytes leaf;
  std::vector<Bytes> chain;  // of its issuers, nearest first, without the root
  Bytes root;
  std::vector<std::string> differences;  // from the wish, for people
  std::string remarks;                   // of the server
};

Result<Kept> examine(const transaction::Examine& issued, const Expectation& expected,
                     const Trust& trust, message::ProofKind proof, Time now);

}  // namespace countersign::client
