#include "enrol/rights.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;

struct RuleCase {
  const char* what;
  std::string rule;
  const char* code = "ok";
};
const RuleCase kRules[] = {
    {"self", "self"},
    {"any", "any"},
    {"one name", "a.example"},
    {"a list with spaces", "a.example, b.example"},
    {"patterns", "*.example,**.test,device-*"},
    {"empty", "", "rights.name-rule"},
    {"an empty entry", "a,,b", "rights.name-rule"},
    {"a comma at the end", "a,", "rights.name-rule"},
    {"self among others", "self,a.example", "rights.name-rule"},
    {"any among others", "a.example,any", "rights.name-rule"},
    {"three stars", "***.example", "rights.name-rule"},
    {"a line break", "a\nb", "rights.name-rule"},
    {"too long", std::string(5000, 'a'), "rights.name-rule"},
};

TEST(NameRule, form) {
  for (const RuleCase& c : kRules) EXPECT_EQ(code(check_name_rule(c.rule)), c.code) << c.what;
}

struct Case {
  const char* what;
  const char* rule;
  const char* subject;
  std::vector<std::string> names = {};
  const char* code = "ok";
};

void expect(const Case& c, const message::Sender& sender) {
  SCOPED_TRACE(c.what);
  const auto got = check_names(c.rule, name(c.subject), sans(c.names), sender);
  EXPECT_EQ(code(got), c.code) << (got ? "" : got.error().reply_text);
  if (!got) {
    EXPECT_EQ(failure(got), "notAuthorized");
  }
}

const Case kBySecret[] = {
    {"any: whatever", "any", "O=Other", {"dns:x.example"}},
    {"self: CN is the reference", "self", "CN=device-7"},
    {"self: case does not count", "self", "CN=Device-7"},
    {"self: where it belongs does not count", "self", "CN=device-7,O=Example,C=DE"},
    {"self: no subject", "self", ""},
    {"self: another CN", "self", "CN=device-8", {}, "rights.name"},
    {"self: a second CN", "self", "CN=device-7,CN=admin", {}, "rights.name"},
    {"self: a subject without CN", "self", "O=Example", {}, "rights.name"},
    {"self: another mail address in the subject",
     "self",
     "CN=device-7,emailAddress=a@b.example",
     {},
     "rights.name"},
    {"self: a SAN that is the reference", "self", "CN=device-7", {"dns:device-7"}},
    {"self: another SAN", "self", "CN=device-7", {"dns:admin.example"}, "rights.name"},
    {"self: a SAN alone", "self", "", {"ip:192.0.2.1"}, "rights.name"},
    {"list: each of them", "a.example,b.example", "CN=a.example", {"dns:b.example"}},
    {"list: case does not count", "A.example", "CN=a.EXAMPLE"},
    {"list: spaces around an entry", "x , a.example", "CN=a.example"},
    {"list: CN outside", "a.example", "CN=c.example", {}, "rights.name"},
    {"list: SAN outside", "a.example", "CN=a.example", {"dns:c.example"}, "rights.name"},
    {"list: a subject without CN", "a.example", "O=a.example", {}, "rights.name"},
    {"list: UID is compared too", "a.example", "CN=a.example,UID=root", {}, "rights.name"},
    {"pattern: one label", "*.example", "CN=a.example"},
    {"pattern: a star stops at a dot", "*.example", "CN=a.b.example", {}, "rights.name"},
    {"pattern: two stars do not", "**.example", "CN=a.b.example"},
    {"pattern: a star may be empty", "device-*", "CN=device-"},
    {"pattern: in the middle", "d*7.example", "CN=device-7.example"},
    {"pattern: the end counts", "*.example", "CN=a.example.evil", {}, "rights.name"},
    {"pattern: a wildcard certificate inside it", "*.example", "CN=x.example", {"dns:*.example"}},
    {"pattern: a wildcard certificate beyond it",
     "a*.example",
     "",
     {"dns:*.example"},
     "rights.name"},
    {"pattern: many stars end soon",
     "*a*a*a*a*a*a*a*a*a*a*b",
     "CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     {},
     "rights.name"},
    {"addresses: as written", "192.0.2.1", "", {"ip:192.0.2.1"}},
    {"addresses: another spelling", "2001:DB8:0::1", "", {"ip:2001:db8::1"}},
    {"addresses: a pattern", "192.0.2.*", "", {"ip:192.0.2.77"}},
    {"addresses: outside", "192.0.2.*", "", {"ip:192.0.3.1"}, "rights.name"},
    {"mail: a host pattern says nothing of it",
     "*.example",
     "",
     {"email:a@b.example"},
     "rights.name"},
    {"mail: a mail pattern", "*@b.example", "", {"email:a@b.example"}},
    {"mail: a mail pattern is no host's", "*@b.example", "", {"dns:b.example"}, "rights.name"},
    {"uri: a host pattern says nothing of it",
     "*.example",
     "",
     {"uri:https://evil/x.example"},
     "rights.name"},
    {"uri: a URI pattern", "urn:dev:*", "", {"uri:urn:dev:7"}},
    {"uri: case counts", "urn:dev:a", "", {"uri:urn:dev:A"}, "rights.name"},
    {"directory names are not for lists", "**", "", {"dn:CN=a"}, "rights.name"},
    {"two stars allow the rest", "**", "CN=a", {"dns:a.b", "email:a@b.c", "uri:urn:x", "ip:::1"}},
};

TEST(NameRule, by_secret) {
  for (const Case& c : kBySecret) expect(c, by_secret("device-7"));
}

const Case kByCertificate[] = {
    {"the same subject", "self", "CN=device-7,O=Example", {"dns:a.example"}},
    {"fewer names", "self", "CN=device-7,O=Example"},
    {"no subject", "self", "", {"ip:192.0.2.1"}},
    {"another subject", "self", "CN=device-7", {}, "rights.name"},
    {"another name", "self", "CN=device-7,O=Example", {"dns:b.example"}, "rights.name"},
    {"a list binds it", "*.example", "CN=device-7,O=Example", {}, "rights.name"},
};

TEST(NameRule, by_certificate) {
  const auto own = certificate("CN=device-7,O=Example", {"dns:a.example", "ip:192.0.2.1"});
  for (const Case& c : kByCertificate) expect(c, by_certificate(own));
}

TEST(NameRule, an_ra_asks_for_others_but_a_list_binds_it) {
  const auto ra = by_certificate(certificate("CN=RA"), true);
  expect({"self does not", "self", "CN=anyone", {"dns:anyone.example"}}, ra);
  expect({"inside", "*.example", "CN=a.example"}, ra);
  expect({"outside", "*.example", "CN=anyone", {}, "rights.name"}, ra);
}

TEST(NameRule, the_refusal_names_what_is_outside_and_what_is_allowed) {
  const auto got =
      check_names("*.example", name("CN=a.example"), sans({"dns:b.test"}), by_secret("device-7"));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().reply_text.contains("dns:b.test")) << got.error().reply_text;
  EXPECT_TRUE(got.error().reply_text.contains("*.example")) << got.error().reply_text;
}

}  // namespace
}  // namespace countersign::enrol
