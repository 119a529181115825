#include "crypto/digest.h"

#include "crypto/vectors_for_test.h"

namespace countersign::crypto {
namespace {

struct Case {
  Digest digest;
  const char* of_abc;
};
// NIST FIPS 180-4 and FIPS 202 examples; "abc".
constexpr Case kCases[] = {
    {Digest::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {Digest::sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {Digest::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {Digest::sha384,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5a7"},
    {Digest::sha512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e2a9ac94fa54ca49f"},
    {Digest::sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
    {Digest::sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {Digest::sha3_384,
     "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376"
     "d25"},
    {Digest::sha3_512,
     "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39"
     "34057340b4cf408d5a56592f8274eec53f0"},
    {Digest::shake128, "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8"},
    {Digest::shake256,
     "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1"
     "faa9f8726e462a12a4feb06bd8801e751e4"},
};
static_assert(std::size(kCases) == kDigests);

TEST(Digest, every_digest_of_abc_is_the_published_one) {
  for (const Case& c : kCases) {
    EXPECT_EQ(to_hex(digest(c.digest, view("abc"))), c.of_abc) << name(c.digest);
    EXPECT_EQ(digest_size(c.digest), std::string_view(c.of_abc).size() / 2) << name(c.digest);
  }
}

TEST(Digest, pieces_give_the_same_and_a_finished_hasher_starts_anew) {
  for (const Case& c : kCases) {
    Hasher hasher(c.digest);
    EXPECT_EQ(to_hex(hasher.update(view("a")).update({}).update(view("bc")).finish()), c.of_abc);
    EXPECT_EQ(to_hex(hasher.update(view("abc")).finish()), c.of_abc) << name(c.digest);
  }
}

TEST(Digest, the_empty_input_has_a_digest) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, names_and_object_identifiers_lead_back) {
  for (const Case& c : kCases) {
    EXPECT_EQ(digest_from_oid(oid(c.digest)), c.digest);
    EXPECT_EQ(digest_from_name(name(c.digest)), c.digest);
  }
  EXPECT_EQ(digest_from_oid(der::Oid::of("1.2.840.113549.2.5")), std::nullopt) << "MD5";
  EXPECT_EQ(digest_from_name("md5"), std::nullopt);
}

}  // namespace
}  // namespace countersign::crypto
