#include "protect/response_check.h"

#include <algorithm>
#include <functional>

#include "crypto/crl_check.h"
#include "protect/test_support.h"
#include "x509/crl.h"

namespace countersign::protect {
namespace {

using message::PKIMessage;
using test::certify;
using test::code;
using test::failure;
using test::Identity;
using test::signed_by;

struct World {
  Identity ca = test::certify_ca("CN=CA");
  Identity server = certify({.subject = "CN=server", .purposes = {x509::oids::kp_cmc_ca}}, &ca);
  Identity ra = certify({.subject = "CN=ra", .purposes = {x509::oids::kp_cmc_ra}}, &ca);
  Identity plain = certify({.subject = "CN=plain"}, &ca);
  Identity stranger = certify({.subject = "CN=stranger", .purposes = {x509::oids::kp_cmc_ca}});
  crypto::TrustSet anchors = test::trust(ca);
  Secret secret{Bytes(16, 9)};
};
const World& world() {
  static const World all;
  return all;
}

Result<ResponderIdentity> check(const PKIMessage& answer, const Secret* secret,
                                const ResponderTrust& trust, const Policy& policy = {}) {
  return authenticate_response(answer, secret, trust, policy, test::kNow);
}
ResponderTrust trusting() {
  ResponderTrust out;
  out.anchors = &world().anchors;
  return out;
}
ResponderTrust pinning(const Identity& who) {
  ResponderTrust out;
  out.pinned_certificate = who.certificate.der;
  return out;
}

TEST(Response, signedByWhoMay) {
  const auto& w = world();
  for (const Identity* who : {&w.ca, &w.server, &w.ra}) {
    const auto identity = check(signed_by(*who), nullptr, trusting());
    ASSERT_TRUE(identity) << identity.error().reply_text;
    EXPECT_EQ(identity->proof, message::ProofKind::signature);
    EXPECT_EQ(identity->certificate->der, who->certificate.der);
  }
}

TEST(Response, signedByWhoMayNot) {
  using enum x509::KeyUsage;
  const auto& w = world();
  const Identity encrypts = certify({.subject = "CN=e",
                                     .key_usage = x509::usages({keyEncipherment}),
                                     .purposes = {x509::oids::kp_cmc_ca}},
                                    &w.ca);
  const Identity expired =
      certify({.subject = "CN=x", .purposes = {x509::oids::kp_cmc_ca}, .to = "2026-05-31"}, &w.ca);
  EXPECT_EQ(code(check(signed_by(w.plain), nullptr, trusting())), "protect.responder-not-entitled");
  EXPECT_EQ(code(check(signed_by(w.stranger), nullptr, trusting())), "crypto.path-no-anchor");
  EXPECT_EQ(code(check(signed_by(encrypts), nullptr, trusting())), "protect.signer-key-usage");
  EXPECT_EQ(code(check(signed_by(expired), nullptr, trusting())), "crypto.path-expired");
  EXPECT_EQ(code(check(signed_by(w.server), nullptr, {})), "protect.signer-untrusted");
}

TEST(Response, aPinnedCertificateIsTheOnlyOne) {
  const auto& w = world();
  EXPECT_EQ(code(check(signed_by(w.plain), nullptr, pinning(w.plain))), "");
  EXPECT_EQ(code(check(signed_by(w.stranger), nullptr, pinning(w.stranger))), "");
  EXPECT_EQ(code(check(signed_by(w.server), nullptr, pinning(w.plain))),
            "protect.certificate-missing");
  ResponderTrust both = trusting();
  both.pinned_certificate = w.plain.certificate.der;
  EXPECT_EQ(code(check(signed_by(w.server), nullptr, both)), "protect.certificate-missing");
  const Identity expired = certify({.subject = "CN=x", .to = "2026-05-31"});
  EXPECT_EQ(code(check(signed_by(expired), nullptr, pinning(expired))),
            "protect.responder-expired");
  // In the name of the pinned certificate, by another key.
  const PKIMessage forged = test::sign(test::question_from(w.plain), w.server.key);
  EXPECT_EQ(code(check(forged, nullptr, pinning(w.plain))), "protect.signature-mismatch");
}

TEST(Response, macedWithTheSharedSecret) {
  const auto& w = world();
  const Secret other(Bytes(16, 8));
  const Secret none;
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    const auto answer = test::maced(test::question(), w.secret, row.choice);
    const auto identity = check(answer, &w.secret, {});
    ASSERT_TRUE(identity) << identity.error().reply_text;
    EXPECT_EQ(identity->proof, message::ProofKind::mac);
    EXPECT_FALSE(identity->certificate);
    EXPECT_EQ(code(check(answer, &other, {})), "protect.mac-mismatch");
    EXPECT_EQ(code(check(answer, nullptr, trusting())), "protect.wrong-kind");
    EXPECT_EQ(code(check(answer, &none, trusting())), "protect.wrong-kind");
    EXPECT_EQ(code(check(answer, &w.secret, {}, {.min_iterations_made = 101})),
              is_direct(*answer.header.protection_alg) ? "" : "protect.iterations-too-few");
  }
}

TEST(Response, aSignedAnswerToAMacedRequestIsAcceptedOnlyWhenAskedFor) {
  const auto& w = world();
  ResponderTrust trust = trusting();
  const auto refused = check(signed_by(w.server), &w.secret, trust);
  EXPECT_EQ(code(refused), "protect.wrong-kind");
  EXPECT_EQ(failure(refused), Failure::wrongIntegrity);
  trust.accept_signed_for_mac = true;
  EXPECT_EQ(code(check(signed_by(w.server), &w.secret, trust)), "");
  EXPECT_EQ(code(check(signed_by(w.stranger), &w.secret, trust)), "crypto.path-no-anchor");
}

TEST(Response, expectedSender) {
  const auto& w = world();
  ResponderTrust trust = trusting();
  trust.expected_sender = x509::common_name("Server");
  EXPECT_EQ(code(check(signed_by(w.server), nullptr, trust)), "");
  trust.expected_sender = x509::common_name("another");
  EXPECT_EQ(code(check(signed_by(w.server), nullptr, trust)), "protect.responder-unexpected");
  // Expected by name, it needs neither to be a CA nor to have cmcCA or cmcRA.
  trust.expected_sender = w.plain.certificate.subject;
  EXPECT_EQ(code(check(signed_by(w.plain), nullptr, trust)), "");
}

TEST(Response, senderIsTheSubject) {
  const auto& w = world();
  PKIMessage answer = test::question_from(w.server);
  answer.header.sender = x509::directory_name(x509::common_name("CA"));
  EXPECT_EQ(code(check(test::sign(answer, w.server.key), nullptr, trusting())),
            "protect.sender-mismatch");
}

TEST(Response, laterOnesMayLeaveTheCertificateOut) {
  const auto& w = world();
  PKIMessage answer = test::question_from(w.server);
  answer.extra_certs.clear();
  answer = test::sign(answer, w.server.key);
  EXPECT_EQ(code(check(answer, nullptr, trusting())), "protect.certificate-missing");
  ResponderTrust trust = trusting();
  trust.known_certificates = {w.server.certificate.der};
  EXPECT_EQ(code(check(answer, nullptr, trust)), "");
}

TEST(Response, everyOctetCounts) {
  const auto& w = world();
  const auto answer = signed_by(w.server);
  for (std::size_t i = 0; i < answer.protection->octets.size(); ++i) {
    PKIMessage changed = answer;
    changed.protection->octets[i] ^= 1;
    EXPECT_EQ(code(check(changed, nullptr, trusting())), "protect.signature-mismatch") << i;
  }
  const auto maced = test::maced(test::question(), w.secret);
  for (std::size_t i = 0; i < maced.header_and_body.size(); ++i) {
    PKIMessage changed = maced;
    changed.header_and_body[i] ^= 1;
    EXPECT_EQ(code(check(changed, &w.secret, {})), "protect.mac-mismatch") << i;
  }
}

TEST(Response, unprotectedUnknownAndLate) {
  const auto& w = world();
  EXPECT_EQ(code(check(test::sent(test::question()), &w.secret, trusting())),
            "protect.unprotected");
  PKIMessage strange = signed_by(w.server);
  strange.header.protection_alg->algorithm = der::Oid::of("1.2.3");
  EXPECT_EQ(code(check(strange, nullptr, trusting())), "protect.algorithm-not-supported");
  PKIMessage late = test::question_from(w.server);
  late.header.message_time = test::kNow - Seconds(301);
  late = test::sign(late, w.server.key);
  EXPECT_EQ(code(check(late, nullptr, trusting())), "protect.time-window");
  EXPECT_EQ(code(check(late, nullptr, trusting(), {.time_window = Seconds(0)})), "");
}

struct List {
  const Identity* by;
  const Identity* revokes = nullptr;
  std::string from = "2026-05-25", to = "2026-06-05";
};
Bytes revocation_list(const List& list) {
  x509::CrlFields fields;
  fields.signature_algorithm = list.by->key.default_signature_algorithm();
  fields.issuer = list.by->certificate.subject;
  fields.this_update = *from_iso(list.from);
  fields.next_update = *from_iso(list.to);
  if (list.revokes != nullptr)
    fields.revoked = {{list.revokes->certificate.serial, fields.this_update, 0, {}}};
  const Bytes tbs = x509::encode_tbs_crl(fields);
  return x509::join_signed(tbs, fields.signature_algorithm,
                           crypto::sign(list.by->key, fields.signature_algorithm, tbs).value());
}

// RFC 9483 §3.5 [SHOULD]
TEST(Response, statusOfTheSignerIsLookedUpInTheListsAtHand) {
  const auto& w = world();
  const Identity impostor = test::certify_ca("CN=CA");
  const Identity middle = test::certify_ca("CN=middle", &w.ca);
  const Identity below =
      certify({.subject = "CN=below", .purposes = {x509::oids::kp_cmc_ca}}, &middle);
  PKIMessage from_below = test::question_from(below);
  from_below.extra_certs.push_back(middle.certificate.der);
  from_below = test::sign(from_below, below.key);
  struct Case {
    const char* sentence;
    std::vector<List> lists;
    PKIMessage answer;
    const char* code;
  };
  const Case cases[] = {
      {"nothing is revoked", {{&w.ca}}, signed_by(w.server), ""},
      {"another is", {{&w.ca, &w.plain}}, signed_by(w.server), ""},
      {"it is", {{&w.ca, &w.server}}, signed_by(w.server), "crypto.path-revoked"},
      {"its issuer is", {{&w.ca, &middle}}, from_below, "crypto.path-revoked"},
      {"its issuer has no list", {{&w.ca}}, from_below, ""},
      {"the list has expired",
       {{&w.ca, nullptr, "2026-05-01", "2026-05-31"}},
       signed_by(w.server),
       "crypto.path-crl"},
      {"the list is forged", {{&impostor}}, signed_by(w.server), "crypto.path-crl"},
  };
  for (const auto& [sentence, lists, answer, gives] : cases) {
    std::vector<Bytes> ders(lists.size());
    std::ranges::transform(lists, ders.begin(), revocation_list);
    const auto anchors = crypto::with_revocation_lists(w.anchors, ders).value();
    ResponderTrust trust;
    trust.anchors = &anchors;
    EXPECT_EQ(code(check(answer, nullptr, trust)), gives) << sentence;
  }
  EXPECT_EQ(code(crypto::with_revocation_lists(w.anchors, std::vector<Bytes>{{0x30, 0x00}})),
            "crypto.crl-format");
}

struct HeaderFault {
  const char* sentence;
  std::function<void(message::PKIHeader&)> change;
  const char* code;
};
const HeaderFault kHeaderFaults[] = {
    {"version 1", [](auto& h) { h.pvno = 1; }, "protect.unsupported-version"},
    {"version 4", [](auto& h) { h.pvno = 4; }, "protect.unsupported-version"},
    {"version 3", [](auto& h) { h.pvno = 3; }, ""},
    {"no senderNonce", [](auto& h) { h.sender_nonce.reset(); }, "protect.sender-nonce-missing"},
    {"120 bits of senderNonce", [](auto& h) { h.sender_nonce->octets.resize(15); },
     "protect.sender-nonce-length"},
};

PKIMessage error_of(message::PKIStatus status) {
  PKIMessage out = test::question();
  message::ErrorMsgContent content;
  content.status.status = status;
  out.body = {message::BodyType::error, content};
  return out;
}

// RFC 9483 §3.5
TEST(Response, headerHasVersionAndNonce) {
  const auto& w = world();
  for (const auto& [sentence, change, gives] : kHeaderFaults) {
    SCOPED_TRACE(sentence);
    PKIMessage pkiconf = test::question();
    pkiconf.body = {message::BodyType::pkiconf, message::PKIConfirmContent{}};
    for (PKIMessage answer : {test::question(), pkiconf, error_of(message::PKIStatus::waiting)}) {
      change(answer.header);
      const bool last = answer.body.type == message::BodyType::pkiconf;
      const bool may_lack_it = last && !answer.header.sender_nonce;
      EXPECT_EQ(code(check(test::maced(answer, w.secret), &w.secret, {})),
                may_lack_it ? "" : gives);
    }
    // Its words are worth more than its form.
    PKIMessage refusal = error_of(message::PKIStatus::rejection);
    change(refusal.header);
    EXPECT_EQ(code(check(test::maced(refusal, w.secret), &w.secret, {})), "");
  }
}

}  // namespace
}  // namespace countersign::protect
