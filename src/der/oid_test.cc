#include "der/oid.h"

#include <gtest/gtest.h>

#include <set>

namespace countersign::der {
namespace {

TEST(Oid, DottedFormsComeBack) {
  for (const char* dotted :
       {"0.0", "0.39", "1.0", "1.39", "2.0", "2.39", "2.40", "2.999.3", "2.5.4.3",
        "1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.3.17", "1.3.6.1.4.1.4294967296",
        "2.25.18446744073709551000", "0.9.2342.19200300.100.1.25"}) {
    SCOPED_TRACE(dotted);
    Oid oid;
    ASSERT_TRUE(Oid::from_dotted(dotted, oid));
    EXPECT_EQ(oid.dotted(), dotted);
    Oid again;
    ASSERT_TRUE(Oid::from_content(oid.content(), again));
    EXPECT_EQ(again, oid);
  }
}

TEST(Oid, DottedFormsThatAreNoneAreRefused) {
  std::string too_long = "1.3";
  for (int i = 0; i < 47; ++i) too_long += ".1";
  for (const std::string& wrong :
       {std::string(), std::string("1"), std::string("3.1"), std::string("1.40"), std::string("1."),
        std::string(".1"), std::string("1..2"), std::string("1.2."), std::string("1.2.x"),
        std::string("1.2.-3"), std::string("1.2.+3"), std::string("1.2 .3"),
        std::string("1.2.99999999999999999999"), too_long}) {
    SCOPED_TRACE(wrong);
    Oid oid;
    EXPECT_FALSE(Oid::from_dotted(wrong, oid));
    EXPECT_TRUE(oid.empty());
  }
}

TEST(Oid, ConstantsAreTheirOctets) {
  constexpr auto kSha256WithRsa = Oid::of("1.2.840.113549.1.1.11");
  EXPECT_EQ(to_hex(kSha256WithRsa.content()), "2a864886f70d01010b");
  EXPECT_EQ(kSha256WithRsa.dotted(), "1.2.840.113549.1.1.11");
}

TEST(Oid, ContentIsChecked) {
  const auto accepted = [](const Bytes& content) {
    Oid oid;
    return Oid::from_content(content, oid);
  };
  EXPECT_TRUE(accepted({0x2a}));
  EXPECT_TRUE(accepted({0x2a, 0x81, 0x00}));
  EXPECT_FALSE(accepted({}));
  EXPECT_FALSE(accepted({0x80, 0x01}));
  EXPECT_FALSE(accepted({0x2a, 0x80, 0x01}));
  EXPECT_FALSE(accepted({0x2a, 0x81}));
  EXPECT_TRUE(accepted(Bytes(Oid::kMaxOctets, 0x01)));
  EXPECT_FALSE(accepted(Bytes(Oid::kMaxOctets + 1, 0x01)));
}

TEST(Oid, ArcsOfMoreThan64BitsPrintAsUnknown) {
  Bytes content(12, 0xff);
  content[0] = 0x2a;
  content[11] = 0x7f;
  Oid oid;
  ASSERT_TRUE(Oid::from_content(content, oid));
  EXPECT_EQ(oid.dotted(), "1.2.?");
}

TEST(Oid, IsOrdered) {
  const std::set<Oid> set = {Oid::of("2.5.4.3"), Oid::of("2.5.4.3"), Oid::of("2.5.4.4"),
                             Oid::of("2.5.4")};
  EXPECT_EQ(set.size(), 3U);
  EXPECT_LT(Oid::of("2.5.4"), Oid::of("2.5.4.3"));
}

}  // namespace
}  // namespace countersign::der
