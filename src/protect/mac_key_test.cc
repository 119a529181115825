#include <set>
#include <sstream>

#include "crypto/mac.h"
#include "crypto/os_entropy.h"
#include "protect/mac_function.h"
#include "protect/mac_parameters.h"
#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using test::code;

constexpr auto kSha1 = der::Oid::of("1.3.14.3.2.26");
constexpr auto kMd5 = der::Oid::of("1.2.840.113549.2.5");
constexpr auto kHmacSha1 = der::Oid::of("1.2.840.113549.2.7");
constexpr auto kAes128Gmac = der::Oid::of("2.16.840.1.101.3.4.1.9");
constexpr auto kAes256Gmac = der::Oid::of("2.16.840.1.101.3.4.1.49");
constexpr auto kHmacSha1OfCmp = der::Oid::of("1.3.6.1.5.5.8.1.2");

const Secret& secret() { return test::vector_secret(); }

Bytes der_of(const der::AlgorithmIdentifier& algorithm) { return der::encode(algorithm); }
der::AlgorithmIdentifier hmac(crypto::Digest digest, View parameters = der::kNullDer) {
  return {*crypto::hmac_oid(digest), copy(parameters)};
}

// An INTEGER by its content octets, so that any size can be said.
Bytes integer(View content) {
  der::Writer w;
  w.integer_octets(content);
  return std::move(w).take();
}
Bytes integer(std::int64_t value) {
  der::Writer w;
  w.integer(value);
  return std::move(w).take();
}

struct Pbm {
  Bytes salt = Bytes(16, 7);
  der::AlgorithmIdentifier owf = {crypto::oid(crypto::Digest::sha256), {}};
  Bytes count = integer(500);
  der::AlgorithmIdentifier mac = hmac(crypto::Digest::sha256);
  Bytes trailing = {};

  der::AlgorithmIdentifier algorithm() const {
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      s.octets(salt);
      s.raw(der_of(owf));
      s.raw(count);
      s.raw(der_of(mac));
      s.raw(trailing);
    });
    return {kPasswordBasedMac, std::move(w).take()};
  }
};

struct Pbmac {
  der::Oid kdf = kPbkdf2;
  Bytes salt = [] {
    der::Writer w;
    w.octets(Bytes(16, 7));
    return std::move(w).take();
  }();
  Bytes count = integer(500);
  Bytes key_length = integer(32);
  Bytes prf = der_of(hmac(crypto::Digest::sha256));
  der::AlgorithmIdentifier mac = hmac(crypto::Digest::sha256);

  der::AlgorithmIdentifier algorithm() const {
    der::Writer params;
    params.sequence([&](der::Writer& s) {
      for (const Bytes* part : {&salt, &count, &key_length, &prf}) s.raw(*part);
    });
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      der::write(s, {kdf, params.bytes()});
      der::write(s, mac);
    });
    return {kPbmac1, std::move(w).take()};
  }
};

der::AlgorithmIdentifier gmac(std::size_t nonce = 12, Bytes length = integer(16),
                              const der::Oid& oid = kAes256Gmac);

Bytes salt_of(std::size_t size) {
  der::Writer w;
  w.octets(Bytes(size, 7));
  return std::move(w).take();
}

struct Case {
  std::string sentence;
  der::AlgorithmIdentifier algorithm;
  std::string code;
};

void run(const std::vector<Case>& cases, const Policy& policy = {}) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(code(derive_mac_key(c.algorithm, secret(), true, policy)), c.code);
  }
}

