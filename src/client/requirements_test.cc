#include "client/requirements.h"

#include <gtest/gtest.h>

#include "client/identity.h"
#include "x509/name.h"

namespace countersign::client {
namespace {

using message::CertReqTemplateContent;

crmf::Attribute key_of(crypto::KeyKind kind) {
  return {crmf::oids::alg_id, der::encode(crypto::key_algorithm(kind))};
}
crmf::Attribute rsa_of(std::int64_t bits) {
  der::Writer w;
  w.integer(bits);
  return {crmf::oids::rsa_key_len, std::move(w).take()};
}

std::string chosen(std::vector<crmf::Attribute> key_spec,
                   const std::optional<std::string>& wished = {}) {
  CertReqTemplateContent wanted;
  wanted.key_spec = std::move(key_spec);
  const auto name = choose_algorithm(wanted, wished);
  return name ? *name : "!" + std::string(name.error().code);
}

TEST(Requirements, ChooseTheKindOfKey) {
  using enum crypto::KeyKind;
  EXPECT_EQ(chosen({}), "p256");
  EXPECT_EQ(chosen({}, "rsa3072"), "rsa3072");
  EXPECT_EQ(chosen({rsa_of(3072), key_of(p256)}), "p256");
  EXPECT_EQ(chosen({rsa_of(3072), key_of(p384)}), "rsa3072");
  EXPECT_EQ(chosen({key_of(p384), key_of(ml_dsa_65)}, "ml-dsa-65"), "ml-dsa-65");
  EXPECT_EQ(chosen({rsa_of(12345), key_of(ed25519)}), "ed25519") << "what cannot be made is passed";
  EXPECT_EQ(chosen({rsa_of(2048)}, "rsa4096"), "!client.usage");
  EXPECT_EQ(chosen({rsa_of(12345)}), "!client.usage");
  EXPECT_EQ(chosen({{crmf::oids::alg_id, {0x05, 0x00}}, key_of(p521)}), "p521");
}

x509::Name name(const std::string& text) { return x509::name_from_text(text).value(); }

// A name whose CN is left for the requester: O=Example, CN="".
x509::Name with_blank_cn() {
  der::Writer w;
  w.sequence([](der::Writer& rdns) {
    for (const auto& [type, value] :
         {std::pair{der::Oid::of("2.5.4.10"), "Example"}, {der::Oid::of("2.5.4.3"), ""}})
      rdns.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& s) {
          s.oid(type);
          s.utf8(value);
        });
      });
  });
  return {std::move(w).take()};
}

std::string in_words(const CertificateWish& wish) {
  std::string out = x509::to_text(wish.subject);
  for (const auto& san : wish.alternative_names) out += " " + x509::to_text(san);
  for (const auto& extension : wish.extensions) out += " +" + extension.id.dotted();
  if (wish.issuer) out += " by " + x509::to_text(*wish.issuer);
  return out;
}
std::string followed(const crmf::CertTemplate& wanted, const CertificateWish& wish) {
  CertReqTemplateContent content;
  content.cert_template = wanted;
  const auto out = follow(content, wish);
  return out ? in_words(*out) : "!" + std::string(out.error().code);
}

CertificateWish wish_for(const std::string& subject, const std::vector<std::string>& san = {}) {
  CertificateWish out;
  if (!subject.empty()) out.subject = name(subject);
  for (const auto& text : san)
    out.alternative_names.push_back(x509::general_name_from_text(text).value());
  return out;
}

TEST(Requirements, FillInTheSubject) {
  const auto wish = wish_for("CN=device,OU=mine");
  crmf::CertTemplate wanted;
  EXPECT_EQ(followed(wanted, wish), "CN=device,OU=mine") << "nothing is wanted";
  wanted.subject = x509::Name{};
  EXPECT_EQ(followed(wanted, wish), "CN=device,OU=mine") << "any is wanted";
  EXPECT_EQ(followed(wanted, {}), "!client.usage") << "and none is given";
  EXPECT_EQ(followed(wanted, wish_for("", {"dns:a.example"})), "NULL-DN dns:a.example");
  wanted.subject = with_blank_cn();
  EXPECT_EQ(followed(wanted, wish), "CN=device,O=Example");
  EXPECT_EQ(followed(wanted, wish_for("OU=mine")), "O=Example") << "no CN is known";
  wanted.subject = name("CN=fixed");
  EXPECT_EQ(followed(wanted, wish), "CN=fixed");
}

TEST(Requirements, TakeOverExtensions) {
  const auto wish = wish_for("CN=device");
  crmf::CertTemplate wanted;
  wanted.extensions = {x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature})),
                       {x509::oids::basic_constraints, true, {0x30, 0x00}}};
  EXPECT_EQ(followed(wanted, wish), "CN=device +2.5.29.15 +2.5.29.19");
  // RFC 9483 §4.3.3 [MUST] leave out what is empty, if there is nothing to fill it in with
  wanted.extensions = {{der::Oid::of("1.3.6.1.4.1.99999.1"), false, {}},
                       {x509::oids::ext_key_usage, false, {0x30, 0x00}},
                       {x509::oids::key_usage, true, {0x03, 0x01, 0x00}},
                       {x509::oids::subject_alt_name, false, {}}};
  EXPECT_EQ(followed(wanted, wish), "CN=device");
  EXPECT_EQ(followed(wanted, wish_for("CN=device", {"dns:device.example"})),
            "CN=device dns:device.example");
}

