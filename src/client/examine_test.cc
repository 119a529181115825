#include "client/examine.h"

#include <gtest/gtest.h>

#include "support/certificates.h"

namespace countersign::client {
namespace {

using test::key_of;

const Time kNow = *from_iso("2026-06-01");

// RFC 9483 §4.1 [MUST NOT] a root out of caPubs is trusted where the secret vouches for the
// message, never where the message was signed under that very root.
TEST(Examine, RootsOfASignedAnswerAreNoAnchors) {
  const Bytes root =
      test::make_certificate({.subject = "CN=Root",
                              .issuer = "CN=Root",
                              .extensions = {x509::make_basic_constraints({true, {}})}});
  const auto& key = key_of("p384");
  transaction::Examine issued;
  issued.certificate = test::make_certificate(
      {.subject = "CN=me", .issuer = "CN=Root", .spki = copy(key.public_key().spki())});
  issued.ca_pubs = {root};
  const Expectation expected{key.public_key(), x509::common_name("me"), {}};
  Trust trust;
  trust.anchors_from_mac = true;
  const auto maced = examine(issued, expected, trust, message::ProofKind::mac, kNow);
  ASSERT_TRUE(maced) << maced.error().reply_text;
  EXPECT_EQ(maced->root, root);
  const auto by_signature = examine(issued, expected, trust, message::ProofKind::signature, kNow);
  ASSERT_FALSE(by_signature);
  EXPECT_EQ(by_signature.error().code, "client.certificate-path");
}

}  // namespace
}  // namespace countersign::client
