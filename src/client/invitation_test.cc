#include "client/invitation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::client {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Invitation, says_where_and_by_which_secret) {
  const auto read = read_invitation(
      " countersign:enroll?url=http://pki.example:8829/.well-known/cmp/p/line1&reference=unit%201"
      "&secret=a%26b%3Dc%2Bd+e&subject=CN%3Dunit%201&later=x\n");
  ASSERT_TRUE(read) << read.error().reply_text;
  EXPECT_EQ(read->url, "http://pki.example:8829/.well-known/cmp/p/line1");
  EXPECT_EQ(read->reference, "unit 1");
  EXPECT_EQ(read->secret, "a&b=c+d+e");
  EXPECT_EQ(read->subject, "CN=unit 1");
}

TEST(Invitation, that_is_none_is_not_repeated) {
  for (const char* wrong : {"", "  \n", "geheim", "https://pki.example/?url=x&secret=geheim",
                            "countersign:renew?url=http://a&reference=r&secret=geheim",
                            "countersign:enroll?reference=r&secret=geheim",
                            "countersign:enroll?url=ftp://a&reference=r&secret=geheim",
                            "countersign:enroll?url=http://a&secret=geheim",
                            "countersign:enroll?url=http://a&reference=geheim",
                            "countersign:enroll?url=http://a&reference=r&secret=geheim%2"}) {
    const auto read = read_invitation(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().code, "client.invitation") << wrong;
    EXPECT_THAT(read.error().reply_text, Not(HasSubstr("geheim")));
  }
}

}  // namespace
}  // namespace countersign::client
