// Whole messages made by OpenSSL's CMP client and mock server: tests/vectors/protect/make.sh.
#include "crypto/digest.h"
#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using message::PKIMessage;
using test::authenticate;
using test::code;

Time time_of(const PKIMessage& message) { return message.header.message_time.value(); }

Evidence evidence(bool made_by_us = true) {
  static const crypto::TrustSet anchors = test::vector_anchors();
  Evidence out;
  out.secret = KnownSecret{"device-7", &test::vector_secret(), made_by_us};
  out.anchors = &anchors;
  return out;
}

struct Case {
  const char* name;
  const char* code;
};

TEST(Vectors, macedRequests) {
  const Case cases[] = {
      {"mac-default", ""},
      {"mac-hmac-sha256", ""},
      {"mac-sha224-hmac-sha224", ""},
      {"mac-sha384-hmac-sha384", ""},
      {"mac-sha512-hmac-sha512", ""},
      {"mac-sha3-256-hmac-sha256", ""},
      {"mac-owf-sha1", "protect.owf-not-accepted"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const PKIMessage request = test::vector(std::string(c.name) + ".der");
    EXPECT_TRUE(check_header(request));
    EXPECT_EQ(reference_of(request.header), "device-7");
    const auto result = authenticate(request, evidence(), {}, time_of(request));
    ASSERT_EQ(code(result), c.code);
    if (!result) continue;
    EXPECT_EQ(result->message.sender().identity, "secret:device-7");
    PKIMessage answer = test::question();
    test::CountingEntropy entropy;
    EXPECT_TRUE(protect_with_mac(answer, *result->mac_key, entropy));
    EXPECT_EQ(answer.header.protection_alg, request.header.protection_alg);
    PKIMessage changed = request;
    changed.protection->octets.back() ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence(), {}, time_of(request))),
              "protect.mac-mismatch");
  }
}

TEST(Vectors, theDefaultsOfOpensslByPolicy) {
  const PKIMessage request = test::vector("mac-default.der");
  const Time now = time_of(request);
  EXPECT_EQ(code(authenticate(request, evidence(), {.accept_hmac_sha1 = false}, now)),
            "protect.mac-not-accepted");
  EXPECT_EQ(code(authenticate(request, evidence(false), {}, now)), "");
  EXPECT_EQ(code(authenticate(request, evidence(false), {.min_iterations_chosen = 501}, now)),
            "protect.iterations-too-few")
      << "500 rounds, for a secret that a person chose";
  EXPECT_EQ(code(authenticate(request, evidence(), {}, now + Seconds(300))), "");
  EXPECT_EQ(code(authenticate(request, evidence(), {}, now + Seconds(301))), "protect.time-window");
}

TEST(Vectors, signedRequests) {
  const Case cases[] = {
      {"rsa-sha256", ""}, {"rsa-sha512", ""}, {"rsa-pss-sha256", ""},
      {"ecdsa-p256", ""}, {"ecdsa-p384", ""}, {"ecdsa-p521", ""},
      {"ed25519", ""},    {"ed448", ""},      {"ml-dsa-44", ""},
      {"ml-dsa-65", ""},  {"ml-dsa-87", ""},  {"ecdsa-sha1", "crypto.algorithm-forbidden"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const PKIMessage request = test::vector("signed-" + std::string(c.name) + ".der");
    EXPECT_TRUE(check_header(request));
    const auto result = authenticate(request, evidence(), {}, time_of(request));
    ASSERT_EQ(code(result), c.code) << result.error().reply_text;
    if (!result) continue;
    const auto& sender = result->message.sender();
    EXPECT_EQ(x509::to_text(sender.certificate->subject),
              "CN=" + std::string(c.name) + ",O=Vectors");
    EXPECT_EQ(sender.identity, "certificate:" + to_hex(crypto::sha256(request.extra_certs.at(0))));
    EXPECT_EQ(sender.path.size(), 2U);
    for (const std::size_t at : {std::size_t{0}, request.protection->octets.size() - 1}) {
      PKIMessage changed = request;
      changed.protection->octets[at] ^= 1;
      EXPECT_EQ(code(authenticate(changed, evidence(), {}, time_of(request))),
                "protect.signature-mismatch");
    }
    PKIMessage changed = request;
    changed.header_and_body.back() ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence(), {}, time_of(request))),
              "protect.signature-mismatch");
  }
}

TEST(Vectors, answersOfTheMockServer) {
  const crypto::TrustSet anchors = test::vector_anchors();
  ResponderTrust trust;
  trust.anchors = &anchors;
  const auto check = [&](const char* name, const Secret* secret) {
    const PKIMessage answer = test::vector(name);
    return code(authenticate_response(answer, secret, trust, {}, time_of(answer)));
  };
  EXPECT_EQ(check("answer-mac.der", &test::vector_secret()), "");
  EXPECT_EQ(check("answer-mac.der", nullptr), "protect.wrong-kind");
  EXPECT_EQ(check("answer-server.der", nullptr), "");
  EXPECT_EQ(check("answer-server.der", &test::vector_secret()), "protect.wrong-kind");
  EXPECT_EQ(check("answer-stranger.der", nullptr), "protect.responder-not-entitled");
}

}  // namespace
}  // namespace countersign::protect
