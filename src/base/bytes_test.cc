#include "base/bytes.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(Bytes, HexIsLowerCaseAndComesBack) {
  const Bytes octets = {0x00, 0x0f, 0xa5, 0xff};
  EXPECT_EQ(to_hex(octets), "000fa5ff");
  Bytes back;
  ASSERT_TRUE(from_hex("000fa5ff", back));
  EXPECT_EQ(back, octets);
  ASSERT_TRUE(from_hex("000FA5Ff", back));
  EXPECT_EQ(back, octets);
  ASSERT_TRUE(from_hex("", back));
  EXPECT_TRUE(back.empty());
}

TEST(Bytes, HexRefusesWhatIsNone) {
  Bytes out;
  for (const char* wrong : {"0", "000", "0g", "g0", " 00", "0x00", "00 ", "-1", "0:", "/0", "@0"}) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(from_hex(wrong, out));
  }
}

TEST(Bytes, FingerprintHasColonsBetween) {
  EXPECT_EQ(to_fingerprint(Bytes{0x5a, 0x0c, 0xff}), "5A:0C:FF");
  EXPECT_EQ(to_fingerprint(Bytes{0x5a}), "5A");
  EXPECT_EQ(to_fingerprint(Bytes{}), "");
}

TEST(Bytes, ViewsOfTextAreItsOctets) {
  const std::string_view word = "a\0b";
  EXPECT_EQ(text(view(word)), word);
  EXPECT_EQ(to_bytes("ab"), (Bytes{'a', 'b'}));
}

TEST(Bytes, EqualLooksAtLengthAndOctets) {
  EXPECT_TRUE(equal(Bytes{1, 2}, Bytes{1, 2}));
  EXPECT_TRUE(equal(View{}, View{}));
  EXPECT_FALSE(equal(Bytes{1, 2}, Bytes{1, 3}));
  EXPECT_FALSE(equal(Bytes{1, 2}, Bytes{1}));
}

TEST(Bytes, AppendGoesBehind) {
  Bytes to = {1};
  append(to, Bytes{2, 3});
  append(to, View{});
  EXPECT_EQ(to, (Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace countersign
