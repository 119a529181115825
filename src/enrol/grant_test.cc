#include "enrol/grant_extensions.h"
#include "enrol/template.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using x509::KeyUsage;
namespace oid = x509::oids;

constexpr Seconds kBackdate{300};

const Template& built_in(std::string_view name) {
  const Template* found = find_template(built_in_templates(), name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

x509::Extension extension(const der::Oid& id, std::string_view hex) {
  Bytes value;
  EXPECT_TRUE(from_hex(hex, value));
  return {id, false, value};
}

struct Case {
  const char* what;
  const char* code = "ok";
  const char* says = "";  // the sentence, or the modifications, have this in them
  std::string profile = "device";
  std::string subject = "CN=device-7";
  std::string key = "p256";
  x509::Extensions asked = {};
  void (*change)(crmf::CertTemplate&) = nullptr;
  void (*change_template)(Template&) = nullptr;
};

Result<transaction::CertificateOrder> run(const Case& c) {
  crmf::CertTemplate asked;
  asked.subject = name(c.subject);
  asked.public_key = spki(c.key);
  asked.extensions = c.asked;
  if (c.change != nullptr) c.change(asked);
  Template t = built_in(c.profile);
  if (c.change_template != nullptr) c.change_template(t);
  return grant(t, asked, kNow, kBackdate);
}

void refusing(Template& t) { t.outside = Outside::refuse; }
void for_cmp(Template& t) { t.may_grant_cmp_purposes = true; }

x509::Extension san(const std::vector<std::string>& names) {
  return x509::make_subject_alt_name(sans(names), false);
}
x509::Extension usage(std::initializer_list<KeyUsage> list) {
  return x509::make_key_usage(x509::usages(list));
}
x509::Extension purposes(const std::vector<der::Oid>& list) {
  return x509::make_ext_key_usage(list);
}

void expect(const Case& c) {
  SCOPED_TRACE(c.what);
  const auto order = run(c);
  EXPECT_EQ(code(order), c.code) << (order ? "" : order.error().reply_text);
  if (!order) {
    if (std::string_view(c.code).starts_with("template.")) {
      EXPECT_EQ(order.error().failure, Failure::badCertTemplate);
    }
    EXPECT_TRUE(order.error().reply_text.contains(c.says)) << order.error().reply_text;
  } else if (std::string_view(c.says).empty()) {
    EXPECT_EQ(order->modifications, "");
  } else {
    EXPECT_TRUE(order->modifications.contains(c.says)) << order->modifications;
  }
}

const std::vector<Case>& field_cases() {
  static const std::vector<Case> cases = {
      {"subject and key alone are granted as they are"},
      {.what = "version 2 is v3", .change = [](auto& t) { t.version = 2; }},
      {.what = "version 0 is refused",
       .code = "template.version",
       .says = "send 2",
       .change = [](auto& t) { t.version = 0; }},
      {.what = "serialNumber is not for the client",
       .code = "template.serial-number",
       .says = "certTemplate.serialNumber",
       .change = [](auto& t) { t.serial_number = Bytes{5}; }},
      {.what = "signingAlg is not for the client",
       .code = "template.signing-alg",
       .says = "certTemplate.signingAlg",
       .change = [](auto& t) { t.signing_alg = der::AlgorithmIdentifier{}; }},
      {.what = "issuerUID is not for the client",
       .code = "template.issuer-uid",
       .says = "certTemplate.issuerUID",
       .change = [](auto& t) { t.issuer_uid.emplace(); }},
      {.what = "subjectUID is not for the client",
       .code = "template.subject-uid",
       .says = "certTemplate.subjectUID",
       .change = [](auto& t) { t.subject_uid.emplace(); }},
      {.what = "no key",
       .code = "template.key-missing",
       .says = "certTemplate.publicKey",
       .change = [](auto& t) { t.public_key.reset(); }},
      {.what = "a key that is no SubjectPublicKeyInfo",
       .code = "crypto.key-format",
       .change = [](auto& t) { t.public_key = Bytes{0x30, 0}; }},
      {.what = "a kind of key that the template does not have",
       .code = "template.key-kind",
       .says = "allows: rsa",
       .change_template = [](Template& t) { t.key_kinds = {"rsa"}; }},
      {.what = "an RSA key shorter than the template wants",
       .code = "template.key-too-short",
       .says = "at least 3072 bits",
       .key = "rsa2048",
       .change_template = [](Template& t) { t.min_rsa_bits = 3072; }},
      {.what = "no subject and no subjectAltName",
       .code = "template.subject-required",
       .says = "subjectAltName",
       .subject = ""},
      {.what = "no subject where the template wants one",
       .code = "template.subject-required",
       .says = "wants a name",
       .subject = "",
       .asked = {san({"dns:a.example"})},
       .change_template = [](Template& t) { t.subject_required = true; }},
      {.what = "a CN of 64 characters", .subject = "CN=" + std::string(64, 'a')},
      {.what = "a CN of 65 characters",
       .code = "template.subject",
       .says = "64 characters",
       .subject = "CN=" + std::string(65, 'a')},
  };
  return cases;
}

TEST(Grant, fields) {
  for (const Case& c : field_cases()) expect(c);
}

const std::vector<Case>& extension_cases() {
  static const std::vector<Case> cases = {
      {.what = "key usage as the template has it is no change",
       .asked = {usage({KeyUsage::digitalSignature})}},
      {.what = "less key usage than the template has is no change",
       .profile = "smime",
       .asked = {usage({KeyUsage::digitalSignature}), san({"email:a@b.example"})}},
      {.what = "key usage outside is dropped",
       .says = "keyUsage dataEncipherment left out",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::dataEncipherment})}},
      {.what = "an EC key may agree on keys where that is asked for",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::keyAgreement})}},
      {.what = "an RSA key may encipher keys where that is asked for",
       .key = "rsa2048",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::keyEncipherment})}},
      {.what = "an RSA key does not agree on keys",
       .says = "keyUsage keyAgreement left out",
       .key = "rsa2048",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::keyAgreement})}},
      {.what = "a key that is to sign nothing is not for these templates",
       .says = "keyUsage keyAgreement left out",
       .asked = {usage({KeyUsage::keyAgreement})}},
      {.what = "keyCertSign alone is dropped, the template's usage stands",
       .says = "keyUsage keyCertSign left out",
       .asked = {usage({KeyUsage::keyCertSign})}},
      {.what = "key usage outside is refused where the template says so",
       .code = "template.key-usage",
       .says = "digitalSignature at most",
       .asked = {usage({KeyUsage::keyCertSign})},
       .change_template = refusing},
      {.what = "keyEncipherment is for RSA",
       .profile = "tls-server",
       .key = "rsa2048",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::keyEncipherment}),
                 san({"dns:a.example"})}},
      {.what = "keyEncipherment is not for EC",
       .says = "keyEncipherment left out",
       .profile = "tls-server",
       .asked = {usage({KeyUsage::digitalSignature, KeyUsage::keyEncipherment}),
                 san({"dns:a.example"})}},
      {.what = "one of the purposes is no change", .asked = {purposes({oid::kp_client_auth})}},
      {.what = "a purpose outside is dropped",
       .says = "extKeyUsage emailProtection left out",
       .asked = {purposes({oid::kp_client_auth, oid::kp_email_protection})}},
      {.what = "a purpose outside is refused where the template says so",
       .code = "template.ext-key-usage",
       .says = "allowed are: clientAuth, serverAuth",
       .asked = {purposes({oid::kp_email_protection})},
       .change_template = refusing},
      {.what = "cmcRA is never granted unasked for by the template",
       .says = "extKeyUsage cmcRA left out",
       .asked = {purposes({oid::kp_cmc_ra})}},
      {.what = "cmcCA and cmKGA neither",
       .says = "cmcCA left out; extKeyUsage cmKGA left out",
       .asked = {purposes({oid::kp_cmc_ca, oid::kp_cm_kga})}},
      {.what = "not even if they are among its purposes",
       .says = "extKeyUsage cmcRA left out",
       .asked = {purposes({oid::kp_cmc_ra})},
       .change_template = [](Template& t) { t.purposes.push_back(oid::kp_cmc_ra); }},
      {.what = "cmcRA is granted where the template may",
       .asked = {purposes({oid::kp_cmc_ra})},
       .change_template = for_cmp},
      {.what = "CA:FALSE says what is so", .asked = {x509::make_basic_constraints({})}},
      {.what = "the length of a path that there is none of",
       .code = "template.path-length",
       .says = "leave it out",
       .asked = {extension(oid::basic_constraints, "3003020100")}},
      {.what = "CA:TRUE is dropped",
       .says = "CA:TRUE left out",
       .asked = {x509::make_basic_constraints({true, 0})}},
      {.what = "CA:TRUE is refused where the template says so",
       .code = "template.ca",
       .asked = {x509::make_basic_constraints({true, 0})},
       .change_template = refusing},
      {.what = "an unknown extension is dropped",
       .says = "extension 1.2.3.4 left out",
       .asked = {extension(der::Oid::of("1.2.3.4"), "0500")}},
      {.what = "an unknown extension is refused where the template says so",
       .code = "template.extension",
       .says = "certificatePolicies",
       .asked = {extension(oid::certificate_policies, "3000")},
       .change_template = refusing},
      {.what = "a malformed key usage is refused, never dropped",
       .code = "template.extension-malformed",
       .says = "keyUsage",
       .asked = {extension(oid::key_usage, "0303")}},
      {.what = "a malformed subjectAltName is refused",
       .code = "template.extension-malformed",
       .says = "subjectAltName",
       .asked = {extension(oid::subject_alt_name, "3000")}},
  };
  return cases;
}

