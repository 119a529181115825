#include "enrol/pop.h"

#include "crypto/sign.h"
#include "enrol/test_values.h"
#include "message/message.h"
#include "protect/protection_table.h"

namespace countersign::enrol {
namespace {

using namespace test;

// Requests as `openssl cmp` and the script of the vectors wrote them.
crmf::CertReqMsg request(const std::string& file) {
  const Bytes der = read_vector(file);
  if (file.starts_with("ir-")) {
    auto message = message::parse_message(der);
    EXPECT_TRUE(message) << file << ": " << message.error().reply_text;
    return std::get<crmf::CertReqMessages>(message->body.content).at(0);
  }
  der::Context context(der);
  der::Reader in(der, context);
  auto requests = crmf::read_cert_req_messages(in);
  EXPECT_TRUE(requests) << file << ": " << context.path();
  return requests->at(0);
}

struct Case {
  const char* what;
  const char* file;
  const char* code = "ok";
  const char* failure = "badPOP";
};

void expect(const Case& c, const message::Sender& sender, const Secret* secret) {
  SCOPED_TRACE(c.what);
  const auto got = check_pop(request(c.file), sender, secret, protect::Policy{});
  EXPECT_EQ(code(got), c.code) << (got ? "" : got.error().reply_text);
  if (!got) {
    EXPECT_EQ(failure(got), c.failure);
  }
}

const Case kBySecret[] = {
    {"RSA", "ir-rsa.der"},
    {"P-256", "ir-p256.der"},
    {"P-384", "ir-p384.der"},
    {"P-521", "ir-p521.der"},
    {"Ed25519", "ir-ed25519.der"},
    {"Ed448", "ir-ed448.der"},
    {"ML-DSA-44", "ir-ml-dsa-44.der"},
    {"ML-DSA-65", "ir-ml-dsa-65.der"},
    {"ML-DSA-87", "ir-ml-dsa-87.der"},
    {"SLH-DSA-SHA2-128f", "ir-slh-dsa-sha2-128f.der"},
    {"SLH-DSA-SHAKE-128s", "ir-slh-dsa-shake-128s.der"},
    {"ECDSA with SHA3-256", "ir-p256-sha3-256.der"},
    {"RSA with SHA3-512", "ir-rsa-sha3-512.der"},
    {"SHA-1 is refused", "ir-sha1.der", "pop.algorithm"},
    {"raVerified by an end entity", "ir-ra-verified.der", "pop.ra-verified", "notAuthorized"},
    {"none at all", "popo-absent.der", "pop.missing"},
    {"a request for central key generation", "ir-central-key.der", "template.key-missing",
     "badCertTemplate"},
    {"keyEncipherment", "ir-key-encipherment.der", "pop.method"},
    {"no subject, no poposkInput", "ir-no-subject.der", "pop.input-missing"},
    {"an empty subject that is left out, no poposkInput", "ir-san-only.der", "pop.input-missing"},
    {"poposkInput with the sender", "popo-sender.der"},
    {"poposkInput with another sender", "popo-sender-differs.der", "pop.sender-differs"},
    {"poposkInput with publicKeyMAC", "popo-mac.der"},
    {"publicKeyMAC under another secret", "popo-mac-differs.der", "pop.mac"},
    {"poposkInput for another key", "popo-key-differs.der", "pop.key-differs"},
    {"poposkInput though subject and key are there", "popo-input-present.der", "pop.input-present"},
    {"poposkInput that the signature is not over", "popo-input-unsigned.der", "pop.signature"},
    {"poposkInput missing", "popo-input-missing.der", "pop.input-missing"},
    {"the template was changed after signing", "popo-template-changed.der", "pop.signature"},
};

TEST(ProofOfPossession, under_a_shared_secret) {
  const Secret secret(view("an agreed secret"));
  for (const Case& c : kBySecret) expect(c, by_secret("device-7"), &secret);
}

TEST(ProofOfPossession, under_a_certificate) {
  const auto sender = by_certificate(certificate("CN=device-7"));
  expect({"signature", "ir-p256.der"}, sender, nullptr);
  expect({"poposkInput with the signer's name", "popo-sender.der"}, sender, nullptr);
  expect({"another name", "popo-sender-differs.der", "pop.sender-differs"}, sender, nullptr);
  expect({"publicKeyMAC without a secret", "popo-mac.der", "pop.mac"}, sender, nullptr);
  expect({"raVerified", "ir-ra-verified.der", "pop.ra-verified", "notAuthorized"}, sender, nullptr);
}

TEST(ProofOfPossession, an_authorised_ra_vouches_with_raVerified_only) {
  const auto ra = by_certificate(certificate("CN=RA"), true);
  expect({"raVerified", "ir-ra-verified.der"}, ra, nullptr);
  expect({"a signature is checked all the same", "popo-template-changed.der", "pop.signature"}, ra,
         nullptr);
  expect({"none at all", "popo-absent.der", "pop.missing"}, ra, nullptr);
}

TEST(ProofOfPossession, a_flipped_bit_anywhere_in_the_request_or_the_signature_is_found) {
  crmf::CertReqMsg good = request("ir-p256.der");
  for (std::size_t i = 0; i < good.cert_req_der.size(); ++i) {
    crmf::CertReqMsg bad = good;
    bad.cert_req_der[i] ^= 1;
    EXPECT_EQ(code(check_pop(bad, by_secret("device-7"), nullptr, {})), "pop.signature") << i;
  }
  auto& pop = std::get<crmf::POPOSigningKey>(*good.popo);
  pop.signature.unused = 1;
  EXPECT_EQ(code(check_pop(good, by_secret("device-7"), nullptr, {})), "pop.signature");
}

TEST(ProofOfPossession, the_algorithm_fits_the_key) {
  crmf::CertReqMsg bad = request("ir-p256.der");
  std::get<crmf::POPOSigningKey>(*bad.popo).algorithm_identifier =
      crypto::default_signature_algorithm(crypto::KeyKind::ed25519);
  EXPECT_EQ(code(check_pop(bad, by_secret("device-7"), nullptr, {})), "pop.algorithm");
}

TEST(ProofOfPossession, publicKeyMAC_is_under_a_derived_key) {
  const Secret secret(view("an agreed secret"));
  const auto key = crypto::PrivateKey::generate(*crypto::key_spec("p256"));
  const auto under = [&](const der::AlgorithmIdentifier& algorithm) {
    const auto mac_key = protect::derive_mac_key(algorithm, secret, true, {}).value();
    const Bytes spki = copy(key.public_key().spki());
    crmf::POPOSigningKey pop;
    pop.popo_sk_input = {crmf::PKMACValue{algorithm, {protect::compute_mac(mac_key, spki), 0}},
                         spki};
    pop.algorithm_identifier = key.default_signature_algorithm();
    pop.signature = {
        crypto::sign(key, pop.algorithm_identifier, crmf::encode(*pop.popo_sk_input)).value(), 0};
    crmf::CertReqMsg request;
    request.cert_req.cert_template.public_key = spki;
    request.popo = pop;
    return check_pop(request, by_secret("device-7"), &secret, {});
  };
  EXPECT_EQ(code(under(protect::make_pbm(Bytes(16), 100))), "ok");
  EXPECT_EQ(code(under(protect::make_pbmac1(Bytes(16), 100))), "ok");
  EXPECT_EQ(code(under(protect::make_hmac({}, 0))), "pop.mac");
  EXPECT_EQ(code(under(protect::make_kmac({}, 0))), "pop.mac");
}

TEST(ProofOfPossession, a_request_being_built_is_encoded_first) {
  crmf::CertReqMsg built = request("ir-p256.der");
  built.cert_req_der.clear();
  EXPECT_EQ(code(check_pop(built, by_secret("device-7"), nullptr, {})), "ok");
}

TEST(ProofOfPossession, pkcs10) {
  for (const char* kind : {"rsa", "p256", "ed25519", "ml-dsa-44", "slh-dsa-sha2-128f"}) {
    auto csr = x509::parse_csr(read_vector("csr-" + std::string(kind) + ".der"));
    ASSERT_TRUE(csr) << kind;
    EXPECT_EQ(code(check_pop(*csr)), "ok") << kind;
    csr->info.back() ^= 1;
    EXPECT_EQ(code(check_pop(*csr)), "pop.signature") << kind;
    EXPECT_EQ(failure(check_pop(*csr)), "badPOP") << kind;
  }
  const auto sha1 = x509::parse_csr(read_vector("csr-sha1.der"));
  ASSERT_TRUE(sha1);
  EXPECT_EQ(code(check_pop(*sha1)), "pop.algorithm");
}

}  // namespace
}  // namespace countersign::enrol
