// What the rules make of whole messages: here of key updates, and of what goes beside a template.
#include "enrol/examine.h"

#include "enrol/test_values.h"
#include "message/info_type.h"
#include "support/authenticated.h"

namespace countersign::enrol {
namespace {

using namespace test;
using countersign::test::authenticated;
using x509::KeyUsage;

const std::string kReference = "alpha";

// A certificate with fewer purposes than its template has today.
const x509::Certificate& old_certificate() {
  static const x509::Certificate made = [] {
    const crypto::PrivateKey& signer = key("p256");
    x509::CertificateFields fields;
    fields.serial = {0x41, 0x07};
    fields.signature_algorithm = signer.default_signature_algorithm();
    fields.issuer = kIssuer;
    fields.subject = name("CN=alpha");
    fields.validity = {*from_iso("2026-01-01"), *from_iso("2027-01-01")};
    fields.spki = spki("p256");
    fields.extensions = {
        x509::make_key_usage(x509::usages({KeyUsage::digitalSignature})),
        x509::make_ext_key_usage({x509::oids::kp_client_auth}),
        x509::make_subject_alt_name(sans({"dns:alpha"}), false),
    };
    const Bytes tbs = x509::encode_tbs(fields);
    const Bytes signature = crypto::sign(signer, fields.signature_algorithm, tbs).value();
    return x509::parse_certificate(x509::join_signed(tbs, fields.signature_algorithm, signature))
        .value();
  }();
  return made;
}

crmf::CertReqMsg request(x509::Extensions asked, std::vector<crmf::Attribute> controls) {
  crmf::CertReqMsg out;
  auto& wish = out.cert_req.cert_template;
  wish.subject = name("CN=alpha");
  wish.public_key = spki("p384");
  wish.extensions = std::move(asked);
  out.cert_req.controls = std::move(controls);
  const auto& signer = key("p384");
  const auto algorithm = signer.default_signature_algorithm();
  const Bytes signature = crypto::sign(signer, algorithm, crmf::encode_cert_req(out)).value();
  out.popo = crmf::POPOSigningKey{{}, algorithm, {signature, 0}};
  return out;
}

crmf::Attribute old_cert_id() {
  der::Writer w;
  crmf::write(w, crmf::CertId{x509::directory_name(kIssuer), old_certificate().serial});
  return {crmf::oids::old_cert_id, std::move(w).take()};
}

message::AuthenticatedMessage sent(message::BodyType type, crmf::CertReqMsg r) {
  message::PKIMessage m;
  m.header.transaction_id = TransactionId{Bytes(16, 1)};
  m.header.sender_nonce = Nonce{Bytes(16, 2)};
  m.body = {type, crmf::CertReqMessages{std::move(r)}};
  return authenticated(std::move(m), kReference);
}

CmpProfile& profile() {
  static CmpProfile one;
  one = {};
  one.protection = countersign::test::quick_policy();
  return one;
}

const std::shared_ptr<const Catalogue>& catalogue() {
  static const auto one = build_catalogue({}, {}).catalogue;
  return one;
}

Setting setting() {
  static const std::vector<x509::Name> ours{kIssuer};
  return {.catalogue = *catalogue(), .profile = profile(), .our_issuers = ours};
}

// The order, or the code of the refusal.
std::expected<transaction::CertificateOrder, std::string> examined(
    const message::AuthenticatedMessage& m, const Setting& by) {
  CredentialRecord credential;
  credential.reference = kReference;
  credential.names = "self";
  const std::vector<CertificateRecord> found = {
      record(old_certificate(), CertificateStatus::valid, kReference)};
  auto verdicts = examine(m, by, {&credential, nullptr, found}, kNow);
  if (!verdicts.at(0)) return std::unexpected(std::string(verdicts[0].error().code));
  return std::get<transaction::CertificateOrder>(std::move(*verdicts[0]));
}

std::string purposes(const transaction::CertificateOrder& order) {
  const auto* found = x509::find(order.extensions, x509::oids::ext_key_usage);
  std::string out;
  const auto listed = x509::read_ext_key_usage(found->value).value();
  for (const auto& id : listed) out += (out.empty() ? "" : " ") + id.dotted();
  return out;
}

constexpr auto kClient = "1.3.6.1.5.5.7.3.2";
constexpr auto kClientAndServer = "1.3.6.1.5.5.7.3.2 1.3.6.1.5.5.7.3.1";

TEST(Examine, a_key_update_that_asks_for_nothing_else_keeps_the_extensions) {
  const auto update = [](x509::Extensions asked) {
    return examined(sent(message::BodyType::kur, request(std::move(asked), {old_cert_id()})),
                    setting());
  };
  const auto nothing = update({});
  ASSERT_TRUE(nothing) << nothing.error();
  EXPECT_EQ(purposes(*nothing), kClient);
  EXPECT_EQ(nothing->replaces, old_certificate().serial);
  EXPECT_NE(x509::find(nothing->extensions, x509::oids::subject_alt_name), nullptr);
  EXPECT_EQ(nothing->modifications, "");

  const auto names = update({x509::make_subject_alt_name(sans({"dns:alpha"}), false)});
  ASSERT_TRUE(names) << names.error();
  EXPECT_EQ(purposes(*names), kClient) << "names are what RFC 9483 §4.1.3 wants there";

  const auto more = update({x509::make_key_usage(x509::usages({KeyUsage::digitalSignature}))});
  ASSERT_TRUE(more) << more.error();
  EXPECT_EQ(purposes(*more), kClientAndServer) << "it asks for itself, so nothing is kept";
}

TEST(Examine, a_new_certificate_has_what_the_template_gives) {
  const auto order = examined(sent(message::BodyType::cr, request({}, {})), setting());
  ASSERT_TRUE(order) << order.error();
  EXPECT_EQ(purposes(*order), kClientAndServer);
  EXPECT_FALSE(order->replaces);
  EXPECT_TRUE(order->original.empty());
}

// RFC 9483 §3.1 [MUST] one element
TEST(Examine, a_certProfile_of_two_texts_is_refused) {
  const auto code = [](message::PKIBody body, std::vector<std::string> profiles) {
    message::PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, 1)};
    m.header.sender_nonce = Nonce{Bytes(16, 2)};
    m.header.general_info = {
        message::make_info(message::it::certProfile, message::Texts{std::move(profiles)})};
    m.body = std::move(body);
    CredentialRecord credential;
    credential.names = "self";
    const auto verdicts = examine(authenticated(std::move(m), kReference), setting(),
                                  {&credential, nullptr, {}}, kNow);
    return verdicts.at(0) ? "ok" : std::string(verdicts[0].error().code);
  };
  using message::BodyType;
  const std::vector<message::PKIBody> bodies = {
      {BodyType::ir, crmf::CertReqMessages{request({}, {})}},
      {BodyType::cr, crmf::CertReqMessages{request({}, {})}},
      {BodyType::genm, message::InfoMsgContent{{{message::it::certReqTemplate, {}}}}}};
  for (const auto& body : bodies) {
    EXPECT_EQ(code(body, {"device"}), "ok") << message::name(body.type);
    EXPECT_EQ(code(body, {"device", "device"}), "profile.one") << message::name(body.type);
    EXPECT_EQ(code(body, {"device", "tls-client"}), "profile.one") << message::name(body.type);
  }
}

