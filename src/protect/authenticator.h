// Whose message is it? The server's side. RFC 9810 §5.1.3, RFC 9483 §3.2-§3.5.
//
// Pure: secrets, certificates and their status are looked up beforehand and given as Evidence,
// which is borrowed for the length of the call. The only state are two caches that their owner
// keeps.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/path_cache.h"
#include "crypto/public_key_cache.h"
#include "crypto/trust_set.h"
#include "message/authenticated.h"
#include "message/message.h"
#include "protect/mac_key.h"
#include "protect/policy.h"

namespace countersign::protect {

struct KnownSecret {  // the credential that reference_of(header) names, or Evidence::reference
  std::string reference;
  const Secret* secret = nullptr;
  bool made_by_us = true;
  const Secret* former = nullptr;  // passes too; null: none does
  bool former_made_by_us = true;
  bool acts_as_ra = false;  // whoever knows it is a registration authority
};
enum class CertificateState : std::uint8_t { valid, unconfirmed, revoked, held };
struct KnownCertificate {  // one of our own, as the store has it now
  Bytes der;
  CertificateState state = CertificateState::valid;
};

struct Evidence {
  // Under which the secret was looked up, where the header names none that is known.
  std::optional<std::string> reference;
  std::optional<KnownSecret> secret;  // nullopt: no such reference, or spent or expired
  std::vector<KnownCertificate> own;  // ours that senderKID or extraCerts name
  const crypto::TrustSet* own_authority = nullptr;  // our CA certificates
  // Names (DER) of those that issue elsewhere, too: `anchors` count for what is not among `own`.
  std::span<const Bytes> issue_elsewhere = {};
  const crypto::TrustSet* anchors = nullptr;  // configured anchors of foreign senders
  std::vector<Bytes> ra_fingerprints;  // SHA-256 of certificates that are RAs by configuration
  // The protection certificate of the transaction's first message: later ones may leave it out.
  std::optional<Bytes> transaction_certificate;
  std::vector<Bytes> known_intermediates;
};

struct Authentication {
  message::AuthenticatedMessage message;
  std::optional<MacKey> mac_key;  // to answer a MAC'd message in its own kind
  bool by_former = false;         // that key is of KnownSecret::former
};

class Authenticator {
 public:
  Authenticator(const Policy& policy, crypto::PublicKeyCache& keys, crypto::PathCache& paths,
                crypto::DerivedKeys& derived)
      : policy_(policy), keys_(keys), paths_(paths), derived_(derived) {}

  // RFC 9483 §3.5 in our order (first what needs no state was done by check_header): kind of
  // protection, senderKID, value, certificate and path, messageTime, sender == subject.
  //
  // Before the value is verified no Error tells what is in the store: an unknown reference and a
  // wrong MAC give the same one after the same two derivations (a credential may have a former
  // secret; only what such a message was made with is remembered), and so do a certificate that is
  // not at hand and one that was not sent and does not verify. A direct MAC under a chosen secret
  // is a wrong one. A chosen secret's higher floor of iterations is asked after the MAC, for it
  // would give the reference away.
  //
  // Codes: those of derive_mac_key, check_message_time and check_protection, crypto.path-… of a
  // path that does not hold, crypto.… of keys and algorithms, and
  //   badMessageCheck   protect.mac-mismatch, protect.reference-missing,
  //   protect.signature-mismatch,
  //                     protect.certificate-missing, protect.sender-mismatch
  //   badAlg            protect.algorithm-not-supported, protect.kind-not-accepted
  //   wrongIntegrity    protect.kind-not-accepted (no MAC is accepted, or no signature)
  //   badDataFormat     protect.too-many-certificates
  //   certRevoked       protect.signer-revoked
  //   signerNotTrusted  protect.signer-held, protect.signer-unknown, protect.signer-elsewhere,
  //                     protect.signer-untrusted, protect.signer-key-usage
  Result<Authentication> authenticate(message::PKIMessage message, const Evidence& evidence,
                                      Time now) const;

 private:
  Result<Authentication> authenticate_mac(message::PKIMessage message, const Evidence& evidence,
                                          Time now) const;
  Result<Authentication> authenticate_signature(message::PKIMessage message,
                                                const Evidence& evidence, Time now) const;
  Result<x509::Certificate> verified_signer(const message::PKIMessage& message,
                                            const Evidence& evidence) const;
  Result<std::shared_ptr<const crypto::Path>> trusted_path(const x509::Certificate& certificate,
                                                           const message::PKIMessage& message,
                                                           const Evidence& evidence,
                                                           Time now) const;
  Result<message::Sender> trusted_sender(x509::Certificate certificate,
                                         const message::PKIMessage& message,
                                         const Evidence& evidence, Time now) const;

  const Policy& policy_;
  crypto::PublicKeyCache& keys_;
  crypto::PathCache& paths_;
  crypto::DerivedKeys& derived_;
};

}  // namespace countersign::protect
