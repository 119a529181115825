#include "der/pem.h"

#include <gtest/gtest.h>

namespace countersign::der {
namespace {

TEST(Base64, TheVectorsOfRfc4648) {
  constexpr struct {
    const char* plain;
    const char* encoded;
  } kCases[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.plain);
    EXPECT_EQ(to_base64(view(c.plain)), c.encoded);
    EXPECT_EQ(from_base64(c.encoded), to_bytes(c.plain));
  }
}

TEST(Base64, AllOctetsComeBack) {
  Bytes octets;
  for (int i = 0; i < 256; ++i) {
    octets.push_back(static_cast<Byte>(i));
    EXPECT_EQ(from_base64(to_base64(octets)), octets);
  }
}

TEST(Base64, WhiteSpaceIsSkippedAndTheRestRefused) {
  EXPECT_EQ(from_base64(" Zm9v\r\nYm\tFy\n"), to_bytes("foobar"));
  for (const char* wrong : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zg=a", "Zm9-", "Zm9_",
                            "Zm9v=", "Zm9v!", "=Zm9"}) {
    SCOPED_TRACE(wrong);
    EXPECT_EQ(from_base64(wrong), std::nullopt);
  }
}

TEST(Pem, LinesAre64Characters) {
  const std::string pem = to_pem("CERTIFICATE", Bytes(49, 0));
  EXPECT_EQ(pem, "-----BEGIN CERTIFICATE-----\n" + std::string(64, 'A') + "\nAA==\n" +
                     "-----END CERTIFICATE-----\n");
}

TEST(Pem, BlocksComeBackInOrder) {
  const std::string text = "subject=x\n" + to_pem("CERTIFICATE", Bytes{1, 2, 3}) + "and\n" +
                           to_pem("PRIVATE KEY", Bytes(100, 7)) + "end";
  const auto blocks = from_pem(text);
  ASSERT_TRUE(blocks);
  ASSERT_EQ(blocks->size(), 2U);
  EXPECT_EQ((*blocks)[0].label, "CERTIFICATE");
  EXPECT_EQ((*blocks)[0].der, (Bytes{1, 2, 3}));
  EXPECT_EQ((*blocks)[1].label, "PRIVATE KEY");
  EXPECT_EQ((*blocks)[1].der, Bytes(100, 7));
}

TEST(Pem, AMalformedBlockEndsTheList) {
  const std::string good = to_pem("X", Bytes{1});
  EXPECT_FALSE(from_pem(""));
  EXPECT_FALSE(from_pem("no block"));
  EXPECT_FALSE(from_pem("-----BEGIN X"));
  EXPECT_FALSE(from_pem("-----BEGIN X-----\nAQ==\n"));
  EXPECT_FALSE(from_pem("-----BEGIN X-----\n!!\n-----END X-----\n"));
  EXPECT_FALSE(from_pem("-----BEGIN X-----\nAQ==\n-----END Y-----\n"));
  const auto blocks = from_pem(good + "-----BEGIN X-----\n!!\n-----END X-----\n" + good);
  ASSERT_TRUE(blocks);
  EXPECT_EQ(blocks->size(), 1U);
}

}  // namespace
}  // namespace countersign::der
