#include "issuer/manual/notices.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace countersign::issuer {
namespace {

namespace json = boost::json;
using enrol::Approval;

const Time kNow = *from_iso("2026-11-22T10:00:00Z");

enrol::OrderRecord waiting() {
  enrol::OrderRecord out;
  out.id = "approval-1";
  out.endpoint = "line1";
  out.sender = "secret:web";
  out.transaction = TransactionId{Bytes(16, 0xab)};
  return out;
}

Approval asked() {
  Approval out;
  transaction::CertificateOrder order;
  order.profile = "servers";
  order.subject = x509::common_name("www.example");
  out.order = std::move(order);
  out.asked = kNow;
  out.needed = 2;
  out.expires = kNow + Seconds{3600};
  out.votes = {{"ada", enrol::Voice::approves, kNow, "fine"}};
  return out;
}

// What is told, as one line of its fields in the order of the alphabet.
std::string told(NoticeKind kind, const Approval& approval) {
  const auto row = notice_of(kind, waiting(), approval, "https://desk.example/r", kNow);
  EXPECT_EQ(row.kind, enrol::OrderKind::notice);
  EXPECT_EQ(row.due, kNow) << "at once";
  EXPECT_GT(row.ends_at, kNow);
  const json::object said = json::parse(std::string(text(row.memo))).as_object();
  EXPECT_EQ(said.at("id"), json::value(enrol::request_id("approval-1")));
  EXPECT_EQ(said.at("url"),
            json::value("https://desk.example/r/" + enrol::request_id("approval-1")));
  std::string out;
  for (const char* name :
       {"event", "asks", "subject", "ra_profile", "endpoint", "sender", "approvals", "needed",
        "asked", "expires", "escalates", "escalates_to", "decision", "officers", "comment"})
    if (const auto* value = said.if_contains(name))
      out += (out.empty() ? "" : " ") + std::string(name) + '=' + json::serialize(*value);
  return out;
}

TEST(Notice, TellsWhoAsksForWhat) {
  EXPECT_EQ(told(NoticeKind::asked, asked()),
            R"(event="asked" asks="certificate" subject="CN=www.example" ra_profile="servers" )"
            R"(endpoint="line1" sender="secret:web" approvals=1 needed=2 )"
            R"(asked="2026-11-22T10:00:00Z" expires="2026-11-22T11:00:00Z")");
}

TEST(Notice, TellsToWhomItWasEscalated) {
  Approval approval = asked();
  approval.order = transaction::RevocationOrder{{0x0a}, 1, {}};
  approval.escalation = {kNow + Seconds{60}, {"ada", "administrator"}};
  EXPECT_EQ(told(NoticeKind::escalated, approval),
            R"x(event="escalated" asks="revocation" subject="revocation of 0A (keyCompromise)" )x"
            R"(ra_profile="" endpoint="line1" sender="secret:web" approvals=1 needed=2 )"
            R"(asked="2026-11-22T10:00:00Z" expires="2026-11-22T11:00:00Z" )"
            R"(escalates="2026-11-22T10:01:00Z" escalates_to="ada, administrator")");
}

TEST(Notice, TellsHowItWasDecided) {
  Approval approval = asked();
  approval.stage = Approval::Stage::rejected;
  approval.comment = "not ours";
  approval.votes.push_back({"bob", enrol::Voice::rejects, kNow, "not ours"});
  const std::string line = told(NoticeKind::decided, approval);
  EXPECT_NE(line.find(R"(decision="rejected" officers="ada, bob" comment="not ours")"),
            std::string::npos)
      << line;
}

}  // namespace
}  // namespace countersign::issuer