TEST(Examine, what_was_ignored_is_noted) {
  const auto order = examined(
      sent(message::BodyType::ir, request({}, {{crmf::oids::reg_token, {0x0c, 0x01, '7'}}})),
      setting());
  ASSERT_TRUE(order) << order.error();
  EXPECT_EQ(order->ignored, "regToken");
}

TEST(Examine, the_message_goes_with_the_order_where_the_issuer_is_to_see_it) {
  Setting keeps = setting();
  keeps.originals = Originals::keep;
  const auto m = sent(message::BodyType::ir, request({}, {}));
  const auto order = examined(m, keeps);
  ASSERT_TRUE(order) << order.error();
  EXPECT_EQ(order->original, message::encode(m.value()));
}

TEST(Examine, another_issuer_in_the_template_is_told_to_who_uses_a_secret) {
  const auto asking = [](const x509::Name& issuer, message::Variant variant) {
    auto r = request({}, {});
    r.cert_req.cert_template.issuer = issuer;
    const auto& signer = key("p384");
    const auto algorithm = signer.default_signature_algorithm();
    const Bytes signature = crypto::sign(signer, algorithm, crmf::encode_cert_req(r)).value();
    r.popo = crmf::POPOSigningKey{{}, algorithm, {signature, 0}};
    auto by = setting();
    profile().rules.variant = variant;
    const auto order = examined(sent(message::BodyType::ir, std::move(r)), by);
    return order ? order->modifications : "!" + order.error();
  };
  using enum message::Variant;
  EXPECT_EQ(asking(kIssuer, general), "");
  EXPECT_EQ(asking(name("CN=Other CA"), general), "the issuer is CN=Issuing CA");
  EXPECT_EQ(asking(name("CN=Other CA"), lightweight), "!template.issuer");
}

