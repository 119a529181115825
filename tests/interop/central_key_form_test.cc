// The form in which countersignd sends a key that it made, field by field: for a certificate that
// can decipher, one that can agree, each with and without subjectKeyIdentifier, and under a secret.
// RFC 9483 §4.1.6
#include "crypto/cms_structure_for_test.h"
#include "interop/openssl_mock.h"
#include "message/message.h"
#include "x509/certificate.h"

namespace countersign::test {
namespace {

namespace cms = crypto::cms;

struct Delivered {
  message::PKIMessage request, reply;
  Bytes enveloped_data;
  cms::SeenEnvelope envelope;
};

class CentralKeyForm : public testing::Test {
 protected:
  void SetUp() override {
    genpkey("vendor", "EC");
    certify("vendor", {"-subj", "/CN=Vendor CA", "-addext", "basicConstraints=critical,CA:TRUE",
                       "-addext", "keyUsage=critical,keyCertSign"});
    const Ran added = shop_.countersignd(
        {"trust", "add", "--data", server_.data(), "--names", "dev-*", at("vendor.pem")});
    ASSERT_EQ(added.exit, 0) << added.err;
    ASSERT_EQ(server_.stop(), 0);
    server_.start();
  }

  std::string at(const std::string& name) const { return shop_.at(name); }
  void openssl(const Words& words) {
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << words[0] << ": " << ran.err;
  }
  void genpkey(const std::string& name, const std::string& algorithm) {
    openssl({"genpkey", "-algorithm", algorithm, "-pkeyopt",
             algorithm == "EC" ? "ec_paramgen_curve:P-256" : "rsa_keygen_bits:2048", "-out",
             at(name + ".key")});
  }
  void certify(const std::string& name, const Words& more) {
    Words words{"req", "-x509", "-config",         "/dev/null", "-days",
                "50",  "-key",  at(name + ".key"), "-out",      at(name + ".pem")};
    words.insert(words.end(), more.begin(), more.end());
    openssl(words);
  }
  // A device of the vendor; `key_id` is "hash" or "none".
  void make_device(const std::string& algorithm, const std::string& key_id) {
    genpkey("device", algorithm);
    certify("device", {"-subj", "/CN=dev-1", "-CA", at("vendor.pem"), "-CAkey", at("vendor.key"),
                       "-addext", "basicConstraints=CA:FALSE", "-addext",
                       "keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement", "-addext",
                       "subjectKeyIdentifier=" + key_id});
    write(at("device.pem"), read(at("device.pem")) + read(at("vendor.pem")));
  }

