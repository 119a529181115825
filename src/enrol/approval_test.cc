#include "enrol/approval.h"

#include <gtest/gtest.h>

namespace countersign::enrol {
namespace {

const Time kNow = *from_iso("2026-11-22T10:00:00Z");

Approval certificate_approval() {
  Approval a;
  transaction::CertificateOrder order;
  order.profile = "device";
  order.subject = x509::common_name("me");
  order.spki = {1, 2};
  order.validity = {kNow, kNow + Seconds{86400}};
  order.extensions = {x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature}))};
  order.modifications = "notAfter: cut";
  order.replaces = Bytes{1, 2, 3};
  order.original = Bytes{4, 5};
  a.order = std::move(order);
  a.asked = kNow;
  a.needed = 3;
  a.asker = "ada";
  a.votes = {{"bob", Voice::approves, kNow, "fine"}, {"eve", Voice::rejects, kNow, ""}};
  return a;
}

TEST(Approvals, of_certificates_come_back_as_they_were_stored) {
  for (const auto stage :
       {Approval::Stage::awaited, Approval::Stage::approved, Approval::Stage::rejected}) {
    Approval a = certificate_approval();
    a.stage = stage;
    if (stage != Approval::Stage::awaited) {
      a.decided = kNow + Seconds{5};
      a.comment = "because";
    }
    const auto back = decode_approval(encode(a));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->stage, stage);
    EXPECT_EQ(back->asked, a.asked);
    EXPECT_EQ(back->decided, a.decided);
    EXPECT_EQ(back->comment, a.comment);
    EXPECT_EQ(back->needed, 3U);
    EXPECT_EQ(back->asker, "ada");
    EXPECT_EQ(back->votes, a.votes);
    const auto& was = std::get<transaction::CertificateOrder>(a.order);
    const auto& is = std::get<transaction::CertificateOrder>(back->order);
    EXPECT_EQ(is.subject, was.subject);
    EXPECT_EQ(is.spki, was.spki);
    EXPECT_EQ(is.extensions, was.extensions);
    EXPECT_EQ(is.validity.not_before, was.validity.not_before);
    EXPECT_EQ(is.validity.not_after, was.validity.not_after);
    EXPECT_EQ(is.profile, was.profile);
    EXPECT_EQ(is.modifications, was.modifications);
    EXPECT_EQ(is.replaces, was.replaces);
    EXPECT_EQ(is.original, was.original);
  }
}

TEST(Approvals, of_revocations_come_back_as_they_were_stored) {
  for (const std::optional<Time> date : {std::optional<Time>{}, std::optional<Time>{kNow}}) {
    Approval a;
    a.order = transaction::RevocationOrder{{9, 8, 7}, 4, date};
    a.asked = kNow;
    const auto back = decode_approval(encode(a));
    ASSERT_TRUE(back) << back.error().detail;
    const auto& is = std::get<transaction::RevocationOrder>(back->order);
    EXPECT_EQ(is.serial, (Bytes{9, 8, 7}));
    EXPECT_EQ(is.reason, 4);
    EXPECT_EQ(is.invalidity_date, date);
  }
}

