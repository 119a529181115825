#include "crypto/mac.h"

#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

TEST(Hmac, agrees_with_rfc_4231_and_rfc_2202) {
  const Bytes key(20, 0x0b);
  const View data = view("Hi There");
  EXPECT_EQ(to_hex(hmac(Digest::sha1, key, data)), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(to_hex(hmac(Digest::sha224, key, data)),
            "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22");
  EXPECT_EQ(to_hex(hmac(Digest::sha256, key, data)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac(Digest::sha384, key, data)),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152"
            "e8b2fa9cb6");
  EXPECT_EQ(to_hex(hmac(Digest::sha512, key, data)),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b27"
            "4eaea3f4e4be9d914eeb61f1702e696c203a126854");
}

TEST(Hmac, a_key_longer_than_the_block_is_hashed_first) {
  EXPECT_EQ(to_hex(hmac(Digest::sha256, Bytes(131, 0xaa),
                        view("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, two_pieces_are_one_message) {
  EXPECT_EQ(hmac(Digest::sha256, view("k"), view("ab"), view("c")),
            hmac(Digest::sha256, view("k"), view("abc")));
}

TEST(Hmac, an_empty_key_and_an_empty_message_are_taken) {
  EXPECT_EQ(to_hex(hmac(Digest::sha256, {}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, only_the_whole_right_mac_matches) {
  Bytes mac = hmac(Digest::sha256, view("key"), view("data"));
  EXPECT_TRUE(hmac_matches(Digest::sha256, view("key"), view("data"), mac));
  EXPECT_FALSE(hmac_matches(Digest::sha256, view("key"), view("data"), View(mac).first(16)));
  EXPECT_FALSE(hmac_matches(Digest::sha256, view("key"), view("data"), {}));
  mac.back() ^= 1;
  EXPECT_FALSE(hmac_matches(Digest::sha256, view("key"), view("data"), mac));
}

TEST(Hmac, both_families_of_object_identifiers_are_known) {
  EXPECT_EQ(hmac_from_oid(der::Oid::of("1.3.6.1.5.5.8.1.2")), Digest::sha1);
  EXPECT_EQ(hmac_from_oid(der::Oid::of("1.2.840.113549.2.7")), Digest::sha1);
  EXPECT_EQ(hmac_from_oid(der::Oid::of("1.2.840.113549.2.11")), Digest::sha512);
  EXPECT_EQ(hmac_from_oid(der::Oid::of("1.2.840.113549.2.6")), std::nullopt) << "HMAC-MD5";
  EXPECT_EQ(hmac_oid(Digest::sha1), der::Oid::of("1.2.840.113549.2.7"));
  EXPECT_EQ(hmac_oid(Digest::sha256), der::Oid::of("1.2.840.113549.2.9"));
  EXPECT_EQ(hmac_oid(Digest::shake256), std::nullopt);
}

}  // namespace
}  // namespace countersign::crypto
