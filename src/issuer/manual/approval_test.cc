#include "issuer/manual/approval.h"

#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;

Approval certificate_approval() {
  Approval a;
  auto order = leaf().order;
  order.profile = "device";
  order.modifications = "notAfter: cut";
  order.replaces = Bytes{1, 2, 3};
  order.original = Bytes{4, 5};
  a.order = std::move(order);
  a.asked = kNow;
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

}  // namespace
}  // namespace countersign::issuer
