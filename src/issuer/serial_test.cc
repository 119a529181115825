#include "issuer/serial.h"

#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;

TEST(Serial, is_positive_and_of_at_most_20_octets) {
  for (int octet = 1; octet < 256; ++octet) {
    ConstantEntropy entropy(static_cast<Byte>(octet));
    const auto serial = new_serial(entropy);
    ASSERT_TRUE(serial) << octet;
    EXPECT_LE(serial->size(), 20U);
    EXPECT_LT((*serial)[0], 0x80) << octet;
    const bool shortest = (*serial)[0] != 0 || (serial->size() > 1 && (*serial)[1] >= 0x80);
    EXPECT_TRUE(shortest) << octet;
  }
}

TEST(Serial, is_159_random_bits) {
  ConstantEntropy ones(0xff);
  Bytes expected(20, 0xff);
  expected[0] = 0x7f;
  EXPECT_EQ(new_serial(ones).value(), expected);
}

TEST(Serial, is_never_zero) {
  ConstantEntropy zeros(0);
  EXPECT_EQ(code(new_serial(zeros)), "issuer.entropy");
}

TEST(Serial, without_entropy_there_is_none) {
  BrokenEntropy broken;
  EXPECT_EQ(code(new_serial(broken)), "test.entropy");
}

}  // namespace
}  // namespace countersign::issuer
