// Authenticator, the signed case.
#include "crypto/digest.h"
#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using message::PKIMessage;
using test::authenticate;
using test::certify;
using test::code;
using test::failure;
using test::Identity;
using test::question_from;
using test::sign;
using test::signed_by;

// Our own CA, a vendor's, and one certificate of each.
struct World {
  Identity ca = test::certify_ca("CN=Our CA");
  Identity vendor = test::certify_ca("CN=Vendor");
  Identity ours = certify({.subject = "CN=ours"}, &ca);
  Identity theirs = certify({.subject = "CN=theirs"}, &vendor);
  crypto::TrustSet own_authority = test::trust(ca);
  crypto::TrustSet anchors = test::trust(vendor);
};
const World& world() {
  static const World all;
  return all;
}

Evidence facing(std::vector<KnownCertificate> own = {}) {
  Evidence out;
  out.own = std::move(own);
  out.own_authority = &world().own_authority;
  out.anchors = &world().anchors;
  return out;
}
Evidence owning(const Identity& who, CertificateState state = CertificateState::valid) {
  return facing({{who.certificate.der, state}});
}

TEST(SignatureAuthentication, aCertificateOfOurs) {
  const auto result = authenticate(signed_by(world().ours), owning(world().ours));
  ASSERT_TRUE(result) << result.error().reply_text;
  const message::Sender& sender = result->message.sender();
  EXPECT_EQ(sender.proof, message::ProofKind::signature);
  EXPECT_EQ(sender.identity, "certificate:" + to_hex(crypto::sha256(world().ours.certificate.der)));
  EXPECT_TRUE(sender.issued_by_us);
  EXPECT_FALSE(sender.unconfirmed || sender.may_act_as_ra);
  EXPECT_TRUE(sender.reference.empty());
  ASSERT_TRUE(sender.certificate);
  EXPECT_EQ(sender.certificate->der, world().ours.certificate.der);
  EXPECT_EQ(sender.path, (std::vector{world().ours.certificate.der, world().ca.certificate.der}));
  EXPECT_FALSE(result->mac_key);
}

TEST(SignatureAuthentication, aForeignCertificateUnderAnAnchor) {
  const auto result = authenticate(signed_by(world().theirs), facing());
  ASSERT_TRUE(result) << result.error().reply_text;
  EXPECT_FALSE(result->message.sender().issued_by_us);
}

TEST(SignatureAuthentication, theStatusOfOurOwnCertificatesCounts) {
  const auto request = signed_by(world().ours);
  for (const auto state : {CertificateState::revoked, CertificateState::held}) {
    const auto refused = authenticate(request, owning(world().ours, state));
    const bool held = state == CertificateState::held;
    EXPECT_EQ(code(refused), held ? "protect.signer-held" : "protect.signer-revoked");
    EXPECT_EQ(failure(refused), held ? Failure::signerNotTrusted : Failure::certRevoked);
  }
  const auto waiting = authenticate(request, owning(world().ours, CertificateState::unconfirmed));
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(waiting->message.sender().unconfirmed);
  EXPECT_TRUE(waiting->message.sender().issued_by_us);
}

TEST(SignatureAuthentication, statusIsNotToldToWhoCannotSign) {
  PKIMessage forged = signed_by(world().ours);
  forged.protection->octets.back() ^= 1;
  const auto refused = authenticate(forged, owning(world().ours, CertificateState::revoked));
  EXPECT_EQ(code(refused), "protect.signature-mismatch");
}

TEST(SignatureAuthentication, ofOurCaButNotInTheStoreIsRefused) {
  Evidence evidence = facing();
  EXPECT_EQ(code(authenticate(signed_by(world().ours), evidence)), "protect.signer-unknown");
  evidence.anchors = &world().own_authority;  // even when our CA is also an anchor
  const auto refused = authenticate(signed_by(world().ours), evidence);
  EXPECT_EQ(code(refused), "protect.signer-unknown");
  EXPECT_EQ(failure(refused), Failure::signerNotTrusted);
}

