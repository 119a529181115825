// The cases of lint_sets.cc; lint_test.cc runs them.
#include "enrol/lint_for_test.h"

namespace countersign::enrol::test {

namespace {

void all_cabf_cases() {
  const auto names = [](const std::vector<std::string>& list) {
    return [=](Order& o) {
      replace(o, x509::make_subject_alt_name(sans(list), false));
      o.subject = name("O=Example");
    };
  };
  const auto days = [](const char* from, long long seconds) {
    return [=](Order& o) {
      o.validity.not_before = *from_iso(from);
      o.validity.not_after = o.validity.not_before + Seconds{seconds};
    };
  };
  constexpr long long kDay = 86400;
  std::vector<Case> cases = {
      {"a good order", {}, [](Order&) {}},
      {"a CN in another case", {}, [](Order& o) { o.subject = name("CN=WWW.Example.ORG"); }},
      {"an address as the CN",
       {},
       [](Order& o) {
         o.subject = name("CN=8.8.8.8");
         replace(o, x509::make_subject_alt_name(sans({"ip:8.8.8.8"}), false));
       }},
      {"a CN that is not listed",
       {"lint.common-name"},
       [](Order& o) { o.subject = name("CN=mail.example.org"); }},
      {"a CN that is no host",
       {"lint.common-name"},
       [](Order& o) { o.subject = name("CN=Example Ltd"); }},
      {"a server without names",
       {"lint.server-names"},
       [](Order& o) {
         o.subject = name("O=Example");
         drop(o, oid::subject_alt_name);
       }},
      {"a server with a mail address",
       {"lint.server-names"},
       names({"dns:www.example.org", "email:a@example.org"})},
      {"a client with a mail address",
       {},
       [&](Order& o) {
         names({"email:a@example.org"})(o);
         replace(o, x509::make_ext_key_usage({oid::kp_client_auth}));
       }},
      {"an underscore", {"lint.dns-underscore"}, names({"dns:a_b.example.org"})},
      {"a host without a domain", {"lint.internal-name"}, names({"dns:printer"})},
      {"a .local name", {"lint.internal-name"}, names({"dns:printer.LOCAL"})},
      {"a .internal name", {"lint.internal-name"}, names({"dns:a.b.internal"})},
      {"a name of home.arpa", {"lint.internal-name"}, names({"dns:tv.home.arpa"})},
      {"a name that only looks so", {}, names({"dns:internal.local.example.org"})},
      {"public addresses", {}, names({"ip:8.8.8.8", "ip:2600::1", "ip:172.32.0.1"})},
      {"398 days before March 2026", {}, days("2026-03-14", 398 * kDay - 1)},
      {"398 days and a second", {"lint.validity-long"}, days("2026-03-14", 398 * kDay)},
      {"200 days since March 2026", {}, days("2026-03-15", 200 * kDay - 1)},
      {"201 days since March 2026", {"lint.validity-long"}, days("2026-03-15", 200 * kDay)},
      {"100 days since March 2027", {}, days("2027-03-15", 100 * kDay - 1)},
      {"101 days since March 2027", {"lint.validity-long"}, days("2027-03-15", 100 * kDay)},
      {"47 days since March 2029", {}, days("2029-03-15", 47 * kDay - 1)},
      {"48 days since March 2029", {"lint.validity-long"}, days("2029-03-15", 47 * kDay)},
  };
  for (const char* address :
       {"0.1.2.3",        "10.0.0.1",    "100.64.0.1",      "127.0.0.1",  "169.254.1.1",
        "172.31.255.255", "192.0.2.1",   "192.168.0.1",     "198.19.0.1", "198.51.100.1",
        "203.0.113.1",    "224.0.0.1",   "255.255.255.255", "::1",        "::ffff:8.8.8.8",
        "100::1",         "2001:db8::1", "fd00::1",         "fe80::1",    "ff02::1"})
    cases.push_back({address, {"lint.reserved-ip"}, names({std::string("ip:") + address})});
  for (Case& c : cases) c.rules = kCabf;
  expect(cases);
}

void all_three_gpp_cases() {
  const auto names = [](const std::vector<std::string>& list) {
    return [=](Order& o) { replace(o, x509::make_subject_alt_name(sans(list), false)); };
  };
  std::vector<Case> cases = {
      {"a good order", {}, [](Order&) {}},
      {"an address instead", {}, names({"ip:192.0.2.1"})},
      {"no subjectAltName", {"lint.3gpp-name"}, [](Order& o) { drop(o, oid::subject_alt_name); }},
      {"a URI alone", {"lint.3gpp-name"}, names({"uri:urn:uuid:x"})},
      {"a host name that is no FQDN", {"lint.3gpp-name"}, names({"dns:enb17"})},
      {"a wildcard", {"lint.3gpp-name"}, names({"dns:*.operator.example"})},
      {"no keyUsage", {"lint.3gpp-key-usage"}, [](Order& o) { drop(o, oid::key_usage); }},
      {"keyUsage that is not critical",
       {"lint.3gpp-key-usage", "lint.key-usage-critical"},
       [](Order& o) { extension(o, oid::key_usage).critical = false; }},
      {"keyUsage without digitalSignature",
       {"lint.3gpp-key-usage"},
       [](Order& o) { with_usage(o, "p256", {KeyUsage::keyAgreement}); }},
  };
  for (Case& c : cases) c.rules = kGpp;
  expect(cases);
}

}  // namespace

void all_set_cases() {
  all_cabf_cases();
  all_three_gpp_cases();
}

}  // namespace countersign::enrol::test
