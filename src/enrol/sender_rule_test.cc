#include "enrol/sender_rule.h"

#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

TEST(SenderRule, IsKeptAsItIsWritten) {
  struct Case {
    const char* text;
    const char* kept;  // empty: it is none
  };
  const std::vector<Case> cases = {
      {"any -> profiles = meters", "any -> profiles = meters"},
      {"any -> refuse", "any -> refuse"},
      {"any->names=self", "any -> names = self"},
      {" subject.serialNumber=SN-* ->profiles=a , b ;names = x.example,*.y.example",
       "subject.serialNumber = SN-* -> profiles = a,b; names = x.example,*.y.example"},
      {"subject.commonName = a -> refuse", "subject.CN = a -> refuse"},
      {"issuer.O = Smith and Sons; san.dns = **.example -> profiles = a",
       "issuer.O = Smith and Sons; san.dns = **.example -> profiles = a"},
      {"serial = 0a1b* -> names = any", "serial = 0a1b* -> names = any"},
      {"", ""},
      {"any", ""},
      {"any ->", ""},
      {"-> refuse", ""},
      {"any -> allow", ""},
      {"any -> refuse; names = any", ""},
      {"any -> profiles =", ""},
      {"any -> profiles = a b", ""},
      {"any -> profiles = a; profiles = b", ""},
      {"any -> names = ,", ""},
      {"any -> names = self; names = any", ""},
      {"any; serial = 01 -> refuse", ""},
      {"subject = x -> refuse", ""},
      {"subject.shoeSize = 42 -> refuse", ""},
      {"san.other = x -> refuse", ""},
      {"serial = -> refuse", ""},
      {"serial = any -> refuse", ""},
      {"subject.CN = self -> refuse", ""},
      {"subject.CN = *** -> refuse", ""},
  };
  for (const Case& c : cases) {
    const auto rule = sender_rule(c.text);
    EXPECT_EQ(rule ? to_text(*rule) : "", c.kept) << c.text;
  }
  EXPECT_FALSE(sender_rules({"any -> refuse", "nonsense"}));
}

// The number of the rule that fits, from 1; 0: none.
std::size_t fits(const Texts& texts, const x509::Certificate& signer) {
  const auto rules = sender_rules(texts);
  EXPECT_TRUE(rules) << texts.front();
  if (!rules) return 99;
  const SenderRule* rule = rule_for(*rules, signer);
  return rule == nullptr ? 0 : static_cast<std::size_t>(rule - rules->data()) + 1;
}

TEST(SenderRule, FitsByTheCertificate) {
  // Its serial number is 4107, its issuer CN=Issuing CA.
  const auto signer = certificate(
      "O=Vendor, serialNumber=SN-4711, CN=meter-7, CN=spare",
      {"dns:m7.vendor.example", "ip:192.0.2.7", "uri:urn:vendor:m7", "email:m7@vendor.example"}, 7);
  struct Case {
    const char* what;
    Texts rules;
    std::size_t fits;
  };
  const std::vector<Case> cases = {
      {"everybody", {"any -> refuse"}, 1},
      {"by an attribute", {"subject.serialNumber = SN-* -> refuse"}, 1},
      {"case does not count", {"subject.serialNumber = sn-4711 -> refuse"}, 1},
      {"another value", {"subject.serialNumber = MN-* -> refuse"}, 0},
      {"all of it, not a part", {"subject.serialNumber = SN -> refuse"}, 0},
      {"an attribute that it does not have", {"subject.OU = ** -> refuse"}, 0},
      {"one of several values is enough", {"subject.CN = spare -> refuse"}, 1},
      {"one of several patterns is enough", {"subject.CN = x-*,meter-* -> refuse"}, 1},
      {"by its issuer", {"issuer.CN = Issuing CA -> refuse"}, 1},
      {"by another issuer", {"issuer.CN = Other CA -> refuse"}, 0},
      {"by its number", {"serial = 41* -> refuse"}, 1},
      {"by another number", {"serial = 42* -> refuse"}, 0},
      {"by a host name", {"san.dns = **.vendor.example -> refuse"}, 1},
      {"a star stops at a dot", {"san.dns = *.example -> refuse"}, 0},
      {"a name of another kind does not count", {"san.dns = 192.0.2.7 -> refuse"}, 0},
      {"by an address", {"san.ip = 192.0.2.7 -> refuse"}, 1},
      {"by a URI", {"san.uri = urn:vendor:** -> refuse"}, 1},
      {"by a mail address", {"san.email = *@vendor.example -> refuse"}, 1},
      {"all conditions", {"subject.O = Vendor; serial = 4107 -> refuse"}, 1},
      {"one of them does not hold", {"subject.O = Vendor; serial = 99 -> refuse"}, 0},
      {"the first counts",
       {"serial = 99 -> refuse", "subject.O = Vendor -> names = self", "any -> refuse"},
       2},
  };
  for (const Case& c : cases) EXPECT_EQ(fits(c.rules, signer), c.fits) << c.what;
}

}  // namespace
}  // namespace countersign::enrol
