// A request of `openssl cmp` to which a registration authority adds its protection: RFC 9483
// §5.2.2.1. The inner message and the outer signature are made by OpenSSL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "der/pem.h"
#include "message/message.h"
#include "protect/signature.h"
#include "support/process.h"
#include "x509/certificate.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;
using testing::HasSubstr;

class NestedByOpenSsl : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return shop_.at(name); }
  void openssl(const Words& words) {
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << words[0] << ": " << ran.err;
  }
  void key(const std::string& name) {
    openssl(
        {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", at(name)});
  }
  void write(const std::string& name, View octets) {
    std::ofstream(at(name), std::ios::binary) << text(octets);
  }
  // An ir that never went anywhere: OpenSSL's own mock inside the client answers it.
  PKIMessage request() {
    key("device.key");
    openssl({"req", "-x509", "-config", "/dev/null", "-key", at("device.key"), "-subj",
             "/CN=device", "-out", at("mock.pem")});
    openssl({"cmp",
             "-config",
             "",
             "-use_mock_srv",
             "-srv_ref",
             server_.reference(),
             "-srv_secret",
             "pass:" + server_.secret(),
             "-rsp_cert",
             at("mock.pem"),
             "-cmd",
             "ir",
             "-ref",
             server_.reference(),
             "-secret",
             "pass:" + server_.secret(),
             "-recipient",
             "/CN=Countersign Issuing CA",
             "-newkey",
             at("device.key"),
             "-subject",
             "/CN=device",
             "-certout",
             at("none.pem"),
             "-reqout",
             at("ir.der")});
    return message::parse_message(view(read_file(at("ir.der")))).value();
  }
  PKIMessage nested(const PKIMessage& inner) {
    const auto pem = to_bytes(read_file(at("ra.pem")));
    const auto ra =
        x509::parse_certificate(x509::certificates_from_file(pem).value().front()).value();
    PKIMessage m;
    m.header.sender = x509::directory_name(ra.subject);
    m.header.sender_kid = ra.subject_key_identifier();
    m.header.transaction_id = inner.header.transaction_id;
    m.header.sender_nonce = inner.header.sender_nonce;
    m.body = {BodyType::nested, message::NestedMessageContent({inner})};
    m.extra_certs = {ra.der};
    const der::AlgorithmIdentifier ecdsa_with_sha256{der::Oid::of("1.2.840.10045.4.3.2"), {}};
    write("tbs", protect::prepare_signature(m, ecdsa_with_sha256));
    openssl({"dgst", "-sha256", "-sign", at("ra.key"), "-out", at("signature"), at("tbs")});
    protect::attach_signature(m, to_bytes(read_file(at("signature"))));
    return m;
  }
  PKIMessage ask(const PKIMessage& m, const std::string& label = "initialization") {
    return message::parse_message(server_.post(message::encode(m), "/.well-known/cmp/" + label))
        .value();
  }

  Workshop shop_;
  RunningServer server_{shop_};
};

TEST_F(NestedByOpenSsl, is_answered_once_its_signer_is_named_as_an_ra) {
  const PKIMessage inner = request();
  key("ra.key");
  openssl({"req", "-x509", "-config", "/dev/null", "-key", at("ra.key"), "-subj", "/CN=RA", "-days",
           "30", "-addext", "keyUsage=critical,digitalSignature", "-out", at("ra.pem")});
  EXPECT_EQ(ask(nested(inner)).body.type, BodyType::error) << "nobody knows it";
  ASSERT_EQ(shop_
                .countersignd({"trust", "add", "--data", server_.data(), "--names", "any", "--ra",
                               at("ra.pem")})
                .exit,
            0);
  ASSERT_EQ(server_.stop(), 0);
  server_.start();
  const PKIMessage reply = ask(nested(inner));
  ASSERT_EQ(reply.body.type, BodyType::ip) << server_.log();
  EXPECT_EQ(reply.header.transaction_id, inner.header.transaction_id);
  EXPECT_EQ(reply.header.recip_nonce, inner.header.sender_nonce);
  EXPECT_EQ(reply.header.sender_kid, inner.header.sender_kid) << "MAC'd, as the device's own";
  EXPECT_THAT(server_.certificates(), HasSubstr("CN=device"));
  // RFC 9483 §8: the label of its own, too
  for (const char* label : {"nested", "p/device/nested"})
    EXPECT_EQ(ask(nested(request()), label).body.type, BodyType::ip) << label << server_.log();
}

}  // namespace
}  // namespace countersign::test
