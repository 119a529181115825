#include "enrol/controls.h"

#include "der/writer.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using message::BodyType;
using message::Variant;
namespace oid = crmf::oids;

constexpr auto kUnknown = der::Oid::of("1.3.6.1.4.1.99999.2");

template <class Fill>
Bytes made(Fill fill) {
  der::Writer w;
  fill(w);
  return std::move(w).take();
}
Bytes text(std::string_view value) {
  return made([&](der::Writer& w) { w.utf8(value); });
}
Bytes number(std::int64_t value) {
  return made([&](der::Writer& w) { w.integer(value); });
}
Bytes publication(std::int64_t action, bool with_place) {
  crmf::PKIPublicationInfo info{action, {}};
  if (with_place) info.pub_infos.push_back({0, {}});
  return made([&](der::Writer& w) { crmf::write(w, info); });
}
Bytes old_certificate() {
  return made([](der::Writer& w) {
    crmf::write(w, crmf::CertId{x509::directory_name(kIssuer), {0x41, 0x01}});
  });
}
Bytes algorithm(crypto::KeyKind kind) {
  return made([&](der::Writer& w) { der::write(w, crypto::key_algorithm(kind)); });
}
const Bytes kNull{0x05, 0x00};

struct Case {
  std::string what;
  std::vector<crmf::Attribute> controls;
  std::string says;  // the code, or what was ignored
  ControlContext context = {};
  std::vector<crmf::Attribute> reg_info = {};
};

const ControlContext kUpdate{.type = BodyType::kur};
const ControlContext kStrictUpdate{.type = BodyType::kur, .variant = Variant::lightweight};
const ControlContext kKeyHere{.key_maker = KeyMaker::server};
const ControlContext kChecked{.tokens = TokenPolicy::check};
const ControlContext kTolerant{.unknown = UnknownControls::ignore};

// What RFC 4211 §6.1-6.5 defines.
std::vector<Case> crmf_controls() {
  return {
      {"none", {}, ""},
      {"a token that is checked elsewhere", {{oid::reg_token, text("4711")}}, "", kChecked},
      {"an authenticator that is no text",
       {{oid::authenticator, kNull}},
       "control.malformed",
       kChecked},
      {"a token that nobody agreed on", {{oid::reg_token, text("4711")}}, "regToken"},
      {"an authenticator", {{oid::authenticator, text("mother")}}, "authenticator"},
      {"a token that is a number", {{oid::reg_token, number(4711)}}, "control.malformed"},
      {"a token, then more", {{oid::reg_token, {0x0c, 0x00, 0x05, 0x00}}}, "control.malformed"},
      {"one control twice",
       {{oid::reg_token, text("a")}, {oid::reg_token, text("b")}},
       "control.twice"},
      {"not to be published", {{oid::pki_publication_info, publication(0, false)}}, ""},
      {"to be published, somewhere",
       {{oid::pki_publication_info, publication(1, true)}},
       "pkiPublicationInfo"},
      {"not to be published, and where",
       {{oid::pki_publication_info, publication(0, true)}},
       "control.malformed"},
      {"published in a third way",
       {{oid::pki_publication_info, publication(2, false)}},
       "control.malformed"},
      {"a private key to be archived",
       {{oid::pki_archive_options, {0xa0, 0x02, 0x05, 0x00}}},
       "control.archive"},
      {"the key made here to be archived",
       {{oid::pki_archive_options, {0x82, 0x01, 0xff}}},
       "control.archive",
       kKeyHere},
      {"the key made here not to be archived",
       {{oid::pki_archive_options, {0x82, 0x01, 0x00}}},
       "",
       kKeyHere},
      {"an old certificate in a kur", {{oid::old_cert_id, old_certificate()}}, "", kUpdate},
      {"an old certificate in an ir", {{oid::old_cert_id, old_certificate()}}, "control.refused"},
      {"an old certificate that is none",
       {{oid::old_cert_id, text("4711")}},
       "control.malformed",
       kUpdate},
  };
}

// RFC 4211 §6.6, RFC 9810 §5.2.1 and §5.3.19.16.
std::vector<Case> key_controls() {
  const Bytes p256 = algorithm(crypto::KeyKind::p256);
  return {
      {"a key to encrypt with, and nothing to encrypt",
       {{oid::protocol_encr_key, spki("p256")}},
       "protocolEncrKey"},
      {"a key to encrypt the key made here with",
       {{oid::protocol_encr_key, spki("p256")}},
       "control.encryption-key",
       kKeyHere},
      {"another kind of certificate",
       {{oid::alt_cert_template, kNull}},
       "control.other-certificate"},
      {"the algorithm of the key made here", {{oid::alg_id, p256}}, "", kKeyHere},
      {"the algorithm of a key that is there", {{oid::alg_id, p256}}, "algId"},
      {"an algorithm that is none", {{oid::alg_id, kNull}}, "control.malformed", kKeyHere},
      {"the length of the RSA key made here", {{oid::rsa_key_len, number(3072)}}, "", kKeyHere},
      {"the length of a key that is there", {{oid::rsa_key_len, number(3072)}}, "rsaKeyLen"},
      {"no length", {{oid::rsa_key_len, number(0)}}, "control.malformed", kKeyHere},
      {"an algorithm and the length of RSA",
       {{oid::alg_id, p256}, {oid::rsa_key_len, number(2048)}},
       "control.key-size",
       kKeyHere},
  };
}

