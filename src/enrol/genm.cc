#include "enrol/genm.h"

#include <algorithm>
#include <array>

#include "crypto/keys.h"
#include "enrol/grant_extensions.h"
#include "message/translation.h"
#include "x509/name_value.h"

namespace countersign::enrol {
namespace {

namespace it = message::it;
using message::InfoTypeAndValue;
using message::make_info;

constexpr auto kAes256Cbc = der::Oid::of("2.16.840.1.101.3.4.1.42");

// ---- public keys that are certified

std::vector<crypto::KeyKind> kinds_of(const Template& t) {
  std::vector<crypto::KeyKind> out;
  for (const std::string& name : t.key_kinds)
    if (const auto kind = crypto::key_kind(name)) out.push_back(*kind);
  return out;
}

std::vector<der::AlgorithmIdentifier> signing_keys(const Template& t) {
  std::vector<der::AlgorithmIdentifier> out;
  for (const crypto::KeyKind kind : kinds_of(t))
    if (crypto::can_sign(kind)) out.push_back(crypto::key_algorithm(kind));
  return out;
}

std::vector<der::AlgorithmIdentifier> encryption_keys(const Template& t) {
  std::vector<der::AlgorithmIdentifier> out;
  const auto encrypts = [&](crypto::KeyKind kind) {
    return !crypto::can_sign(kind) || usages_on_request(t, kind).any() ||
           (kind == crypto::KeyKind::rsa && t.key_encipherment_for_rsa);
  };
  for (const crypto::KeyKind kind : kinds_of(t))
    if (encrypts(kind)) out.push_back(crypto::key_algorithm(kind));
  return out;
}

// ---- CRLs

// The URIs of fullName. RFC 9810 §5.3.19.17: the name points to a CRL that we have; nothing is
// fetched.
der::Parsed<std::vector<x509::GeneralName>> full_name(View distribution_point_name) {
  der::Context context(distribution_point_name);
  der::Reader in(distribution_point_name, context);
  if (!in.next_is(der::context(0))) return std::vector<x509::GeneralName>{};
  return x509::read_general_names(in, der::context(0));
}

bool is_of(const PublishedCrl& crl, const message::CRLStatus& status) {
  if (const auto* names = std::get_if<std::vector<x509::GeneralName>>(&status.source))
    return std::ranges::any_of(*names, [&](const x509::GeneralName& name) {
      const auto issuer = x509::directory_name(name);
      return issuer && x509::same_name(*issuer, crl.issuer);
    });
  const auto& point = std::get<message::CRLStatus::DistributionPointName>(status.source);
  const auto names = full_name(point.der);
  return names && std::ranges::any_of(*names, [&](const x509::GeneralName& name) {
           return x509::to_text(name) == "uri:" + crl.url;
         });
}

// ---- the answers. nullopt: not to be had, and the type has no form that says so.

using Told = Result<std::optional<InfoTypeAndValue>>;

InfoTypeAndValue none_of(const der::Oid& type) { return {type, {}}; }

Result<message::InfoValue> value_of(const InfoTypeAndValue& asked, std::string_view what) {
  if (!asked.value.empty()) return message::decode(asked);
  return fail(Failure::badDataFormat, "genm.value-missing",
              std::string(message::find_info_type(asked.type)->name) + " must say " +
                  std::string(what) + "; put it into infoValue");
}

// RFC 9810 §5.3.19.1: no certificate of ours takes encrypted messages.
Told tell_encryption_certificate(const InfoTypeAndValue&, const Knowledge&) {
  return none_of(it::caProtEncCert);
}

Told tell_signing_keys(const InfoTypeAndValue&, const Knowledge& known) {
  return make_info(it::signKeyPairTypes, message::Algorithms{signing_keys(known.wanted)});
}

// RFC 9810 §5.3.19.3: SIZE (1..MAX), so there is no way to say "none".
Told tell_encryption_keys(const InfoTypeAndValue&, const Knowledge& known) {
  auto keys = encryption_keys(known.wanted);
  if (keys.empty()) return std::nullopt;
  return make_info(it::encKeyPairTypes, message::Algorithms{std::move(keys)});
}

// As a capability: without the parameters that only a use of it has (RFC 3565 §4.3).
Told tell_symmetric_algorithm(const InfoTypeAndValue&, const Knowledge&) {
  return make_info(it::preferredSymmAlg, der::AlgorithmIdentifier{kAes256Cbc, {}});
}

Told tell_current_crl(const InfoTypeAndValue&, const Knowledge& known) {
  if (known.crls.empty() || known.crls.front().der.empty()) return std::nullopt;
  return make_info(it::currentCRL, message::OneCrl{known.crls.front().der});
}

// RFC 9810 §5.3.19.8: keyPairParamRep without a value says that the algorithm is not supported.
Told tell_key_parameters(const InfoTypeAndValue& asked, const Knowledge& known) {
  const auto value = TRY(value_of(asked, "which algorithm it asks about"));
  const auto keys = signing_keys(known.wanted);
  const auto at =
      std::ranges::find(keys, std::get<der::Oid>(value), &der::AlgorithmIdentifier::algorithm);
  if (at == keys.end()) return none_of(it::keyPairParamRep);
  return make_info(it::keyPairParamRep, *at);
}

// RFC 9810 §5.3.19.13 [MUST] an error when none of the offered tags is supported
Told tell_language(const InfoTypeAndValue& asked, const Knowledge&) {
  const auto value = TRY(value_of(asked, "which languages the sender reads"));
  for (const std::string& tag : std::get<message::Texts>(value).texts)
    if (message::language_of(tag)) return make_info(it::suppLangTags, message::Texts{{tag}});
  return fail(Failure::badRequest, "genm.language",
              "none of these languages is spoken here; offer en or de among them");
}

// RFC 9483 §4.3.1
Told tell_ca_certificates(const InfoTypeAndValue&, const Knowledge& known) {
  if (known.ca_certificates.empty()) return none_of(it::caCerts);
  return make_info(it::caCerts, message::Certificates{
                                    {known.ca_certificates.begin(), known.ca_certificates.end()}});
}

// RFC 9483 §4.3.2 [MUST] newWithOld is signed with the key of the root that is to be updated: so
// the answer is the root that followed the one that the sender names, not the newest of all; from
// there the sender asks on. [MUST] absent if none followed. Where none is named, the root before
// the present one is meant.
Told tell_root_update(const InfoTypeAndValue& asked, const Knowledge& known) {
  const auto updates = known.root_updates;
  auto at = updates.empty() ? updates.end() : updates.end() - 1;
  if (!asked.value.empty()) {
    const auto value = TRY(message::decode(asked));
    const auto& named = std::get<message::OneCertificate>(value).certificate;
    at = std::ranges::find(updates, named, &RootUpdate::old_root);
  }
  // That there is none would be said of what nobody here knows.
  if (at == updates.end() && known.has == Published::some_of_it) return std::nullopt;
  if (at == updates.end()) return none_of(it::rootCaKeyUpdate);
  return make_info(it::rootCaKeyUpdate, at->update);
}

// RFC 9483 §4.3.3
Told tell_template(const InfoTypeAndValue&, const Knowledge& known) {
  return make_info(it::certReqTemplate, requirements(known.wanted));
}

// RFC 9483 §4.3.4 [MUST] the latest CRL of the source, if it is later than the one that the sender
// has; [MUST] absent in all other cases.
Told tell_crls(const InfoTypeAndValue& asked, const Knowledge& known) {
  const auto value = TRY(value_of(asked, "of which distribution point or issuer"));
  const auto& statuses = std::get<message::CrlStatuses>(value).statuses;
  if (known.variant == message::Variant::lightweight && statuses.size() != 1)
    return fail(Failure::badRequest, "genm.one",
                "ask for one CRL at a time; put exactly one CRLStatus into crlStatusList");
  message::Crls news;
  for (const PublishedCrl& crl : known.crls) {
    const auto wants = [&](const message::CRLStatus& status) {
      return is_of(crl, status) &&
             (!status.this_update || status.this_update->value < crl.this_update);
    };
    if (!crl.der.empty() && std::ranges::any_of(statuses, wants)) news.crls.push_back(crl.der);
    // RFC 9483 §4.3.4 [MUST] a sequence of one CRL; roots that followed one another share a name
    if (known.variant == message::Variant::lightweight && !news.crls.empty()) break;
  }
  const auto is_known = [&](const message::CRLStatus& status) {
    return std::ranges::any_of(
        known.crls, [&](const auto& crl) { return !crl.der.empty() && is_of(crl, status); });
  };
  const bool knows = known.has == Published::all_of_it || std::ranges::any_of(statuses, is_known);
  if (news.crls.empty() && !knows) return std::nullopt;
  if (news.crls.empty()) return none_of(it::crls);
  return make_info(it::crls, std::move(news));
}

// ---- the table

enum class Value : Byte { absent, present };  // of infoValue in the question
enum class Unasked : Byte { told, silent };   // in the answer to an empty genm

struct Topic {
  der::Oid type;
  Value value;
  Unasked unasked;
  Told (*answer)(const InfoTypeAndValue& asked, const Knowledge& known);
};

// In the order of the standard. An empty genm gets what RFC 9810 appendix D.5 lists, and caCerts.
constexpr std::array kTopics{
    Topic{it::caProtEncCert, Value::absent, Unasked::silent, tell_encryption_certificate},
    Topic{it::signKeyPairTypes, Value::absent, Unasked::told, tell_signing_keys},
    Topic{it::encKeyPairTypes, Value::absent, Unasked::told, tell_encryption_keys},
    Topic{it::preferredSymmAlg, Value::absent, Unasked::told, tell_symmetric_algorithm},
    Topic{it::currentCRL, Value::absent, Unasked::told, tell_current_crl},
    Topic{it::keyPairParamReq, Value::present, Unasked::silent, tell_key_parameters},
    Topic{it::suppLangTags, Value::present, Unasked::silent, tell_language},
    Topic{it::caCerts, Value::absent, Unasked::told, tell_ca_certificates},
    Topic{it::certReqTemplate, Value::absent, Unasked::silent, tell_template},
    Topic{it::rootCaCert, Value::present, Unasked::silent, tell_root_update},
    Topic{it::crlStatusList, Value::present, Unasked::silent, tell_crls},
};

// Not among them: revPassphrase (certificates are revoked by their own key, by the secret they were
// obtained with, or by an RA) and kemCiphertextInfo (messages are not protected by KEM keys here).

const Topic* find_topic(const der::Oid& type) noexcept {
  const auto* const at = std::ranges::find(kTopics, type, &Topic::type);
  return at == kTopics.end() ? nullptr : at;
}

Result<> check_strictly(const Items& asked) {
  // RFC 9483 §4.3 [MUST] a sequence of one element
  if (asked.size() != 1)
    return fail(
        Failure::badRequest, "genm.one",
        "put exactly one InfoTypeAndValue into a genm, not " + std::to_string(asked.size()));
  const Topic* topic = find_topic(asked.front().type);
  if (topic == nullptr)
    return fail(Failure::badRequest, "genm.unsupported",
                "the information " + asked.front().type.dotted() + " is not to be had here");
  // RFC 9483 §4.3.1, §4.3.3 [MUST] absent
  if (topic->value == Value::absent && !asked.front().value.empty())
    return fail(
        Failure::badRequest, "genm.value-unasked",
        "leave infoValue out of " + std::string(message::find_info_type(topic->type)->name));
  return {};
}

Result<Items> tell_all(const Knowledge& known) {
  Items out;
  for (const Topic& topic : kTopics) {
    if (topic.unasked == Unasked::silent) continue;
    if (auto told = TRY(topic.answer({topic.type, {}}, known))) out.push_back(std::move(*told));
  }
  return out;
}

// ---- templates

crmf::Attribute key_control(const der::AlgorithmIdentifier& algorithm) {
  return {crmf::oids::alg_id, der::encode(algorithm)};
}

crmf::Attribute rsa_length_control(unsigned bits) {
  der::Writer w;
  w.integer(static_cast<std::int64_t>(bits));
  return {crmf::oids::rsa_key_len, std::move(w).take()};
}

// RFC 9810 §5.3.19.16 [SHALL] rsaKeyLen for rsaEncryption, one for each length; algId for others
std::vector<crmf::Attribute> key_spec(const Template& t) {
  std::vector<crmf::Attribute> out;
  for (const crypto::KeyKind kind : kinds_of(t)) {
    if (kind != crypto::KeyKind::rsa) {
      out.push_back(key_control(crypto::key_algorithm(kind)));
      continue;
    }
    for (const crypto::KeySpec& spec : crypto::kKeySpecs)
      if (spec.kind == crypto::KeyKind::rsa && std::cmp_greater_equal(spec.bits, t.min_rsa_bits))
        out.push_back(rsa_length_control(spec.bits));
  }
  return out;
}

// Is it for the requester to write? A device says who it is, too.
bool is_asked_for(const FieldRule& rule) {
  return rule.source == FieldRule::Source::request ||
         (rule.source == FieldRule::Source::device && rule.value == "serial");
}

// RFC 9483 §4.3.3: the fixed parts, and those to be filled in with an empty value; where no rule
// says anything, NULL-DN. What comes from elsewhere is not for the requester to write.
x509::Name wanted_subject(const Template& t) {
  der::Writer w;
  w.sequence([&](der::Writer& rdns) {
    for (const FieldRule& rule : t.subject) {
      if (rule.source != FieldRule::Source::fixed && !is_asked_for(rule)) continue;
      const std::string text = is_asked_for(rule) ? "x" : x509::escaped(rule.value);
      const auto name = x509::name_from_text(rule.field + "=" + text);
      if (!name) continue;
      for (const auto& part : x509::take_apart(*name))
        rdns.set([&](der::Writer& set) {
          set.sequence([&](der::Writer& s) {
            s.oid(part.type);
            const Byte blank[] = {part.value.whole.front(), 0};
            s.raw(is_asked_for(rule) ? View(blank) : part.value.whole);
          });
        });
    }
  });
  return x509::Name{std::move(w).take()};
}

// The same of alternative names; nullopt: there is nothing to say.
std::optional<x509::Extension> wanted_names(const Template& t) {
  constexpr std::array<std::pair<std::string_view, Byte>, 4> kTags = {
      {{"email", 0x81}, {"dns", 0x82}, {"uri", 0x86}, {"ip", 0x87}}};
  std::vector<x509::GeneralName> names;
  for (const FieldRule& rule : t.alternative_names) {
    const auto tag = std::ranges::find(kTags, rule.field, &decltype(kTags)::value_type::first);
    if (is_asked_for(rule))
      names.push_back({{tag->second, 0}});
    else if (const auto fixed = x509::general_name_from_text(rule.field + ":" + rule.value);
             fixed && rule.source == FieldRule::Source::fixed)
      names.push_back(*fixed);
  }
  if (!names.empty()) return x509::make_subject_alt_name(names, false);
  if (!t.alternative_names.empty() || !t.san_required) return std::nullopt;
  return x509::Extension{x509::oids::subject_alt_name, false, {}};
}

}  // namespace

message::CertReqTemplateContent requirements(const Template& t) {
  message::CertReqTemplateContent out;
  // RFC 9483 §4.3.3: NULL-DN and an empty extnValue are for the requester to fill in.
  out.cert_template.subject = wanted_subject(t);
  auto& extensions = out.cert_template.extensions;
  if (t.key_usage.any()) extensions.push_back(x509::make_key_usage(t.key_usage));
  if (!t.purposes.empty()) extensions.push_back(x509::make_ext_key_usage(t.purposes));
  if (auto names = wanted_names(t)) extensions.push_back(std::move(*names));
  out.key_spec = key_spec(t);
  return out;
}

bool asks_for_template(const Items& asked) noexcept {
  constexpr std::array kOfTemplate{it::signKeyPairTypes, it::encKeyPairTypes, it::keyPairParamReq,
                                   it::certReqTemplate};
  return asked.empty() || std::ranges::any_of(asked, [&](const InfoTypeAndValue& item) {
           return std::ranges::find(kOfTemplate, item.type) != kOfTemplate.end();
         });
}

Result<Items> tell(const Items& asked, const Knowledge& known) {
  if (known.variant == message::Variant::lightweight) TRY(check_strictly(asked));
  // RFC 9810 §5.3.19: an empty genm asks for whatever we like to tell
  if (asked.empty()) return tell_all(known);
  Items out;
  std::vector<der::Oid> unsupported;
  for (const InfoTypeAndValue& item : asked) {
    const Topic* topic = find_topic(item.type);
    auto told = topic == nullptr ? std::nullopt : TRY(topic->answer(item, known));
    if (told)
      out.push_back(std::move(*told));
    else
      unsupported.push_back(item.type);
  }
  // RFC 9810 §5.3.19.7
  if (!unsupported.empty())
    out.push_back(make_info(it::unsupportedOIDs, message::Oids{std::move(unsupported)}));
  return out;
}

}  // namespace countersign::enrol
