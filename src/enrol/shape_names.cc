#include "enrol/shape_names.h"

#include <algorithm>

#include "enrol/grant_extensions.h"
#include "x509/attribute_type.h"
#include "x509/name_value.h"

namespace countersign::enrol {
namespace {

using Source = FieldRule::Source;

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::badCertTemplate, code, std::move(sentence));
}

// What the sources have for a rule that does not look at the request; empty: nothing. `kept` are
// the values of the certificate that is updated.
std::vector<std::string> values_of(const FieldRule& rule, const NameSources& from,
                                   std::vector<std::string> kept) {
  const auto some = [](std::optional<std::string> value) {
    return value && !value->empty() ? std::vector{std::move(*value)} : std::vector<std::string>{};
  };
  if (rule.source == Source::fixed) return {rule.value};
  if (rule.source == Source::device)
    return some(from.device != nullptr ? field_of(*from.device, rule.value) : std::nullopt);
  if (from.updated != nullptr) return kept;
  const auto* credential = from.credential;
  if (rule.value == "reference")
    return some(credential != nullptr ? std::optional(credential->reference) : std::nullopt);
  if (rule.value == "note")
    return some(credential != nullptr ? std::optional(credential->note) : std::nullopt);
  if (!from.sender.certificate) return {};
  return x509::attributes(from.sender.certificate->subject, x509::attribute_type(rule.value)->oid);
}

// Where the value would have come from, for whoever has to see to it.
std::string remedy(const FieldRule& rule) {
  switch (rule.source) {
    case Source::request:
      return "ask for one";
    case Source::device:
      return "have its operator enter the " + rule.value + " of this device in the registry";
    case Source::credential:
      return "it comes from the credential (" + rule.value + "), and this one has none";
    case Source::fixed:
      break;
  }
  return "it is fixed";
}

// ---- the subject

struct Part {
  der::Oid type;
  Bytes value;  // a whole TLV
};

// One attribute in each RelativeDistinguishedName.
x509::Name name_of(const std::vector<Part>& parts) {
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    for (const Part& part : parts)
      rdns.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& s) {
          s.oid(part.type);
          s.raw(part.value);
        });
      });
  });
  return x509::Name{std::move(w).take()};
}

class Subject {
 public:
  Subject(const Template& t, const x509::Name& asked, const NameSources& from)
      : t_(t), asked_(asked), given_(x509::take_apart(asked)), from_(from) {}

  Result<> apply(const FieldRule& rule) {
    const auto& type = *x509::attribute_type(rule.field);
    if (rule.source == Source::request) return take(rule, type.oid);
    const auto values = values_of(rule, from_, kept(type.oid));
    if (values.empty() && !rule.may_be_missing) return missing(rule);
    for (const std::string& value : values) TRY(put(rule, value));
    std::erase_if(given_, [&](const auto& one) { return one.type == type.oid; });
    return {};
  }

  Result<x509::Name> finish(Modifications& changed) {
    for (const auto& left : given_) {
      const auto* known = x509::attribute_type(left.type);
      const std::string what = "the " +
                               (known != nullptr ? std::string(known->name) : left.type.dotted()) +
                               " of certTemplate.subject";
      if (t_.outside == Outside::refuse)
        return refuse("template.subject-outside",
                      what + " is not provided for by the profile " + t_.name + "; leave it out");
    }
    x509::Name made = name_of(made_);
    // The octets that were asked for, where nothing differs.
    if (x509::to_text(made) == x509::to_text(asked_)) return asked_;
    if (!asked_.is_null()) changed.add("the subject is " + x509::to_text(made));
    return made;
  }

  x509::Name of_request() const { return name_of(of_request_); }
  bool all_of_request() const { return of_request_.size() == made_.size(); }

 private:
  Result<> take(const FieldRule& rule, const der::Oid& type) {
    bool found = false;
    for (const auto& one : given_) {
      if (one.type != type) continue;
      found = true;
      const std::string value = x509::string_value(one.value).value_or("");
      if (!rule.value.empty() && !allows(rule.value, value))
        return refuse("template.subject-rule",
                      "the " + rule.field + " of certTemplate.subject is " + value +
                          "; the profile " + t_.name + " takes it if it fits " + rule.value);
      made_.push_back({type, copy(one.value.whole)});
      of_request_.push_back(made_.back());
    }
    std::erase_if(given_, [&](const auto& one) { return one.type == type; });
    if (found || rule.may_be_missing) return {};
    return missing(rule);
  }

  Result<> put(const FieldRule& rule, const std::string& value) {
    const auto name = x509::name_from_text(rule.field + "=" + x509::escaped(value));
    if (!name)
      return refuse("template.subject-rule", "the " + rule.field + " of the subject cannot be \"" +
                                                 value + "\": " + name.error().reply_text);
    for (const auto& part : x509::take_apart(*name))
      made_.push_back({part.type, copy(part.value.whole)});
    return {};
  }

  std::unexpected<Error> missing(const FieldRule& rule) const {
    return refuse("template.subject-rule", "certTemplate.subject gets no " + rule.field +
                                               ", and the profile " + t_.name + " wants one; " +
                                               remedy(rule));
  }

  std::vector<std::string> kept(const der::Oid& type) const {
    if (from_.updated == nullptr) return {};
    const auto old = x509::parse_certificate(from_.updated->der);
    return old ? x509::attributes(old->subject, type) : std::vector<std::string>{};
  }

