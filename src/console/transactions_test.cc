// What became of transactions, over the API: a row each, from the rows of the audit.
#include "console/place_test.h"

namespace countersign::console {
namespace {

class Transactions : public ::testing::Test {
 protected:
  void happens(const std::string& transaction, const std::string& event,
               const std::string& sender = {}, const std::string& subject = {}) {
    enrol::AuditRow row;
    row.at = kStart + Seconds{rows_++};
    row.event = event;
    row.transaction = transaction;
    row.sender = sender;
    row.subject = subject;
    ASSERT_TRUE(place_.store->append_audit(row));
  }
  // "0a:confirmed 0b:refused"
  std::string listed(const std::string& query = {}) {
    std::string out;
    for (const auto& item : place_.get("/api/v1/transactions" + query).items())
      out += (out.empty() ? "" : " ") + std::string(item.at("transaction").as_string()) + ':' +
             std::string(item.at("event").as_string());
    return out;
  }

  static constexpr Time kStart = ports::contract::kNow;
  testing::Place place_;
  int rows_ = 0;
};

TEST_F(Transactions, AreListedByWhatHappenedLast) {
  EXPECT_EQ(listed(), "");
  happens("0a", "awaits-approval", "secret:one", "CN=One");
  happens("0b", "refused", "secret:two");
  happens("", "config-changed", "operator:ada");
  happens("0a", "approved", "operator:bob");
  happens("0a", "issued", "secret:one");
  EXPECT_EQ(listed(), "0b:refused 0a:issued") << "the one that began last first";
  const auto row = place_.get("/api/v1/transactions?event=issued").items().at(0).as_object();
  EXPECT_EQ(row.at("sender").as_string(), "secret:one");
  EXPECT_EQ(row.at("subject").as_string(), "CN=One") << "of an earlier row";
  EXPECT_EQ(row.at("began").as_string(), to_iso(kStart));
  EXPECT_EQ(row.at("at").as_string(), to_iso(kStart + Seconds{4}));
}

TEST_F(Transactions, AreFoundBySenderSubjectAndEvent) {
  happens("0a", "issued", "secret:Line-1", "CN=One");
  happens("0b", "refused", "secret:line-2", "CN=Two");
  happens("0c", "refused", "cert:other", "CN=Two");
  EXPECT_EQ(listed("?sender=LINE"), "0b:refused 0a:issued");
  EXPECT_EQ(listed("?sender=line&event=refused"), "0b:refused");
  EXPECT_EQ(listed("?subject=two"), "0c:refused 0b:refused");
  EXPECT_EQ(listed("?event=lapsed"), "");
}

TEST_F(Transactions, AreReadPageByPageWhileMoreCome) {
  for (const char* id : {"01", "02", "03", "04", "05"}) happens(id, "issued");
  auto page = place_.get("/api/v1/transactions?limit=2").object();
  EXPECT_EQ(page.at("items").as_array().at(1).at("transaction").as_string(), "04");
  happens("06", "issued");
  happens("01", "confirmed");
  const std::string next(page.at("next").as_string());
  EXPECT_EQ(listed("?limit=2&after=" + next), "03:issued 02:issued");
  EXPECT_EQ(place_.get("/api/v1/transactions?after=00").status, 400);
}

TEST_F(Transactions, AreNotForThoseWhoSeeNoNames) {
  EXPECT_EQ(place_.get("/api/v1/transactions", "read_only").status, 403);
  EXPECT_EQ(place_.get("/api/v1/transactions", "ra_officer").status, 200);
}

}  // namespace
}  // namespace countersign::console