TEST(SignatureAuthentication, ofACaThatIssuesElsewhereAnAnchorCountsForTheFirstOfExtraCerts) {
  const std::vector<Bytes> names{world().ca.certificate.subject.der};
  Evidence evidence = facing();
  evidence.issue_elsewhere = names;
  EXPECT_EQ(code(authenticate(signed_by(world().ours), evidence)), "protect.signer-elsewhere");
  evidence.anchors = &world().own_authority;
  PKIMessage request = signed_by(world().ours);
  const auto named = authenticate(request, evidence);
  ASSERT_TRUE(named);
  EXPECT_FALSE(named->message.sender().issued_by_us);
  // It was not looked up, and may be one of ours that is revoked.
  request.extra_certs.insert(request.extra_certs.begin(), world().theirs.certificate.der);
  EXPECT_EQ(code(authenticate(request, evidence)), "protect.signer-unknown");
  evidence.own = {{world().ours.certificate.der, CertificateState::revoked}};
  EXPECT_EQ(code(authenticate(request, evidence)), "protect.signer-revoked");
}

TEST(SignatureAuthentication, raRights) {
  const auto& w = world();
  const Identity ra = certify({.subject = "CN=ra", .purposes = {x509::oids::kp_cmc_ra}}, &w.ca);
  const Identity foreign =
      certify({.subject = "CN=foreign ra", .purposes = {x509::oids::kp_cmc_ra}}, &w.vendor);
  const auto acts = [](const Identity& who, const Evidence& evidence) {
    return authenticate(signed_by(who), evidence).value().message.sender().may_act_as_ra;
  };
  EXPECT_TRUE(acts(ra, owning(ra)));
  EXPECT_FALSE(acts(ra, owning(ra, CertificateState::unconfirmed)));
  EXPECT_FALSE(acts(w.ours, owning(w.ours))) << "without cmcRA";
  EXPECT_FALSE(acts(foreign, facing())) << "cmcRA under a vendor's anchor";
  Evidence named = facing();
  named.ra_fingerprints = {crypto::sha256(w.theirs.certificate.der)};
  EXPECT_TRUE(acts(w.theirs, named)) << "by configuration";
  EXPECT_FALSE(acts(foreign, named)) << "another one";
}

