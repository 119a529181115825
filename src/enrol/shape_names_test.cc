#include "enrol/shape_names.h"

#include "enrol/object.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

struct Case {
  const char* what;
  Texts subject_rules, san_rules;
  std::string asked;
  Texts asked_names;
  std::string gets;  // the subject and the names; or the code of the refusal
  std::string says = "";
  std::string of_request = "";  // what is the request's word, where that is not all
  bool refusing = false;
};

DeviceRecord device() {
  DeviceRecord out;
  out.serial = "SN-7";
  out.group = "line1";
  out.hostname = "u7.example";
  out.attributes = {{"site", "north"}};
  return out;
}

std::string shown(const x509::Name& subject, const std::vector<x509::GeneralName>& names) {
  std::string out = subject.is_null() ? "-" : x509::to_text(subject);
  for (const auto& one : names) out += " " + x509::to_text(one);
  return out;
}

std::vector<x509::GeneralName> names_in(const crmf::CertTemplate& wish) {
  const auto* found = x509::find(wish.extensions, x509::oids::subject_alt_name);
  return found == nullptr ? std::vector<x509::GeneralName>{}
                          : x509::read_subject_alt_name(found->value).value();
}

Result<ShapedNames> run(const Case& c, const NameSources& sources) {
  Template t;
  t.name = "line";
  t.subject = subject_rules(c.subject_rules).value();
  t.alternative_names = alternative_name_rules(c.san_rules).value();
  if (c.refusing) t.outside = Outside::refuse;
  crmf::CertTemplate wish;
  wish.subject = name(c.asked);
  if (!c.asked_names.empty())
    wish.extensions.push_back(x509::make_subject_alt_name(sans(c.asked_names), false));
  return shape_names(t, wish, sources);
}

void expect(const Case& c, const NameSources& sources) {
  SCOPED_TRACE(c.what);
  const auto shaped = run(c, sources);
  if (!shaped) {
    EXPECT_EQ(std::string(shaped.error().code), c.gets) << shaped.error().reply_text;
    EXPECT_TRUE(shaped.error().reply_text.contains(c.says)) << shaped.error().reply_text;
    EXPECT_EQ(shaped.error().failure, Failure::badCertTemplate);
    return;
  }
  EXPECT_EQ(shown(*shaped->wish.subject, names_in(shaped->wish)), c.gets);
  if (c.says.empty()) {
    EXPECT_EQ(shaped->modifications, "");
  } else {
    EXPECT_TRUE(shaped->modifications.contains(c.says)) << shaped->modifications;
  }
  if (!c.of_request.empty()) {
    EXPECT_EQ(shown(shaped->asked_subject.value_or(x509::Name{}),
                    shaped->asked_names.value_or(std::vector<x509::GeneralName>{})),
              c.of_request);
  }
}

