#include "transaction/server_machine.h"

#include <gtest/gtest.h>

#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using test::Conversation;
using test::Story;

class ServerMachine : public testing::TestWithParam<Story> {};

TEST_P(ServerMachine, says_and_does) {
  Conversation conversation;
  for (const auto& turn : GetParam().turns)
    EXPECT_EQ(conversation.does(turn.does), turn.gives)
        << GetParam().sentence << ", at: " << turn.does;
}

// ---- RFC 9810 §5.3.1-5.3.4: requests and their answers
const Story kEnrolments[] = {
    {"an ir is asked of the issuer, answered by ip, confirmed by certConf",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a cr is answered by cp, without caPubs",
     {{"cr 0", "- | ask(0)"},
      {"answer 0 issued 1", "cp 0:accepted confirm-by=300 | issued(01) reserve"}}},
    {"a kur is answered by kup",
     {{"kur 0", "- | ask(0)"},
      {"answer 0 issued 1", "kup 0:accepted confirm-by=300 | issued(01) reserve"}}},
    {"a p10cr is answered by cp under -1",
     {{"p10cr", "- | ask(0)"},
      {"answer 0 issued 1", "cp -1:accepted confirm-by=300 | issued(01) reserve"}}},
    {"a certReqId other than 0 is kept",
     {{"ir 4711", "- | ask(0)"},
      {"answer 0 issued 1", "ip 4711:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 4711:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"a negative certReqId is kept",
     {{"ir -7", "- | ask(0)"},
      {"answer 0 issued 1", "ip -7:accepted caPubs confirm-by=300 | issued(01) reserve"}}},
    {"what differs from the wish is said as grantedWithMods",
     {{"ir 0 modified=validity", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:grantedWithMods caPubs confirm-by=300 | issued(01) reserve"}}},
    {"a signed ir gets no caPubs and takes no use of a credential",
     {{"ir 0 by=signature", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted confirm-by=300 | issued(01)"}}},
    {"several requests are answered in order, each under its own certReqId, with one use",
     {{"ir 5 3 9", "- | ask(0) ask(1) ask(2)"},
      {"answer 1 issued 2", "- | issued(02) reserve"},
      {"answer 0 issued 1", "- | issued(01)"},
      {"answer 2 issued 3",
       "ip 5:accepted 3:accepted 9:accepted caPubs confirm-by=300 | issued(03)"}}},
    {"issued, refused and pending stand side by side",
     {{"ir 0 1 2", "- | ask(0) ask(1) ask(2)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 refused", "- | refused(profile.key-too-short)"},
      {"answer 2 pending",
       "ip 0:accepted 1:rejection(badCertTemplate) 2:waiting caPubs confirm-by=300"}}},
    {"what the rules refuse is never asked of the issuer",
     {{"ir 0 1 refuse=1", "- | ask(0) refused(pop.signature)"},
      {"answer 0 issued 1",
       "ip 0:accepted 1:rejection(badPOP) caPubs confirm-by=300 | issued(01) reserve"}}},
    {"when all is refused the answer comes at once and the transaction is over",
     {{"ir 0 refuse=0", "ip 0:rejection(badPOP) | refused(pop.signature)"},
      {"certConf 0:accept", "!transaction.already-settled certConfirmed"}}},
    {"an answer that is told twice counts once",
     {{"ir 0 1", "- | ask(0) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 0 issued 2", "-"},
      {"answer 0 refused", "-"},
      {"answer 1 refused",
       "ip 0:accepted 1:rejection(badCertTemplate) caPubs confirm-by=300 | "
       "refused(profile.key-too-short)"}}},
    {"an answer for a request that is not there changes nothing",
     {{"ir 0", "- | ask(0)"}, {"answer 7 issued 1", "-"}}},
    {"an answer that does not fit what was asked is a refusal",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 informed", "ip 0:rejection(systemFailure) | refused(transaction.answer-kind)"}}},
    {"two requests with the same certReqId are refused",
     {{"ir 1 2 1", "!transaction.request-id-twice badRequest"}}},
    {"too many requests in one message are refused",
     {{"rules most-requests=2", ""},
      {"ir 0 1 2", "!transaction.too-many-requests badRequest"},
      {"ir 0 1", "- | ask(0) ask(1)"}}},
};
INSTANTIATE_TEST_SUITE_P(Enrolment, ServerMachine, testing::ValuesIn(kEnrolments));

// ---- RFC 9810 §5.1.1.1, §5.1.1.2
const Story kImplicit[] = {
    {"implicitConfirm is granted where it was asked for, and confirms at once",
     {{"ir 0 implicit", "- | ask(0)"},
      {"answer 0 issued 1",
       "ip 0:accepted caPubs implicitConfirm | issued(01) reserve confirm(01) confirmed(01)"},
      {"certConf 0:accept", "!transaction.already-settled certConfirmed"}}},
    {"implicitConfirm is not granted unasked",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"}}},
    {"implicitConfirm that the endpoint does not grant leaves confirmWaitTime",
     {{"rules implicit=never confirm-wait=60", ""},
      {"ir 0 implicit", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=60 | issued(01) reserve"}}},
    {"implicitConfirm is never granted on a reply that holds waiting, but on the last one",
     {{"ir 0 1 implicit", "- | ask(0) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 pending", "ip 0:accepted 1:waiting caPubs confirm-by=300"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"},
      {"answer 1 issued 2", "- | issued(02)"},
      {"pollReq 1", "ip 1:accepted caPubs implicitConfirm | confirm(02) confirmed(02)"}}},
    {"implicitConfirm does not stand on a reply without a certificate",
     {{"ir 0 implicit refuse=0", "ip 0:rejection(badPOP) | refused(pop.signature)"}}},
};
INSTANTIATE_TEST_SUITE_P(ImplicitConfirm, ServerMachine, testing::ValuesIn(kImplicit));

// ---- RFC 9810 §5.3.5, RFC 9483 §4.1.3
const Story kUpdates[] = {
    {"after kur the old certificate stays valid",
     {{"kur 0 replaces=05", "- | ask(0)"},
      {"answer 0 issued 1", "kup 0:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01) replace(05,01)"}}},
    {"under kur_revoke_old it is superseded once the new one is confirmed",
     {{"rules kur-revoke-old=yes", ""},
      {"kur 0 replaces=05", "- | ask(0)"},
      {"answer 0 issued 1", "kup 0:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept",
       "pkiconf | confirm(01) confirmed(01) replace(05,01) supersede(05) superseded(05)"}}},
    {"under kur_revoke_old it stays when the new one is rejected",
     {{"rules kur-revoke-old=yes", ""},
      {"kur 0 replaces=05", "- | ask(0)"},
      {"answer 0 issued 1", "kup 0:accepted confirm-by=300 | issued(01) reserve"},
      {"certConf 0:reject", "pkiconf | withdraw(01) rejected(01) give-back"}}},
    {"under kur_revoke_old implicit confirmation supersedes too",
     {{"rules kur-revoke-old=yes", ""},
      {"kur 0 replaces=05 implicit", "- | ask(0)"},
      {"answer 0 issued 1",
       "kup 0:accepted implicitConfirm | issued(01) reserve confirm(01) confirmed(01) "
       "replace(05,01) supersede(05) superseded(05)"}}},
    {"under kur_revoke_old it stays when nobody confirmed",
     {{"rules kur-revoke-old=yes unconfirmed=keep", ""},
      {"kur 0 replaces=05", "- | ask(0)"},
      {"answer 0 issued 1", "kup 0:accepted confirm-by=300 | issued(01) reserve"},
      {"elapse 300", "- | confirm(01) lapsed(01,confirmation.late)"}}},
};
INSTANTIATE_TEST_SUITE_P(KeyUpdate, ServerMachine, testing::ValuesIn(kUpdates));

// ---- RFC 9810 §5.3.9, §5.3.19
const Story kOthers[] = {
    {"an rr is answered by rp", {{"rr 1", "- | ask(0)"}, {"answer 0 revoked", "rp accepted"}}},
    {"the rp of several has a status for each, in order",
     {{"rr 3 refuse=1", "- | ask(0) refused(pop.signature) ask(2)"},
      {"answer 0 revoked", "-"},
      {"answer 2 refused",
       "rp accepted rejection(badPOP) rejection(badCertTemplate) | "
       "refused(profile.key-too-short)"}}},
    {"an rr that waits is told so by an error of status waiting, and answered when all is known",
     {{"rr 2", "- | ask(0) ask(1)"},
      {"answer 0 revoked", "-"},
      {"answer 1 pending", "error waiting"},
      {"pollReq -1", "pollRep -1:check-after=60"},
      {"answer 1 revoked", "-"},
      {"pollReq -1", "rp accepted accepted"},
      {"pollReq -1", "!transaction.unexpected badRequest"}}},
    {"a genm is answered by genp", {{"genm", "- | ask(0)"}, {"answer 0 informed", "genp caCerts"}}},
    {"a genm that is refused is answered by an error",
     {{"genm refuse=0", "error rejection(badPOP) | refused(pop.signature)"}}},
    {"a genm that waits is polled for as a whole",
     {{"genm", "- | ask(0)"},
      {"answer 0 pending after=5", "error waiting"},
      {"pollReq -1", "pollRep -1:check-after=5"},
      {"answer 0 informed", "-"},
      {"pollReq -1", "genp caCerts"}}},
    {"rr and genm take no use of a credential",
     {{"rr 1", "- | ask(0)"}, {"answer 0 revoked", "rp accepted"}}},
};
INSTANTIATE_TEST_SUITE_P(RevocationAndInformation, ServerMachine, testing::ValuesIn(kOthers));

// ---- which message, when; RFC 9810 §5.1.1, §5.3.21
const Story kOrder[] = {
    {"a second first message under an ID in use is refused, whatever it is",
     {{"ir 0", "- | ask(0)"},
      {"ir 0 nonce=none", "!transaction.id-in-use transactionIdInUse"},
      {"genm nonce=none", "!transaction.id-in-use transactionIdInUse"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"rr 1 nonce=none", "!transaction.id-in-use transactionIdInUse"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"},
      {"cr 0 nonce=none", "!transaction.id-in-use transactionIdInUse"}}},
    {"certConf, pollReq, error and pkiconf open nothing",
     {{"certConf 0:accept", "!transaction.unexpected badRequest"},
      {"pollReq 0", "!transaction.unexpected badRequest"},
      {"error", "!transaction.unexpected badRequest"},
      {"pkiconf", "!transaction.unexpected badRequest"}}},
    {"a first message has no recipNonce",
     {{"ir 0 nonce=wrong", "!transaction.recip-nonce-unasked badRecipientNonce"}}},
    {"a certConf answers our last message, by its nonce",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"certConf 0:accept nonce=wrong", "!transaction.recip-nonce badRecipientNonce"},
      {"certConf 0:accept nonce=none", "!transaction.recip-nonce badRecipientNonce"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"the client's error rejects what was delivered and what waits; pkiconf answers it",
     {{"ir 0 1", "- | ask(0) ask(1)"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"answer 1 pending", "ip 0:accepted 1:waiting caPubs confirm-by=300"},
      {"error nonce=wrong", "!transaction.recip-nonce badRecipientNonce"},
      {"error", "pkiconf | withdraw(01) rejected(01) give-back"},
      {"answer 1 issued 2", "-"},
      {"pollReq 1", "!transaction.unexpected badRequest"}}},
    {"the client's error withdraws what was issued and not yet told",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 pending", "ip 0:waiting"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"error", "pkiconf | withdraw(01) rejected(01) give-back"}}},
    {"an error after the end changes nothing",
     {{"ir 0 implicit", "- | ask(0)"},
      {"answer 0 issued 1",
       "ip 0:accepted caPubs implicitConfirm | issued(01) reserve confirm(01) confirmed(01)"},
      {"error", "pkiconf"}}},
};
INSTANTIATE_TEST_SUITE_P(Order, ServerMachine, testing::ValuesIn(kOrder));

}  // namespace
}  // namespace countersign::transaction
