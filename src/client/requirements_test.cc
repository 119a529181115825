#include "client/requirements.h"

#include <gtest/gtest.h>

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

struct Followed {
  std::string subject;
  std::size_t extensions = 0;
};
Result<Followed> follow_with(const crmf::CertTemplate& wanted, const CertificateWish& wish) {
  CertReqTemplateContent content;
  content.cert_template = wanted;
  auto out = follow(content, wish);
  if (!out) return std::unexpected(out.error());
  return Followed{x509::to_text(out->subject), out->extensions.size()};
}

TEST(Requirements, FillInTheSubject) {
  CertificateWish wish;
  wish.subject = name("CN=device,OU=mine");
  crmf::CertTemplate wanted;
  EXPECT_EQ(follow_with(wanted, wish)->subject, "CN=device,OU=mine") << "nothing is wanted";
  wanted.subject = x509::Name{};
  EXPECT_EQ(follow_with(wanted, wish)->subject, "CN=device,OU=mine") << "any is wanted";
  EXPECT_EQ(follow_with(wanted, {}).error().code, "client.usage") << "and none is given";
  wanted.subject = with_blank_cn();
  EXPECT_EQ(follow_with(wanted, wish)->subject, "CN=device,O=Example");
  wish.subject = name("OU=mine");
  EXPECT_EQ(follow_with(wanted, wish).error().code, "client.usage") << "the CN is missing";
  wanted.subject = name("CN=fixed");
  EXPECT_EQ(follow_with(wanted, wish)->subject, "CN=fixed");
}

TEST(Requirements, TakeOverExtensions) {
  CertificateWish wish;
  wish.subject = name("CN=device");
  crmf::CertTemplate wanted;
  wanted.extensions = {x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature}))};
  EXPECT_EQ(follow_with(wanted, wish)->extensions, 1U);
  // RFC 9483 §4.3.3 [MUST] ignore what is empty and not understood
  wanted.extensions.push_back({der::Oid::of("1.3.6.1.4.1.99999.1"), false, {}});
  EXPECT_EQ(follow_with(wanted, wish)->extensions, 1U);
  wanted.extensions.push_back({x509::oids::subject_alt_name, false, {}});
  EXPECT_EQ(follow_with(wanted, wish).error().code, "client.usage") << "a SAN is wanted";
  wish.alternative_names = {x509::dns_name("device.example")};
  EXPECT_EQ(follow_with(wanted, wish)->extensions, 1U) << "the names come by themselves";
}

}  // namespace
}  // namespace countersign::client