std::vector<Case> policy_cases() {
  return {
      {"an unknown control", {{kUnknown, kNull}}, "control.unknown"},
      {"the same where they are ignored", {{kUnknown, kNull}}, "1.3.6.1.4.1.99999.2", kTolerant},
      {"an unknown regInfo", {}, "control.unknown", {}, {{kUnknown, kNull}}},
      {"the same where it is ignored", {}, "1.3.6.1.4.1.99999.2", kTolerant, {{kUnknown, kNull}}},
      {"pairs of text", {}, "utf8Pairs", {}, {{oid::utf8_pairs, text("version?1%")}}},
      {"a token, where clients made for EJBCA have it",
       {},
       "regToken",
       {},
       {{oid::reg_token, text("4711")}}},
      {"a token there, which is checked", {}, "", kChecked, {{oid::authenticator, text("4711")}}},
      {"a token there, to the letter",
       {},
       "control.unknown",
       {.variant = Variant::lightweight},
       {{oid::reg_token, text("4711")}}},
      {"pairs of text that are none", {}, "control.malformed", {}, {{oid::utf8_pairs, kNull}}},
      {"pairs of text twice",
       {},
       "control.twice",
       {},
       {{oid::utf8_pairs, text("")}, {oid::utf8_pairs, text("")}}},
      {"the control of RFC 9483 §4.1.3",
       {{oid::old_cert_id, old_certificate()}},
       "",
       kStrictUpdate},
      {"another one there", {{oid::reg_token, text("4711")}}, "control.refused", kStrictUpdate},
  };
}

TEST(Controls, each_is_used_ignored_or_refused) {
  auto cases = crmf_controls();
  std::ranges::move(key_controls(), std::back_inserter(cases));
  std::ranges::move(policy_cases(), std::back_inserter(cases));
  for (const Case& c : cases) {
    crmf::CertRequest wanted;
    wanted.controls = c.controls;
    const auto read = read_controls(wanted, c.reg_info, c.context);
    EXPECT_EQ(read ? read->ignored : std::string(read.error().code), c.says) << c.what;
  }
}

TEST(Controls, what_was_asked_for_is_read) {
  crmf::CertRequest wanted;
  wanted.controls = {{oid::old_cert_id, old_certificate()}};
  EXPECT_EQ(read_controls(wanted, {}, kUpdate)->old_cert_id->serial_number, (Bytes{0x41, 0x01}));
  wanted.controls = {{oid::alg_id, algorithm(crypto::KeyKind::ed25519)}};
  EXPECT_EQ(read_controls(wanted, {}, kKeyHere)->key_algorithm,
            crypto::key_algorithm(crypto::KeyKind::ed25519));
  wanted.controls = {{oid::rsa_key_len, number(std::int64_t{1} << 40)}};
  EXPECT_EQ(read_controls(wanted, {}, kKeyHere)->rsa_bits, 1U << 20) << "no such key is made";
}

// RFC 4211 §7.2.
crmf::CertReqMsg replaced(const crmf::CertRequest& by) {
  crmf::CertReqMsg out;
  out.cert_req.cert_template.subject = name("CN=asked");
  out.cert_req.cert_template.public_key = spki("p256");
  out.reg_info = {{oid::cert_req, crmf::encode(by)}};
  return out;
}

TEST(Controls, a_registration_authority_may_replace_what_is_asked_for) {
  crmf::CertRequest by;
  by.cert_template.subject = name("CN=granted");
  by.cert_template.public_key = spki("p256");
  const auto ra = by_certificate(certificate("CN=ra"), true);
  const auto device = by_certificate(certificate("CN=device"));
  const auto wanted = wanted_request(replaced(by), ra);
  ASSERT_EQ(code(wanted), "ok");
  EXPECT_EQ(*wanted, by);
  EXPECT_EQ(code(wanted_request(replaced(by), device)), "control.replacement");
  EXPECT_EQ(failure(wanted_request(replaced(by), device)), "notAuthorized");

  by.cert_req_id = RequestId{1};
  EXPECT_EQ(code(wanted_request(replaced(by), ra)), "control.replacement-differs");
  by.cert_req_id = RequestId{0};
  by.cert_template.public_key = spki("p384");
  EXPECT_EQ(code(wanted_request(replaced(by), ra)), "control.replacement-differs")
      << "the proof of possession is of the other key";

  auto broken = replaced(by);
  broken.reg_info.front().value = kNull;
  EXPECT_EQ(code(wanted_request(broken, ra)), "control.malformed");
  broken.reg_info.clear();
  EXPECT_EQ(*wanted_request(broken, device), broken.cert_req) << "its own";
}

}  // namespace
}  // namespace countersign::enrol