  // What our client sends, and what comes back for it.
  Delivered deliver(const Words& credentials) {
    Words words{"enroll",      server_.url(),   "--central-key", "--subject",
                "CN=dev-1",    "--key",         at("new.key"),   "--cert",
                at("new.pem"), "--request-out", at("ir.pki"),    "--start-over"};
    words.insert(words.end(), credentials.begin(), credentials.end());
    const Ran ran = shop_.countersign(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const std::string request = read(at("ir.pki"));
    const Bytes reply = server_.post(view(request));
    Delivered out{message::parse_message(view(request)).value(),
                  message::parse_message(reply).value(),
                  {},
                  {}};
    const auto* content = std::get_if<message::CertRepMessage>(&out.reply.body.content);
    if (content == nullptr || !content->response.at(0).certified_key_pair) {
      ADD_FAILURE() << "no key came: " << server_.log();
      return out;
    }
    const auto& key = content->response[0].certified_key_pair->private_key;
    out.enveloped_data = std::get<crmf::EnvelopedData>(key.value()).der;
    auto envelope = cms::walk_envelope(out.enveloped_data);
    EXPECT_TRUE(envelope) << "a field that does not belong there, at " << envelope.error().offset;
    if (envelope) out.envelope = *std::move(envelope);
    EXPECT_EQ(out.envelope.recipients.size(), 1U);
    out.envelope.recipients.resize(1);
    return out;
  }
  Delivered deliver_to_device() {
    return deliver({"--via-cert", at("device.pem"), "--via-key", at("device.key"), "--trust",
                    server_.data() + "/root.pem"});
  }
  x509::Certificate device() {
    const std::string pem = read(at("device.pem"));
    return x509::parse_certificate(x509::certificates_from_file(view(pem)).value().at(0)).value();
  }

  // The SignedData and the key package inside of it.
  void expect_signed_by_its_first_certificate(const Delivered& delivered,
                                              const cms::Opener& opener) {
    const auto opened = cms::open(delivered.enveloped_data, opener);
    ASSERT_TRUE(opened) << opened.error().reply_text;
    const auto data = cms::walk_signed_data(opened->content.expose());
    ASSERT_TRUE(data) << "a field that does not belong there, at " << data.error().offset;
    EXPECT_EQ(data->version, 3);
    EXPECT_EQ(data->digests, std::vector{data->signer_digest});
    EXPECT_EQ(data->signers, 1U);
    EXPECT_EQ(data->signer_version, 3);
    ASSERT_GE(data->certificates.size(), 2U) << "the signer's and its chain";
    const auto first = x509::parse_certificate(data->certificates[0]).value();
    EXPECT_TRUE(first.has_purpose(x509::oids::kp_cm_kga));
    EXPECT_EQ(data->sid, (cms::KeyName{copy(first.subject_key_identifier()), {}, {}}));
    const auto package = cms::walk_key_package(data->content);
    ASSERT_TRUE(package) << "not a list of OneAsymmetricKey";
    EXPECT_EQ(package->versions, std::vector<std::int64_t>{1}) << "v2 is written as 1";
  }

  Workshop shop_;
  RunningServer server_{shop_, "[cmp]\ncentral_keys = \"any\"\n"};
};

// RFC 9483 §4.1.6.1, §4.1.6.2
TEST_F(CentralKeyForm, NamesTheProtectionCertificateByItsKeyIdentifierElseByIssuerAndSerial) {
  struct Case {
    const char* algorithm;
    const char* kind;
    std::int64_t version_by_key_id, version_by_issuer;
  };
  for (const Case& c : {Case{"RSA", "ktri", 2, 0}, Case{"EC", "kari", 3, 3}}) {
    make_device(c.algorithm, "hash");
    Delivered got = deliver_to_device();
    EXPECT_EQ(got.envelope.recipients[0].kind, c.kind);
    EXPECT_EQ(got.envelope.recipients[0].version, c.version_by_key_id) << c.kind;
    EXPECT_EQ(got.envelope.recipients[0].rid,
              (cms::KeyName{*got.request.header.sender_kid, {}, {}}))
        << c.kind;
    const auto key = crypto::PrivateKey::from_pem(read(at("device.key")), Secret()).value();
    expect_signed_by_its_first_certificate(got, {.key = &key});

    make_device(c.algorithm, "none");
    ASSERT_TRUE(device().subject_key_identifier().empty());
    got = deliver_to_device();
    EXPECT_EQ(got.envelope.recipients[0].kind, c.kind);
    EXPECT_EQ(got.envelope.recipients[0].version, c.version_by_issuer) << c.kind;
    EXPECT_EQ(got.envelope.recipients[0].rid,
              (cms::KeyName{{}, device().issuer.der, device().serial}))
        << c.kind;
  }
}

// The salt is the first field of PBMParameter, RFC 9810 §5.1.3.1.
Bytes salt_of(const message::PKIMessage& m) {
  const Bytes& parameters = m.header.protection_alg->parameters;
  der::Context context(parameters);
  der::Reader in(parameters, context);
  return copy(in.read(der::Tag::sequence)->octets().value());
}

// RFC 9483 §4.1.6.3
TEST_F(CentralKeyForm, IsUnderTheSecretOfTheMacWithAnotherSalt) {
  const Delivered got = deliver(server_.by_secret());
  const auto& recipient = got.envelope.recipients[0];
  EXPECT_EQ(recipient.kind, "pwri");
  EXPECT_EQ(recipient.version, 0);
  EXPECT_NE(recipient.salt, salt_of(got.request));
  EXPECT_NE(recipient.salt, salt_of(got.reply));
  const Secret secret(view(server_.secret()));
  expect_signed_by_its_first_certificate(got, {.secret = &secret});
}

}  // namespace
}  // namespace countersign::test