TEST(PasswordBasedMac, acceptsWhatIsStrongAndRefusesTheRest) {
  run({
      {"SHA-256 and HMAC-SHA-256", Pbm{}.algorithm(), ""},
      {"owf with NULL", Pbm{.owf = {crypto::oid(crypto::Digest::sha256), {5, 0}}}.algorithm(), ""},
      {"mac without parameters", Pbm{.mac = hmac(crypto::Digest::sha256, {})}.algorithm(), ""},
      {"SHA-512 and HMAC-SHA-224",
       Pbm{.owf = {crypto::oid(crypto::Digest::sha512), {}}, .mac = hmac(crypto::Digest::sha224)}
           .algorithm(),
       ""},
      {"SHA3-256 as owf", Pbm{.owf = {crypto::oid(crypto::Digest::sha3_256), {}}}.algorithm(), ""},
      {"HMAC-SHA-1, PKCS OID", Pbm{.mac = {kHmacSha1, {5, 0}}}.algorithm(), ""},
      {"HMAC-SHA-1, CMP's OID", Pbm{.mac = {kHmacSha1OfCmp, {}}}.algorithm(), ""},
      {"SHA-1 as owf", Pbm{.owf = {kSha1, {}}}.algorithm(), "protect.owf-not-accepted"},
      {"MD5 as owf", Pbm{.owf = {kMd5, {5, 0}}}.algorithm(), "protect.owf-not-accepted"},
      {"SHAKE128 as owf", Pbm{.owf = {crypto::oid(crypto::Digest::shake128), {}}}.algorithm(),
       "protect.owf-not-accepted"},
      {"owf with strange parameters",
       Pbm{.owf = {crypto::oid(crypto::Digest::sha256), {2, 1, 0}}}.algorithm(),
       "protect.owf-not-accepted"},
      {"HMAC-SHA3 as mac", Pbm{.mac = hmac(crypto::Digest::sha3_256)}.algorithm(),
       "protect.mac-not-accepted"},
      {"a digest as mac", Pbm{.mac = {crypto::oid(crypto::Digest::sha256), {}}}.algorithm(),
       "protect.mac-not-accepted"},
      {"mac with strange parameters",
       Pbm{.mac = hmac(crypto::Digest::sha256, Bytes{2, 1, 0})}.algorithm(),
       "protect.mac-not-accepted"},
      {"a fifth field", Pbm{.trailing = {5, 0}}.algorithm(), "der.trailing"},
      {"no parameters at all", {kPasswordBasedMac, {}}, "der.truncated"},
      {"NULL parameters", {kPasswordBasedMac, {5, 0}}, "der.tag"},
      {"octets after the parameters",
       [] {
         auto algorithm = Pbm{}.algorithm();
         append(algorithm.parameters, der::kNullDer);
         return algorithm;
       }(),
       "der.trailing"},
  });
}

// GMACParameters, KMACwithSHAKE…-params
der::AlgorithmIdentifier gmac(std::size_t nonce, Bytes length, const der::Oid& oid) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(Bytes(nonce, 3));
    s.raw(length);
  });
  return {oid, std::move(w).take()};
}

der::AlgorithmIdentifier kmac(const std::vector<Bytes>& fields, const der::Oid& oid) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    for (const Bytes& field : fields) s.raw(field);
  });
  return {oid, std::move(w).take()};
}

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

TEST(PasswordBasedMac, acceptsHmacSha1ByPolicyOnly) {
  run({{"PKCS OID", Pbm{.mac = {kHmacSha1, {5, 0}}}.algorithm(), "protect.mac-not-accepted"},
       {"CMP's OID", Pbm{.mac = {kHmacSha1OfCmp, {5, 0}}}.algorithm(), "protect.mac-not-accepted"}},
      Policy{.accept_hmac_sha1 = false});
}

// Iteration counts that must cost nothing, and their edges.
struct Count {
  const char* sentence;
  Bytes der;
  const char* code;
};
std::vector<Count> counts() {
  return {
      {"zero", integer(0), "protect.iterations-too-few"},
      {"99", integer(99), "protect.iterations-too-few"},
      {"100", integer(100), ""},
      {"minus one", integer(-1), "protect.iterations-too-few"},
      {"-2^63", integer(std::numeric_limits<std::int64_t>::min()), "protect.iterations-too-few"},
      {"-2^71", integer(Bytes{0x80, 0, 0, 0, 0, 0, 0, 0, 0}), "protect.iterations-too-few"},
      {"1000, the most here", integer(1000), ""},
      {"one more than the most", integer(1001), "protect.iterations-too-many"},
      {"2^31 - 1", integer(0x7fffffff), "protect.iterations-too-many"},
      {"2^31", integer(0x80000000), "protect.iterations-too-many"},
      {"2^32 + 500", integer(0x100000000 + 500), "protect.iterations-too-many"},
      {"2^63", integer(Bytes{0, 0x80, 0, 0, 0, 0, 0, 0, 0}), "protect.iterations-too-many"},
      {"2^1000", integer(Bytes(126, 1)), "protect.iterations-too-many"},
      {"a padded INTEGER", {2, 2, 0, 100}, "der.integer"},
      {"an OCTET STRING", {4, 1, 100}, "der.tag"},
  };
}

