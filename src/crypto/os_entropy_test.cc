#include "crypto/os_entropy.h"

#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

TEST(OsEntropy, two_fills_differ_and_an_empty_one_succeeds) {
  OsEntropy entropy;
  Bytes a(32), b(32);
  EXPECT_TRUE(entropy.fill(a));
  EXPECT_TRUE(entropy.fill(b));
  EXPECT_NE(a, b);
  EXPECT_TRUE(entropy.fill({}));
}

TEST(CheckLibrary, this_process_has_one_library_of_the_right_version) {
  EXPECT_EQ(code_of(check_library()), "ok");
}

TEST(CheckLibrary, a_second_copy_is_counted_and_segments_of_one_are_not) {
  EXPECT_EQ(count_libraries(""), 0U);
  EXPECT_EQ(count_libraries("7f00-7f01 r-xp 00000000 08:01 1  /a/libcrypto.so.3\n"
                            "7f01-7f02 r--p 00001000 08:01 1  /a/libcrypto.so.3\n"
                            "7f03-7f04 r--p 00000000 08:01 2  /a/libssl.so.3\n"
                            "7f05-7f06 rw-p 00000000 00:00 0  [heap]\n"),
            1U);
  EXPECT_EQ(count_libraries("1-2 r-xp 0 08:01 1 /a/libcrypto.so.3\n"
                            "3-4 r-xp 0 08:01 9 /lib/libcrypto.so.3"),
            2U);
}

}  // namespace
}  // namespace countersign::crypto
