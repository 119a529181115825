#include "enrol/central_key.h"

#include "crypto/keys.h"
#include "der/writer.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using x509::KeyUsage;

Bytes empty_key(crypto::KeyKind kind) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    der::write(s, crypto::key_algorithm(kind));
    s.bit_octets({});
  });
  return std::move(w).take();
}

x509::Certificate with_usage(const std::string& kind, std::optional<KeyUsage> usage) {
  auto out = certificate("CN=device", {}, 1, kind);
  if (usage) out.extensions.push_back(x509::make_key_usage(x509::usages({*usage})));
  return out;
}

CredentialRecord credential(bool made_by_us) {
  CredentialRecord out;
  out.reference = "r";
  out.made_by_us = made_by_us;
  return out;
}

struct Case {
  std::string what;
  std::string says;  // the code, or the key and the delivery
  std::optional<crypto::KeyKind> asked = {};
  message::Sender sender = by_secret("r");
  bool made_by_us = true;
  CentralKeys allowed = CentralKeys::any;
  Transport transport = Transport::clear;
  std::optional<crmf::ProofOfPossession> popo = {};
  Controls controls = {};
};

std::string said(const Case& c) {
  crmf::CertReqMsg request;
  if (c.asked) request.cert_req.cert_template.public_key = empty_key(*c.asked);
  EXPECT_TRUE(asks_for_key(request.cert_req.cert_template)) << c.what;
  request.popo = c.popo;
  const auto secret = credential(c.made_by_us);
  const Template& t = *find_template(built_in_templates(), "device");
  const auto key =
      grant_central_key({request.cert_req.cert_template, request.popo, t, c.allowed, c.transport,
                         c.sender, c.sender.certificate ? nullptr : &secret, c.controls});
  if (!key) return std::string(key.error().code);
  return key->algorithm + (key->delivery == transaction::CentralKey::Delivery::secret
                               ? " under the secret"
                               : " for the certificate");
}

TEST(CentralKey, who_gets_which_key_and_how) {
  using crypto::KeyKind;
  const auto rsa = by_certificate(with_usage("rsa2048", KeyUsage::keyEncipherment));
  const auto p256 = by_certificate(with_usage("p256", KeyUsage::keyAgreement));
  const std::vector<Case> cases = {
      {.what = "a secret suits P-256", .says = "p256 under the secret"},
      {.what = "RSA is of 3072 bits", .says = "rsa3072 under the secret", .asked = KeyKind::rsa},
      {.what = "Ed25519", .says = "ed25519 under the secret", .asked = KeyKind::ed25519},
      {.what = "a key stronger than the secret",
       .says = "template.central-key-strength",
       .asked = KeyKind::p384},
      {.what = "a secret that a person chose",
       .says = "template.central-key-secret",
       .made_by_us = false},
      {.what = "a secret in the clear where only signers may",
       .says = "template.central-key-plain",
       .allowed = CentralKeys::signers},
      {.what = "the same over HTTPS",
       .says = "p256 under the secret",
       .allowed = CentralKeys::signers,
       .transport = Transport::confidential},
      {.what = "RSA of 2048 bits for RSA of 2048 bits",
       .says = "rsa2048 for the certificate",
       .sender = rsa,
       .allowed = CentralKeys::signers},
      {.what = "P-256 under RSA of 2048 bits is similar enough",
       .says = "p256 for the certificate",
       .asked = KeyKind::p256,
       .sender = rsa},
      {.what = "P-521 under RSA of 2048 bits is not",
       .says = "template.central-key-strength",
       .asked = KeyKind::p521,
       .sender = rsa},
      {.what = "EC with keyAgreement", .says = "p256 for the certificate", .sender = p256},
      {.what = "no keyUsage allows all",
       .says = "p256 for the certificate",
       .sender = by_certificate(with_usage("p256", {}))},
      {.what = "RSA without keyEncipherment",
       .says = "template.central-key-recipient",
       .sender = by_certificate(with_usage("rsa2048", KeyUsage::digitalSignature))},
      {.what = "EC without keyAgreement",
       .says = "template.central-key-recipient",
       .sender = by_certificate(with_usage("p256", KeyUsage::keyEncipherment))},
      {.what = "Ed25519 receives nothing",
       .says = "template.central-key-recipient",
       .sender = by_certificate(with_usage("ed25519", {}))},
      {.what = "an RA would get what is another's",
       .says = "template.central-key-ra",
       .sender = by_certificate(with_usage("p256", KeyUsage::keyAgreement), true)},
      {.what = "a key that cannot sign", .says = "template.key-kind", .asked = KeyKind::x25519},
      {.what = "popo of a key that is not there",
       .says = "template.central-key-popo",
       .popo = crmf::ProofOfPossession{crmf::RaVerified{}}},
  };
  for (const Case& c : cases) EXPECT_EQ(said(c), c.says) << c.what;
}

// RFC 9810 §5.3.19.16: algId and rsaKeyLen.
TEST(CentralKey, controls_say_which_key) {
  using crypto::KeyKind;
  const auto named = [](KeyKind kind) {
    Controls out;
    out.key_algorithm = crypto::key_algorithm(kind);
    return out;
  };
  const auto rsa_of = [](unsigned bits) {
    Controls out;
    out.rsa_bits = bits;
    return out;
  };
  const std::vector<Case> cases = {
      {.what = "Ed25519", .says = "ed25519 under the secret", .controls = named(KeyKind::ed25519)},
      {.what = "the same in the template too",
       .says = "ed25519 under the secret",
       .asked = KeyKind::ed25519,
       .controls = named(KeyKind::ed25519)},
      {.what = "another one in the template",
       .says = "control.key-size",
       .asked = KeyKind::p256,
       .controls = named(KeyKind::ed25519)},
      {.what = "one that is not made",
       .says = "template.key-kind",
       .controls = named(KeyKind::x25519)},
      {.what = "RSA of 2048 bits", .says = "rsa2048 under the secret", .controls = rsa_of(2048)},
      {.what = "RSA of 3072 bits, named twice",
       .says = "rsa3072 under the secret",
       .asked = KeyKind::rsa,
       .controls = rsa_of(3072)},
      {.what = "RSA of a length between", .says = "template.key-kind", .controls = rsa_of(2500)},
      {.what = "RSA shorter than the template allows",
       .says = "template.key-kind",
       .controls = rsa_of(1024)},
      {.what = "RSA longer than any", .says = "template.key-kind", .controls = rsa_of(1U << 20)},
      {.what = "the length of RSA for another",
       .says = "control.key-size",
       .asked = KeyKind::p256,
       .controls = rsa_of(2048)},
  };
  for (const Case& c : cases) EXPECT_EQ(said(c), c.says) << c.what;
}

TEST(CentralKey, a_request_with_a_key_asks_for_none) {
  crmf::CertTemplate asked;
  EXPECT_TRUE(asks_for_key(asked));
  asked.public_key = spki("p256");
  EXPECT_FALSE(asks_for_key(asked));
  asked.public_key = to_bytes("no DER");
  EXPECT_FALSE(asks_for_key(asked)) << "what is malformed is for crypto to name";
}

}  // namespace
}  // namespace countersign::enrol