TEST(Grant, extensions) {
  for (const Case& c : extension_cases()) expect(c);
}

const std::vector<Case>& name_cases() {
  static const std::vector<Case> cases = {
      {.what = "names of the template's kinds",
       .asked = {san({"dns:a.example", "ip:192.0.2.1", "ip:2001:db8::1", "email:a@b.example",
                      "uri:urn:dev:7"})}},
      {.what = "a wildcard host", .profile = "tls-server", .asked = {san({"dns:*.a.example"})}},
      {.what = "a kind outside is dropped",
       .says = "subjectAltName email:a@b.example left out",
       .profile = "tls-server",
       .asked = {san({"dns:a.example", "email:a@b.example"})}},
      {.what = "a kind outside is refused where the template says so",
       .code = "template.san",
       .says = "allowed kinds: dNSName, iPAddress",
       .profile = "tls-server",
       .asked = {san({"dns:a.example", "email:a@b.example"})},
       .change_template = refusing},
      {.what = "a TLS server without names",
       .code = "template.san-required",
       .says = "extensions.subjectAltName",
       .profile = "tls-server"},
      {.what = "a TLS server whose names were all dropped",
       .code = "template.san-required",
       .profile = "tls-server",
       .asked = {san({"email:a@b.example"})}},
      {.what = "mail without an address", .code = "template.san-required", .profile = "smime"},
      {.what = "mail with an address", .profile = "smime", .asked = {san({"email:a@b.example"})}},
      {.what = "a VPN gateway", .profile = "vpn", .asked = {san({"dns:gw.example"})}},
      {.what = "a TLS client", .profile = "tls-client", .asked = {san({"email:a@b.example"})}},
      {.what = "a host name with a space",
       .code = "template.san-value",
       .says = "dns:a b",
       .asked = {extension(oid::subject_alt_name,
                           "3005"
                           "8203612062")}},
      {.what = "a host name with a NUL",
       .code = "template.san-value",
       .asked = {extension(oid::subject_alt_name,
                           "3005"
                           "8203610062")}},
      {.what = "a host name that ends in a dash",
       .code = "template.san-value",
       .asked = {extension(oid::subject_alt_name,
                           "3004"
                           "8202612d")}},
      {.what = "an empty host name",
       .code = "template.san-value",
       .asked = {extension(oid::subject_alt_name,
                           "3002"
                           "8200")}},
      {.what = "a mail address without a host",
       .code = "template.san-value",
       .asked = {extension(oid::subject_alt_name,
                           "3004"
                           "81026140")}},
      {.what = "a URI without a scheme",
       .code = "template.san-value",
       .asked = {extension(oid::subject_alt_name,
                           "3004"
                           "86023a61")}},
  };
  return cases;
}

