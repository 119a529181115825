// The extensions of a certificate order: what was asked, cut to what the template provides for.
// Private to this folder. Pure; owns nothing.
//
// Errors, Failure::badCertTemplate: "template.extension-malformed", and where the template refuses
// what is outside: "template.extension", "template.san", "template.key-usage",
// "template.ext-key-usage", "template.ca"; always: "template.san-required", "template.san-value",
// "template.san-too-many".
#pragma once

#include <string>

#include "crypto/keys.h"
#include "enrol/template.h"

namespace countersign::enrol {

// What differs from the wish, in words for people: joined by "; ", bounded in length.
class Modifications {
 public:
  static constexpr std::size_t kLongest = 400;  // octets; it travels as PKIFreeText
  void add(std::string_view what);
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

inline constexpr std::size_t kMostSans = 100;

struct ExtensionWish {
  const Template& t;
  const x509::Extensions& asked;
  const x509::Extensions& kept;  // of the certificate that is updated; nobody asked for them
  crypto::KeyKind key{};
  bool empty_subject = false;
};
// What a key that signs may do besides, for whoever asks.
x509::KeyUsages usages_on_request(const Template& t, crypto::KeyKind key);

// keyUsage, extKeyUsage, subjectAltName and certificatePolicies, in this order, those that apply.
Result<x509::Extensions> grant_extensions(const ExtensionWish& wish, Modifications& changed);

}  // namespace countersign::enrol