TEST(SignatureAuthentication, untrustedSigners) {
  const auto& w = world();
  const Identity stranger = certify({.subject = "CN=stranger"});
  const Identity expired = certify({.subject = "CN=old", .to = "2026-05-31"}, &w.vendor);
  const Identity early = certify({.subject = "CN=early", .from = "2026-06-02"}, &w.vendor);
  const Identity expired_own = certify({.subject = "CN=own old", .to = "2026-05-31"}, &w.ca);
  const Identity not_a_ca = certify({.subject = "CN=under a leaf"}, &w.theirs);
  const struct {
    const char* sentence;
    const Identity& who;
    Evidence evidence;
    std::string code;
  } cases[] = {
      {"self-signed, only in extraCerts", stranger, facing(), "crypto.path-no-anchor"},
      {"expired", expired, facing(), "crypto.path-expired"},
      {"not yet valid", early, facing(), "crypto.path-not-yet-valid"},
      {"ours, expired", expired_own, owning(expired_own), "crypto.path-expired"},
      {"ours, expired, not in the store", expired_own, facing(), "crypto.path-expired"},
      {"issued by a leaf", not_a_ca, facing(), "crypto.path-no-anchor"},
      {"a vendor's, vendors not trusted", w.theirs,
       [&] {
         Evidence out = facing();
         out.anchors = nullptr;
         return out;
       }(),
       "crypto.path-no-anchor"},
      {"no trust at all", w.theirs, Evidence{}, "protect.signer-untrusted"},
      {"in our store, but of another CA", w.theirs, owning(w.theirs), "crypto.path-no-anchor"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    const auto refused = authenticate(signed_by(c.who), c.evidence);
    EXPECT_EQ(code(refused), c.code);
    EXPECT_EQ(failure(refused), Failure::signerNotTrusted);
  }
}

TEST(SignatureAuthentication, aLeafThatIssuesIsNoCa) {
  const Identity below = certify({.subject = "CN=below"}, &world().theirs);
  PKIMessage request = question_from(below);
  request.extra_certs.push_back(world().theirs.certificate.der);
  const auto refused = authenticate(sign(request, below.key), facing());
  EXPECT_EQ(failure(refused), Failure::signerNotTrusted);
  EXPECT_EQ(code(refused), "crypto.path-not-a-ca");
}

TEST(SignatureAuthentication, chainsInAnyOrderAndKnownIntermediates) {
  const Identity sub = test::certify_ca("CN=Vendor Sub", &world().vendor);
  const Identity leaf = certify({.subject = "CN=leaf"}, &sub);
  PKIMessage request = question_from(leaf);
  request.extra_certs = {leaf.certificate.der, sub.certificate.der};
  EXPECT_EQ(code(authenticate(sign(request, leaf.key), facing())), "");
  request.extra_certs = {world().ours.certificate.der, sub.certificate.der, Bytes{0x30, 0x00},
                         leaf.certificate.der};
  EXPECT_EQ(code(authenticate(sign(request, leaf.key), facing())), "");
  request.header.sender_kid.reset();
  EXPECT_EQ(code(authenticate(sign(request, leaf.key), facing())), "") << "found by sender alone";
  request.extra_certs = {leaf.certificate.der};
  EXPECT_EQ(code(authenticate(sign(request, leaf.key), facing())), "crypto.path-no-anchor");
  Evidence knows_sub = facing();
  knows_sub.known_intermediates = {sub.certificate.der};
  EXPECT_EQ(code(authenticate(sign(request, leaf.key), knows_sub)), "");
}

TEST(SignatureAuthentication, keyUsage) {
  using enum x509::KeyUsage;
  const Identity encrypts =
      certify({.subject = "CN=a", .key_usage = x509::usages({keyEncipherment})}, &world().ca);
  const Identity free = certify({.subject = "CN=b", .key_usage = std::nullopt}, &world().ca);
  const auto refused = authenticate(signed_by(encrypts), owning(encrypts));
  EXPECT_EQ(code(refused), "protect.signer-key-usage");
  EXPECT_EQ(failure(refused), Failure::signerNotTrusted);
  EXPECT_EQ(code(authenticate(signed_by(free), owning(free))), "");
}

TEST(SignatureAuthentication, senderIsTheSubject) {
  const Identity& who = world().ours;
  const auto with_sender = [&](const x509::GeneralName& name) {
    PKIMessage request = question_from(who);
    request.header.sender = name;
    return authenticate(sign(request, who.key), owning(who));
  };
  EXPECT_EQ(code(with_sender(x509::directory_name(x509::common_name("OURS ")))), "")
      << "compared as RFC 5280 §7.1 does";
  EXPECT_EQ(code(with_sender({})), "") << "NULL-DN beside a senderKID that fits";
  for (const auto& name :
       {x509::directory_name(x509::common_name("theirs")), x509::dns_name("ours")}) {
    const auto refused = with_sender(name);
    EXPECT_EQ(code(refused), "protect.sender-mismatch");
    EXPECT_EQ(failure(refused), Failure::badMessageCheck);
  }
  PKIMessage anonymous = question_from(who);
  anonymous.header.sender = {};
  anonymous.header.sender_kid.reset();
  EXPECT_EQ(code(authenticate(sign(anonymous, who.key), owning(who))), "protect.sender-mismatch")
      << "NULL-DN without senderKID";
}

TEST(SignatureAuthentication, senderKidIsTheSubjectKeyIdentifier) {
  const Identity& who = world().ours;
  PKIMessage request = question_from(who);
  request.header.sender_kid = Bytes(20, 1);
  const auto refused = authenticate(sign(request, who.key), owning(who));
  EXPECT_EQ(code(refused), "protect.certificate-missing");
  EXPECT_EQ(failure(refused), Failure::badMessageCheck);
  request.header.sender_kid.reset();
  EXPECT_EQ(code(authenticate(sign(request, who.key), owning(who))), "") << "it is a SHOULD";
  const Identity bare = certify({.subject = "CN=bare", .key_identifier = false}, &world().ca);
  PKIMessage without_ski = question_from(bare);
  without_ski.header.sender_kid = Bytes(20, 1);
  EXPECT_EQ(code(authenticate(sign(without_ski, bare.key), owning(bare))), "")
      << "a certificate without the extension has nothing to compare";
  without_ski.header.sender = {};
  EXPECT_EQ(code(authenticate(sign(without_ski, bare.key), owning(bare))),
            "protect.sender-mismatch");
}

TEST(SignatureAuthentication, theCertificateMayBeLeftOutLater) {
  const auto& w = world();
  PKIMessage request = question_from(w.theirs);
  request.extra_certs.clear();
  request = sign(request, w.theirs.key);
  EXPECT_EQ(code(authenticate(request, facing())), "protect.certificate-missing");
  Evidence evidence = facing();
  evidence.transaction_certificate = w.theirs.certificate.der;
  EXPECT_EQ(code(authenticate(request, evidence)), "");
  PKIMessage own = question_from(w.ours);
  own.extra_certs.clear();
  EXPECT_EQ(code(authenticate(sign(own, w.ours.key), owning(w.ours))), "");
}

TEST(SignatureAuthentication, whatIsKnownButNotSentIsNotGivenAway) {
  const auto& w = world();
  PKIMessage request = question_from(w.ours);
  request.extra_certs.clear();
  request = sign(request, w.theirs.key);  // by another
  const auto known = authenticate(request, owning(w.ours));
  const auto unknown = authenticate(request, facing());
  ASSERT_FALSE(known);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(code(known), "protect.certificate-missing");
  EXPECT_EQ(code(known), code(unknown));
  EXPECT_EQ(known.error().reply_text, unknown.error().reply_text);
  EXPECT_EQ(known.error().failure, unknown.error().failure);
}

TEST(SignatureAuthentication, everyOctetCounts) {
  const auto request = signed_by(world().ours);
  const auto evidence = owning(world().ours);
  for (std::size_t i = 0; i < request.protection->octets.size(); ++i) {
    PKIMessage changed = request;
    changed.protection->octets[i] ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence)), "protect.signature-mismatch") << i;
  }
  for (std::size_t i = 0; i < request.header_and_body.size(); ++i) {
    PKIMessage changed = request;
    changed.header_and_body[i] ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence)), "protect.signature-mismatch") << i;
  }
  PKIMessage empty = request;
  empty.protection->octets.clear();
  EXPECT_EQ(code(authenticate(empty, evidence)), "protect.signature-mismatch");
}