// Two requests, or one, that show the same token.
message::AuthenticatedMessage with_token(std::size_t requests, const std::string& value) {
  crmf::CertReqMessages all;
  for (std::size_t i = 0; i < requests; ++i) {
    der::Writer w;
    w.utf8(value);
    all.push_back(request({}, {{crmf::oids::reg_token, std::move(w).take()}}));
  }
  message::PKIMessage m;
  m.header.transaction_id = TransactionId{Bytes(16, 1)};
  m.header.sender_nonce = Nonce{Bytes(16, 2)};
  m.body = {message::BodyType::ir, std::move(all)};
  return authenticated(std::move(m), kReference);
}

TEST(Examine, a_token_narrows_what_is_granted) {
  const std::string value = "0123456789abcdef";
  const auto says = [&](const TokenRecord& known, std::size_t requests = 1) {
    auto by = setting();
    by.tokens = TokenPolicy::check;
    CredentialRecord credential;
    credential.reference = kReference;
    credential.names = "self";
    std::string out;
    for (const auto& verdict :
         examine(with_token(requests, value), by, {&credential, nullptr, {}, {&known, 1}}, kNow)) {
      const auto* order = verdict ? &std::get<transaction::CertificateOrder>(*verdict) : nullptr;
      out += (out.empty() ? "" : " ") +
             (order == nullptr ? std::string(verdict.error().code) : order->profile);
      EXPECT_EQ(order == nullptr || order->tokens == std::vector<Bytes>{known.digest}, true);
    }
    return out;
  };
  TokenRecord token;
  token.digest = token_digest(TokenKind::regToken, value);
  token.names = "any";
  EXPECT_EQ(says(token), "device");
  token.uses_left = 1;
  EXPECT_EQ(says(token, 2), "device token.unknown") << "one use, two requests";
  token.uses_left = 2;
  EXPECT_EQ(says(token, 2), "device device");
  token.names = "beta";
  EXPECT_EQ(says(token), "rights.name") << "its sender may, the token may not";
  token.names = "alpha";
  token.profile = "tls-client";
  EXPECT_EQ(says(token), "tls-client") << "rather than the endpoint's";
  token.profile = "ra";
  EXPECT_EQ(says(token), "profile.by-credential") << "no token makes a registration authority";
  token.profile = "";
  token.digest = token_digest(TokenKind::authenticator, value);
  EXPECT_EQ(says(token), "token.unknown");
}

}  // namespace
}  // namespace countersign::enrol
