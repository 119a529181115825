#include "client/requirements.h"

#include <algorithm>

#include "client/failure.h"
#include "x509/attribute_type.h"
#include "x509/name_value.h"

namespace countersign::client {
namespace {

// The KeySpec that a keySpec control means; null: none that can be made here.
const crypto::KeySpec* spec_of(const crmf::Attribute& control) {
  der::Context context(control.value);
  der::Reader in(control.value, context);
  if (control.type == crmf::oids::rsa_key_len) {
    const auto bits = in.small_integer();
    return bits ? crypto::key_spec("rsa" + std::to_string(*bits)) : nullptr;
  }
  const auto algorithm = der::read_algorithm(in);
  if (control.type != crmf::oids::alg_id || !algorithm) return nullptr;
  const auto* const at = std::ranges::find_if(crypto::kKeySpecs, [&](const crypto::KeySpec& spec) {
    return !crypto::is_rsa(spec.kind) && crypto::key_algorithm(spec.kind) == *algorithm;
  });
  return at == crypto::kKeySpecs.end() ? nullptr : at;
}

std::string shown(const der::Oid& attribute) {
  const auto* type = x509::attribute_type(attribute);
  return type == nullptr ? attribute.dotted() : std::string(type->name);
}

// An attribute value without a character.
bool is_blank(const x509::NameAttribute& attribute) {
  const auto value = x509::string_value(attribute.value);
  return value && value->empty();
}

// The value of that type in the wished name, as it is encoded there.
std::optional<View> wished_value(const x509::Name& wish, const der::Oid& type) {
  for (const auto& attribute : x509::take_apart(wish))
    if (attribute.type == type) return attribute.value.whole;
  return std::nullopt;
}

// RFC 9483 §4.3.3: a component with an empty value [SHOULD] is filled in, the others taken over.
// RDNs of several attributes come out as one each.
Result<x509::Name> filled_in(const x509::Name& wanted, const x509::Name& wish) {
  der::Writer w;
  std::optional<std::string> missing;
  w.sequence([&](der::Writer& rdns) {
    for (const auto& attribute : x509::take_apart(wanted)) {
      const auto value = is_blank(attribute) ? wished_value(wish, attribute.type)
                                             : std::optional<View>(attribute.value.whole);
      if (!value) missing = shown(attribute.type);
      rdns.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& s) {
          s.oid(attribute.type);
          s.raw(value.value_or(View()));
        });
      });
    }
  });
  if (missing)
    return wrong_usage("the server wants " + *missing + " in the subject; add it to --subject");
  return x509::Name{std::move(w).take()};
}

Result<> follow_subject(const crmf::CertTemplate& wanted, CertificateWish& wish) {
  if (!wanted.subject) return {};
  if (!wanted.subject->is_null()) {
    wish.subject = TRY(filled_in(*wanted.subject, wish.subject));
    return {};
  }
  if (wish.subject.is_null() && wish.alternative_names.empty())
    return wrong_usage("the server wants a subject; give it with --subject");
  return {};
}

Result<> follow_extension(const x509::Extension& wanted, CertificateWish& wish) {
  const bool names = wanted.id == x509::oids::subject_alt_name;
  if (names && wish.alternative_names.empty() && wanted.value.empty())
    return wrong_usage(
        "the server wants a subject alternative name; give it with --san dns:… or the like");
  // The names that were given stand; an empty value that is not understood is left out.
  if (wanted.value.empty() || (names && !wish.alternative_names.empty())) return {};
  wish.extensions.push_back(wanted);
  return {};
}

}  // namespace

Result<std::string> choose_algorithm(const message::CertReqTemplateContent& wanted,
                                     const std::optional<std::string>& wished) {
  constexpr std::string_view kUsual = "p256";
  std::vector<std::string> allowed;
  for (const auto& control : wanted.key_spec)
    if (const auto* spec = spec_of(control)) allowed.emplace_back(spec->name);
  if (wanted.key_spec.empty()) return wished.value_or(std::string(kUsual));
  std::string preferred = wished.value_or(std::string(kUsual));
  if (std::ranges::find(allowed, preferred) != allowed.end()) return preferred;
  if (!wished && !allowed.empty()) return allowed.front();
  std::string list;
  for (const auto& name : allowed) list += (list.empty() ? "" : ", ") + name;
  if (list.empty()) return wrong_usage("the server takes no kind of key that can be made here");
  return wrong_usage("the server does not take a key of " + *wished +
                     "; give --algorithm with one of " + list);
}

Result<CertificateWish> follow(const message::CertReqTemplateContent& wanted,
                               CertificateWish wish) {
  for (const auto& extension : wanted.cert_template.extensions)
    TRY(follow_extension(extension, wish));
  TRY(follow_subject(wanted.cert_template, wish));
  return wish;
}

}  // namespace countersign::client
