// A CA that is reached by CMP, and what we are to it: a registration authority that signs with its
// own certificate. Values; what crosses the wire is made and judged here, nothing is sent.
//
// Errors: systemFailure "issuer.upstream-key", "issuer.upstream-chain" (configuration),
// "issuer.upstream-answer" (an answer that proves nothing or does not fit),
// "issuer.upstream-refuses-us" (our certificate is revoked there, or not trusted),
// "issuer.upstream-certificate" (a certificate that was not asked for).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ports.h"
#include "base/secret.h"
#include "crypto/path_cache.h"
#include "crypto/public_key_cache.h"
#include "crypto/trust_set.h"
#include "issuer/gate.h"
#include "issuer/other_ca.h"
#include "ports/issuer.h"
#include "ports/signer.h"
#include "ports/transport.h"
#include "protect/mac_key.h"
#include "transaction/client_machine.h"
#include "x509/certificate.h"

namespace countersign::issuer {

// RFC 9483 §6.1 [SHOULD] the operation's label behind the URLs, which then end in /.well-known/cmp
// or /.well-known/cmp/p/<name>.
enum class Labels { none, appended };

// Which CAs' certificates are taken: those of the list that make_upstream() gets, or any that lead
// to its root by what came along.
enum class Issuers { listed_alone, any_below_root };
// What a certificate is asked for by. as_asked: an ir by an ir, all else by a cr.
enum class AskBy { as_asked, ir, cr };
// The proof of possession: RFC 9483 §5.2.3.2 raVerified, or §5.2.3.1 that of the requester.
enum class Possession { vouched_for, kept };
// At the CA. forwarded: by a certConf of ours, once the end entity has said so. implicit: as soon
// as it is issued, where the CA grants that (RFC 9810 §5.1.1.1); what is not wanted is revoked.
enum class Confirming { forwarded, implicit };
// Of the messages that orders came by: RFC 9810 §5.1.1.3.
enum class Originals { not_shown, shown };

// Who signed its answers before, and up to which of its anchors: the same few do.
struct SignersSeen {
  crypto::PathCache paths{64};
  crypto::PublicKeyCache keys{64};
};

// A secret that we and the CA have: what is ours is protected by a MAC then.
struct SharedWithCa {
  std::string reference;
  Secret secret;
  protect::MacKey key;  // of our messages
};
// "crypto.…" and those of protect::derive_mac_key.
Result<std::shared_ptr<const SharedWithCa>> share_with_ca(std::string reference, Secret secret,
                                                          protect::MacChoice choice,
                                                          Entropy& entropy);

// What we sign with, as its registration authority.
struct Ra {
  x509::Certificate certificate;
  std::vector<Bytes> chain;  // it first
  std::shared_ptr<const ports::Signer> signer;
  Bytes fingerprint;  // SHA-256 of the certificate
};
using RaPtr = std::shared_ptr<const Ra>;

struct Upstream {
  std::vector<std::string> urls;  // of its endpoints, the preferred one first
  RaPtr ra;                       // null: we have no certificate
  std::vector<RaPtr> former;      // what was begun by those ends by those; the latest first
  x509::Certificate issuing;      // whose certificates we pass on
  std::vector<Bytes> chain;       // of CAs, issuing first, without the root
  Bytes root;
  crypto::TrustSet anchors;  // that the root is
  std::shared_ptr<const IssuedCheck> issued;
  Seconds timeout{10};     // of one message
  Seconds patience{15};    // of one who waits for an answer here
  Seconds retry{30};       // between tries when nobody waits any more
  Seconds rest{30};        // of an endpoint that fails
  Seconds give_up{86400};  // then an order is refused
  Labels labels = Labels::none;
  AskBy ask_by = AskBy::as_asked;
  Possession possession = Possession::vouched_for;
  Confirming confirming = Confirming::forwarded;
  Originals originals = Originals::not_shown;
  Issuers issuers = Issuers::any_below_root;
  std::string cert_profile = {};                    // enrol::Authority::cert_profile
  std::shared_ptr<const SharedWithCa> shared = {};  // null: we sign
  std::vector<Bytes> signers = {};                  // certificates that answers may leave out
  std::string name = {};                            // of the authority; empty: the server's own
  GateLimits limits = {};
  std::shared_ptr<SignersSeen> seen = std::make_shared<SignersSeen>();
};

// `ra_chain` and `ca` are lists of certificates: the RA's own first (none, and no signer, where a
// secret is shared); the issuing CA first, root last.
Result<Upstream> make_upstream(std::vector<std::string> urls, std::vector<Bytes> ra_chain,
                               std::shared_ptr<const ports::Signer> signer,
                               const std::vector<Bytes>& ca);
// CAs below the root of `ca` that it began to issue by since are known as well.
Result<> know_issuers(Upstream& upstream, const std::vector<Bytes>& ca,
                      std::span<const Bytes> learnt);

// `issuer`: of the certificate that is revoked.
message::PKIBody revocation_for(const x509::Name& issuer,
                                const transaction::RevocationOrder& order);

// That of a fingerprint, if it is still valid; else the present one.
RaPtr ra_of(const Upstream& upstream, View fingerprint, Time now);

// Header of ours around what the machine wants sent; then it is sealed. Unless a secret is shared,
// as `ra`.
void address(const Upstream& upstream, const RaPtr& ra, message::PKIMessage& m, Time now);
// With our protection, as octets. `done` may be called in place, or on another thread. badRequest
// "issuer.upstream-unsigned": it is nested, and `ra` is null.
void seal(const Upstream& upstream, const RaPtr& ra, message::PKIMessage message, Entropy& entropy,
          Done<Bytes> done);

// Where that goes whose operation has that label.
ports::Target labelled(const Upstream& upstream, ports::Target target, std::string_view label);

// What its protection has to hold by: signed, up to our anchors, by a certificate in extraCerts, of
// ours, or in `known` of earlier answers; or under a MAC by `secret`, if there is one.
struct Proof {
  std::vector<Bytes> known = {};
  const Secret* secret = nullptr;
};
// Errors: those of protect/response_check.h.
Result<> verify_answer(const Upstream& upstream, const message::PKIMessage& answer, Proof proof,
                       Time now);
// An answer to us whose protection holds.
Result<message::PKIMessage> open_answer(const Upstream& upstream, View octets,
                                        const std::vector<Bytes>& known, Time now);
// What they are told whom an answer that does not hold was for.
Error untrusted(const Error& why);

// For that key, and it leads to the root: what stands between them, maybe with certificates that
// came in `extra_certs`.
Result<std::vector<Bytes>> check_granted(const Upstream& upstream, const Bytes& certificate,
                                         View spki, std::span<const Bytes> extra_certs, Time now);
// CAs of a chain that were not known here.
std::vector<Bytes> unknown_of(const Upstream& upstream, std::span<const Bytes> chain);

// Whether an upstream's refusal has that bit.
bool says(const transaction::GaveUp& end, Failure failure);
// What the end entity is told of an upstream's refusal: its bit and its words.
Error refusal_of(const transaction::GaveUp& end);

}  // namespace countersign::issuer
