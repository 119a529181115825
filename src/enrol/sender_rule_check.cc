// What the rules of a trust set let the one ask for who signs with a certificate under it.
#include <algorithm>

#include "enrol/examination.h"
#include "enrol/sender_rule.h"

namespace countersign::enrol {
namespace {

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::notAuthorized, code, std::move(sentence));
}

// "trust_set.vendor.rules", as operators find them.
std::string list_of(const Examination& e) { return "trust_set." + e.known.anchor->set + ".rules"; }

}  // namespace

Result<const SenderRule*> rule_of_sender(const Examination& e) {
  const auto& signer = e.m.sender().certificate;
  if (e.known.anchor == nullptr || e.known.anchor->rules == nullptr || !signer) return nullptr;
  const auto& rules = *e.known.anchor->rules;
  const SenderRule* rule = rule_for(rules, *signer);
  if (rule != nullptr && !rule->refuses) return rule;
  const std::string who =
      x509::to_text(signer->subject) + " (serial number " + x509::serial_text(signer->serial) + ")";
  if (rule == nullptr)
    return refuse("rights.sender-rule", "no rule of " + list_of(e) + " is for the certificate of " +
                                            who + "; ask the operator of this server for one");
  return refuse("rights.sender-rule", "rule " + std::to_string(rule - rules.data() + 1) + " of " +
                                          list_of(e) + " turns away the certificate of " + who +
                                          "; ask the operator of this server why");
}

Result<> check_rule_has(const Examination& e, const SenderRule* rule, const std::string& profile) {
  if (rule == nullptr || rule->profiles.empty()) return {};
  if (std::ranges::find(rule->profiles, profile) != rule->profiles.end()) return {};
  std::string allowed;
  for (const std::string& name : rule->profiles) allowed += (allowed.empty() ? "" : ", ") + name;
  return refuse("profile.sender-rule",
                "by " + list_of(e) + " this certificate may ask for the RA profiles " + allowed +
                    ", not for \"" + profile + "\"; name one of these by certProfile, or none");
}

}  // namespace countersign::enrol