TEST(Iterations, areBounded) {
  const Policy policy{.max_iterations = 1000};
  for (const Count& c : counts()) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(code(derive_mac_key(Pbm{.count = c.der}.algorithm(), secret(), true, policy)),
              c.code);
    EXPECT_EQ(code(derive_mac_key(Pbmac{.count = c.der}.algorithm(), secret(), true, policy)),
              c.code);
  }
}

TEST(Iterations, areMoreForSecretsThatPeopleChose) {
  const struct {
    const char* sentence;
    std::int64_t count;
    bool made_by_us;
    const char* code;
  } cases[] = {
      {"made by us, 100", 100, true, ""},
      {"chosen, 100", 100, false, "protect.iterations-too-few"},
      {"chosen, 9999", 9999, false, "protect.iterations-too-few"},
      {"chosen, 10000", 10000, false, ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    const auto algorithm = Pbmac{.count = integer(c.count)}.algorithm();
    EXPECT_EQ(code(derive_mac_key(algorithm, secret(), c.made_by_us, {})), c.code);
  }
}

TEST(Iterations, anUnboundedPolicyIsStillBounded) {
  const Policy policy{.max_iterations = std::numeric_limits<std::int64_t>::max()};
  run({{"2^31", Pbm{.count = integer(0x80000000)}.algorithm(), "protect.iterations-too-many"}},
      policy);
}

TEST(Iterations, theRefusalSaysWhatIsAllowed) {
  const auto refused =
      derive_mac_key(Pbm{.count = integer(99)}.algorithm(), secret(), true, Policy{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure, Failure::badAlg);
  EXPECT_NE(refused.error().reply_text.find("use 100 to 100000"), std::string::npos);
}

TEST(Salt, isBounded) {
  const struct {
    const char* sentence;
    std::size_t size;
    const char* code;
  } cases[] = {
      {"empty", 0, "protect.salt-length"},
      {"7 octets", 7, "protect.salt-length"},
      {"8 octets", 8, ""},
      {"1024 octets", 1024, ""},
      {"1025 octets", 1025, "protect.salt-length"},
      {"100000 octets", 100000, "protect.salt-length"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(code(derive_mac_key(Pbm{.salt = Bytes(c.size, 7)}.algorithm(), secret(), true, {})),
              c.code);
    EXPECT_EQ(code(derive_mac_key(Pbmac{.salt = salt_of(c.size)}.algorithm(), secret(), true, {})),
              c.code);
  }
}

TEST(Pbmac1, acceptsWhatIsStrongAndRefusesTheRest) {
  run({
      {"PBKDF2, HMAC-SHA-256 twice", Pbmac{}.algorithm(), ""},
      {"without keyLength", Pbmac{.key_length = {}}.algorithm(), ""},
      {"keyLength 15", Pbmac{.key_length = integer(15)}.algorithm(), "protect.key-length"},
      {"keyLength 16", Pbmac{.key_length = integer(16)}.algorithm(), ""},
      {"keyLength 64", Pbmac{.key_length = integer(64)}.algorithm(), ""},
      {"keyLength 65", Pbmac{.key_length = integer(65)}.algorithm(), "protect.key-length"},
      {"keyLength 0", Pbmac{.key_length = integer(0)}.algorithm(), "protect.key-length"},
      {"keyLength -1", Pbmac{.key_length = integer(-1)}.algorithm(), "protect.key-length"},
      {"keyLength 2^80", Pbmac{.key_length = integer(Bytes(11, 1))}.algorithm(),
       "protect.key-length"},
      {"prf left out: HMAC-SHA-1", Pbmac{.prf = {}}.algorithm(), "protect.prf-not-accepted"},
      {"prf HMAC-SHA-1 spelled out", Pbmac{.prf = der_of({kHmacSha1, {5, 0}})}.algorithm(),
       "protect.prf-not-accepted"},
      {"prf a digest", Pbmac{.prf = der_of({crypto::oid(crypto::Digest::sha256), {}})}.algorithm(),
       "protect.prf-not-accepted"},
      {"HMAC-SHA-1 as scheme", Pbmac{.mac = {kHmacSha1, {5, 0}}}.algorithm(),
       "protect.mac-not-accepted"},
      {"HMAC-SHA3 as scheme", Pbmac{.mac = hmac(crypto::Digest::sha3_256)}.algorithm(),
       "protect.mac-not-accepted"},
      {"scrypt", Pbmac{.kdf = der::Oid::of("1.3.6.1.4.1.11591.4.11")}.algorithm(),
       "protect.kdf-not-accepted"},
      {"salt of another source", Pbmac{.salt = der_of({kPbkdf2, {}})}.algorithm(),
       "protect.salt-source"},
      {"salt as INTEGER", Pbmac{.salt = integer(5)}.algorithm(), "der.tag"},
      {"no parameters", {kPbmac1, {}}, "der.truncated"},
  });
}

TEST(MacKey, refusesWhatIsNoRowOfTheTable) {
  run({{"DHBasedMac",
        {der::Oid::of("1.2.840.113533.7.66.30"), {}},
        "protect.algorithm-not-supported"},
       {"HMAC-SHA-1 directly", {kHmacSha1, {5, 0}}, "protect.algorithm-not-supported"},
       {"HMAC-SHA3 directly", hmac(crypto::Digest::sha3_256, {}),
        "protect.algorithm-not-supported"},
       {"AES-GMAC directly", gmac(), "protect.algorithm-not-supported"}});
}

TEST(MacKey, newAlgorithmsAreAcceptedAndHaveAFreshSalt) {
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(mac_choice(row.name), row.choice);
    test::CountingEntropy entropy;
    const auto first = new_mac_algorithm(row.choice, 10000, entropy).value();
    const auto second = new_mac_algorithm(row.choice, 10000, entropy).value();
    EXPECT_EQ(first == second, is_direct(first));
    const auto key = derive_mac_key(first, secret(), false, Policy{.accept_hmac_sha1 = false});
    ASSERT_TRUE(key) << key.error().reply_text;
    EXPECT_EQ(key->iterations, is_direct(first) ? 0 : 10000);
    EXPECT_EQ(proof_kind(first), message::ProofKind::mac);
  }
  test::CountingEntropy entropy;
  EXPECT_EQ(code(new_mac_algorithm(MacChoice::pbmac1, 99, entropy)), "protect.iterations-too-few");
}

TEST(MacKey, theCostIsKnownBeforeAnythingIsDerived) {
  const Bytes salt(16, 0x5a);
  EXPECT_EQ(iterations_of(make_pbm(salt, 12'345)), 12'345);
  EXPECT_EQ(iterations_of(make_pbmac1(salt, 54'321)), 54'321);
  for (auto algorithm : {make_pbm(salt, 100), make_pbmac1(salt, 100)}) {
    algorithm.parameters.pop_back();
    EXPECT_EQ(iterations_of(algorithm), 0) << "cut off";
  }
  EXPECT_EQ(iterations_of({der::Oid::of("1.2.840.10045.4.3.2"), {}}), 0) << "a signature";
}

TEST(MacKey, proofKindTellsSignaturesFromTheUnknown) {
  for (const auto& row : crypto::kSignatureAlgorithms)
    EXPECT_EQ(proof_kind(crypto::identifier(row)), message::ProofKind::signature) << row.name;
  EXPECT_EQ(proof_kind({der::Oid::of("1.2.3"), {}}), std::nullopt);
}

der::AlgorithmIdentifier read_algorithm(View encoded) {
  der::Context context(encoded);
  der::Reader in(encoded, context);
  return der::read_algorithm(in).value();
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

TEST(Pbmac1, agreesWithPythonForEveryPairOfDigests) {
  const Bytes all = test::file("pbmac1.txt");
  std::istringstream lines{std::string(text(all))};
  std::string line;
  int seen = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string prf, mac, fields[4];
    words >> prf >> mac;
    Bytes octets[4];
    for (int i = 0; i < 4; ++i) {
      words >> fields[i];
      ASSERT_TRUE(from_hex(fields[i], octets[i]));
    }
    SCOPED_TRACE(testing::Message() << prf << " " << mac);
    const auto key = derive_mac_key(read_algorithm(octets[0]), Secret(octets[1]), true, {});
    ASSERT_TRUE(key) << key.error().reply_text;
    EXPECT_EQ(to_hex(compute_mac(*key, octets[2])), fields[3]);
    ++seen;
  }
  EXPECT_EQ(seen, 48);
}

}  // namespace
}  // namespace countersign::protect
