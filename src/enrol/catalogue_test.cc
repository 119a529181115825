#include "enrol/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::enrol {
namespace {

using testing::HasSubstr;
using Weight = Problem::Weight;

ObjectRecord object(ObjectKind kind, std::string name, Fields fields, bool enabled = true) {
  return {kind, std::move(name), 1, enabled, std::move(fields), "test", {}};
}
ObjectRecord cmp(std::string name, Fields fields, bool enabled = true) {
  return object(ObjectKind::cmp_profile, std::move(name), std::move(fields), enabled);
}
ObjectRecord ra(std::string name, Fields fields, bool enabled = true) {
  return object(ObjectKind::ra_profile, std::move(name), std::move(fields), enabled);
}
ObjectRecord tmpl(std::string name, Fields fields, bool enabled = true) {
  return object(ObjectKind::certificate_template, std::move(name), std::move(fields), enabled);
}

// "path: what" of the first error; empty: none.
std::string error_of(const std::vector<ObjectRecord>& objects) {
  for (const Problem& p : build_catalogue({}, objects).problems)
    if (p.weight == Weight::error) return p.path + ": " + p.what;
  return {};
}

TEST(Catalogue, WithoutObjectsHasTheBuiltInOnes) {
  const auto built = build_catalogue({}, {});
  EXPECT_TRUE(built.problems.empty());
  const auto& c = *built.catalogue;
  EXPECT_EQ(c.ra_profiles().size(), built_in_templates().size());
  ASSERT_NE(c.endpoint("default"), nullptr);
  EXPECT_EQ(c.endpoint("default")->profile.default_ra_profile, "device");
  ASSERT_NE(c.endpoint("tls-server"), nullptr);
  EXPECT_EQ(c.endpoint("tls-server")->profile.default_ra_profile, "tls-server");
  EXPECT_TRUE(c.endpoint("tls-server")->profile.ra_profiles.empty());
  ASSERT_NE(c.endpoint("ra~tls-server"), nullptr);
  EXPECT_EQ(c.endpoint("ra~tls-server")->profile.ra_profiles,
            std::vector<std::string>{"tls-server"});
  EXPECT_EQ(c.endpoint("nobody"), nullptr);
  EXPECT_EQ(c.endpoint_or_default("nobody").profile.name, "default");
}

TEST(Catalogue, ATemplateIsAsTheOneThatItIsBasedOn) {
  const auto built = build_catalogue(
      {}, std::vector<ObjectRecord>{
              tmpl("line", {{"based_on", "tls-server"}, {"validity", "90d"}}),
              tmpl("line-rsa", {{"based_on", "line"}, {"keys", std::vector<std::string>{"rsa"}}}),
              tmpl("device", {{"longest_validity", "400d"}})});
  EXPECT_TRUE(built.problems.empty());
  const Template& t = built.catalogue->ra_profile("line-rsa")->t;
  EXPECT_EQ(t.name, "line-rsa");
  EXPECT_EQ(t.validity, Seconds{90LL * 86400});
  EXPECT_TRUE(t.san_required) << "as tls-server";
  EXPECT_EQ(t.key_kinds, std::vector<std::string>{"rsa"});
  EXPECT_EQ(built.catalogue->ra_profile("device")->t.longest_validity, Seconds{400LL * 86400});
  EXPECT_EQ(built.catalogue->ra_profile("device")->t.purposes.size(), 2U) << "as the built-in one";
}

TEST(Catalogue, ACmpProfileIsAsTheConfigurationFileWhereItSaysNothing) {
  CmpProfile standard;
  standard.rules.implicit_confirm = false;
  standard.duplicate_keys = DuplicateKeys::refuse;
  const auto built = build_catalogue(
      standard,
      std::vector<ObjectRecord>{cmp("line1", {{"default_ra_profile", "tls-client"},
                                              {"duplicate_keys", "allow"},
                                              {"kur.same_key", "refuse"},
                                              {"variant", "lightweight"}}),
                                ra("factory", {{"template", "device"}, {"cmp_profile", "line1"}})});
  ASSERT_TRUE(built.problems.empty());
  const auto& p = built.catalogue->endpoint("line1")->profile;
  EXPECT_FALSE(p.rules.implicit_confirm);
  EXPECT_EQ(p.duplicate_keys, DuplicateKeys::allow);
  EXPECT_EQ(p.updates.same_key, UpdatePolicy::SameKey::refuse);
  EXPECT_FALSE(p.protection.accept_hmac_sha1 || p.protection.accept_owf_sha1) << "RFC 9481 §6.1";
  const auto& locked = *built.catalogue->endpoint("ra~factory");
  EXPECT_EQ(locked.cmp_profile, "line1");
  EXPECT_EQ(locked.profile.rules.variant, message::Variant::lightweight);
  EXPECT_EQ(built.catalogue->endpoint("default")->profile.duplicate_keys, DuplicateKeys::refuse);
}

TEST(Catalogue, AProfileWithoutADefaultIsToldSo) {
  const auto built =
      build_catalogue({}, std::vector<ObjectRecord>{cmp("line1", {{"default_ra_profile", ""}})});
  ASSERT_EQ(built.problems.size(), 1U);
  EXPECT_EQ(built.problems[0].weight, Weight::warning);
  EXPECT_EQ(built.problems[0].path, "cmp_profile.line1.default_ra_profile");
  EXPECT_EQ(built.catalogue->endpoint("line1")->off, "");
}

TEST(Catalogue, EveryErrorNamesPathValueAndWhatFits) {
  struct Case {
    const char* what;
    std::vector<ObjectRecord> objects;
    std::vector<const char*> says;
  };
  using Names = std::vector<std::string>;
  const Case cases[] = {
      {"an unknown field",
       {ra("a", {{"colour", "red"}})},
       {"ra_profile.a.colour", "no such field", "template"}},
      {"a value that does not fit",
       {tmpl("a", {{"validity", "soon"}})},
       {"template.a.validity", "\"soon\"", "30d"}},
      {"a value of another type",
       {tmpl("a", {{"san_required", "yes"}})},
       {"template.a.san_required", "true or false"}},
      {"a key kind that there is not",
       {tmpl("a", {{"keys", Names{"dsa"}}})},
       {"template.a.keys", "[\"dsa\"]"}},
      {"a usage that is a CA's",
       {tmpl("a", {{"key_usage", Names{"keyCertSign"}}})},
       {"template.a.key_usage"}},
      {"a template that there is not",
       {ra("a", {{"template", "gone"}})},
       {"ra_profile.a.template", "there is no template gone", "tls-server"}},
      {"a disabled template",
       {ra("a", {{"template", "t"}}), tmpl("t", {}, false)},
       {"ra_profile.a.template", "disabled"}},
      {"an RA profile that there is not",
       {cmp("a", {{"default_ra_profile", "gone"}})},
       {"cmp_profile.a.default_ra_profile", "there is no ra_profile gone", "device"}},
      {"a default that is not offered",
       {cmp("a", {{"default_ra_profile", "device"}, {"ra_profiles", Names{"vpn"}}})},
       {"cmp_profile.a.default_ra_profile", "not among ra_profiles"}},
      {"a trust set that there is not",
       {cmp("a", {{"trust_sets", Names{"vendors"}}})},
       {"cmp_profile.a.trust_sets", "vendors", "there are none"}},
      {"templates in a circle",
       {tmpl("a", {{"based_on", "b"}}), tmpl("b", {{"based_on", "a"}})},
       {".based_on", "circle"}},
      {"a validity beyond the longest",
       {tmpl("a", {{"validity", "9d"}, {"longest_validity", "8d"}})},
       {"template.a.validity", "longest_validity"}},
      {"a name that cannot stand in a path", {ra("a/b", {})}, {"ra_profile.a/b", "1 to 64"}},
      {"a CMP profile that there is not",
       {ra("a", {{"cmp_profile", "gone"}})},
       {"ra_profile.a.cmp_profile", "gone", "default"}},
      {"an operator who may do nothing",
       {object(ObjectKind::operator_account, "ada", {})},
       {"operator.ada.roles"}},
      {"an unknown role",
       {object(ObjectKind::operator_account, "ada", {{"roles", Names{"king"}}})},
       {"operator.ada.roles", "auditor"}},
      {"a token that is another's",
       {object(ObjectKind::operator_account, "ada",
               {{"roles", Names{"auditor"}}, {"token", std::string(64, 'a')}}),
        object(ObjectKind::operator_account, "bob",
               {{"roles", Names{"auditor"}}, {"token", std::string(64, 'a')}})},
       {"operator.bob.token", "ada"}},
      {"no certificate",
       {object(ObjectKind::trust_set, "a", {{"certificates", Names{"x"}}})},
       {"trust_set.a.certificates", "PEM"}},
  };
  for (const Case& c : cases)
    for (const char* part : c.says) EXPECT_THAT(error_of(c.objects), HasSubstr(part)) << c.what;
}

TEST(Catalogue, WhatIsUnsoundOrDisabledIsOff) {
  const auto built = build_catalogue(
      {}, std::vector<ObjectRecord>{cmp("broken", {{"default_ra_profile", "gone"}}),
                                    cmp("off", {}, false), ra("device", {}, false)});
  EXPECT_THAT(built.catalogue->endpoint("broken")->off, HasSubstr("gone"));
  EXPECT_THAT(built.catalogue->endpoint("off")->off, HasSubstr("disabled"));
  EXPECT_EQ(built.catalogue->ra_profile("device"), nullptr) << "though there is a template";
  EXPECT_EQ(built.catalogue->endpoint("ra~device"), nullptr);
}

// Left as it is by itself, a field may be laxer than what was meant.
TEST(Catalogue, LeavesOutWhatHasAValueThatDoesNotFit) {
  const std::vector<ObjectRecord> objects = {
      ra("named", {{"template", "device"}, {"names", "a b, ,"}}),
      cmp("mac", {{"accept", std::vector<std::string>{"signatures"}}}),
      tmpl("strict", {{"min_rsa_bits", std::int64_t{1}}}),
      object(ObjectKind::operator_account, "ada",
             {{"roles", std::vector<std::string>{"auditor"}}, {"token", "short"}})};
  const auto c = build_catalogue({}, objects).catalogue;
  EXPECT_EQ(c->ra_profile("named"), nullptr);
  EXPECT_NE(c->endpoint("mac")->off, "");
  EXPECT_EQ(c->ra_profile("strict"), nullptr);
  EXPECT_TRUE(c->operators().empty());
}

TEST(Catalogue, AnRaProfileTakesTheTemplateOfItsNameUnlessToldOtherwise) {
  const std::vector<ObjectRecord> objects = {tmpl("line", {{"validity", "90d"}}), ra("line", {}),
                                             ra("vpn", {{"approvals", std::int64_t{1}}}),
                                             ra("other", {{"template", ""}})};
  const auto c = build_catalogue({}, objects).catalogue;
  EXPECT_EQ(c->ra_profile("line")->t.validity, Seconds{90LL * 86400});
  EXPECT_EQ(c->ra_profile("vpn")->template_name, "vpn") << "built in";
  EXPECT_EQ(c->ra_profile("other")->template_name, "device");
  EXPECT_THAT(dependents(objects, ObjectKind::certificate_template, "line"),
              testing::ElementsAre("ra_profile.line"));
  EXPECT_THAT(error_of({tmpl("line", {}, false), ra("line", {})}),
              HasSubstr("template line is disabled"))
      << "never the laxer one";
}

TEST(Catalogue, TellsWhatIsThereByItself) {
  const auto labels = [](const std::vector<ObjectRecord>& objects) {
    std::vector<std::string> out;
    for (const auto& o : by_themselves(objects)) {
      EXPECT_EQ(o.version, 0);
      out.push_back(label(o));
    }
    return out;
  };
  using testing::AllOf;
  using testing::Contains;
  using testing::Not;
  EXPECT_EQ(labels({}).size(), 2 * built_in_templates().size() + 1);
  const auto some =
      labels({tmpl("line", {}), tmpl("vpn", {}, false), ra("device", {}), cmp("default", {})});
  EXPECT_THAT(some,
              AllOf(Contains("ra_profile.line"), Contains("template.device"),
                    Not(Contains("template.line")), Not(Contains("ra_profile.vpn")),
                    Not(Contains("ra_profile.device")), Not(Contains("cmp_profile.default"))));
}

TEST(Catalogue, TellsWhatHoldsOfAnObject) {
  const std::vector<ObjectRecord> objects = {
      tmpl("line", {{"based_on", "tls-server"}, {"validity", "90d"}}),
      cmp("line1", {{"implicit_confirm", false}}), cmp("off", {}, false),
      object(ObjectKind::subscriber, "acme", {{"note", "hello"}}),
      object(ObjectKind::authority, "unsound", {{"kind", "command"}})};
  CmpProfile standard;
  standard.default_ra_profile = "vpn";
  const auto c = build_catalogue(standard, objects).catalogue;
  const auto held = [&](ObjectKind kind, const std::string& name, const std::string& field) {
    ObjectRecord o{kind, name, 0, true, {}, {}, {}};
    for (const auto& one : objects)
      if (one.kind == kind && one.name == name) o = one;
    const auto fields = in_effect(*c, o);
    return fields ? shown(fields->at(field)) : "not in use";
  };
  EXPECT_EQ(held(ObjectKind::certificate_template, "line", "validity"), "\"90d\"");
  EXPECT_EQ(held(ObjectKind::certificate_template, "line", "san_required"), "true") << "tls-server";
  EXPECT_EQ(held(ObjectKind::certificate_template, "smime", "validity"), "\"1y\"");
  EXPECT_EQ(held(ObjectKind::ra_profile, "line", "template"), "\"line\"");
  EXPECT_EQ(held(ObjectKind::cmp_profile, "line1", "default_ra_profile"), "\"vpn\"") << "the file";
  EXPECT_EQ(held(ObjectKind::cmp_profile, "off", "default_ra_profile"), "not in use");
  EXPECT_EQ(held(ObjectKind::subscriber, "acme", "note"), "\"hello\"");
  EXPECT_EQ(held(ObjectKind::subscriber, "acme", "names"), "\"any\"");
  EXPECT_EQ(held(ObjectKind::authority, "unsound", "kind"), "not in use") << "no command";
  for (const auto kind : {ObjectKind::certificate_template, ObjectKind::ra_profile})
    EXPECT_EQ(held(kind, "nobody", "summary"), "not in use");
}

TEST(Catalogue, TellsWhatDependsOnWhat) {
  const std::vector<ObjectRecord> objects = {
      tmpl("t", {}), tmpl("u", {{"based_on", "t"}}), ra("a", {{"template", "t"}}),
      cmp("c",
          {{"default_ra_profile", "a"}, {"ra_profiles", std::vector<std::string>{"a", "vpn"}}})};
  using testing::ElementsAre;
  EXPECT_THAT(dependents(objects, ObjectKind::certificate_template, "t"),
              ElementsAre("template.u", "ra_profile.a"));
  EXPECT_THAT(dependents(objects, ObjectKind::ra_profile, "a"), ElementsAre("cmp_profile.c"));
  EXPECT_TRUE(dependents(objects, ObjectKind::cmp_profile, "c").empty());
}

// RFC 9483 §3.3, TS 33.310 §9.5.4.3
TEST(Catalogue, AnEndpointsAnswersHaveWhatTheyMustHave) {
  using Texts = std::vector<std::string>;
  struct Case {
    const char* what;
    Fields fields;
    const char* error;  // a part of it; empty: none
  };
  const Texts macs{"pbmac1", "pbm"};
  const std::vector<Case> cases = {
      {"by itself", {{"extra_certs", "chain"}}, ""},
      {"with roots", {{"extra_certs", "chain_and_root"}, {"variant", "lightweight"}}, ""},
      {"the signer alone", {{"extra_certs", "signer"}}, ""},
      {"of a lightweight endpoint",
       {{"extra_certs", "signer"}, {"variant", "lightweight"}},
       "§3.3"},
      {"of a lightweight endpoint under MACs",
       {{"extra_certs", "none"}, {"variant", "lightweight"}, {"accept", macs}},
       "§3.3"},
      {"of base stations", {{"extra_certs", "signer"}, {"variant", "3gpp"}}, "33.310"},
      {"nothing under MACs", {{"extra_certs", "none"}, {"accept", macs}}, ""},
      {"nothing where signatures are taken", {{"extra_certs", "none"}}, "signature"},
      {"nothing where answers are signed",
       {{"extra_certs", "none"}, {"accept", macs}, {"response_protection", "signature"}},
       "signature"},
      {"a signer", {{"signer_certificate", "a.pem"}, {"signer_key", "a.key"}}, ""},
      {"a signer in one file", {{"signer_pkcs12", "a.p12"}, {"signer_password", "pw"}}, ""},
      {"a certificate without a key", {{"signer_certificate", "a.pem"}}, "signer_key"},
      {"a signer in a token",
       {{"signer_certificate", "a.pem"}, {"signer_key", "pkcs11:token=ra;object=cmp"}},
       ""},
      {"a key of no token",
       {{"signer_certificate", "a.pem"}, {"signer_key", "pkcs11:object=cmp"}},
       "signer_key"},
      {"a module in a URI",
       {{"signer_certificate", "a.pem"},
        {"signer_key", "pkcs11:token=ra;object=cmp?module-path=/tmp/evil.so"}},
       "signer_key"},
      {"a key without a certificate", {{"signer_key", "a.key"}}, "signer_certificate"},
      {"both ways at once",
       {{"signer_certificate", "a.pem"}, {"signer_key", "a.key"}, {"signer_pkcs12", "a.p12"}},
       "signer_pkcs12"},
      {"a password of nothing", {{"signer_password", "pw"}}, "signer_password"},
      {"a word that there is not", {{"ca_pubs", "sometimes"}}, "ca_pubs"},
  };
  for (const Case& c : cases) {
    const auto error = error_of({cmp("line", c.fields)});
    EXPECT_THAT(error, HasSubstr(c.error)) << c.what;
    EXPECT_EQ(error.empty(), std::string_view(c.error).empty()) << c.what << ": " << error;
  }
}

TEST(Catalogue, RulesOfATrustSetNameRaProfilesThatThereAre) {
  const auto set = [](const std::string& rule) {
    return object(ObjectKind::trust_set, "vendor", {{"rules", std::vector<std::string>{rule}}});
  };
  const auto meters = ra("meters", {{"template", "device"}});
  EXPECT_EQ(error_of({meters, set("any -> profiles = meters,vpn")}), "");
  EXPECT_THAT(error_of({set("any -> profiles = meters")}),
              HasSubstr("trust_set.vendor.rules: there is no ra_profile meters"));
  EXPECT_THAT(error_of({set("any -> allow")}), HasSubstr("does not fit"));
  const auto endpoint = cmp("line", {{"trust_sets", std::vector<std::string>{"vendor"}}});
  const std::vector<ObjectRecord> unsound{set("any -> profiles = meters"), endpoint};
  EXPECT_NE(build_catalogue({}, unsound).catalogue->endpoint("line")->off, "")
      << "rules that cannot be told apart let nobody in";
  const std::vector<ObjectRecord> sound{meters, set("any -> profiles = meters")};
  EXPECT_EQ(dependents(sound, ObjectKind::ra_profile, "meters"),
            std::vector<std::string>{"trust_set.vendor"});
}

TEST(Catalogue, EscalatesToWhoMayDecide) {
  const auto who = [](std::string name, std::string role, bool enabled = true) {
    return object(ObjectKind::operator_account, std::move(name),
                  {{"roles", std::vector<std::string>{std::move(role)}}}, enabled);
  };
  const std::vector<ObjectRecord> objects{
      who("ada", "ra_officer"), who("rob", "auditor"), who("gone", "administrator", false),
      ra("servers", {{"template", "device"},
                     {"escalate_to",
                      std::vector<std::string>{"administrator", "ada", "rob", "gone", "eve"}}})};
  const auto built = build_catalogue({}, objects);
  std::string named;
  for (const Problem& p : built.problems) {
    EXPECT_EQ(p.weight, Weight::warning) << "an operator can always be locked out";
    named += p.what.substr(0, p.what.find(' ')) + ' ';
  }
  EXPECT_EQ(named, "rob gone eve ");
  EXPECT_NE(built.catalogue->ra_profile("servers"), nullptr);
}

}  // namespace
}  // namespace countersign::enrol
