#include "enrol/genm.h"

#include <gtest/gtest.h>

#include "crypto/keys.h"

namespace countersign::enrol {
namespace {

namespace it = message::it;
using message::InfoTypeAndValue;
using message::make_info;
using message::Variant;

constexpr Time kUpdated{Seconds{1'700'000'000}};

// A book that tells the same every time: CRLs need no signature to be handed out.
struct Book {
  std::vector<Bytes> certificates = {{0x30, 0x01, 0x01}, {0x30, 0x01, 0x02}};
  std::array<PublishedCrl, 2> crls{
      PublishedCrl{{0x30, 0x01, 0x0a}, x509::common_name("Issuing"), kUpdated, "http://ca/i.crl"},
      PublishedCrl{{0x30, 0x01, 0x0b}, x509::common_name("Root"), kUpdated, "http://ca/r.crl"}};
  std::vector<RootUpdate> updates;
  std::string wanted = "device";
  Variant variant = Variant::general;
  Published has = Published::all_of_it;

  Result<Items> tell(const Items& asked) const {
    return enrol::tell(asked, {certificates, updates, crls,
                               *find_template(built_in_templates(), wanted), variant, has});
  }
};

std::string name_of(const der::Oid& id) {
  const auto* type = message::find_info_type(id);
  return type == nullptr ? id.dotted() : std::string(type->name);
}

// "caCerts, currentCRL=none": what is told, in order; "=none" where there is no value.
std::string words(const Result<Items>& told) {
  if (!told) return "!" + std::string(told.error().code);
  std::string out;
  for (const auto& item : *told) {
    out += (out.empty() ? "" : ", ") + name_of(item.type) + (item.value.empty() ? "=none" : "");
    // All that we say can be read as its type says.
    if (!item.value.empty()) {
      const auto value = message::decode(item);
      EXPECT_TRUE(value) << name_of(item.type);
      if (value) {
        EXPECT_EQ(make_info(item.type, *value), item);
      }
    }
  }
  return out;
}

message::CRLStatus of_issuer(std::string_view name, std::optional<Time> have = {}) {
  message::CRLStatus status;
  status.source = std::vector{x509::directory_name(x509::common_name(name))};
  if (have) status.this_update = crmf::TimeChoice{*have, false};
  return status;
}

message::CRLStatus of_point(std::string_view url) {
  der::Writer w;
  w.tagged(0, [&](der::Writer& t) { t.raw(x509::general_name_from_text(url)->der); });
  message::CRLStatus status;
  status.source = message::CRLStatus::DistributionPointName{std::move(w).take()};
  return status;
}

InfoTypeAndValue status_list(std::vector<message::CRLStatus> statuses) {
  return make_info(it::crlStatusList, message::CrlStatuses{std::move(statuses)});
}

InfoTypeAndValue languages(std::vector<std::string> tags) {
  return make_info(it::suppLangTags, message::Texts{std::move(tags)});
}

InfoTypeAndValue parameters_of(const char* oid) {
  der::Oid id;
  EXPECT_TRUE(der::Oid::from_dotted(oid, id));
  return make_info(it::keyPairParamReq, id);
}

InfoTypeAndValue root(Bytes certificate) {
  return make_info(it::rootCaCert, message::OneCertificate{std::move(certificate)});
}

const auto kUnknown = der::Oid::of("1.3.6.1.4.1.99999.1");

struct Case {
  const char* sentence;
  Items asked;
  const char* told;
};

TEST(Genm, GeneralEndpointTellsWhatItHas) {
  const std::vector<Case> cases = {
      {"an empty question gets all that is to hand",
       {},
       "signKeyPairTypes, encKeyPairTypes, preferredSymmAlg, currentCRL, caCerts"},
      {"CA certificates", {{it::caCerts, {}}}, "caCerts"},
      {"no certificate of ours takes encrypted messages",
       {{it::caProtEncCert, {}}},
       "caProtEncCert=none"},
      {"the newest CRL", {{it::currentCRL, {}}}, "currentCRL"},
      {"several questions are answered in their order",
       {{it::currentCRL, {}}, {it::caCerts, {}}, {it::preferredSymmAlg, {}}},
       "currentCRL, caCerts, preferredSymmAlg"},
      {"what is unknown is listed at the end",
       {{kUnknown, {}}, {it::caCerts, {}}},
       "caCerts, unsupportedOIDs"},
      {"a passphrase is not taken", {{it::revPassphrase, {}}}, "unsupportedOIDs"},
      {"a type that belongs into the header is no question",
       {{it::implicitConfirm, {}}},
       "unsupportedOIDs"},
      {"keys of devices exchange keys, too", {{it::encKeyPairTypes, {}}}, "encKeyPairTypes"},
      {"a needless value is passed over", {{it::caCerts, {0x05, 0x00}}}, "caCerts"},
      {"a template", {{it::certReqTemplate, {}}}, "certReqTemplate"},
      {"parameters of a key that is certified",
       {parameters_of("1.2.840.10045.2.1")},
       "keyPairParamRep"},
      {"parameters of one that is not",
       {parameters_of("1.2.840.10040.4.1")},
       "keyPairParamRep=none"},
      {"parameters of nothing", {{it::keyPairParamReq, {}}}, "!genm.value-missing"},
      {"a language of ours, though not the first choice",
       {languages({"fr-CH", "de-AT", "en-GB"})},
       "suppLangTags"},
      {"no language of ours", {languages({"fr", "enm"})}, "!genm.language"},
      {"a CRL by issuer", {status_list({of_issuer("Issuing")})}, "crls"},
      {"a CRL by another spelling of the issuer", {status_list({of_issuer("ISSUING")})}, "crls"},
      {"a CRL by distribution point", {status_list({of_point("uri:http://ca/r.crl")})}, "crls"},
      {"a CRL of somebody else", {status_list({of_issuer("Other")})}, "crls=none"},
      {"an address that is not ours is not fetched",
       {status_list({of_point("uri:http://elsewhere/r.crl")})},
       "crls=none"},
      {"a CRL that the sender has", {status_list({of_issuer("Root", kUpdated)})}, "crls=none"},
      {"a CRL newer than the sender's",
       {status_list({of_issuer("Root", kUpdated - Seconds{1})})},
       "crls"},
      {"of no CRL", {{it::crlStatusList, {}}}, "!genm.value-missing"},
      {"no root follows ours", {{it::rootCaCert, {}}}, "rootCaKeyUpdate=none"},
      {"a value that cannot be read", {{it::crlStatusList, {0x05, 0x00}}}, "!der.tag"},
  };
  for (const Case& c : cases) EXPECT_EQ(words(Book().tell(c.asked)), c.told) << c.sentence;
}

// RFC 9483 §4.3
TEST(Genm, LightweightEndpointWantsOneWellFormedQuestion) {
  const std::vector<Case> cases = {
      {"one question", {{it::caCerts, {}}}, "caCerts"},
      {"none", {}, "!genm.one"},
      {"two", {{it::caCerts, {}}, {it::currentCRL, {}}}, "!genm.one"},
      {"an unknown one", {{kUnknown, {}}}, "!genm.unsupported"},
      {"a needless value", {{it::caCerts, {0x05, 0x00}}}, "!genm.value-unasked"},
      {"a template with a value", {{it::certReqTemplate, {0x05, 0x00}}}, "!genm.value-unasked"},
      {"one CRL", {status_list({of_issuer("Root")})}, "crls"},
      {"two CRLs", {status_list({of_issuer("Root"), of_issuer("Issuing")})}, "!genm.one"},
  };
  Book book;
  book.variant = Variant::lightweight;
  for (const Case& c : cases) EXPECT_EQ(words(book.tell(c.asked)), c.told) << c.sentence;
}

TEST(Genm, NoCrlYet) {
  Book book;
  book.crls[0].der.clear();
  EXPECT_EQ(words(book.tell({{it::currentCRL, {}}})), "unsupportedOIDs");
  EXPECT_EQ(words(book.tell({status_list({of_issuer("Issuing")})})), "crls=none");
}

// A registration authority says nothing of what it does not know.
TEST(Genm, WhatSomebodyElsePublishes) {
  Book book;
  book.has = Published::some_of_it;
  EXPECT_EQ(words(book.tell({{it::rootCaCert, {}}})), "unsupportedOIDs");
  EXPECT_EQ(words(book.tell({status_list({of_issuer("Issuing")})})), "crls");
  EXPECT_EQ(words(book.tell({status_list({of_issuer("Issuing", kUpdated)})})), "crls=none");
  EXPECT_EQ(words(book.tell({status_list({of_issuer("Somebody else")})})), "unsupportedOIDs");
  book.crls[0].der.clear();
  EXPECT_EQ(words(book.tell({status_list({of_issuer("Issuing")})})), "unsupportedOIDs");
  EXPECT_EQ(words(book.tell({{it::currentCRL, {}}})), "unsupportedOIDs")
      << "that of the root is not";
}

// RFC 9483 §4.3.1 [MUST] no infoValue where there is no CA certificate
TEST(Genm, NoCaCertificates) {
  Book book;
  book.certificates.clear();
  for (const Variant variant : {Variant::general, Variant::lightweight}) {
    book.variant = variant;
    EXPECT_EQ(words(book.tell({{it::caCerts, {}}})), "caCerts=none");
  }
}

TEST(Genm, OnlyTheCrlsThatAreNews) {
  const auto told =
      Book().tell({status_list({of_issuer("Issuing", kUpdated), of_point("uri:http://ca/r.crl")})});
  ASSERT_TRUE(told);
  const auto value = message::decode(told->front());
  EXPECT_EQ(std::get<message::Crls>(*value).crls, (std::vector<Bytes>{Book().crls[1].der}));
}

// RFC 9483 §4.3.2
TEST(Genm, RootUpdateIsForTheRootItReplaces) {
  const Bytes first{0x30, 0x01, 0x21}, second{0x30, 0x01, 0x22}, third{0x30, 0x01, 0x23};
  Book book;
  book.updates = {{first, {second, Bytes{0x30, 0x01, 0x0d}, Bytes{0x30, 0x01, 0x0e}}},
                  {second, {third, Bytes{0x30, 0x01, 0x1d}, {}}}};
  // The new root that is told; empty: none.
  const auto news = [&](const Items& asked) {
    const auto told = book.tell(asked);
    EXPECT_EQ(told->front().type, it::rootCaKeyUpdate);
    if (told->front().value.empty()) return Bytes{};
    return std::get<message::RootCaKeyUpdateContent>(*message::decode(told->front())).new_with_new;
  };
  EXPECT_EQ(news({root(first)}), second) << "the one that followed it, not the newest";
  EXPECT_EQ(news({root(second)}), third);
  EXPECT_EQ(news({root(third)}), Bytes{}) << "nothing followed the newest";
  EXPECT_EQ(news({root({0x30, 0x01, 0x55})}), Bytes{}) << "no root of ours";
  EXPECT_EQ(news({{it::rootCaCert, {}}}), third) << "named none: the last update";
  EXPECT_EQ(words(book.tell({{it::rootCaCert, {0x05, 0x00}}})), "!der.tag");
}

// RFC 9483 §4.3.4: roots that followed one another have one name, and a CRL each.
TEST(Genm, CrlsOfOneNameAreAllToldButOneAtALightweightEndpoint) {
  Book book;
  book.crls[0].issuer = book.crls[1].issuer;
  const auto count = [&] {
    const auto told = book.tell({status_list({of_issuer("Root")})});
    return std::get<message::Crls>(*message::decode(told->front())).crls.size();
  };
  EXPECT_EQ(count(), 2U);
  book.variant = Variant::lightweight;
  EXPECT_EQ(count(), 1U);
}

TEST(Genm, EncryptionKeysWhereATemplateHasThem) {
  Book book;
  book.wanted = "ra";
  EXPECT_EQ(words(book.tell({{it::encKeyPairTypes, {}}})), "unsupportedOIDs");
  book.wanted = "smime";
  const auto told = book.tell({{it::encKeyPairTypes, {}}});
  ASSERT_EQ(words(told), "encKeyPairTypes");
  const auto value = message::decode(told->front());
  EXPECT_EQ(std::get<message::Algorithms>(*value).algorithms,
            (std::vector{crypto::key_algorithm(crypto::KeyKind::p256),
                         crypto::key_algorithm(crypto::KeyKind::p384),
                         crypto::key_algorithm(crypto::KeyKind::p521),
                         crypto::key_algorithm(crypto::KeyKind::rsa)}));
}

// RFC 9810 §5.3.19.2: one id-ecPublicKey for each curve
TEST(Genm, EachCurveIsAnEntryOfItsOwn) {
  const auto told = Book().tell({{it::signKeyPairTypes, {}}});
  const auto value = message::decode(told->front());
  const auto& algorithms = std::get<message::Algorithms>(*value).algorithms;
  for (const auto kind : {crypto::KeyKind::p256, crypto::KeyKind::p384, crypto::KeyKind::p521,
                          crypto::KeyKind::rsa, crypto::KeyKind::ml_dsa_65})
    EXPECT_EQ(std::ranges::count(algorithms, crypto::key_algorithm(kind)), 1) << crypto::name(kind);
}

// RFC 9810 §5.3.19.16, RFC 9483 §4.3.3
TEST(Genm, RequirementsOfATemplate) {
  const auto content = requirements(*find_template(built_in_templates(), "tls-server"));
  const auto& wanted = content.cert_template;
  EXPECT_FALSE(wanted.public_key || wanted.serial_number || wanted.signing_alg ||
               wanted.issuer_uid || wanted.subject_uid);
  ASSERT_TRUE(wanted.subject);
  EXPECT_TRUE(wanted.subject->is_null());
  const auto* san = x509::find(wanted.extensions, x509::oids::subject_alt_name);
  ASSERT_NE(san, nullptr);
  EXPECT_TRUE(san->value.empty()) << "for the requester to fill in";
  const auto* purposes = x509::find(wanted.extensions, x509::oids::ext_key_usage);
  ASSERT_NE(purposes, nullptr);
  EXPECT_EQ(x509::read_ext_key_usage(purposes->value).value(),
            std::vector{x509::oids::kp_server_auth});
  std::vector<std::string> lengths;
  for (const auto& control : content.key_spec)
    if (control.type == crmf::oids::rsa_key_len) lengths.push_back(to_hex(control.value));
  EXPECT_EQ(lengths, (std::vector<std::string>{"02020800", "02020c00", "02021000"}));
  for (const auto& control : content.key_spec) {
    EXPECT_FALSE(control.type == crmf::oids::alg_id &&
                 equal(control.value, der::encode(crypto::key_algorithm(crypto::KeyKind::rsa))))
        << "RFC 9483 §4.3.3 [MUST] another algorithm than RSA";
  }
}

// Every type is answered, or is no question, or is left out on purpose (genm.cc says why).
TEST(Genm, RequirementsHaveWhatIsFixedAndLeaveTheRestToTheRequester) {
  Template t = *find_template(built_in_templates(), "tls-client");
  t.subject = subject_rules({"O = fixed:Example Ltd", "OU = device:group",
                             "serialNumber = device:serial", "CN = request:unit-*"})
                  .value();
  t.alternative_names = alternative_name_rules({"uri = fixed:urn:x:line", "dns? = request",
                                                "ip = device:attributes.a"})
                            .value();
  const auto content = requirements(t);
  const auto& subject = *content.cert_template.subject;
  EXPECT_EQ(x509::attributes(subject, der::Oid::of("2.5.4.10")),
            std::vector<std::string>{"Example Ltd"});
  EXPECT_EQ(x509::attributes(subject, der::Oid::of("2.5.4.3")), std::vector<std::string>{""});
  EXPECT_EQ(x509::attributes(subject, der::Oid::of("2.5.4.5")), std::vector<std::string>{""});
  EXPECT_TRUE(x509::attributes(subject, der::Oid::of("2.5.4.11")).empty());
  const auto* names = x509::find(content.cert_template.extensions, x509::oids::subject_alt_name);
  ASSERT_NE(names, nullptr);
  EXPECT_EQ(to_hex(names->value), "300e860a75726e3a783a6c696e658200");
}

TEST(Genm, EveryRequestableTypeIsAnsweredButTwo) {
  const std::vector<der::Oid> no_questions = {
      it::caKeyUpdateInfo, it::unsupportedOIDs, it::keyPairParamRep,
      it::implicitConfirm, it::confirmWaitTime, it::origPKIMessage,
      it::rootCaKeyUpdate, it::certProfile,     it::crls};
  const std::vector<der::Oid> left_out = {it::revPassphrase, it::kemCiphertextInfo};
  Book book;
  book.wanted = "smime";  // has encryption keys, too
  for (const auto& type : message::kInfoTypes) {
    if (std::ranges::find(no_questions, type.id) != no_questions.end()) continue;
    const bool told = words(book.tell({{type.id, {}}})) != "unsupportedOIDs";
    EXPECT_NE(told, std::ranges::find(left_out, type.id) != left_out.end()) << type.name;
  }
}

}  // namespace
}  // namespace countersign::enrol
