// Where the parts of a certificate's names come from, by the rules of its template. A rule is
//   CN = request                 what the request has there, whatever it is
//   CN = request:unit-*,gw-**    the same, if it fits one of these patterns (enrol/rights.h)
//   O = fixed:Example Ltd        always this
//   OU = device:group            what the device registry has of the device (enrol/device.h)
//   CN = credential:reference    of what the sender proved itself with: the reference or the note
//                                of its secret, or an attribute of its certificate's subject
//                                (credential:serialNumber)
// and for subjectAltName the same with dns, ip, email or uri in place of CN. A name with a question
// mark, "OU? = device:group", is left out where there is none to be had; without, that is refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace countersign::enrol {

struct FieldRule {
  enum class Source : Byte { request, fixed, device, credential };
  std::string field;  // "CN", "dns"
  bool may_be_missing = false;
  Source source = Source::request;
  std::string value;  // the patterns, empty: anything; the text; the field; of what the credential
};
std::string to_text(const FieldRule& rule);

// Nullopt: no rule of that kind.
std::optional<FieldRule> subject_rule(std::string_view text);
std::optional<FieldRule> alternative_name_rule(std::string_view text);

// All of them; nullopt where one is none, or a name is taken from the request by two.
std::optional<std::vector<FieldRule>> subject_rules(const std::vector<std::string>& texts);
std::optional<std::vector<FieldRule>> alternative_name_rules(const std::vector<std::string>& texts);

// May a rule take this of a credential? "reference", "note", "serialNumber", "CN" …
bool is_of_credential(std::string_view what) noexcept;

}  // namespace countersign::enrol
