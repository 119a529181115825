#include "crypto/block_list.h"

#include "crypto/digest.h"
#include "crypto/vectors_for_test.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

PublicKey key_of(const std::string& vector) {
  return PublicKey::from_spki(read_pem_vector(vector + ".pub.pem")).value();
}
std::string fingerprint(const PublicKey& key) { return to_hex(sha256(key.spki())); }
bool holds(const std::string& text, const PublicKey& key) {
  return parse_block_list(text).value().holds(key);
}
std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

TEST(BlockList, finds_keys_by_either_fingerprint) {
  const PublicKey rsa = key_of("weak/good-2048");
  const PublicKey ec = key_of("keys/p256");
  const std::string debian = read_vector("weak/good-2048.blacklist");
  struct Case {
    const char* what;
    std::string text;
    bool has_rsa, has_ec;
  };
  const Case cases[] = {
      {"an empty list", "", false, false},
      {"comments and empty lines alone", "# none\n\n  \t\r\n#", false, false},
      {"an EC key by its SHA-256", fingerprint(ec) + "\n", false, true},
      {"an RSA key by its SHA-256", fingerprint(rsa), true, false},
      {"upper case", upper(fingerprint(rsa)), true, false},
      {"blanks and a comment around it", "  " + fingerprint(ec) + "\t # leaked\r\n", false, true},
      {"Debian's form, by the openssl program", debian, true, false},
      {"both forms, twice, in any order",
       fingerprint(ec) + "\n" + debian + fingerprint(ec) + "\n" + debian, true, true},
      {"others around them",
       std::string(64, '0') + "\n" + std::string(64, 'f') + "\n" + fingerprint(rsa), true, false},
      {"the fingerprint with another end",
       fingerprint(rsa).substr(0, 63) + "0\n" + fingerprint(rsa).substr(0, 63) + "1",
       fingerprint(rsa).back() <= '1', false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(holds(c.text, rsa), c.has_rsa) << c.what;
    EXPECT_EQ(holds(c.text, ec), c.has_ec) << c.what;
  }
  EXPECT_EQ(parse_block_list(debian + debian + fingerprint(ec)).value().size(), 2) << "each once";
}

TEST(BlockList, another_encoding_of_a_listed_key_is_found_too) {
  const PublicKey compressed = key_of("keys/p256-compressed");
  // The same point by `openssl pkey -pubin -ec_conv_form uncompressed`.
  const PublicKey uncompressed = key_of("weak/p256-uncompressed");
  ASSERT_NE(fingerprint(compressed), fingerprint(uncompressed));
  EXPECT_TRUE(holds(fingerprint(uncompressed), compressed));
  EXPECT_TRUE(holds(fingerprint(compressed), compressed));

  const PublicKey pss = key_of("keys/rsa-pss");
  der::Writer plain;
  plain.sequence([&](der::Writer& s) {
    write(s, key_algorithm(KeyKind::rsa));
    s.bit_octets(pss.key_octets());
  });
  EXPECT_TRUE(holds(to_hex(sha256(plain.bytes())), pss));
  EXPECT_TRUE(holds(fingerprint(pss), pss));
}

TEST(BlockList, a_broken_line_is_named) {
  const std::string good(64, 'a');
  const std::pair<std::string, const char*> cases[] = {
      {good + "\n" + good.substr(1) + "\n", "line 2 "},
      {"# one\n\nnonsense", "line 3 "},
      {std::string(64, 'g'), "line 1 "},
      {good + " " + good, "line 1 "},
      {std::string(40, 'a'), "line 1 "},  // a whole SHA-1
      {std::string(19, 'a') + "x", "line 1 "},
      {good + "\n" + std::string(20, 'b') + "\n" + std::string(21, 'b'), "line 3 "},
  };
  for (const auto& [text, says] : cases) {
    const auto list = parse_block_list(text);
    ASSERT_EQ(code_of(list), "key.block-list") << text;
    EXPECT_EQ(list.error().failure, Failure::systemFailure);
    EXPECT_TRUE(list.error().reply_text.contains(says)) << list.error().reply_text;
  }
}

}  // namespace
}  // namespace countersign::crypto