TEST(SignatureAuthentication, anotherCertificateInExtraCertsHelpsNobody) {
  const auto& w = world();
  PKIMessage swapped = signed_by(w.theirs);
  swapped.extra_certs = {w.ours.certificate.der};
  EXPECT_EQ(code(authenticate(swapped, owning(w.ours))), "protect.certificate-missing");
  // A certificate of the same name and key identifier, but not of the key that signed.
  PKIMessage claims = question_from(w.ours);
  EXPECT_EQ(code(authenticate(sign(claims, w.theirs.key), owning(w.ours))),
            "protect.signature-mismatch");
  // The same name and key, certified by nobody whom we trust.
  const Identity impostor = certify({.subject = "CN=ours"});
  EXPECT_EQ(code(authenticate(signed_by(impostor), owning(w.ours))), "crypto.path-no-anchor");
}

TEST(SignatureAuthentication, algorithmsThatDoNotFit) {
  const auto& w = world();
  const Identity edwards = certify({.subject = "CN=ed", .key = "ed25519"}, &w.ca);
  EXPECT_EQ(code(authenticate(signed_by(edwards), owning(edwards))), "");
  const auto named = [&](const Identity& who, const der::AlgorithmIdentifier& algorithm) {
    PKIMessage request = question_from(who);
    const Bytes tbs = prepare_signature(request, algorithm);
    attach_signature(request,
                     crypto::sign(who.key, who.key.default_signature_algorithm(), tbs).value());
    return authenticate(test::sent(request), owning(who));
  };
  auto with_null = edwards.key.default_signature_algorithm();
  with_null.parameters = copy(der::kNullDer);
  const auto sha1 = crypto::identifier(*crypto::signature_algorithm("ecdsa-sha1"));
  EXPECT_EQ(code(named(edwards, with_null)), "crypto.algorithm-parameters");
  const auto misfit = named(w.ours, edwards.key.default_signature_algorithm());
  EXPECT_EQ(code(misfit), "crypto.algorithm-mismatch");
  EXPECT_EQ(failure(misfit), Failure::badMessageCheck) << "it is not that certificate's";
  EXPECT_EQ(code(named(w.ours, sha1)), "crypto.algorithm-forbidden");
  EXPECT_EQ(failure(named(w.ours, sha1)), Failure::badAlg);
}

TEST(SignatureAuthentication, timeAfterThePathAndSenderLast) {
  const auto& w = world();
  PKIMessage request = question_from(w.ours);
  request.header.message_time = test::kNow + Seconds(301);
  request.header.sender = x509::directory_name(x509::common_name("somebody"));
  const auto late = sign(request, w.ours.key);
  EXPECT_EQ(code(authenticate(late, owning(w.ours, CertificateState::revoked))),
            "protect.signer-revoked");
  EXPECT_EQ(code(authenticate(late, owning(w.ours))), "protect.time-window");
  EXPECT_EQ(code(authenticate(late, owning(w.ours), {.time_window = Seconds(301)})),
            "protect.sender-mismatch");
}

}  // namespace
}  // namespace countersign::protect