TEST(Grant, names) {
  for (const Case& c : name_cases()) expect(c);
}

TEST(Grant, subjectAltName_is_critical_when_the_subject_is_empty_and_only_then) {
  for (const bool empty : {true, false}) {
    const auto order =
        run({.what = "",
             .subject = empty ? "" : "CN=a",
             .asked = {x509::make_subject_alt_name(sans({"dns:a.example"}), !empty)}});
    ASSERT_TRUE(order);
    const auto* granted = x509::find(order->extensions, oid::subject_alt_name);
    ASSERT_NE(granted, nullptr);
    EXPECT_EQ(granted->critical, empty);
    EXPECT_EQ(order->modifications, "");
  }
}

TEST(Grant, more_names_than_the_most_are_refused) {
  std::vector<std::string> names(kMostSans + 1, "dns:a.example");
  EXPECT_EQ(code(run({.what = "", .asked = {san(names)}})), "template.san-too-many");
}

TEST(Grant, every_built_in_template_certifies_every_kind_of_key_that_signs) {
  for (const Template& t : built_in_templates())
    for (const auto& spec : crypto::kKeySpecs) {
      if (spec.bits > 2048 && spec.kind == crypto::KeyKind::rsa) continue;  // slow to make
      const auto order =
          run({.what = "",
               .profile = t.name,
               .key = std::string(spec.name),
               .asked = {san({t.name == "smime" ? "email:a@b.example" : "dns:a.b"})}});
      EXPECT_EQ(code(order), "ok") << t.name << ' ' << spec.name;
    }
}