TEST(Approvals, that_are_damaged_are_refused) {
  const Bytes whole = encode(certificate_approval());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = decode_approval(View(whole).first(size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, "issuer.approval-memo");
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(decode_approval(longer));
}

// The stage after these votes, "b" for "rejected by b"; or the code of the one that was refused.
// Roles are those of the name before the hyphen: "administrator-ada".
std::string voted(Approval a, const std::vector<Vote>& votes) {
  for (const Vote& vote : votes) {
    const Voter voter{vote.officer + "-fp", {vote.officer.substr(0, vote.officer.find('-'))}};
    if (const auto cast_it = cast(a, vote, voter, "certificate:own-fp"); !cast_it)
      return std::string(cast_it.error().code);
  }
  switch (a.stage) {
    case Approval::Stage::awaited:
      return "awaited";
    case Approval::Stage::approved:
      return "approved";
    case Approval::Stage::rejected:
      break;
  }
  return "rejected: " + a.comment;
}

TEST(Approvals, need_as_many_officers_as_they_say) {
  const Vote bob{"bob", Voice::approves, kNow, ""}, eve{"eve", Voice::approves, kNow, ""};
  const Vote not_eve{"eve", Voice::rejects, kNow, "no"};
  Approval two;
  two.needed = 2;
  Approval one;
  EXPECT_EQ(voted(one, {bob}), "approved");
  EXPECT_EQ(voted(two, {bob}), "awaited");
  EXPECT_EQ(voted(two, {bob, eve}), "approved");
  EXPECT_EQ(voted(two, {bob, not_eve}), "rejected: no");
  EXPECT_EQ(voted(two, {not_eve}), "rejected: no") << "one is enough";
  EXPECT_EQ(voted(two, {bob, bob}), "approval.again");
  EXPECT_EQ(voted(one, {bob, eve}), "approval.decided");
}

TEST(Approvals, are_not_for_who_asked) {
  Approval a;
  a.asker = "bob";
  EXPECT_EQ(voted(a, {{"bob", Voice::approves, kNow, ""}}), "approval.own");
  EXPECT_EQ(voted(a, {{"bob", Voice::rejects, kNow, ""}}), "approval.own");
  EXPECT_EQ(voted(a, {{"own", Voice::approves, kNow, ""}}), "approval.own") << "by certificate";
  EXPECT_EQ(voted(a, {{"eve", Voice::approves, kNow, ""}}), "approved");
}

TEST(Approvals, that_were_escalated_need_one_of_whom_they_were_escalated_to) {
  const auto says = [](const std::string& who, int after, Voice voice = Voice::approves) {
    return Vote{who, voice, kNow + Seconds{after}, ""};
  };
  const std::string admin = "administrator-ada";
  struct Case {
    const char* what;
    std::vector<std::string> to;
    std::vector<Vote> votes;
    std::string becomes;
  };
  const std::vector<Case> cases = {
      {"before its time everybody counts for one", {"administrator"}, {says(admin, 99)}, "awaited"},
      {"then one of the role is enough", {"administrator"}, {says(admin, 100)}, "approved"},
      {"and one by name", {"carol"}, {says("carol", 100)}, "approved"},
      {"others count as before", {"carol"}, {says("bob", 100)}, "awaited"},
      {"and are enough as before", {"carol"}, {says("bob", 100), says("eve", 101)}, "approved"},
      {"whoever approved before may say so again",
       {"administrator"},
       {says(admin, 5), says(admin, 100)},
       "approved"},
      {"once", {"carol"}, {says("bob", 5), says("bob", 100)}, "approval.again"},
      {"one who rejects decides it", {"carol"}, {says("bob", 100, Voice::rejects)}, "rejected: "},
      {"nobody decides their own", {"own"}, {says("own", 100)}, "approval.own"},
      {"nor who made the secret", {"maker"}, {says("maker", 100)}, "approval.own"},
  };
  for (const Case& c : cases) {
    Approval a;
    a.needed = 2;
    a.asker = "maker";
    a.escalation = {kNow + Seconds{100}, c.to};
    EXPECT_EQ(voted(a, c.votes), c.becomes) << c.what;
  }
}

TEST(Approvals, come_back_with_their_times) {
  Approval a = certificate_approval();
  a.escalation = {kNow + Seconds{60}, {"ada", "administrator"}};
  a.expires = kNow + Seconds{900};
  a.decided = kNow + Seconds{5};
  const auto back = decode_approval(encode(a));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->escalation, a.escalation);
  EXPECT_EQ(back->expires, a.expires);
  EXPECT_EQ(back->decided, a.decided);
  EXPECT_EQ(asks_for(*back), "CN=me");
  EXPECT_EQ(profile_of(*back), "device");
  EXPECT_EQ(request_id("x").size(), 64U);
}

}  // namespace
}  // namespace countersign::enrol
