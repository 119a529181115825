// The cases of lint_subject.cc and lint_names.cc; lint_test.cc runs them.
#include "enrol/lint_for_test.h"

namespace countersign::enrol::test {

void all_subject_cases() {
  const auto set = [](const der::Oid& type, Tag tag, const std::string& value) {
    return [=](Order& o) { attribute(o, type, tag, value); };
  };
  expect({
      {"a good order", {}, [](Order&) {}},
      {"an empty subject with a critical subjectAltName",
       {},
       [](Order& o) {
         o.subject = {};
         extension(o, oid::subject_alt_name).critical = true;
       }},
      {"an empty subject with one that is not critical",
       {"lint.subject-empty"},
       [](Order& o) { o.subject = {}; }},
      {"an empty subject without any name",
       {"lint.subject-empty"},
       [](Order& o) {
         o.subject = {};
         drop(o, oid::subject_alt_name);
       }},
      {"a CN of 64 characters of two octets",
       {},
       set(kCn, Tag::utf8_string,
           [] {
             std::string out;
             for (int i = 0; i < 64; ++i) out += "ä";
             return out;
           }())},
      {"a CN of 65 characters",
       {"lint.name-length"},
       set(kCn, Tag::utf8_string, std::string(65, 'a'))},
      {"an O of 65 characters",
       {"lint.name-length"},
       set(kOrganisation, Tag::utf8_string, std::string(65, 'a'))},
      {"an L of 128 characters",
       {},
       set(der::Oid::of("2.5.4.7"), Tag::utf8_string, std::string(128, 'a'))},
      {"a description has no bound",
       {},
       set(der::Oid::of("2.5.4.13"), Tag::utf8_string, std::string(500, 'a'))},
      {"an empty CN", {"lint.name-empty"}, set(kCn, Tag::utf8_string, "")},
      {"a CN that is no UTF-8", {"lint.name-string"}, set(kCn, Tag::utf8_string, "\xff\xfe")},
      {"a CN that is no string", {"lint.name-string"}, set(kCn, Tag::octet_string, "abc")},
      {"a line feed", {"lint.name-control"}, set(kCn, Tag::utf8_string, "a\nb")},
      {"a NUL", {"lint.name-control"}, set(kCn, Tag::utf8_string, std::string("a\0b", 3))},
      {"a C1 control", {"lint.name-control"}, set(kCn, Tag::utf8_string, "a\xc2\x85")},
      {"a no-break space is none", {}, set(kCn, Tag::utf8_string, "a\xc2\xa0z")},
      {"a leading blank", {"lint.name-blanks"}, set(kCn, Tag::utf8_string, " a")},
      {"a trailing blank", {"lint.name-blanks"}, set(kCn, Tag::utf8_string, "a ")},
      {"a PrintableString with a star",
       {"lint.name-printable"},
       set(kCn, Tag::printable_string, "*.example.org")},
      {"a PrintableString as it should be", {}, set(kCn, Tag::printable_string, "Example (1)")},
      {"a country in lower case", {"lint.country"}, set(kC, Tag::printable_string, "de")},
      {"a country of three letters", {"lint.country"}, set(kC, Tag::printable_string, "DEU")},
      {"a country as UTF8String", {"lint.country"}, set(kC, Tag::utf8_string, "DE")},
      {"a country as it should be", {}, set(kC, Tag::printable_string, "DE")},
  });
}

void all_name_cases() {
  const auto dns = [](const std::string& value) {
    return [=](Order& o) { alt_name(o, kDns, value); };
  };
  const std::string label(63, 'a');
  const std::string host253 = label + "." + label + "." + label + "." + std::string(61, 'b');
  expect({
      {"no names in subjectAltName",
       {"lint.san-empty"},
       [](Order& o) { extension(o, oid::subject_alt_name).value = {0x30, 0}; }},
      {"a critical subjectAltName beside a subject",
       {"lint.san-critical"},
       [](Order& o) { extension(o, oid::subject_alt_name).critical = true; }},
      {"a label of 63 octets", {}, dns(label + ".example")},
      {"a label of 64 octets", {"lint.dns-form"}, dns("a" + label + ".example")},
      {"253 octets", {}, dns(host253)},
      {"254 octets", {"lint.dns-form"}, dns(host253 + "b")},
      {"a blank", {"lint.dns-form"}, dns("a b.example")},
      {"nothing but a blank", {"lint.dns-form"}, dns(" ")},
      {"an empty name", {"lint.dns-form"}, dns("")},
      {"a leading dot", {"lint.dns-form"}, dns(".example.org")},
      {"the dot of the root", {"lint.dns-form"}, dns("www.example.org.")},
      {"two dots", {"lint.dns-form"}, dns("www..example.org")},
      {"a hyphen at the end of a label", {"lint.dns-form"}, dns("www-.example.org")},
      {"an A-label", {}, dns("xn--bcher-kva.example")},
      {"a U-label", {"lint.extension-malformed"}, dns("bücher.example")},
      {"a NUL inside", {"lint.dns-form"}, dns(std::string("a\0.example", 10))},
      {"an underscore outside of the CA/Browser set", {}, dns("_tcp.example.org")},
      {"a host without a domain", {}, dns("printer")},
      {"a wildcard", {}, dns("*.example.org")},
      {"a wildcard alone", {"lint.dns-wildcard"}, dns("*")},
      {"a wildcard before a TLD", {"lint.dns-wildcard"}, dns("*.org")},
      {"a wildcard in the middle", {"lint.dns-wildcard"}, dns("www.*.example.org")},
      {"a part of a label as a wildcard", {"lint.dns-wildcard"}, dns("w*.example.org")},
      {"two wildcards", {"lint.dns-wildcard"}, dns("*.*.example.org")},
      {"IPv4", {}, [](Order& o) { alt_name(o, kIp, "\x7f\x01\x01\x01"); }},
      {"IPv6", {}, [](Order& o) { alt_name(o, kIp, std::string(16, '\x20')); }},
      {"an address with a mask",
       {"lint.extension-malformed"},
       [](Order& o) { alt_name(o, kIp, std::string(8, '\x20')); }},
      {"no address", {"lint.extension-malformed"}, [](Order& o) { alt_name(o, kIp, ""); }},
  });
  const auto each = [](unsigned kind, const char* broken,
                       const std::vector<std::pair<const char*, bool>>& values) {
    for (const auto& [value, fine] : values)
      expect({{value, fine ? std::set<std::string>{} : std::set<std::string>{broken},
               [&](Order& o) { alt_name(o, kind, value); }}});
  };
  each(kEmail, "lint.email-form",
       {{"a@example.org", true},
        {"a.b+c@example.org", true},
        {"\"a(b\"@example.org", true},
        {"a@[192.0.2.1]", true},
        {"example.org", false},
        {"@example.org", false},
        {"a@", false},
        {"a b@example.org", false},
        {"<a@example.org>", false},
        {"A <a@example.org>", false},
        {"a..b@example.org", false},
        {".a@example.org", false},
        {"a@example.org (me)", false},
        {"a@b@example.org", false},
        {"a@*.example.org", false},
        {"a@example_.org-", false}});
  each(kUri, "lint.uri-form",
       {{"https://example.org/a?b#c", true},
        {"https://user@example.org:8443/", true},
        {"https://[2001:db8::1]:8443/", true},
        {"https://192.0.2.1", true},
        {"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true},
        {"sip:a@example.org", true},
        {"/relative", false},
        {"example.org", false},
        {"//example.org/", false},
        {"https:///path", false},
        {"https://:443/", false},
        {"https://example.org:x/", false},
        {"https://exa mple.org/", false},
        {"1http://example.org/", false},
        {"urn:", false},
        {":x", false}});
}

}  // namespace countersign::enrol::test
