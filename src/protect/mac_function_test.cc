#include "protect/mac_function.h"

#include <set>
#include <sstream>

#include "crypto/os_entropy.h"
#include "protect/mac_algorithms_for_test.h"

namespace countersign::protect {
namespace {

using namespace test;

std::vector<Case> inner_macs() {
  constexpr auto k128 = der::Oid::of("2.16.840.1.101.3.4.2.19");
  constexpr auto k256 = der::Oid::of("2.16.840.1.101.3.4.2.20");
  const auto bad = "protect.mac-parameters";
  return {
      {"AES-128-GMAC", gmac(12, integer(16), kAes128Gmac), ""},
      {"AES-192-GMAC", gmac(12, integer(16), der::Oid::of("2.16.840.1.101.3.4.1.29")), ""},
      {"AES-256-GMAC", gmac(), ""},
      {"a nonce of 64 octets", gmac(64), ""},
      {"a nonce of 11 octets", gmac(11), bad},
      {"a nonce of 65 octets", gmac(65), bad},
      {"no nonce", gmac(0), bad},
      {"length left out: 12", gmac(12, {}), bad},
      {"length 12", gmac(12, integer(12)), bad},
      {"length 15", gmac(12, integer(15)), bad},
      {"length 17", gmac(12, integer(17)), bad},
      {"length 2^80", gmac(12, integer(Bytes(11, 1))), bad},
      {"GMAC without parameters", {gmac().algorithm, {}}, bad},
      {"GMAC with NULL", {gmac().algorithm, {5, 0}}, bad},
      {"GMAC with a third field", gmac(12, Bytes{2, 1, 16, 5, 0}), bad},
      {"KMAC128", {k128, {}}, ""},
      {"KMAC256", {k256, {}}, ""},
      {"KMAC with all defaults", kmac({}, k128), ""},
      {"KMAC of 128 bits", kmac({integer(128)}, k128), ""},
      {"KMAC of 120 bits", kmac({integer(120)}, k128), bad},
      {"KMAC of 1024 bits", kmac({integer(1024)}, k256), ""},
      {"KMAC of 1032 bits", kmac({integer(1032)}, k256), bad},
      {"KMAC of 2^1000 bits", kmac({integer(Bytes(126, 1))}, k256), bad},
      {"KMAC of -256 bits", kmac({integer(-256)}, k256), bad},
      {"KMAC of 257 bits", kmac({integer(257)}, k128), bad},
      {"KMAC, customized", kmac({salt_of(256)}, k128), ""},
      {"KMAC, customized at length", kmac({salt_of(257)}, k128), bad},
      {"KMAC with NULL", {k128, {5, 0}}, bad},
      {"KMAC with fields exchanged", kmac({salt_of(3), integer(256)}, k128), bad},
  };
}

TEST(InnerMac, isTheSameInBothAndDirectlyWhereItMayBe) {
  for (const Case& c : inner_macs()) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(code(derive_mac_key(Pbm{.mac = c.algorithm}.algorithm(), secret(), true, {})),
              c.code);
    if (c.algorithm.algorithm == kKmac128 || c.algorithm.algorithm == kKmac256) {
      EXPECT_EQ(code(derive_mac_key(c.algorithm, secret(), true, {})), c.code);
      EXPECT_EQ(code(derive_mac_key(Pbmac{.mac = c.algorithm}.algorithm(), secret(), true, {})),
                c.code);
    } else {
      const auto key = derive_mac_key(Pbmac{.key_length = {}, .mac = c.algorithm}.algorithm(),
                                      secret(), true, {});
      EXPECT_EQ(code(key), c.code);
    }
  }
}

TEST(InnerMac, keyLengthIsThatOfAesAndGivenForKmac) {
  const der::AlgorithmIdentifier kmac256{kKmac256, {}};
  run({{"AES-256, 32 octets", Pbmac{.mac = gmac()}.algorithm(), ""},
       {"AES-256, 31", Pbmac{.key_length = integer(31), .mac = gmac()}.algorithm(),
        "protect.key-length"},
       {"AES-128, 32", Pbmac{.mac = gmac(12, integer(16), kAes128Gmac)}.algorithm(),
        "protect.key-length"},
       {"KMAC, keyLength left out", Pbmac{.key_length = {}, .mac = kmac256}.algorithm(),
        "protect.key-length"},
       {"KMAC, 15", Pbmac{.key_length = integer(15), .mac = kmac256}.algorithm(),
        "protect.key-length"},
       {"KMAC, 64", Pbmac{.key_length = integer(64), .mac = kmac256}.algorithm(), ""},
       {"GMAC as prf", Pbmac{.prf = der_of(gmac())}.algorithm(), "protect.prf-not-accepted"},
       {"KMAC as prf", Pbmac{.prf = der_of(kmac256)}.algorithm(), "protect.prf-not-accepted"}});
}

TEST(DirectMac, needsASecretOfSixteenOctets) {
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    test::CountingEntropy entropy;
    const auto algorithm = new_mac_algorithm(row.choice, 100, entropy).value();
    const std::string refused = is_direct(algorithm) ? "protect.secret-length" : "";
    EXPECT_EQ(code(derive_mac_key(algorithm, Secret(Bytes(15, 1)), true, {})), refused);
    EXPECT_EQ(code(derive_mac_key(algorithm, Secret(Bytes(16, 1)), true, {})), "");
    EXPECT_EQ(code(derive_mac_key(algorithm, Secret(Bytes(513, 1)), true, {})), refused);
  }
}

