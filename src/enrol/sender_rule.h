// Who of those under a trust set may ask for what, by the certificate that it signs with. A rule is
//   WHO -> WHAT
//   subject.serialNumber = SN-* -> profiles = meters; names = self
//   issuer.CN = Gateway CA; san.dns = **.vendor.example -> profiles = gateways,meters
//   serial = 0a1b* -> refuse
//   any -> profiles = guests
// WHO is `any`, or conditions that hold all: of an attribute of the certificate's subject or of its
// issuer, of an alternative name (san.dns, san.ip, san.email, san.uri), or of its serial number in
// hexadecimal digits; each fits one of the patterns of a list, as enrol/rights.h has them. One of
// several values is enough.
// WHAT is `refuse`, or the RA profiles that may be asked for (the first is what a request gets that
// names none; not said: as everybody) and what names (not said: those of the trust set).
// Of a list of rules the first that fits counts; who fits none may ask for nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "x509/certificate.h"

namespace countersign::enrol {

struct SenderRule {
  struct Condition {
    std::string of;        // "subject.serialNumber", "issuer.CN", "san.dns", "serial"
    std::string patterns;  // a list
  };
  std::vector<Condition> conditions;  // none: everybody
  bool refuses = false;
  std::vector<std::string> profiles;  // empty: as everybody
  std::string names;                  // empty: those of the trust set
};
std::string to_text(const SenderRule& rule);

// Nullopt: no such rule.
std::optional<SenderRule> sender_rule(std::string_view text);
// All of them; nullopt where one is none.
std::optional<std::vector<SenderRule>> sender_rules(const std::vector<std::string>& texts);

// The first that fits; null: none does.
const SenderRule* rule_for(std::span<const SenderRule> rules, const x509::Certificate& signer);

}  // namespace countersign::enrol