  const Template& t_;
  const x509::Name& asked_;
  std::vector<x509::NameAttribute> given_;  // what no rule has taken yet
  const NameSources& from_;
  std::vector<Part> made_, of_request_;
};

Result<> shape_subject(const Template& t, const NameSources& from, ShapedNames& out,
                       Modifications& changed) {
  if (t.subject.empty()) return {};
  const x509::Name asked = out.wish.subject.value_or(x509::Name{});
  Subject subject(t, asked, from);
  for (const FieldRule& rule : t.subject) TRY(subject.apply(rule));
  out.wish.subject = TRY(subject.finish(changed));
  out.asked_subject = subject.of_request();
  if (!subject.all_of_request()) out.named = Named::in_part;
  return {};
}

// ---- the alternative names

std::string kind_of(const x509::GeneralName& name) {
  const std::string text = x509::to_text(name);
  return text.substr(0, text.find(':'));
}

struct AlternativeNames {
  std::vector<x509::GeneralName> given;  // what no rule has taken yet
  std::vector<x509::GeneralName> made, of_request;

  void add(const x509::GeneralName& name) {
    if (std::ranges::find(made, name) == made.end()) made.push_back(name);
  }
};

std::vector<std::string> kept_names(const NameSources& from, const std::string& kind) {
  std::vector<std::string> out;
  if (from.updated == nullptr) return out;
  const auto old = x509::parse_certificate(from.updated->der);
  if (!old) return out;
  for (const auto& name : old->subject_alt_names())
    if (kind_of(name) == kind) out.push_back(x509::to_text(name).substr(kind.size() + 1));
  return out;
}

Result<> take(const Template& t, const FieldRule& rule, AlternativeNames& names) {
  const std::size_t before = names.made.size();
  for (const auto& name : names.given) {
    if (kind_of(name) != rule.field) continue;
    if (!rule.value.empty() && !allows(rule.value, name))
      return refuse("template.san-rule", "subjectAltName " + x509::to_text(name) +
                                             " is asked for; the profile " + t.name +
                                             " takes what fits " + rule.value);
    names.add(name);
    names.of_request.push_back(name);
  }
  if (names.made.size() > before || rule.may_be_missing) return {};
  return refuse("template.san-rule", "subjectAltName has no name of the kind " + rule.field +
                                         ", and the profile " + t.name + " wants one; " +
                                         remedy(rule));
}

Result<> put(const Template& t, const FieldRule& rule, const NameSources& from,
             AlternativeNames& names) {
  const auto values = values_of(rule, from, kept_names(from, rule.field));
  if (values.empty() && !rule.may_be_missing)
    return refuse("template.san-rule", "subjectAltName gets no name of the kind " + rule.field +
                                           ", and the profile " + t.name + " wants one; " +
                                           remedy(rule));
  for (const std::string& value : values) {
    const auto name = x509::general_name_from_text(rule.field + ":" + value);
    if (!name)
      return refuse("template.san-rule", "subjectAltName cannot have " + rule.field + ":" + value +
                                             ": " + name.error().reply_text);
    names.add(*name);
  }
  return {};
}

Result<> leave_out_the_rest(const Template& t, const AlternativeNames& names,
                            Modifications& changed) {
  for (const auto& name : names.given) {
    if (std::ranges::find(names.made, name) != names.made.end()) continue;
    const std::string shown = "subjectAltName " + x509::to_text(name);
    const bool provided = std::ranges::any_of(
        t.alternative_names, [&](const FieldRule& rule) { return rule.field == kind_of(name); });
    if (t.outside == Outside::refuse && !provided)
      return refuse("template.san",
                    shown + " is not provided for by the profile " + t.name + "; leave it out");
    changed.add(shown + " left out");
  }
  for (const auto& name : names.made)
    if (!names.given.empty() && std::ranges::find(names.given, name) == names.given.end())
      changed.add("subjectAltName " + x509::to_text(name) + " added");
  return {};
}

Result<> shape_alternative_names(const Template& t, const NameSources& from, ShapedNames& out,
                                 Modifications& changed) {
  if (t.alternative_names.empty()) return {};
  auto& extensions = out.wish.extensions;
  AlternativeNames names;
  if (const auto* asked = x509::find(extensions, x509::oids::subject_alt_name)) {
    auto given = x509::read_subject_alt_name(asked->value);
    // What is malformed, or too much, is refused with the other extensions.
    if (!given || given->size() > kMostSans) return {};
    names.given = std::move(*given);
  }
  for (const FieldRule& rule : t.alternative_names)
    TRY(rule.source == Source::request ? take(t, rule, names) : put(t, rule, from, names));
  TRY(leave_out_the_rest(t, names, changed));
  out.asked_names = std::move(names.of_request);
  if (names.made == names.given) return {};
  std::erase_if(extensions, [](const x509::Extension& extension) {
    return extension.id == x509::oids::subject_alt_name;
  });
  if (!names.made.empty()) extensions.push_back(x509::make_subject_alt_name(names.made, false));
  return {};
}

}  // namespace

Result<ShapedNames> shape_names(const Template& t, const crmf::CertTemplate& wish,
                                const NameSources& sources) {
  ShapedNames out{wish, {}};
  Modifications changed;
  TRY(shape_subject(t, sources, out, changed));
  TRY(shape_alternative_names(t, sources, out, changed));
  out.modifications = changed.text();
  return out;
}

}  // namespace countersign::enrol
