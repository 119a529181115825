#include "transaction/confirmation.h"

#include <gtest/gtest.h>

#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using test::Conversation;
using test::Story;

class Confirmation : public testing::TestWithParam<Story> {};

TEST_P(Confirmation, says_and_does) {
  Conversation conversation;
  for (const auto& turn : GetParam().turns)
    EXPECT_EQ(conversation.does(turn.does), turn.gives)
        << GetParam().sentence << ", at: " << turn.does;
}

#define ISSUED            \
  {"ir 0", "- | ask(0)"}, \
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"}
#define TWO_ISSUED                                                                  \
  {"ir 0 1", "- | ask(0) ask(1)"}, {"answer 0 issued 1", "- | issued(01) reserve"}, \
      {"answer 1 issued 2", "ip 0:accepted 1:accepted caPubs confirm-by=300 | issued(02)"}

// ---- RFC 4211 §6.1: what a request stands on is used up with its certificate, and by nothing
// else.
const Story kTokens[] = {
    {"a confirmed certificate keeps the use of its token",
     {{"ir 0 tokens=yes", "- | reserve-token(a0) ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"the rejected one's is given back, the other's not",
     {{"ir 0 1 tokens=yes", "- | reserve-token(a0) ask(0) reserve-token(a1) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 issued 2", "ip 0:accepted 1:accepted caPubs confirm-by=300 | issued(02)"},
      {"certConf 0:reject 1:accept",
       "pkiconf | withdraw(01) rejected(01) confirm(02) confirmed(02) give-token-back(a0)"}}},
    {"what waits holds it, so that nothing else takes it; what is refused then gives it back",
     {{"ir 0 tokens=yes", "- | reserve-token(a0) ask(0)"},
      {"answer 0 pending", "ip 0:waiting"},
      {"answer 0 refused", "- | refused(profile.key-too-short)"},
      {"pollReq 0", "ip 0:rejection(badCertTemplate) | give-token-back(a0)"}}},
    {"one that lapses gives it back",
     {{"ir 0 tokens=yes", "- | reserve-token(a0) ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"elapse 300",
       "- | withdraw(01) lapsed(01,confirmation.late) give-token-back(a0) give-back"}}},
    {"one that nobody fetched gives it back",
     {{"ir 0 tokens=yes", "- | reserve-token(a0) ask(0)"},
      {"answer 0 pending", "ip 0:waiting"},
      {"elapse 2592000", "- | lapsed(transaction.waited-too-long) give-token-back(a0)"}}},
};
INSTANTIATE_TEST_SUITE_P(Tokens, Confirmation, testing::ValuesIn(kTokens));

// ---- RFC 9810 §5.3.18
const Story kCertConf[] = {
    {"an accepted certificate is confirmed and the use of the credential stays taken",
     {ISSUED, {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a rejected certificate is withdrawn and the use given back",
     {ISSUED, {"certConf 0:reject", "pkiconf | withdraw(01) rejected(01) give-back"}}},
    {"one is accepted, the other rejected",
     {TWO_ISSUED,
      {"certConf 0:reject 1:accept",
       "pkiconf | withdraw(01) rejected(01) confirm(02) confirmed(02)"}}},
    {"one that is left out is rejected",
     {TWO_ISSUED,
      {"certConf 1:accept", "pkiconf | confirm(02) confirmed(02) withdraw(01) rejected(01)"}}},
    {"an empty list rejects all",
     {TWO_ISSUED,
      {"certConf", "pkiconf | withdraw(01) rejected(01) withdraw(02) rejected(02) give-back"}}},
    {"the same entry twice is badRequest and changes nothing",
     {ISSUED,
      {"certConf 0:accept 0:reject", "!confirmation.twice badRequest"},
      {"certConf 0:accept fail-info=yes", "!confirmation.fail-info badRequest"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"an unknown certReqId is badCertId",
     {ISSUED, {"certConf 1:accept", "!confirmation.request-id badCertId"}}},
    {"the certReqId of one that was refused is badCertId",
     {{"ir 0 1 refuse=1", "- | ask(0) refused(pop.signature)"},
      {"answer 0 issued 1",
       "ip 0:accepted 1:rejection(badPOP) caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept 1:accept", "!confirmation.request-id badCertId"}}},
    {"a wrong hash is badCertId and changes nothing",
     {ISSUED,
      {"certConf 0:accept hash=wrong", "!confirmation.hash badCertId"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a wrong hash in a rejection is badCertId too",
     {ISSUED, {"certConf 0:reject hash=wrong", "!confirmation.hash badCertId"}}},
    {"a second certConf after the end is certConfirmed",
     {ISSUED,
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"},
      {"certConf 0:accept", "!transaction.already-settled certConfirmed"},
      {"certConf 0:reject", "!transaction.already-settled certConfirmed"}}},
    {"a certConf after the time is certConfirmed: the certificate was withdrawn",
     {ISSUED,
      {"elapse 300", "- | withdraw(01) lapsed(01,confirmation.late) give-back"},
      {"certConf 0:accept", "!transaction.already-settled certConfirmed"}}},
    {"a p10cr is confirmed under -1",
     {{"p10cr", "- | ask(0)"},
      {"answer 0 issued 1", "cp -1:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf -1:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a p10cr is confirmed under 0 as well",
     {{"p10cr", "- | ask(0)"},
      {"answer 0 issued 1", "cp -1:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a p10cr is not confirmed under another number",
     {{"p10cr", "- | ask(0)"},
      {"answer 0 issued 1", "cp -1:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf 3:accept", "!confirmation.request-id badCertId"}}},
    {"a use that several certificates share stays taken while one of them waits",
     {{"ir 0 1", "- | ask(0) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 pending", "ip 0:accepted 1:waiting caPubs confirm-by=300"},
      {"certConf 0:reject", "pkiconf | withdraw(01) rejected(01)"},
      {"answer 1 refused", "- | refused(profile.key-too-short)"},
      {"pollReq 1", "ip 1:rejection(badCertTemplate) | give-back"}}},
};
INSTANTIATE_TEST_SUITE_P(CertConf, Confirmation, testing::ValuesIn(kCertConf));

// ---- RFC 9810 §5.3.18: hashAlg
const Story kHashes[] = {
    {"hashAlg in a message of pvno 2 is badDataFormat",
     {ISSUED, {"certConf 0:accept hash-alg=sha512", "!confirmation.hash-alg-pvno badDataFormat"}}},
    {"hashAlg in a message of pvno 3 names the digest",
     {ISSUED, {"certConf 0:accept hash-alg=sha512 pvno=3", "pkiconf | confirm(01) confirmed(01)"}}},
    {"SHAKE256 is accepted",
     {ISSUED,
      {"certConf 0:accept hash-alg=shake256 pvno=3", "pkiconf | confirm(01) confirmed(01)"}}},
    {"SHA-1 is not accepted",
     {ISSUED, {"certConf 0:accept hash-alg=sha1 pvno=3", "!confirmation.hash-alg badAlg"}}},
    {"a certificate signed with Ed25519 is hashed with SHA-512",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1 by=ed25519", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a certificate signed with ML-DSA needs hashAlg",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1 by=ml-dsa-44",
       "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "!confirmation.hash-alg-missing badCertId"},
      {"certConf 0:accept hash-alg=sha256 pvno=3", "pkiconf | confirm(01) confirmed(01)"}}},
};
INSTANTIATE_TEST_SUITE_P(HashAlg, Confirmation, testing::ValuesIn(kHashes));

// ---- RFC 9810 §5.1.1.2: no certConf in time
const Story kLapses[] = {
    {"nothing happens before the time",
     {ISSUED,
      {"elapse 299", "-"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"},
      {"elapse 300", "-"}}},
    {"revoke: the certificate is withdrawn and the use given back",
     {{"rules unconfirmed=revoke", ""},
      ISSUED,
      {"elapse 300", "- | withdraw(01) lapsed(01,confirmation.late) give-back"},
      {"elapse 301", "-"}}},
    {"keep: the certificate is kept",
     {{"rules unconfirmed=keep", ""},
      ISSUED,
      {"elapse 300", "- | confirm(01) lapsed(01,confirmation.late)"},
      {"certConf 0:reject", "!transaction.already-settled certConfirmed"}}},
    {"alarm: it is kept and an alarm raised",
     {{"rules unconfirmed=alarm", ""},
      ISSUED,
      {"elapse 300", "- | confirm(01) alarm(01,confirmation.late)"}}},
    {"the wait is as long as the rules say",
     {{"rules confirm-wait=10", ""},
      {"at 100", ""},
      {"ir 0", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=110 | issued(01) reserve"},
      {"elapse 109", "-"},
      {"elapse 110", "- | withdraw(01) lapsed(01,confirmation.late) give-back"}}},
    {"one that lapses leaves the other waiting",
     {{"ir 0 1", "- | ask(0) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 pending", "ip 0:accepted 1:waiting caPubs confirm-by=300"},
      {"elapse 300", "- | withdraw(01) lapsed(01,confirmation.late)"},
      {"certConf 0:accept", "!transaction.unexpected badRequest"},
      {"answer 1 issued 2", "- | issued(02)"},
      {"pollReq 1", "ip 1:accepted caPubs confirm-by=600"},
      {"certConf 1:accept", "pkiconf | confirm(02) confirmed(02)"}}},
};
INSTANTIATE_TEST_SUITE_P(Lapse, Confirmation, testing::ValuesIn(kLapses));

}  // namespace
}  // namespace countersign::transaction
