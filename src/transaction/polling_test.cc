// Waiting and pollReq. RFC 9810 §5.3.22, RFC 9483 §4.4.
#include <gtest/gtest.h>

#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using test::Conversation;
using test::Story;

class Polling : public testing::TestWithParam<Story> {};

TEST_P(Polling, says_and_does) {
  Conversation conversation;
  for (const auto& turn : GetParam().turns)
    EXPECT_EQ(conversation.does(turn.does), turn.gives)
        << GetParam().sentence << ", at: " << turn.does;
}

#define WAITING {"ir 0", "- | ask(0)"}, {"answer 0 pending", "ip 0:waiting"}
#define ONE_OF_TWO                                                                  \
  {"ir 0 1", "- | ask(0) ask(1)"}, {"answer 0 issued 1", "- | issued(01) reserve"}, \
      {"answer 1 pending after=9", "ip 0:accepted 1:waiting caPubs confirm-by=300"}

const Story kPolls[] = {
    {"pollReq by certReqId is answered by pollRep under the same, until the issuer has answered",
     {WAITING,
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"pollReq 0", "ip 0:accepted caPubs confirm-by=300"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"pollReq under -1 means the whole message",
     {WAITING,
      {"pollReq -1", "pollRep -1:check-after=60"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"pollReq -1", "ip 0:accepted caPubs confirm-by=300"}}},
    {"an index of 0 is taken for the one request, whatever its certReqId",
     {{"ir 77", "- | ask(0)"},
      {"answer 0 pending", "ip 77:waiting"},
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"pollReq 77", "pollRep 77:check-after=60"}}},
    {"a p10cr is polled for under -1 and 0",
     {{"p10cr", "- | ask(0)"},
      {"answer 0 pending", "cp -1:waiting"},
      {"pollReq -1", "pollRep -1:check-after=60"},
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"pollReq -1", "cp -1:accepted confirm-by=300"}}},
    {"an unknown certReqId is badRequest",
     {WAITING, {"pollReq 5", "!transaction.poll-id badRequest"}}},
    {"an early pollReq gets a pollRep, never an error",
     {WAITING, {"at 1", ""}, {"pollReq 0", "pollRep 0:check-after=60"}}},
    {"each id of a pollReq has its own check-after",
     {{"ir 0 1", "- | ask(0) ask(1)"},
      {"answer 0 pending after=7", "-"},
      {"answer 1 pending after=90", "ip 0:waiting 1:waiting"},
      {"pollReq 0 1 -1", "pollRep 0:check-after=7 1:check-after=90 -1:check-after=7"}}},
    {"a refusal that comes later ends the wait",
     {WAITING,
      {"answer 0 refused", "- | refused(profile.key-too-short)"},
      {"pollReq 0", "ip 0:rejection(badCertTemplate)"},
      {"pollReq 0", "!transaction.unexpected badRequest"}}},
    {"what is ready is told, the rest waits on",
     {{"ir 0 1 2", "- | ask(0) ask(1) ask(2)"},
      {"answer 0 pending", "-"},
      {"answer 1 pending", "-"},
      {"answer 2 pending", "ip 0:waiting 1:waiting 2:waiting"},
      {"answer 1 issued 2", "- | issued(02) reserve"},
      {"pollReq 0 1 2", "ip 1:accepted caPubs confirm-by=300"},
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"certConf 1:accept", "pkiconf | confirm(02) confirmed(02)"},
      {"answer 0 issued 1", "- | issued(01)"},
      {"answer 2 refused", "- | refused(profile.key-too-short)"},
      {"pollReq -1", "ip 0:accepted 2:rejection(badCertTemplate) caPubs confirm-by=300"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
    {"certConf for the delivered one comes between the polls",
     {ONE_OF_TWO,
      {"pollReq 1", "pollRep 1:check-after=9"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"},
      {"pollReq 1", "pollRep 1:check-after=9"}}},
    {"pollReq where nothing waits is badRequest",
     {{"ir 0", "- | ask(0)"},
      {"answer 0 issued 1", "ip 0:accepted caPubs confirm-by=300 | issued(01) reserve"},
      {"pollReq 0", "!transaction.nothing-waits badRequest"}}},
    {"pollReq after the end is badRequest",
     {{"ir 0 refuse=0", "ip 0:rejection(badPOP) | refused(pop.signature)"},
      {"pollReq 0", "!transaction.unexpected badRequest"}}},
};
INSTANTIATE_TEST_SUITE_P(PollReq, Polling, testing::ValuesIn(kPolls));

const Story kNonces[] = {
    {"a pollReq without recipNonce is badRecipientNonce",
     {WAITING, {"pollReq 0 nonce=none", "!transaction.recip-nonce badRecipientNonce"}}},
    {"a pollReq with another recipNonce is badRecipientNonce",
     {WAITING, {"pollReq 0 nonce=wrong", "!transaction.recip-nonce badRecipientNonce"}}},
    {"a pollReq may answer the last pollRep, or the message before it that changed something",
     {WAITING,
      {"pollReq 0", "pollRep 0:check-after=60"},
      {"pollReq 0 nonce=right", "pollRep 0:check-after=60"},
      {"pollReq 0 nonce=stored", "pollRep 0:check-after=60"}}},
};
INSTANTIATE_TEST_SUITE_P(Nonces, Polling, testing::ValuesIn(kNonces));

const Story kWaits[] = {
    {"a wait ends after longest_wait",
     {{"rules longest-wait=1000", ""},
      WAITING,
      {"elapse 999", "-"},
      {"elapse 1000", "- | lapsed(transaction.waited-too-long)"},
      {"pollReq 0", "!transaction.unexpected badRequest"},
      {"answer 0 issued 1", "-"}}},
    {"what was issued and never fetched is withdrawn, the use given back",
     {{"rules longest-wait=1000", ""},
      WAITING,
      {"answer 0 issued 1", "- | issued(01) reserve"},
      {"elapse 1000", "- | withdraw(01) lapsed(01,transaction.waited-too-long) give-back"}}},
    {"the end of the wait leaves a certificate that was delivered",
     {{"rules longest-wait=100", ""},
      ONE_OF_TWO,
      {"elapse 100", "- | lapsed(transaction.waited-too-long)"},
      {"certConf 0:accept", "pkiconf | confirm(01) confirmed(01)"}}},
};
INSTANTIATE_TEST_SUITE_P(Waits, Polling, testing::ValuesIn(kWaits));

TEST(WakeAt, is_the_nearest_of_the_times_that_matter) {
  Conversation c;
  EXPECT_EQ(wake_at(c.state), std::nullopt);
  c.does("ir 0 1");
  EXPECT_EQ(wake_at(c.state), std::nullopt);
  c.does("answer 0 issued 1");
  c.does("answer 1 pending");
  EXPECT_EQ(wake_at(c.state), test::kStart + Seconds{300}) << "certConf";
  c.does("certConf 0:accept");
  EXPECT_EQ(wake_at(c.state), test::kStart + c.rules.longest_wait) << "the issuer's answer";
  c.does("answer 1 refused");
  EXPECT_EQ(wake_at(c.state), test::kStart + c.rules.longest_wait) << "the client's pollReq";
  c.does("pollReq 1");
  EXPECT_EQ(wake_at(c.state), std::nullopt) << "over";
}

}  // namespace
}  // namespace countersign::transaction