TEST(ShapeNames, take_each_part_from_where_its_rule_says) {
  const DeviceRecord known = device();
  CredentialRecord credential;
  credential.reference = "ref-1";
  credential.note = "shelf 3";
  const message::Sender sender = by_secret("ref-1");
  const NameSources sources{&credential, &known, sender, nullptr};
  const std::vector<Case> cases = {
      {"no rules: as it is asked for", {}, {}, "CN=a,O=b", {"dns:x"}, "CN=a,O=b dns:x"},
      {"rules that fit change nothing",
       {"O = request", "CN = request"},
       {},
       "CN=a,O=b",
       {},
       "CN=a,O=b"},
      {"an attribute that no rule has",
       {"CN = request"},
       {},
       "CN=a,L=c",
       {},
       "CN=a",
       "the subject is CN=a"},
      {"the same where the template refuses",
       {"CN = request"},
       {},
       "CN=a,L=c",
       {},
       "template.subject-outside",
       "the L of certTemplate.subject",
       "",
       true},
      {"a part that is missing",
       {"CN = request", "OU = request"},
       {},
       "CN=a",
       {},
       "template.subject-rule",
       "gets no OU"},
      {"a part that may be missing", {"CN = request", "OU? = request"}, {}, "CN=a", {}, "CN=a"},
      {"a pattern that fits", {"CN = request:unit-*,gw-*"}, {}, "CN=gw-7", {}, "CN=gw-7"},
      {"a pattern that does not",
       {"CN = request:unit-*"},
       {},
       "CN=gate",
       {},
       "template.subject-rule",
       "CN of certTemplate.subject is gate"},
      {"fixed in the place of another",
       {"O = fixed:Example Ltd", "CN = request"},
       {},
       "CN=a,O=Other",
       {},
       "CN=a,O=Example Ltd",
       "the subject is CN=a,O=Example Ltd",
       "CN=a"},
      {"fixed where nothing is asked for is no change",
       {"O = fixed:Example Ltd", "CN = device:serial"},
       {},
       "",
       {},
       "CN=SN-7,O=Example Ltd",
       "",
       "-"},
      {"fixed as it is asked for",
       {"O = fixed:Example Ltd", "CN = request"},
       {},
       "CN=a,O=Example Ltd",
       {},
       "CN=a,O=Example Ltd"},
      {"twice",
       {"CN = request", "OU = fixed:a", "OU = fixed:b"},
       {},
       "CN=x",
       {},
       "OU=b,OU=a,CN=x",
       "the subject is"},
      {"from the registry",
       {"OU = device:attributes.site", "serialNumber = device:serial"},
       {},
       "serialNumber=SN-7",
       {},
       "serialNumber=SN-7,OU=north",
       "the subject is",
       "-"},
      {"what the registry does not have",
       {"CN = device:model"},
       {},
       "",
       {},
       "template.subject-rule",
       "enter the model of this device"},
      {"and may be missing", {"CN = device:serial", "OU? = device:model"}, {}, "", {}, "CN=SN-7"},
      {"from the secret",
       {"CN = credential:reference", "OU = credential:note"},
       {},
       "CN=x",
       {},
       "OU=shelf 3,CN=ref-1",
       "the subject is"},
      {"of a certificate, where there is a secret",
       {"CN = credential:serialNumber"},
       {},
       "",
       {},
       "template.subject-rule",
       "comes from the credential"},
      {"text that needs escaping", {"CN = fixed:a, b+c"}, {}, "", {}, "CN=a\\, b\\+c"},
      {"alternative names that fit",
       {},
       {"dns = request:*.example"},
       "CN=a",
       {"dns:x.example"},
       "CN=a dns:x.example",
       "",
       "- dns:x.example"},
      {"one that does not fit",
       {},
       {"dns = request:*.example"},
       "CN=a",
       {"dns:x.example", "dns:y.org"},
       "template.san-rule",
       "dns:y.org"},
      {"a kind that no rule has",
       {},
       {"dns? = request"},
       "CN=a",
       {"ip:192.0.2.1"},
       "CN=a",
       "subjectAltName ip:192.0.2.1 left out"},
      {"the same where the template refuses",
       {},
       {"dns? = request"},
       "CN=a",
       {"ip:192.0.2.1"},
       "template.san",
       "",
       "",
       true},
      {"a kind that is missing", {}, {"dns = request"}, "CN=a", {}, "template.san-rule"},
      {"a host of the registry",
       {},
       {"dns = device:hostname", "uri = fixed:urn:x:line"},
       "CN=a",
       {},
       "CN=a dns:u7.example uri:urn:x:line",
       "",
       "-"},
      {"in the place of another",
       {},
       {"dns = device:hostname"},
       "CN=a",
       {"dns:evil.org"},
       "CN=a dns:u7.example",
       "dns:evil.org left out"},
      {"the same one asked for",
       {},
       {"dns = device:hostname"},
       "CN=a",
       {"dns:u7.example"},
       "CN=a dns:u7.example"},
      {"a value that is no such name", {}, {"ip = device:serial"}, "CN=a", {}, "template.san-rule"},
  };
  for (const Case& c : cases) expect(c, sources);
}

TEST(ShapeNames, of_an_update_keep_what_came_from_the_first_credential) {
  const auto old = certificate("CN=ref-1,O=Example", {"dns:old.example"});
  const auto kept = record(old);
  const DeviceRecord known = device();
  const message::Sender sender = by_certificate(old);
  const NameSources sources{nullptr, &known, sender, &kept};
  expect({"reference and host stay, the group is of today",
          {"O = fixed:Example", "OU = device:group", "CN = credential:reference"},
          {"dns = credential:note"},
          "CN=ref-1,O=Example",
          {"dns:old.example"},
          "CN=ref-1,OU=line1,O=Example dns:old.example",
          "the subject is"},
         sources);
}

TEST(FieldRules, that_are_unsound_are_refused_when_they_are_saved) {
  const auto refused = [](const char* field, const std::string& rule) {
    ObjectRecord object{ObjectKind::certificate_template, "line", 0, true, {}, {}, {}};
    object.fields = {{field, Texts{rule}}};
    const auto problems = check_object(object);
    return !problems.empty() && problems[0].path == "template.line." + std::string(field) &&
           problems[0].what.contains("does not fit: it must be");
  };
  for (const char* rule :
       {"", "CN", "CN = ", "CN = somewhere", "XX = request", "CN = request:", "CN = request:a,,b",
        "CN = request:self", "CN = fixed", "CN = fixed:", "C = fixed:Ü", "CN = device",
        "CN = device:colour", "CN = credential", "CN = credential:secret", "dns = request"})
    EXPECT_TRUE(refused("subject", rule)) << rule;
  for (const char* rule : {"CN = request", "other = request", "ip = fixed:somewhere", "dns"})
    EXPECT_TRUE(refused("san", rule)) << rule;
  EXPECT_TRUE(refused("policies", "serverAuth"));
  EXPECT_TRUE(refused("permitted_names", "example.com"));
  EXPECT_FALSE(subject_rules({"CN = request:a*", "CN = request"})) << "two from the request";
  EXPECT_EQ(to_text(*subject_rule(" commonName ?=  request : unit-* ")), "CN? = request:unit-*");
}

}  // namespace
}  // namespace countersign::enrol
