// For the tests of lint.h: an order that breaks no rule, and ways to spoil it.
#pragma once

#include <functional>
#include <set>

#include "der/writer.h"
#include "enrol/lint.h"
#include "enrol/test_values.h"

namespace countersign::enrol::test {

using transaction::CertificateOrder;
using x509::KeyUsage;
namespace oid = x509::oids;

inline constexpr LintRules kBase{};
inline constexpr LintRules kCabf{.cabf = true};
inline constexpr LintRules kGpp{.three_gpp = true};

inline x509::Extension usage(std::initializer_list<KeyUsage> list) {
  return x509::make_key_usage(x509::usages(list));
}

// A TLS server's order that breaks no rule of any set.
inline CertificateOrder good(const std::string& kind = "p256") {
  CertificateOrder order;
  order.profile = "tls-server";
  order.subject = name("CN=www.example.org,O=Example,C=DE");
  order.spki = spki(kind);
  order.extensions = {usage({KeyUsage::digitalSignature}),
                      x509::make_ext_key_usage({oid::kp_server_auth}),
                      x509::make_subject_alt_name(sans({"dns:www.example.org"}), false)};
  order.validity = {kNow, kNow + Seconds{90 * 86400LL}};
  return order;
}

inline x509::Extension& extension(CertificateOrder& order, const der::Oid& id) {
  for (x509::Extension& e : order.extensions)
    if (e.id == id) return e;
  return order.extensions.emplace_back(x509::Extension{id, false, {}});
}
inline void replace(CertificateOrder& order, x509::Extension with) {
  extension(order, with.id) = std::move(with);
}
inline void drop(CertificateOrder& order, const der::Oid& id) {
  std::erase_if(order.extensions, [&](const auto& e) { return e.id == id; });
}

// One name with these very octets.
inline void alt_name(CertificateOrder& order, unsigned kind, std::string_view value) {
  der::Writer w;
  w.sequence([&](der::Writer& s) { s.octets(view(value), der::primitive_context(kind)); });
  extension(order, oid::subject_alt_name).value = std::move(w).take();
}
inline constexpr unsigned kEmail = 1, kDns = 2, kUri = 6, kIp = 7;

// One attribute beside the good ones' place, in any string type.
inline void attribute(CertificateOrder& order, const der::Oid& type, der::Tag tag,
                      std::string_view value) {
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    rdns.element(der::Tag::set, [&](der::Writer& rdn) {
      rdn.sequence([&](der::Writer& pair) {
        pair.oid(type);
        pair.octets(view(value), tag);
      });
    });
  });
  order.subject.der = std::move(w).take();
}
inline constexpr auto kCn = der::Oid::of("2.5.4.3");
inline constexpr auto kOrganisation = der::Oid::of("2.5.4.10");
inline constexpr auto kC = der::Oid::of("2.5.4.6");
using der::Tag;

inline std::set<std::string> codes(const CertificateOrder& order, const LintRules& rules) {
  std::set<std::string> out;
  for (const Finding& finding : lint(order, rules)) out.emplace(finding.code);
  return out;
}

struct Case {
  const char* what;
  std::set<std::string> expected;
  std::function<void(CertificateOrder&)> change;
  LintRules rules = kBase;
};
using Order = CertificateOrder;

// By all cases: each rule must have one that breaks it.
inline std::set<std::string> seen_codes;

inline void expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Order order = good();
    c.change(order);
    const auto found = codes(order, c.rules);
    EXPECT_EQ(found, c.expected) << c.what;
    seen_codes.insert(found.begin(), found.end());
  }
}

inline void with_usage(Order& o, const char* kind, std::initializer_list<KeyUsage> list) {
  o.spki = spki(kind);
  replace(o, usage(list));
  drop(o, oid::ext_key_usage);
}

// Each in the file of its name.
void all_subject_cases();
void all_name_cases();
void all_extension_cases();
void all_set_cases();

}  // namespace countersign::enrol::test
