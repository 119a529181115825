// Certificate and CRL (entry) extensions: the generic form, and the ones we make and read.
//
// Limits: 100 extensions in a list.
// Departures from DER, because certificates in use have them:
// 1. an explicit cA FALSE in basicConstraints, and a pathLenConstraint beside it, are read;
// 2. keyUsage is read with trailing zero bits too.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "x509/name.h"

namespace countersign::x509 {

// Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
struct Extension {
  der::Oid id;
  bool critical = false;
  Bytes value;  // the DER inside extnValue
  friend bool operator==(const Extension&, const Extension&) = default;
};
using Extensions = std::vector<Extension>;

// Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension; the same extnID twice is refused
// (RFC 5280 §4.2 [MUST NOT]).
der::Parsed<Extensions> read_extensions(der::Reader& in, der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const Extensions& extensions, der::Tag tag = der::Tag::sequence);
const Extension* find(const Extensions& extensions, const der::Oid& id) noexcept;

namespace oids {
inline constexpr auto subject_key_identifier = der::Oid::of("2.5.29.14");
inline constexpr auto key_usage = der::Oid::of("2.5.29.15");
inline constexpr auto subject_alt_name = der::Oid::of("2.5.29.17");
inline constexpr auto issuer_alt_name = der::Oid::of("2.5.29.18");
inline constexpr auto basic_constraints = der::Oid::of("2.5.29.19");
inline constexpr auto crl_number = der::Oid::of("2.5.29.20");
inline constexpr auto reason_code = der::Oid::of("2.5.29.21");
inline constexpr auto invalidity_date = der::Oid::of("2.5.29.24");
inline constexpr auto issuing_distribution_point = der::Oid::of("2.5.29.28");
inline constexpr auto name_constraints = der::Oid::of("2.5.29.30");
inline constexpr auto crl_distribution_points = der::Oid::of("2.5.29.31");
inline constexpr auto certificate_policies = der::Oid::of("2.5.29.32");
inline constexpr auto authority_key_identifier = der::Oid::of("2.5.29.35");
inline constexpr auto ext_key_usage = der::Oid::of("2.5.29.37");
inline constexpr auto authority_info_access = der::Oid::of("1.3.6.1.5.5.7.1.1");
inline constexpr auto kp_server_auth = der::Oid::of("1.3.6.1.5.5.7.3.1");
inline constexpr auto kp_client_auth = der::Oid::of("1.3.6.1.5.5.7.3.2");
inline constexpr auto kp_email_protection = der::Oid::of("1.3.6.1.5.5.7.3.4");
inline constexpr auto kp_ipsec_ike = der::Oid::of("1.3.6.1.5.5.7.3.17");
inline constexpr auto kp_cmc_ca = der::Oid::of("1.3.6.1.5.5.7.3.27");
inline constexpr auto kp_cmc_ra = der::Oid::of("1.3.6.1.5.5.7.3.28");
inline constexpr auto kp_cm_kga = der::Oid::of("1.3.6.1.5.5.7.3.32");
}  // namespace oids

enum class KeyUsage : Byte {  // RFC 5280 §4.2.1.3, named bits
  digitalSignature,
  nonRepudiation,
  keyEncipherment,
  dataEncipherment,
  keyAgreement,
  keyCertSign,
  cRLSign,
  encipherOnly,
  decipherOnly
};
using KeyUsages = std::bitset<9>;
constexpr KeyUsages usages(std::initializer_list<KeyUsage> list) {
  unsigned long long bits = 0;
  for (const KeyUsage u : list) bits |= 1ULL << static_cast<unsigned>(u);
  return KeyUsages(bits);
}
std::string_view name(KeyUsage usage) noexcept;  // "digitalSignature"

struct BasicConstraints {
  bool ca = false;
  std::optional<int> path_length;
};
struct CrlReason {  // RFC 5280 §5.3.1; 7 is not used
  static constexpr int unspecified = 0, keyCompromise = 1, cACompromise = 2, affiliationChanged = 3,
                       superseded = 4, cessationOfOperation = 5, certificateHold = 6,
                       removeFromCRL = 8, privilegeWithdrawn = 9, aACompromise = 10;
};
std::string_view reason_name(int reason) noexcept;  // "keyCompromise"; empty if unknown
std::optional<int> reason_from_name(std::string_view name) noexcept;

Extension make_basic_constraints(const BasicConstraints& value);  // critical
Extension make_key_usage(KeyUsages value);                        // critical
Extension make_ext_key_usage(const std::vector<der::Oid>& purposes);
Extension make_subject_alt_name(const std::vector<GeneralName>& names, bool critical);
Extension make_subject_key_identifier(View key_identifier);
Extension make_authority_key_identifier(View key_identifier);
Extension make_crl_distribution_point(std::string_view url);
Extension make_authority_info_access(std::string_view ca_issuers_url,
                                     std::string_view ocsp_url /* empty: none */);
Extension make_crl_number(View magnitude);
Extension make_reason_code(int reason);
Extension make_invalidity_date(Time t);

// Each reads the value of that extension; der::Fault when malformed.
der::Parsed<BasicConstraints> read_basic_constraints(View value);
der::Parsed<KeyUsages> read_key_usage(View value);
der::Parsed<std::vector<der::Oid>> read_ext_key_usage(View value);
der::Parsed<std::vector<GeneralName>> read_subject_alt_name(View value);
der::Parsed<Bytes> read_subject_key_identifier(View value);
der::Parsed<std::optional<Bytes>> read_authority_key_identifier(View value);
der::Parsed<int> read_reason_code(View value);
der::Parsed<Time> read_invalidity_date(View value);

}  // namespace countersign::x509
