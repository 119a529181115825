#include "crypto/token_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::crypto {
namespace {

using testing::HasSubstr;

TEST(TokenUris, NameOnePrivateKey) {
  const auto plain = TokenUri::parse("pkcs11:token=ra;object=cmp");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text(), "pkcs11:token=ra;object=cmp");
  EXPECT_EQ(plain->private_key(), "pkcs11:token=ra;object=cmp;type=private");
  const auto typed = TokenUri::parse("pkcs11:serial=7c42;id=%01%ff;type=private");
  ASSERT_TRUE(typed);
  EXPECT_EQ(typed->private_key(), typed->text());
  EXPECT_TRUE(TokenUri::parse("pkcs11:model=SoftHSM%20v2;token=a;slot-id=3;object=b"));
}

TEST(TokenUris, AreRefusedWhereTheyDoNot) {
  struct Case {
    const char *uri, *why;
  };
  for (const Case& c : {
           Case{"", "begins with pkcs11:"},
           Case{"PKCS11:token=a;object=b", "begins with pkcs11:"},
           Case{"pkcs11:", "leave out an empty attribute"},
           Case{"pkcs11:object=b", "which token"},
           Case{"pkcs11:slot-id=1;object=b", "which token"},
           Case{"pkcs11:token=a", "which key"},
           Case{"pkcs11:token=a;token=b;object=c", "token twice"},
           Case{"pkcs11:token=;object=c", "no value"},
           Case{"pkcs11:token=a;object", "no value"},
           Case{"pkcs11:token=my token;object=c", "percent-encoded, at token"},
           Case{"pkcs11:token=a;id=%0", "percent-encoded, at id"},
           Case{"pkcs11:token=a;id=%0g", "percent-encoded, at id"},
           Case{"pkcs11:token=a;object=b;type=cert", "leave type out"},
           Case{"pkcs11:token=a;object=b;color=red", "leave out color"},
           Case{"pkcs11:token=a;object=b?", "leave out"},
           Case{"pkcs11:token=a;object=b?x-vendor=1", "leave out x-vendor"},
           Case{"pkcs11:token=a;object=b?pin-value=1234", "file of its own"},
           Case{"pkcs11:token=a;object=b?pin-source=/etc/pin", "file of its own"},
           Case{"pkcs11:token=a;object=b;pin-value=1234", "file of its own"},
           Case{"pkcs11:token=a;object=b?module-path=/tmp/evil.so", "pkcs11.module"},
           Case{"pkcs11:token=a;object=b;module-name=evil", "pkcs11.module"},
       }) {
    const auto uri = TokenUri::parse(c.uri);
    ASSERT_FALSE(uri) << c.uri;
    EXPECT_EQ(uri.error().code, "crypto.token-uri") << c.uri;
    EXPECT_THAT(uri.error().reply_text, HasSubstr(c.why)) << c.uri;
  }
}

TEST(TokenUris, StandWhereFilesDo) {
  EXPECT_TRUE(check_key_place("/etc/countersign/line.key"));
  EXPECT_TRUE(check_key_place("pkcs11:token=a;object=b"));
  EXPECT_FALSE(check_key_place("pkcs11:token=a;object=b?module-path=/tmp/evil.so"));
}

}  // namespace
}  // namespace countersign::crypto