TEST(Requirements, MergeAlternativeNames) {
  crmf::CertTemplate wanted;
  const auto fixed = x509::dns_name("www.example");
  const auto directory = x509::directory_name(with_blank_cn());
  wanted.extensions = {x509::make_subject_alt_name(
      {fixed, x509::GeneralName{{0x87, 0x00}}, x509::GeneralName{{0x82, 0x00}}, directory}, false)};
  EXPECT_EQ(followed(wanted, {}), "NULL-DN dns:www.example dn:O=Example");
  EXPECT_EQ(followed(wanted, wish_for("", {"dns:www.example", "dns:b.example", "ip:192.0.2.1",
                                           "email:a@example"})),
            "NULL-DN dns:www.example ip:192.0.2.1 dns:b.example dn:O=Example email:a@example");
}

TEST(Requirements, TakeOverIssuerAndValidity) {
  auto wish = wish_for("CN=device");
  wish.issuer = name("CN=CA,O=Known");
  wish.lifetime = Seconds{86400};
  crmf::CertTemplate wanted;
  EXPECT_EQ(followed(wanted, wish), "CN=device") << "none is asked for";
  wanted.issuer = x509::Name{};
  EXPECT_EQ(followed(wanted, wish), "CN=device by CN=CA,O=Known");
  EXPECT_EQ(followed(wanted, wish_for("CN=device")), "CN=device") << "none is known";
  wanted.issuer = with_blank_cn();
  EXPECT_EQ(followed(wanted, wish), "CN=device by CN=CA,O=Example");
  const crmf::TimeChoice from{from_unix(1'800'000'000), false}, to{from_unix(1'900'000'000), false};
  wanted.validity = crmf::OptionalValidity{from, std::nullopt};
  const auto key = generate_key("p256").value();
  const auto validity_of = [&] {
    CertReqTemplateContent content;
    content.cert_template = wanted;
    const auto body = central_key_request(message::BodyType::ir, follow(content, wish).value(),
                                          std::nullopt, from.value);
    return std::get<crmf::CertReqMessages>(body.content)
        .at(0)
        .cert_req.cert_template.validity.value();
  };
  EXPECT_EQ(validity_of().not_before, from);
  EXPECT_EQ(validity_of().not_after->value, from.value + Seconds{86400}) << "filled in by --days";
  wanted.validity->not_after = to;
  EXPECT_EQ(validity_of().not_after, to);
}

// The server wants: an issuer, CN and two OUs, dNSName and an IP address, keyUsage, an EKU.
TEST(Requirements, ExampleOfRfc9483AppendixA) {
  CertReqTemplateContent content;
  auto& wanted = content.cert_template;
  der::Writer w;
  w.sequence([](der::Writer& rdns) {
    for (const auto& [type, value] : {std::pair{der::Oid::of("2.5.4.3"), ""},
                                      {der::Oid::of("2.5.4.11"), "myDept"},
                                      {der::Oid::of("2.5.4.11"), "myGroup"}})
      rdns.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& s) {
          s.oid(type);
          s.utf8(value);
        });
      });
  });
  wanted.issuer = x509::Name{};
  wanted.subject = x509::Name{std::move(w).take()};
  wanted.extensions = {
      x509::make_subject_alt_name(
          {x509::dns_name("www.myServer.com"), x509::GeneralName{{0x87, 0x00}}}, false),
      x509::make_key_usage(
          x509::usages({x509::KeyUsage::digitalSignature, x509::KeyUsage::keyAgreement})),
      {x509::oids::ext_key_usage, false, {0x30, 0x00}}};
  content.key_spec = {key_of(crypto::KeyKind::p256), rsa_of(2048)};
  // As it arrives.
  const auto item = message::make_info(message::it::certReqTemplate, content);
  const auto arrived = message::decode(item);
  ASSERT_TRUE(arrived) << arrived.error().detail;
  const auto& read = std::get<CertReqTemplateContent>(*arrived);
  EXPECT_EQ(choose_algorithm(read, {}).value(), "p256");
  EXPECT_EQ(in_words(follow(read, wish_for("CN=dev", {"ip:192.0.2.1"})).value()),
            "OU=myGroup,OU=myDept,CN=dev dns:www.myServer.com ip:192.0.2.1 +2.5.29.15");
  EXPECT_EQ(in_words(follow(read, {}).value()),
            "OU=myGroup,OU=myDept dns:www.myServer.com +2.5.29.15");
}

}  // namespace
}  // namespace countersign::client
