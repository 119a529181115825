#include "enrol/name_limits.h"

#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;

TEST(NameLimit, is_read_or_refused) {
  for (const char* good :
       {"dns:example.com", "dns:EXAMPLE.com", "email:example.com", "email:.example.com",
        "email:ops@example.com", "uri:.example.com", "uri:host.example", "ip:192.0.2.0/24",
        "ip:0.0.0.0/0", "ip:192.0.2.7/32", "ip:2001:db8::/32"})
    EXPECT_TRUE(name_limit(good)) << good;
  for (const char* bad : {"", "example.com", "dns:", "dns:.example.com", "dns:a..b", "dns:a@b",
                          "email:@b", "email:a@.b", "uri:https://a", "ip:192.0.2.0",
                          "ip:192.0.2.1/24", "ip:192.0.2.0/33", "ip:192.0.2.0/x", "dn:CN=a"})
    EXPECT_FALSE(name_limit(bad)) << bad;
}

struct Case {
  const char* what;
  std::vector<std::string> permitted, excluded;
  std::string subject;
  std::vector<std::string> names;
  const char* code = "ok";
};

NameLimits limits_of(const Case& c) {
  NameLimits out;
  for (const auto& text : c.permitted) out.permitted.push_back(name_limit(text).value());
  for (const auto& text : c.excluded) out.excluded.push_back(name_limit(text).value());
  return out;
}

const char* const kOutside = "template.name-limit";

TEST(NameLimits, bound_names_as_name_constraints_do) {
  const std::vector<Case> cases = {
      {"nothing is said", {}, {}, "CN=x", {"dns:any.where"}},
      {"a host itself", {"dns:example.com"}, {}, "", {"dns:example.com"}},
      {"a host below, in capitals", {"dns:example.com"}, {}, "", {"dns:A.B.Example.COM"}},
      {"a host beside", {"dns:example.com"}, {}, "", {"dns:badexample.com"}, kOutside},
      {"a wildcard below", {"dns:example.com"}, {}, "", {"dns:*.example.com"}},
      {"one of two that are permitted",
       {"dns:a.example", "dns:b.example"},
       {},
       "",
       {"dns:x.b.example"}},
      {"one name of two is outside",
       {"dns:a.example"},
       {},
       "",
       {"dns:x.a.example", "dns:b.example"},
       kOutside},
      {"other kinds are not limited", {"dns:a.example"}, {}, "", {"ip:192.0.2.1", "email:a@b.c"}},
      {"what is excluded below what is permitted",
       {"dns:example.com"},
       {"dns:ca.example.com"},
       "",
       {"dns:x.ca.example.com"},
       kOutside},
      {"a wildcard that stands for what is excluded",
       {},
       {"dns:ca.example.com"},
       "",
       {"dns:*.example.com"},
       kOutside},
      {"a wildcard elsewhere", {}, {"dns:ca.example.com"}, "", {"dns:*.x.example.com"}},
      {"an address in the net", {"ip:192.0.2.0/25"}, {}, "", {"ip:192.0.2.127"}},
      {"an address behind it", {"ip:192.0.2.0/25"}, {}, "", {"ip:192.0.2.128"}, kOutside},
      {"of the other length", {"ip:192.0.2.0/24"}, {}, "", {"ip:2001:db8::1"}, kOutside},
      {"a long one", {"ip:2001:db8::/33"}, {}, "", {"ip:2001:db8:7fff::1"}},
      {"mail to the host", {"email:example.com"}, {}, "", {"email:a@Example.com"}},
      {"mail to one below", {"email:example.com"}, {}, "", {"email:a@x.example.com"}, kOutside},
      {"mail to any below", {"email:.example.com"}, {}, "", {"email:a@x.example.com"}},
      {"mail to the domain itself",
       {"email:.example.com"},
       {},
       "",
       {"email:a@example.com"},
       kOutside},
      {"one mailbox", {"email:ops@example.com"}, {}, "", {"email:ops@example.com"}},
      {"another one", {"email:ops@example.com"}, {}, "", {"email:Ops@example.com"}, kOutside},
      {"the address in the subject",
       {"email:example.com"},
       {},
       "CN=x,emailAddress=a@b.c",
       {},
       kOutside},
      {"a URI with user and port",
       {"uri:.example.com"},
       {},
       "",
       {"uri:https://u@h.example.com:8443/x?y"}},
      {"a URI elsewhere",
       {"uri:.example.com"},
       {},
       "",
       {"uri:https://evil.org/.example.com"},
       kOutside},
      {"a URI without a host", {"uri:.example.com"}, {}, "", {"uri:urn:x:y"}, kOutside},
      {"a CN that is a host", {"dns:example.com"}, {}, "CN=evil.org", {}, kOutside},
      {"a CN beside a dNSName is none",
       {"dns:example.com"},
       {},
       "CN=evil.org",
       {"dns:a.example.com"}},
      {"a CN that is no host", {"dns:example.com"}, {}, "CN=unit-7", {}},
  };
  for (const Case& c : cases)
    EXPECT_EQ(code(check_limits(limits_of(c), name(c.subject), sans(c.names))), c.code) << c.what;
}

}  // namespace
}  // namespace countersign::enrol