TEST(DirectMac, hmacTakesNullOrNothing) {
  run({{"NULL", hmac(crypto::Digest::sha256), ""},
       {"absent", hmac(crypto::Digest::sha512, {}), ""},
       {"an INTEGER", hmac(crypto::Digest::sha256, Bytes{2, 1, 0}), "protect.mac-parameters"}});
}

TEST(Gmac, neverTheSameNonceTwice) {
  crypto::OsEntropy entropy;
  for (const auto& algorithm : {Pbm{.mac = gmac()}.algorithm(), Pbmac{.mac = gmac()}.algorithm()}) {
    const MacKey key = derive_mac_key(algorithm, secret(), true, {}).value();
    std::set<Bytes> seen = {algorithm.parameters};
    for (int i = 0; i < 20; ++i) {
      auto message = test::question();
      ASSERT_TRUE(protect_with_mac(message, key, entropy));
      const auto& used = *message.header.protection_alg;
      EXPECT_TRUE(seen.insert(used.parameters).second);
      EXPECT_EQ(message.protection->octets.size(), 16U);
      const MacKey theirs = derive_mac_key(used, secret(), true, {}).value();
      EXPECT_TRUE(equal(theirs.key.expose(), key.key.expose())) << "salt and count stay";
      EXPECT_TRUE(mac_matches(theirs, test::sent(message)));
      EXPECT_FALSE(mac_matches(key, test::sent(message))) << "under the nonce of another";
    }
  }
}

TEST(MacKey, agreesWithOtherSoftwareForEveryMacInEveryPlace) {
  const Bytes all = test::file("macs.txt");
  std::istringstream lines{std::string(text(all))};
  std::string line;
  int seen = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    std::array<Bytes, 4> octets;  // algorithm, secret, data, value
    for (Bytes& field : octets) {
      words >> word;
      ASSERT_TRUE(from_hex(word, field)) << name;
    }
    SCOPED_TRACE(name);
    const auto key = derive_mac_key(read_algorithm(octets[0]), Secret(octets[1]), true, {});
    ASSERT_TRUE(key) << key.error().reply_text;
    EXPECT_EQ(to_hex(compute_mac(*key, octets[2])), to_hex(octets[3]));
    ++seen;
  }
  EXPECT_EQ(seen, 85);
}

}  // namespace
}  // namespace countersign::protect
