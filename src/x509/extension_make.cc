// The extensions that we put into certificates and CRLs.
#include <algorithm>
#include <array>

#include "x509/extension.h"

namespace countersign::x509 {
namespace {

using der::Tag;
using der::Writer;

enum class Critical : bool { no, yes };

template <class Inside>
Extension make(const der::Oid& id, Critical critical, Inside&& inside) {
  Writer w(64);
  inside(w);
  return {id, critical == Critical::yes, std::move(w).take()};
}

constexpr auto kAdOcsp = der::Oid::of("1.3.6.1.5.5.7.48.1");
constexpr auto kAdCaIssuers = der::Oid::of("1.3.6.1.5.5.7.48.2");
constexpr auto kUri = der::primitive_context(6);

// RFC 5280 §4.2.2.1
//   AccessDescription ::= SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }
void write_access(Writer& w, const der::Oid& method, std::string_view url) {
  if (url.empty()) return;
  w.sequence([&](Writer& s) {
    s.oid(method);
    s.utf8(url, kUri);
  });
}

}  // namespace

// RFC 5280 §4.2.1.9
//   BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
// RFC 5280 §4.2.1.9 [MUST] critical in CA certificates that sign certificates; here always.
Extension make_basic_constraints(const BasicConstraints& value) {
  return make(oids::basic_constraints, Critical::yes, [&](Writer& w) {
    w.sequence([&](Writer& s) {
      if (value.ca) s.boolean(true);
      // RFC 5280 §4.2.1.9 [MUST NOT] a pathLenConstraint without cA.
      if (value.ca && value.path_length) s.integer(*value.path_length);
    });
  });
}

// RFC 5280 §4.2.1.3
//   KeyUsage ::= BIT STRING { digitalSignature (0), … decipherOnly (8) }
Extension make_key_usage(KeyUsages value) {
  der::BitString bits;
  std::array<Byte, 2> octets{};
  std::size_t used = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i]) continue;
    octets[i / 8] = static_cast<Byte>(octets[i / 8] | 0x80U >> i % 8);
    used = i + 1;
  }
  // X.690 §11.2.2: a named bit list ends with its last 1.
  bits.octets.assign(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>((used + 7) / 8));
  bits.unused = static_cast<Byte>(used % 8 == 0 ? 0 : 8 - used % 8);
  return make(oids::key_usage, Critical::yes, [&](Writer& w) { w.bits(bits); });
}

// RFC 5280 §4.2.1.12
//   ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId
Extension make_ext_key_usage(const std::vector<der::Oid>& purposes) {
  return make(oids::ext_key_usage, Critical::no, [&](Writer& w) {
    w.sequence([&](Writer& s) {
      for (const der::Oid& purpose : purposes) s.oid(purpose);
    });
  });
}

// RFC 5280 §4.2.1.6
//   SubjectAltName ::= GeneralNames
Extension make_subject_alt_name(const std::vector<GeneralName>& names, bool critical) {
  return make(oids::subject_alt_name, critical ? Critical::yes : Critical::no,
              [&](Writer& w) { write(w, names); });
}

// RFC 5280 §4.2.1.2
//   SubjectKeyIdentifier ::= KeyIdentifier
Extension make_subject_key_identifier(View key_identifier) {
  return make(oids::subject_key_identifier, Critical::no,
              [&](Writer& w) { w.octets(key_identifier); });
}

// RFC 5280 §4.2.1.1
//   AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] KeyIdentifier OPTIONAL, … }
Extension make_authority_key_identifier(View key_identifier) {
  return make(oids::authority_key_identifier, Critical::no, [&](Writer& w) {
    w.sequence([&](Writer& s) { s.octets(key_identifier, der::primitive_context(0)); });
  });
}

// RFC 5280 §4.2.1.13
//   CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
//   DistributionPoint ::= SEQUENCE { distributionPoint [0] DistributionPointName OPTIONAL, … }
//   DistributionPointName ::= CHOICE { fullName [0] GeneralNames, … }
Extension make_crl_distribution_point(std::string_view url) {
  return make(oids::crl_distribution_points, Critical::no, [&](Writer& w) {
    w.sequence([&](Writer& points) {
      points.sequence([&](Writer& point) {
        point.tagged(0, [&](Writer& name) {
          name.tagged(0, [&](Writer& full_name) { full_name.utf8(url, kUri); });
        });
      });
    });
  });
}

// RFC 5280 §4.2.2.1
//   AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
Extension make_authority_info_access(std::string_view ca_issuers_url, std::string_view ocsp_url) {
  return make(oids::authority_info_access, Critical::no, [&](Writer& w) {
    w.sequence([&](Writer& s) {
      write_access(s, kAdOcsp, ocsp_url);
      write_access(s, kAdCaIssuers, ca_issuers_url);
    });
  });
}

// RFC 5280 §5.2.3
//   CRLNumber ::= INTEGER (0..MAX)
Extension make_crl_number(View magnitude) {
  return make(oids::crl_number, Critical::no, [&](Writer& w) { w.unsigned_integer(magnitude); });
}

// RFC 5280 §5.3.1
//   CRLReason ::= ENUMERATED { unspecified (0), … aACompromise (10) }
Extension make_reason_code(int reason) {
  return make(oids::reason_code, Critical::no,
              [&](Writer& w) { w.integer(reason, Tag::enumerated); });
}

// RFC 5280 §5.3.2
//   InvalidityDate ::= GeneralizedTime
Extension make_invalidity_date(Time t) {
  return make(oids::invalidity_date, Critical::no, [&](Writer& w) { w.generalized_time(t); });
}

}  // namespace countersign::x509
