// The rules of the CA/Browser Forum's Baseline Requirements and of 3GPP TS 33.310.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "enrol/lint_rule.h"

namespace countersign::enrol::linting {
namespace {

using Kind = x509::GeneralName::Kind;

// Top-level domains that are never delegated: RFC 6761, RFC 6762, RFC 9476, and ICANN's resolutions
// of 2018 and 2024.
constexpr std::array<std::string_view, 11> kNeverPublic = {
    "local", "localhost", "internal", "test", "example", "invalid",
    "alt",   "lan",       "home",     "corp", "mail"};

bool is_internal(std::string_view host) {
  const std::string name = ascii::lower_case(host);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || name.ends_with(".home.arpa")) return true;
  return std::ranges::find(kNeverPublic, std::string_view(name).substr(dot + 1)) !=
         kNeverPublic.end();
}

struct Block {
  std::string_view first;  // the octets that count
  unsigned bits;
};
using namespace std::string_view_literals;
// IANA's registries of special-purpose addresses, with multicast.
constexpr std::array kReserved4 = {
    Block{"\x00"sv, 8},          Block{"\x0a"sv, 8},          Block{"\x64\x40"sv, 10},
    Block{"\x7f"sv, 8},          Block{"\xa9\xfe"sv, 16},     Block{"\xac\x10"sv, 12},
    Block{"\xc0\x00\x00"sv, 24}, Block{"\xc0\x00\x02"sv, 24}, Block{"\xc0\xa8"sv, 16},
    Block{"\xc6\x12"sv, 15},     Block{"\xc6\x33\x64"sv, 24}, Block{"\xcb\x00\x71"sv, 24},
    Block{"\xe0"sv, 3}};
constexpr std::array kReserved6 = {
    Block{"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"sv, 80},  // ::, ::1, ::ffff:0:0/96
    Block{"\x00\x64\xff\x9b\x00\x01"sv, 48},
    Block{"\x01\x00\x00\x00\x00\x00\x00\x00"sv, 64},
    Block{"\x20\x01\x0d\xb8"sv, 32},
    Block{"\x3f\xff\x00"sv, 20},
    Block{"\x5f\x00"sv, 16},
    Block{"\xfc"sv, 7},
    Block{"\xfe\x80"sv, 10},
    Block{"\xff"sv, 8}};

bool is_in(const Block& block, std::string_view address) {
  for (unsigned bit = 0; bit < block.bits; ++bit) {
    const auto differing = static_cast<Byte>(block.first[bit / 8] ^ address[bit / 8]);
    if ((differing & 0x80U >> bit % 8) != 0) return false;
  }
  return true;
}

bool is_reserved(std::string_view address) {
  const auto holds = [&](const Block& block) { return is_in(block, address); };
  if (address.size() == 4) return std::ranges::any_of(kReserved4, holds);
  return address.size() == 16 && std::ranges::any_of(kReserved6, holds);
}

// BR §6.3.2: what a certificate that begins on that day or later may last.
struct Longest {
  std::chrono::year_month_day from;
  int days;
};
using namespace std::chrono_literals;
constexpr std::array kLongest = {Longest{2029y / 3 / 15, 47}, Longest{2027y / 3 / 15, 100},
                                 Longest{2026y / 3 / 15, 200},
                                 Longest{std::chrono::year::min() / 1 / 1, 398}};

int longest_days(Time not_before) {
  return std::ranges::find_if(kLongest,
                              [&](const Longest& row) {
                                return row.from.year() == std::chrono::year::min() ||
                                       not_before >= std::chrono::sys_days(row.from);
                              })
      ->days;
}

}  // namespace

// The prefix of the text is the kind: "dns:host".
void cabf_common_name(const Seen& seen, Report& report) {
  for (const std::string& cn : x509::attributes(seen.order.subject, der::Oid::of("2.5.4.3"))) {
    const std::string wanted = ascii::lower_case(cn);
    const bool listed = std::ranges::any_of(seen.names, [&](const AltName& name) {
      const bool host = name.kind == Kind::dNSName || name.kind == Kind::iPAddress;
      return host && ascii::lower_case(
                         std::string_view(name.text).substr(name.text.find(':') + 1)) == wanted;
    });
    if (!listed) report.add(cn);
  }
}

void cabf_san(const Seen& seen, Report& report) {
  if (!seen.has_purpose(x509::oids::kp_server_auth)) return;
  if (seen.names.empty()) report.add();
  for (const AltName& name : seen.names)
    if (name.kind != Kind::dNSName && name.kind != Kind::iPAddress) report.add(name.text);
}

void cabf_underscore(const Seen& seen, Report& report) {
  for (const AltName& name : seen.names)
    if (name.kind == Kind::dNSName && name.value.contains('_')) report.add(name.text);
}

void cabf_internal_name(const Seen& seen, Report& report) {
  for (const AltName& name : seen.names)
    if (name.kind == Kind::dNSName && is_internal(name.value)) report.add(name.text);
}

void cabf_reserved_ip(const Seen& seen, Report& report) {
  for (const AltName& name : seen.names)
    if (name.kind == Kind::iPAddress && is_reserved(name.value)) report.add(name.text);
}

// A day is 86400 seconds, each begun one counts, and both ends belong to the validity.
void cabf_validity(const Seen& seen, Report& report) {
  const x509::Validity& span = seen.order.validity;
  const int days = longest_days(span.not_before);
  if (span.not_after - span.not_before + Seconds{1} > Seconds{days * 86400LL})
    report.add(to_iso(span.not_before) + " to " + to_iso(span.not_after) + ", at most " +
               std::to_string(days) + " days");
}

void three_gpp_key_usage(const Seen& seen, Report& report) {
  const auto* found = seen.extension(x509::oids::key_usage);
  if (found == nullptr || !found->critical || !seen.has(x509::KeyUsage::digitalSignature))
    report.add();
}

void three_gpp_name(const Seen& seen, Report& report) {
  const bool named = std::ranges::any_of(seen.names, [](const AltName& name) {
    return name.kind == Kind::iPAddress || (name.kind == Kind::dNSName && is_host(name.value) &&
                                            name.value.contains('.') && !name.value.contains('*'));
  });
  if (!named) report.add();
}

}  // namespace countersign::enrol::linting
