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

// NIST SP 800-185, KMAC samples 1, 2 and 4.
TEST(Kmac, agrees_with_the_samples_of_nist) {
  const Bytes key = hex("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f");
  const Bytes tagged = to_bytes("My Tagged Application");
  const Bytes data = hex("00010203");
  EXPECT_EQ(to_hex(mac(Kmac{Digest::shake128, 32, {}}, key, data, {})),
            "e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e");
  EXPECT_EQ(to_hex(mac(Kmac{Digest::shake128, 32, tagged}, key, data, {})),
            "3b1fba963cd8b0b59e8c1a6d71888b7143651af8ba0a7070c0979e2811324aa5");
  EXPECT_EQ(to_hex(mac(Kmac{Digest::shake256, 64, tagged}, key, View(data).first(1),
                       View(data).subspan(1))),
            "20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7"
            "f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd");
}

TEST(Gmac, agrees_with_the_openssl_program) {
  for (const std::size_t size : {16U, 24U, 32U}) {
    const Bytes expected = derivation_vector("gmac-" + std::to_string(8 * size));
    const Gmac gmac{size, hex("000102030405060708090a0b")};
    EXPECT_EQ(to_hex(mac(gmac, Bytes(size, 0x42), view("header and "), view("body"))),
              to_hex(expected));
    EXPECT_TRUE(mac_matches(gmac, Bytes(size, 0x42), view("header and "), view("body"), expected));
    EXPECT_FALSE(mac_matches(gmac, Bytes(size, 0x42), view("header and "), view("body"),
                             View(expected).first(12)));
  }
}

TEST(Gmac, a_key_that_is_none_of_aes_and_no_nonce_are_programming_errors) {
  EXPECT_THROW(mac(Gmac{16, Bytes(12)}, Bytes(32), {}, {}), std::invalid_argument);
  EXPECT_THROW(mac(Gmac{16, {}}, Bytes(16), {}, {}), std::invalid_argument);
  EXPECT_THROW(mac(Gmac{20, Bytes(12)}, Bytes(20), {}, {}), std::runtime_error);
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
