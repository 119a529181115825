// Private to this folder: what a rule of lint.h sees and how it reports. The Seen borrows from the
// order, which outlives it.
#pragma once

#include <optional>

#include "crypto/algorithm_table.h"
#include "enrol/lint.h"
#include "x509/name_value.h"

namespace countersign::enrol::linting {

struct AltName {
  x509::GeneralName::Kind kind;
  std::string value;  // the octets inside its tag
  std::string text;   // for people: "dns:host"
};

struct Attribute {
  der::Oid type;
  der::Tag tag;
  std::optional<std::string> value;  // nullopt: no string, or not of its type
};

struct Seen {
  explicit Seen(const transaction::CertificateOrder& of);

  bool has(x509::KeyUsage bit) const { return usage && usage->test(static_cast<std::size_t>(bit)); }
  bool has_purpose(const der::Oid& purpose) const;
  const x509::Extension* extension(const der::Oid& id) const {
    return x509::find(order.extensions, id);
  }

  const transaction::CertificateOrder& order;
  std::vector<Attribute> subject;
  std::vector<AltName> names;
  std::optional<crypto::KeyKind> key;
  // Absent where the extension is missing or malformed.
  std::optional<x509::KeyUsages> usage;
  std::vector<der::Oid> purposes;
  std::optional<x509::BasicConstraints> basic;
};

class Report {
 public:
  Report(const LintRule& rule, std::vector<Finding>& into) : rule_(rule), into_(into) {}
  void add(std::string_view about = {});

 private:
  const LintRule& rule_;
  std::vector<Finding>& into_;
};

inline constexpr Byte kEmptySequence[] = {0x30, 0x00};

// lint_subject.cc
void subject_empty(const Seen& seen, Report& report);
void attribute_string(const Seen& seen, Report& report);
void attribute_empty(const Seen& seen, Report& report);
void attribute_length(const Seen& seen, Report& report);
void attribute_control(const Seen& seen, Report& report);
void attribute_blanks(const Seen& seen, Report& report);
void attribute_printable(const Seen& seen, Report& report);
void country(const Seen& seen, Report& report);

// lint_names.cc
void san_empty(const Seen& seen, Report& report);
void san_critical(const Seen& seen, Report& report);
void dns_form(const Seen& seen, Report& report);
void dns_wildcard(const Seen& seen, Report& report);
void email_form(const Seen& seen, Report& report);
void uri_form(const Seen& seen, Report& report);

// lint_extensions.cc
void extension_twice(const Seen& seen, Report& report);
void extension_malformed(const Seen& seen, Report& report);
void extension_unknown(const Seen& seen, Report& report);
void usage_critical(const Seen& seen, Report& report);
void usage_of_key(const Seen& seen, Report& report);
void encipher_only(const Seen& seen, Report& report);
void key_cert_sign(const Seen& seen, Report& report);
void basic_constraints(const Seen& seen, Report& report);
void purpose_usage(const Seen& seen, Report& report);
void validity_order(const Seen& seen, Report& report);
void validity_range(const Seen& seen, Report& report);

// lint_sets.cc
void cabf_common_name(const Seen& seen, Report& report);
void cabf_san(const Seen& seen, Report& report);
void cabf_underscore(const Seen& seen, Report& report);
void cabf_internal_name(const Seen& seen, Report& report);
void cabf_reserved_ip(const Seen& seen, Report& report);
void cabf_validity(const Seen& seen, Report& report);
void three_gpp_key_usage(const Seen& seen, Report& report);
void three_gpp_name(const Seen& seen, Report& report);

// RFC 1034 §3.5 with RFC 1123 §2.1: labels of letters, digits and inner hyphens, 63 octets at most,
// 253 for the whole. '_' and '*' pass: other rules ask for them. No root dot.
bool is_host(std::string_view name);

}  // namespace countersign::enrol::linting