TEST(Grant, a_key_that_cannot_sign_is_no_kind_of_ours) {
  Bytes x25519;
  ASSERT_TRUE(from_hex("302a300506032b656e032100" + std::string(64, '7'), x25519));
  crmf::CertTemplate asked;
  asked.subject = name("CN=a");
  asked.public_key = x25519;
  EXPECT_EQ(code(grant(built_in("device"), asked, kNow, kBackdate)), "template.key-kind");
}

// RFC 9483 §4.1.3: an update is of what was there.
TEST(Grant, an_update_keeps_what_the_template_still_allows) {
  struct Kept {
    const char* what;
    x509::Extensions kept;
    x509::Extensions asked;
    x509::Extensions expected;
    void (*change_template)(Template&) = nullptr;
  };
  const auto sign = usage({KeyUsage::digitalSignature});
  const auto both = purposes({oid::kp_client_auth, oid::kp_server_auth});
  const auto client = purposes({oid::kp_client_auth});
  const Kept cases[] = {
      {"fewer purposes stay fewer", {sign, client}, {}, {sign, client}},
      {"what is asked for wins", {sign, client}, {both}, {sign, both}},
      {"a purpose that is no longer allowed goes without a word",
       {sign, purposes({oid::kp_client_auth, oid::kp_email_protection})},
       {},
       {sign, client},
       refusing},
      {"with none left the template's own stand",
       {usage({KeyUsage::keyCertSign}), purposes({oid::kp_cmc_ra})},
       {},
       {sign, both}},
      {"keyUsage without what is for another kind of key",
       {usage({KeyUsage::digitalSignature, KeyUsage::keyEncipherment})},
       {},
       {sign, both}},
      {"what is malformed is as if it were not there",
       {extension(oid::key_usage, "0500"), extension(oid::ext_key_usage, "0500")},
       {},
       {sign, both}},
      {"other extensions are made anew",
       {extension(oid::authority_info_access, "3000")},
       {},
       {sign, both}},
  };
  for (const Kept& c : cases) {
    crmf::CertTemplate asked;
    asked.subject = name("CN=device-7");
    asked.public_key = spki("p256");
    asked.extensions = c.asked;
    Template t = built_in("device");
    if (c.change_template != nullptr) c.change_template(t);
    const auto order = grant(t, asked, kNow, kBackdate, c.kept);
    ASSERT_EQ(code(order), "ok") << c.what;
    EXPECT_EQ(order->extensions, c.expected) << c.what;
    EXPECT_EQ(order->modifications, "") << c.what << ": nobody asked for it";
  }
}

TEST(Grant, what_the_template_gives_when_nothing_is_asked_for) {
  const auto order = run({.what = ""});
  ASSERT_TRUE(order);
  EXPECT_EQ(order->profile, "device");
  EXPECT_EQ(x509::to_text(order->subject), "CN=device-7");
  EXPECT_EQ(order->spki, spki("p256"));
  EXPECT_EQ(order->extensions,
            (x509::Extensions{usage({KeyUsage::digitalSignature}),
                              purposes({oid::kp_client_auth, oid::kp_server_auth})}));
  EXPECT_EQ(order->validity.not_before, kNow - kBackdate);
  EXPECT_EQ(order->validity.not_after, kNow + Seconds{365LL * 86400});
}

}  // namespace
}  // namespace countersign::enrol
