// The RA profile that a request is for.
#include <algorithm>

#include "enrol/examination.h"
#include "enrol/sender_rule.h"
#include "message/info_type.h"

namespace countersign::enrol {
namespace {

const std::string& profile_of_credential(const Examination& e) {
  static const std::string none;
  return e.known.credential != nullptr ? e.known.credential->profile : none;
}

// The RA profile that the credential, else a token, was made for; empty: none.
std::string granted_profile(const Examination& e, const Tokens& tokens) {
  std::string out = profile_of_credential(e);
  for (const TokenRecord* token : tokens)
    if (out.empty()) out = token->profile;
  return out;
}

// What was made for one profile may be used for no other.
Result<> check_made_for(const std::string& profile, const std::string& name) {
  if (profile.empty() || profile == name) return {};
  return fail(Failure::notAuthorized, "profile.credential",
              "this credential, or token, may use the RA profile \"" + profile + "\" only");
}

bool is_offered(const Examination& e, std::string_view name) {
  const auto& offered = e.setting.profile.ra_profiles;
  return offered.empty() || std::ranges::find(offered, name) != offered.end();
}

// The RA profiles that may be asked for here, for sentences.
std::string offers(const Examination& e) {
  std::string list;
  for (const auto& [name, profile] : e.setting.catalogue.ra_profiles())
    if (is_offered(e, name)) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

// The name by certProfile (RFC 9483 §4.1.1: id-it 21, one entry), the credential's, of the updated
// certificate, of the rule for who signs, the subscriber's, or the endpoint's; empty: none names
// one.
struct Choosers {  // beside the endpoint
  const CertificateRecord* updated;
  const SenderRule* rule;
  const Subscriber* subscriber;
  const Tokens& tokens;
};
Result<Noted> wanted_profile(const Examination& e, const Choosers& by) {
  Noted out{e.setting.profile.default_ra_profile, "it is the default of this endpoint"};
  if (by.subscriber != nullptr && !by.subscriber->profiles.empty())
    out = {by.subscriber->profiles.front(), "it is the first of its subscriber's"};
  if (by.rule != nullptr && !by.rule->profiles.empty())
    out = {by.rule->profiles.front(), "it is the first of the rule of the trust set that fits"};
  if (by.updated != nullptr && !by.updated->profile.empty())
    out = {by.updated->profile, "the certificate that is updated was issued under it"};
  if (const std::string granted = granted_profile(e, by.tokens); !granted.empty())
    out = {granted, "the credential, or token, was made for it"};
  const auto* item = message::find(e.m->header.general_info, message::it::certProfile);
  if (item == nullptr) return out;
  const auto value = TRY(message::decode(*item));
  const auto* texts = std::get_if<message::Texts>(&value);
  if (texts == nullptr || texts->texts.size() != 1)
    return fail(Failure::badRequest, "profile.one", "certProfile must name exactly one RA profile");
  if (!texts->texts.front().empty()) out = {texts->texts.front(), "certProfile names it"};
  return out;
}

// What an RA profile asks of a first certificate would else be got round by updating another one.
Result<> check_stays(const CertificateRecord& updated, const std::string& name,
                     const RaProfile* profile) {
  if (!updated.profile.empty() && updated.profile != name)
    return fail(Failure::notAuthorized, "profile.update",
                "a key update keeps the RA profile of its certificate, \"" + updated.profile +
                    "\"; ask for a certificate of another one by a cr");
  if (profile != nullptr) return {};
  return fail(Failure::notAuthorized, "profile.out-of-use",
              "the RA profile \"" + name +
                  "\" that this certificate was issued under is out of "
                  "use; ask its operator, or for a certificate of another one by a cr");
}

}  // namespace

// A credential, or a token, that names a profile may use no other.
Result<const RaProfile*> choose_profile(const Examination& e, const CertificateRecord* updated,
                                        const Tokens& tokens) {
  const SenderRule* rule = TRY(rule_of_sender(e));
  const Subscriber* subscriber = TRY(subscriber_of(e, updated));
  const auto wanted = TRY(wanted_profile(e, {updated, rule, subscriber, tokens}));
  if (e.setting.notes != nullptr) e.setting.notes->back() = wanted;
  const std::string& name = wanted.ra_profile;
  if (name.empty())
    return fail(Failure::badRequest, "profile.none",
                "this endpoint has no default RA profile: name one by certProfile (it has " +
                    offers(e) + "), or have its operator set default_ra_profile");
  const std::string& of_credential = profile_of_credential(e);
  TRY(check_made_for(of_credential, name));
  for (const TokenRecord* token : tokens) TRY(check_made_for(token->profile, name));
  TRY(check_rule_has(e, rule, name));
  TRY(check_subscriber_has(subscriber, name));
  const RaProfile* profile = e.setting.catalogue.ra_profile(name);
  if (updated != nullptr) TRY(check_stays(*updated, name, profile));
  if (profile == nullptr)
    return fail(Failure::badRequest, "profile.unknown",
                "certProfile names no RA profile of this server; it has " + offers(e));
  if (!is_offered(e, name))
    return fail(Failure::notAuthorized, "profile.not-here",
                "the RA profile \"" + name + "\" may not be asked for at this endpoint; it has " +
                    offers(e));
  const bool by_credential_only = profile->by_credential_only || profile->t.by_credential_only;
  const bool updates_its_own = updated != nullptr && updated->profile == name;
  // A token only narrows: it opens no such profile.
  if (!by_credential_only || of_credential == name || updates_its_own) return profile;
  return fail(Failure::notAuthorized, "profile.by-credential",
              "the RA profile \"" + name + "\" is for secrets that were made for it: " +
                  "countersignd secret add --profile " + name);
}

const RaProfile* ra_profile_asked_for(const message::AuthenticatedMessage& m,
                                      const Setting& setting, const Known& known) {
  Tokens tokens;
  for (const TokenRecord& token : known.tokens) tokens.push_back(&token);
  const auto profile = choose_profile({m, setting, known, Time{}}, nullptr, tokens);
  return profile ? *profile : nullptr;
}

}  // namespace countersign::enrol
