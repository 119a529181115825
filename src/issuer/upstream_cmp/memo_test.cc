#include "issuer/upstream_cmp/memo.h"

#include <gtest/gtest.h>

namespace countersign::issuer {
namespace {

Memo full_memo() {
  Memo memo;
  memo.stage = Memo::Stage::confirming;
  memo.order = Bytes(32, 1);
  memo.spki = {0x30, 0x00};
  memo.revocation = transaction::RevocationOrder{};
  memo.revocation->serial = {7};
  memo.url = "http://ca";
  memo.pending = {1, 2, 3};
  memo.responder_certificates = {{4}};
  memo.modifications = "a shorter life";
  memo.signed_by = Bytes(32, 5);
  memo.until = from_unix(1'900'000'000);
  auto& t = memo.transaction;
  t.phase = transaction::ClientPhase::awaiting_pkiconf;
  t.id.octets = Bytes(16, 1);
  t.delayed_nonce.octets = Bytes(16, 2);
  t.last_nonce.octets = Bytes(16, 3);
  t.server_nonce.octets = Bytes(16, 4);
  t.responder = x509::directory_name(x509::common_name("CMP signer"));
  t.confirming = true;
  t.poll_at = from_unix(1'800'000'000);
  t.give_up_at = from_unix(1'900'000'000);
  return memo;
}

TEST(Memo, ReadsAsItWasWritten) {
  const Bytes octets = encode(full_memo());
  const auto again = decode_memo(octets);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(encode(*again), octets);
  EXPECT_EQ(again->signed_by, full_memo().signed_by);
  EXPECT_EQ(again->transaction.responder, full_memo().transaction.responder);
  EXPECT_EQ(again->transaction.delayed_nonce, full_memo().transaction.delayed_nonce);
}

// SEQUENCE { version INTEGER …: the octet of the version.
std::size_t version_at(View octets) { return octets[1] < 0x80 ? 4 : 4 + (octets[1] & 0x7f); }

// There the nonce of the first message stood in the place of that of the delayed one: they are the
// same until certConf.
TEST(Memo, OfTheFirstVersionIsRead) {
  for (const bool confirming : {false, true}) {
    Memo memo = full_memo();
    memo.transaction.confirming = confirming;
    Bytes octets = encode(memo);
    ASSERT_EQ(octets[version_at(octets)], 2);
    octets[version_at(octets)] = 1;
    const auto old = decode_memo(octets);
    ASSERT_TRUE(old) << old.error().detail;
    EXPECT_EQ(old->transaction.delayed_nonce.octets, confirming ? Bytes{} : Bytes(16, 2));
    EXPECT_EQ(old->pending, memo.pending);
  }
}

TEST(Memo, OfAnotherVersionOrCutIsRefused) {
  Bytes octets = encode(full_memo());
  for (std::size_t length = 0; length < octets.size(); ++length)
    EXPECT_EQ(decode_memo(View(octets).first(length)).error().code, "issuer.upstream-memo");
  for (const int version : {0, 3}) {
    octets[version_at(octets)] = static_cast<Byte>(version);
    EXPECT_EQ(decode_memo(octets).error().code, "issuer.upstream-memo");
  }
}

}  // namespace
}  // namespace countersign::issuer
