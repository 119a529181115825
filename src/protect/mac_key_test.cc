#include "protect/mac_key.h"

#include <sstream>

#include "protect/mac_algorithms_for_test.h"

namespace countersign::protect {
namespace {

using namespace test;

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

TEST(PasswordBasedMac, acceptsSha1AsOwfByPolicyOnly) {
  run({{"SHA-1", Pbm{.owf = {kSha1, {}}}.algorithm(), ""},
       {"MD5", Pbm{.owf = {kMd5, {}}}.algorithm(), "protect.owf-not-accepted"}},
      Policy{.accept_owf_sha1 = true});
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
      {"chosen, 499", 499, false, "protect.iterations-too-few"},
      {"chosen, 500, as stock openssl cmp has it", 500, false, ""},
      {"chosen, 262144", 262144, false, ""},
      {"more than a peer may make us compute", 300001, false, "protect.iterations-too-many"},
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
  EXPECT_NE(refused.error().reply_text.find("use 100 to 300000"), std::string::npos);
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
