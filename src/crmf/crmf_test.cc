#include "crmf/crmf.h"

#include <gmock/gmock.h>

#include "support/vectors.h"

namespace countersign::crmf {
namespace {

// The CertReqMessages inside a PKIMessage of tests/vectors/message.
Bytes requests_in(std::string_view vector) {
  const Bytes message = test::vector_named("message", vector);
  der::Context context(message);
  der::Reader in(message, context);
  der::Reader seq = *in.read(der::Tag::sequence);
  EXPECT_TRUE(seq.any());  // header
  return copy(seq.any()->content);
}

CertReqMessages parsed(const Bytes& octets) {
  der::Context context(octets);
  der::Reader in(octets, context);
  auto out = read_cert_req_messages(in);
  if (!out) throw std::runtime_error(context.path() + ' ' + std::string(name(out.error().code)));
  EXPECT_TRUE(in.at_end());
  return *std::move(out);
}

template <class T>
Bytes encoded(const T& value) {
  der::Writer w;
  write(w, value);
  return std::move(w).take();
}

TEST(CertReqMessages, ComeOutAsTheyCameInFromTheirFieldsAlone) {
  for (const std::string_view vector : {"ir_every_field", "ir_every_proof", "ir_mac_1_req",
                                        "kur_1_req", "krr", "ccr", "ir_central_1_req"}) {
    SCOPED_TRACE(vector);
    const Bytes octets = requests_in(vector);
    CertReqMessages requests = parsed(octets);
    EXPECT_EQ(encoded(requests), octets);
    for (CertReqMsg& request : requests) {
      EXPECT_EQ(encode(request.cert_req), request.cert_req_der);
      request.cert_req_der.clear();
    }
    EXPECT_EQ(to_hex(encoded(requests)), to_hex(octets));
  }
}

TEST(CertTemplate, HasEveryField) {
  const CertReqMessages requests = parsed(requests_in("ir_every_field"));
  const CertTemplate& t = requests[0].cert_req.cert_template;
  EXPECT_EQ(t.version, 2);
  EXPECT_EQ(t.serial_number, (Bytes{0x12, 0x34}));
  EXPECT_EQ(t.signing_alg->algorithm.dotted(), "1.2.840.113549.1.1.11");
  EXPECT_EQ(t.issuer, x509::common_name("a"));
  EXPECT_FALSE(t.validity->not_before);
  EXPECT_EQ(t.validity->not_after, (TimeChoice{*from_iso("2030-01-01T00:00:00Z"), true}));
  EXPECT_EQ(t.subject, x509::common_name("b"));
  EXPECT_EQ(t.public_key->front(), 0x30);
  EXPECT_EQ(t.issuer_uid, (der::BitString{{0xa0}, 5}));
  EXPECT_EQ(t.subject_uid, der::BitString{});
  ASSERT_EQ(t.extensions.size(), 2U);
  EXPECT_TRUE(t.extensions[0].critical);
  EXPECT_EQ(t.extensions[1].id, x509::oids::subject_alt_name);
}

TEST(Controls, AreFoundByTypeAndReadByShape) {
  const CertReqMessages requests = parsed(requests_in("ir_every_field"));
  const auto& controls = requests[0].cert_req.controls;
  EXPECT_EQ(controls.size(), 6U);
  EXPECT_EQ(find(controls, oids::rsa_key_len), nullptr);
  EXPECT_NE(find(requests[0].reg_info, oids::utf8_pairs), nullptr);

  const Attribute& old = *find(controls, oids::old_cert_id);
  der::Context context(old.value);
  der::Reader in(old.value, context);
  const auto id = read_cert_id(in);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->serial_number, Bytes{7});
  EXPECT_EQ(encoded(*id), old.value);

  const Attribute& publication = *find(controls, oids::pki_publication_info);
  der::Context second(publication.value);
  der::Reader again(publication.value, second);
  const auto info = read_publication_info(again);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->pub_infos.size(), 2U);
  EXPECT_FALSE(info->pub_infos[1].pub_location);
  EXPECT_EQ(encoded(*info), publication.value);
}

TEST(ProofOfPossession, HasEveryForm) {
  const CertReqMessages requests = parsed(requests_in("ir_every_proof"));
  ASSERT_EQ(requests.size(), 11U);
  EXPECT_FALSE(requests[0].popo);
  EXPECT_TRUE(std::holds_alternative<RaVerified>(*requests[1].popo));
  EXPECT_FALSE(std::get<POPOSigningKey>(*requests[2].popo).popo_sk_input);
  const auto& named = std::get<POPOSigningKey>(*requests[3].popo).popo_sk_input;
  EXPECT_EQ(std::get<x509::GeneralName>(named->auth_info),
            x509::directory_name(x509::common_name("b")));
  const auto& keyed = std::get<POPOSigningKey>(*requests[4].popo).popo_sk_input;
  EXPECT_EQ(std::get<PKMACValue>(keyed->auth_info).value.octets, Bytes(8, 0xaa));
  const auto encipherment = [&](std::size_t i) {
    return std::get<KeyEncipherment>(*requests[i].popo).value;
  };
  const auto agreement = [&](std::size_t i) {
    return std::get<KeyAgreement>(*requests[i].popo).value;
  };
  EXPECT_TRUE(std::holds_alternative<ThisMessage>(encipherment(5)));
  EXPECT_EQ(std::get<SubsequentMessage>(encipherment(6)), SubsequentMessage::encrCert);
  EXPECT_EQ(std::get<SubsequentMessage>(agreement(7)), SubsequentMessage::challengeResp);
  EXPECT_TRUE(std::holds_alternative<DhMac>(agreement(8)));
  EXPECT_TRUE(std::holds_alternative<AgreeMac>(agreement(9)));
  EXPECT_EQ(std::get<EnvelopedData>(encipherment(10)).der.front(), 0x30);
}

// RFC 4211 §4.1: the signature is over a SEQUENCE, not over the [0] that stands in the message.
TEST(PopoSigningKeyInput, IsSignedAsASequence) {
  const Bytes octets = requests_in("ir_every_proof");
  const CertReqMessages requests = parsed(octets);
  const auto& input = std::get<POPOSigningKey>(*requests[3].popo).popo_sk_input;
  Bytes signed_octets = encode(*input);
  EXPECT_EQ(signed_octets.front(), 0x30);
  signed_octets.front() = 0xa0;
  EXPECT_FALSE(std::ranges::search(octets, signed_octets).empty());
}

TEST(CertRequest, IsFrozenForItsSignature) {
  CertReqMsg msg;
  msg.cert_req.cert_template.subject = x509::common_name("device");
  const Bytes frozen = copy(encode_cert_req(msg));
  EXPECT_EQ(frozen, encode(msg.cert_req));
  msg.cert_req.cert_req_id.value = 5;  // too late: what was signed is what is sent
  const Bytes sent = encoded(msg);
  EXPECT_FALSE(std::ranges::search(sent, frozen).empty());
}

TEST(TimeChoice, KeepsTheFormItCameIn) {
  for (const std::string_view hex :
       {"170d3236313132313030303030305a", "180f32303236313132313030303030305a",
        "180f32303536313132313030303030305a"}) {
    Bytes octets;
    ASSERT_TRUE(from_hex(hex, octets));
    der::Context context(octets);
    der::Reader in(octets, context);
    const auto time = read_time_choice(in);
    ASSERT_TRUE(time);
    EXPECT_EQ(encoded(*time), octets);
  }
}

}  // namespace
}  // namespace countersign::crmf
