#include "client/requirements.h"

#include <algorithm>
#include <utility>

#include "client/failure.h"
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

// An attribute value without a character.
bool is_blank(const x509::NameAttribute& attribute) {
  const auto value = x509::string_value(attribute.value);
  return value && value->empty();
}

// RFC 9483 §4.3.3: a component with an empty value [SHOULD] is filled in, the others taken over.
// [MUST] leave out what there is no value for.
x509::Name filled_in(const x509::Name& wanted, const x509::Name& wish) {
  auto given = x509::take_apart(wish);
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    for (const auto& attribute : x509::take_apart(wanted)) {
      View value = attribute.value.whole;
      if (is_blank(attribute)) {
        const auto at = std::ranges::find(given, attribute.type, &x509::NameAttribute::type);
        if (at == given.end()) continue;
        value = at->value.whole;
        given.erase(at);  // each fills one
      }
      rdns.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& s) {
          s.oid(attribute.type);
          s.raw(value);
        });
      });
    }
  });
  return x509::Name{std::move(w).take()};
}

void follow_issuer(const crmf::CertTemplate& wanted, CertificateWish& wish) {
  const auto known = std::exchange(wish.issuer, std::nullopt);
  if (!wanted.issuer) return;
  if (wanted.issuer->is_null()) {
    wish.issuer = known;
    return;
  }
  auto issuer = filled_in(*wanted.issuer, known.value_or(x509::Name{}));
  if (!issuer.is_null()) wish.issuer = std::move(issuer);
}

// What is left of a name when its empty parts are; nullopt: nothing.
std::optional<x509::GeneralName> without_blanks(const x509::GeneralName& name) {
  if (const auto directory = x509::directory_name(name)) {
    const auto rest = filled_in(*directory, {});
    if (rest.is_null()) return std::nullopt;
    return x509::directory_name(rest);
  }
  constexpr std::size_t kTagAndLength = 2;
  if (name.der.size() <= kTagAndLength) return std::nullopt;
  return name;
}

// As read_subject_alt_name, but takes names that are empty, which are none anywhere else.
der::Parsed<std::vector<x509::GeneralName>> read_names_with_blanks(View value) {
  der::Context context(value);
  der::Reader in(value, context);
  der::Reader names = TRY(in.read(der::Tag::sequence));
  std::vector<x509::GeneralName> out;
  while (!names.at_end()) {
    x509::GeneralName name{copy(TRY(names.any()).whole)};
    const bool tagged = (name.der.front() & 0xc0U) == 0x80U;
    if (!tagged || name.kind() > x509::GeneralName::Kind::registeredID)
      return in.refuse(der::Code::tag);
    out.push_back(std::move(name));
  }
  return out;
}

// RFC 9483 §4.3.3: subcomponents alike. An empty name is filled in by the first of its kind.
void follow_alternative_names(const x509::Extension& wanted, CertificateWish& wish) {
  const auto names = read_names_with_blanks(wanted.value);
  if (!names) return;  // empty as a whole, then the names that were given fill it in
  auto given = std::exchange(wish.alternative_names, {});
  for (const auto& name : *names) std::erase(given, name);
  for (const auto& name : *names) {
    if (auto fixed = without_blanks(name)) {
      wish.alternative_names.push_back(std::move(*fixed));
      continue;
    }
    const auto at = std::ranges::find(given, name.kind(), &x509::GeneralName::kind);
    if (at == given.end()) continue;
    wish.alternative_names.push_back(std::move(*at));
    given.erase(at);
  }
  wish.alternative_names.insert(wish.alternative_names.end(), given.begin(), given.end());
}

// extnValue without content, or with an empty list or string in it.
bool is_blank(const x509::Extension& extension) {
  if (extension.value.empty()) return true;
  // An empty list of constraints says that it is no CA.
  if (extension.id == x509::oids::basic_constraints) return false;
  der::Context context(extension.value);
  der::Reader in(extension.value, context);
  const auto value = in.any();
  if (!value || value->tag == der::Tag::null) return false;
  // A BIT STRING begins with the number of its unused bits.
  return value->content.size() == (value->tag == der::Tag::bit_string ? 1U : 0U);
}

// What a further extension should hold is not to be told by the command line: those that are empty
// are left out.
void follow_extension(const x509::Extension& wanted, CertificateWish& wish) {
  if (wanted.id == x509::oids::subject_alt_name) return follow_alternative_names(wanted, wish);
  if (!is_blank(wanted)) wish.extensions.push_back(wanted);
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
  const auto& fields = wanted.cert_template;
  for (const auto& extension : fields.extensions) follow_extension(extension, wish);
  if (fields.subject && !fields.subject->is_null())
    wish.subject = filled_in(*fields.subject, wish.subject);
  follow_issuer(fields, wish);
  if (fields.validity && (fields.validity->not_before || fields.validity->not_after))
    wish.validity = fields.validity;
  if (!wish.subject.is_null() || !wish.alternative_names.empty()) return wish;
  return wrong_usage("the server wants a name; give it with --subject, or --san dns:… or the like");
}

}  // namespace countersign::client
