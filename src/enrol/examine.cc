#include "enrol/examine.h"

#include <algorithm>

#include "crypto/digest.h"
#include "enrol/genm.h"
#include "enrol/lightweight.h"
#include "enrol/lint.h"
#include "enrol/pop.h"
#include "message/info_type.h"

namespace countersign::enrol {
namespace {

using message::BodyType;

struct Examination {
  const message::AuthenticatedMessage& m;
  const Setting& setting;
  const Known& known;
  Time now;
};

using Tokens = std::vector<const TokenRecord*>;

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

// The name by certProfile (RFC 9483 §4.1.1: id-it 21, one entry), of the updated certificate, the
// credential's, or the endpoint's; empty: none of them names one.
Result<Noted> wanted_profile(const Examination& e, const CertificateRecord* updated,
                             const Tokens& tokens) {
  Noted out{e.setting.profile.default_ra_profile, "it is the default of this endpoint"};
  if (updated != nullptr && !updated->profile.empty())
    out = {updated->profile, "the certificate that is updated was issued under it"};
  if (const std::string granted = granted_profile(e, tokens); !granted.empty())
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
                  "\" that this certificate was issued under is out of use; ask its operator, or "
                  "for a certificate of another one by a cr");
}

// A credential, or a token, that names a profile may use no other.
Result<const RaProfile*> choose_profile(const Examination& e, const CertificateRecord* updated,
                                        const Tokens& tokens = {}) {
  const auto wanted = TRY(wanted_profile(e, updated, tokens));
  if (e.setting.notes != nullptr) e.setting.notes->back() = wanted;
  const std::string& name = wanted.ra_profile;
  if (name.empty())
    return fail(Failure::badRequest, "profile.none",
                "this endpoint has no default RA profile: name one by certProfile (it has " +
                    offers(e) + "), or have its operator set default_ra_profile");
  const std::string& of_credential = profile_of_credential(e);
  TRY(check_made_for(of_credential, name));
  for (const TokenRecord* token : tokens) TRY(check_made_for(token->profile, name));
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

std::string name_rule(const Examination& e) {
  const auto& sender = e.m.sender();
  if (sender.may_act_as_ra) return "any";  // RFC 9483 §5.3: an RA asks on behalf of others
  if (e.known.credential != nullptr) return e.known.credential->names;
  if (e.known.anchor != nullptr) return e.known.anchor->names;
  return "self";
}

std::vector<x509::GeneralName> sans_of(const x509::Extensions& extensions) {
  const auto* san = x509::find(extensions, x509::oids::subject_alt_name);
  if (san == nullptr) return {};
  auto names = x509::read_subject_alt_name(san->value);
  return names ? *names : std::vector<x509::GeneralName>{};
}

// kur: what the client leaves out is taken from the old certificate.
void inherit_names(crmf::CertTemplate& wish, const x509::Certificate& old) {
  if (!wish.subject) wish.subject = old.subject;
  if (x509::find(wish.extensions, x509::oids::subject_alt_name) == nullptr)
    if (const auto* san = x509::find(old.extensions, x509::oids::subject_alt_name))
      wish.extensions.push_back(*san);
}

// RFC 9483 §4.1.3 [SHOULD] a kur asks for subject, subjectAltName and publicKey only: then the rest
// is as it was.
x509::Extensions carried_over(const crmf::CertTemplate& wish, const x509::Certificate& old) {
  const bool asks_for_more = std::ranges::any_of(wish.extensions, [](const x509::Extension& e) {
    return e.id != x509::oids::subject_alt_name;
  });
  return asks_for_more ? x509::Extensions{} : old.extensions;
}

// Departure 1: `openssl cmp` copies the issuer of its protection certificate into the template; for
// a device that comes with its vendor's certificate this names no wish.
bool names_us(const Examination& e, const x509::Name& issuer) {
  const auto same = [&](const x509::Name& own) { return x509::same_name(issuer, own); };
  if (std::ranges::any_of(e.setting.our_issuers, same)) return true;
  const auto& certificate = e.m.sender().certificate;
  return certificate && x509::same_name(issuer, certificate->issuer);
}

// 3GPP TS 33.310 §9.5.4.2: a base station that does not know its name is given the one that its
// vendor's certificate has.
Result<> name_after_signer(const Examination& e, crmf::CertTemplate& wish) {
  const auto& signer = e.m.sender().certificate;
  if (e.setting.profile.rules.variant != message::Variant::base_station || !signer) return {};
  if (wish.subject && !wish.subject->is_null()) return {};
  wish.subject.reset();
  inherit_names(wish, TRY(x509::parse_certificate(signer->der)));
  return {};
}

bool is_lightweight(const Examination& e) {
  return e.setting.profile.rules.variant == message::Variant::lightweight;
}

// Departure 2: under a secret it copies the issuer of whatever certificate it is given, so there
// the requester is told who the issuer is.
bool may_be_no_wish(const Examination& e) {
  return !is_lightweight(e) && e.m.sender().proof == message::ProofKind::mac;
}

// RFC 9483 §4.1.1 has accepted, grantedWithMods and rejection only.
bool is_told_again(const Examination& e) {
  return e.setting.profile.updates.again == UpdatePolicy::Again::warn && !is_lightweight(e);
}

Result<> check_reuse(const Examination& e, const transaction::CertificateOrder& order,
                     const CertificateRecord* replaced) {
  const Bytes key_hash = crypto::sha256(order.spki);
  std::vector<CertificateRecord> same_key;
  for (const auto& c : e.known.certificates)
    if (equal(c.key_hash, key_hash)) same_key.push_back(c);
  return check_key_reuse({e.setting.profile.duplicate_keys, e.setting.profile.compromised_keys},
                         order.subject, same_key, replaced);
}

struct Update {  // the certificate that a kur is about, and what is kept of it
  const CertificateRecord* record;
  x509::Extensions carried_over;
};

struct PairRequest {  // one that wants its key made here
  const crmf::CertReqMsg& request;
  const Controls& controls;
};

// An order for a key pair and its certificate. RFC 9483 §4.1.6.
Result<transaction::CertificateOrder> grant_pair(const Examination& e, const Template& t,
                                                 const PairRequest& pair,
                                                 const crmf::CertTemplate& wish,
                                                 const x509::Extensions& kept) {
  auto key = TRY(
      grant_central_key({wish, pair.request.popo, t, e.setting.profile.central_keys,
                         e.setting.transport, e.m.sender(), e.known.credential, pair.controls}));
  const auto kind = crypto::key_spec(key.algorithm)->kind;
  auto order = TRY(grant_without_key(t, wish, kind, e.now, e.setting.profile.backdate, kept));
  order.central_key = std::move(key);
  return order;
}

Result<Tokens> tokens_for(const Examination& e, const std::vector<Bytes>& shown) {
  return check_tokens(shown, {e.setting.tokens, e.known.tokens}, e.m->body.type, e.m.sender(),
                      e.now);
}

// What no certificate should be, whoever may have it: nothing of the kind is ever signed.
Result<> check_form(const transaction::CertificateOrder& order, const Template& t) {
  for (const Finding& finding : lint(order, {t.lint_cabf, t.lint_three_gpp}))
    if (finding.level == Finding::Level::error)
      return fail(Failure::badCertTemplate, finding.code, finding.what);
  return {};
}

struct Grounds {  // what a request for a certificate stands on, beside its template
  const Update* update = nullptr;
  const PairRequest* pair = nullptr;
  const Tokens& tokens;
};

Result<transaction::CertificateOrder> grant_certificate(const Examination& e,
                                                        const crmf::CertTemplate& wish,
                                                        const Grounds& grounds) {
  const auto [update, pair, tokens] = grounds;
  const CertificateRecord* replaced = update != nullptr ? update->record : nullptr;
  const x509::Extensions kept = update != nullptr ? update->carried_over : x509::Extensions{};
  const RaProfile* profile = TRY(choose_profile(e, replaced, tokens));
  const Template& t = profile->t;
  // RFC 9810 §5.2.3: wrongAuthority when another CA is named
  const bool another = wish.issuer && !wish.issuer->is_null() && !names_us(e, *wish.issuer);
  if (another && !may_be_no_wish(e))
    return fail(Failure::wrongAuthority, "template.issuer",
                "the template names another issuer; leave issuer out or name " +
                    x509::to_text(e.setting.our_issuers.front()));
  auto order = TRY(pair != nullptr ? grant_pair(e, t, *pair, wish, kept)
                                   : grant(t, wish, e.now, e.setting.profile.backdate, kept,
                                           {.blocked = e.setting.blocked}));
  order.profile = profile->name;
  if (another)
    order.modifications += (order.modifications.empty() ? "" : "; ") +
                           std::string("the issuer is ") +
                           x509::to_text(e.setting.our_issuers.front());
  TRY(check_names(name_rule(e), order.subject, sans_of(order.extensions), e.m.sender()));
  TRY(check_names(profile->names, order.subject, sans_of(order.extensions), e.m.sender()));
  for (const TokenRecord* token : tokens) {
    TRY(check_names(token->names, order.subject, sans_of(order.extensions), e.m.sender()));
    order.tokens.push_back(token->digest);
  }
  TRY(check_form(order, t));
  if (pair == nullptr) TRY(check_reuse(e, order, replaced));
  if (replaced == nullptr) return order;
  TRY(check_update_policy(e.setting.profile.updates, *replaced, order.spki));
  order.replaces = replaced->serial;
  order.updated_before = is_told_again(e) && !replaced->replaced_by.empty();
  return order;
}

Result<const CertificateRecord*> updated_certificate(const Examination& e,
                                                     const crmf::CertTemplate& wish,
                                                     const Controls& controls) {
  UpdateRequest update;
  update.old_cert_id = controls.old_cert_id;
  update.has_subject = wish.subject.has_value();
  if (wish.subject) update.subject = *wish.subject;
  if (x509::find(wish.extensions, x509::oids::subject_alt_name) != nullptr)
    update.sans = sans_of(wish.extensions);
  return check_update(update, e.known.certificates, e.setting.our_issuers, e.m.sender(),
                      e.known.credential, e.now);
}

transaction::Order complete(const Examination& e, transaction::CertificateOrder&& order) {
  if (e.setting.originals == Originals::keep) order.original = message::encode(e.m.value());
  return order;
}

Verdict examine_request(const Examination& e, const crmf::CertReqMsg& r) {
  if (is_lightweight(e)) TRY(check_lightweight(e.m, r));
  const Secret* secret = e.known.credential != nullptr ? &e.known.credential->secret : nullptr;
  const bool pair =
      e.setting.profile.central_keys != CentralKeys::off && asks_for_key(r.cert_req.cert_template);
  if (!pair) TRY(check_pop(r, e.m.sender(), secret, e.setting.profile.protection));
  const crmf::CertRequest wanted = TRY(wanted_request(r, e.m.sender()));
  const Controls controls = TRY(read_controls(
      wanted, r.reg_info,
      {e.m->body.type, pair ? KeyMaker::server : KeyMaker::requester,
       e.setting.profile.unknown_controls, e.setting.profile.rules.variant, e.setting.tokens}));
  const Tokens tokens = TRY(tokens_for(e, tokens_of(wanted)));
  crmf::CertTemplate wish = wanted.cert_template;
  std::optional<Update> update;
  if (e.m->body.type == BodyType::kur) {
    const auto* record = TRY(updated_certificate(e, wish, controls));
    if (is_lightweight(e)) TRY(check_lightweight_update(e.m.sender(), *record));
    const auto old = TRY(x509::parse_certificate(record->der));
    update = Update{record, carried_over(wish, old)};
    inherit_names(wish, old);
  }
  if (!update) TRY(name_after_signer(e, wish));
  const PairRequest pair_request{r, controls};
  auto order = TRY(grant_certificate(
      e, wish, {update ? &*update : nullptr, pair ? &pair_request : nullptr, tokens}));
  order.ignored = controls.ignored;
  return complete(e, std::move(order));
}

Verdict examine_csr(const Examination& e, const x509::CertificationRequest& csr) {
  TRY(check_pop(csr));
  const Tokens tokens = TRY(tokens_for(e, tokens_of(csr)));
  auto order = TRY(grant_certificate(e, as_template(csr), {nullptr, nullptr, tokens}));
  if (tokens.empty() && !csr.challenge_password.empty()) order.ignored = "challengePassword";
  return complete(e, std::move(order));
}

Verdict examine_revocation(const Examination& e, const message::RevDetails& details) {
  if (is_lightweight(e)) TRY(check_lightweight(e.m, details));
  auto order = TRY(check_revocation(details, e.known.certificates, e.setting.our_issuers,
                                    e.m.sender(), e.known.credential, e.now));
  if (is_lightweight(e)) TRY(check_lightweight_revoker(e.m.sender(), order.serial));
  return order;
}

Verdict examine_question(const Examination& e, const message::InfoMsgContent& question) {
  // RFC 9483 §3.5 [MUST] signed: a MAC is for certificate requests (§4.1.5)
  if (is_lightweight(e)) TRY(check_signed(e.m));
  transaction::InformationOrder order{question.items, {}};
  // RFC 9483 §4.3.3: certProfile names what is asked about
  if (asks_for_template(question.items)) order.profile = TRY(choose_profile(e, nullptr))->name;
  return transaction::Order{std::move(order)};
}

// A token that several requests of a message show needs a use for each of them.
void refuse_overdrawn(std::span<const TokenRecord> found, std::vector<Verdict>& verdicts) {
  for (const TokenRecord& token : found) {
    if (!token.uses_left) continue;
    std::int64_t left = *token.uses_left;
    for (Verdict& verdict : verdicts) {
      const auto* order = verdict ? std::get_if<transaction::CertificateOrder>(&*verdict) : nullptr;
      if (order == nullptr || std::ranges::find(order->tokens, token.digest) == order->tokens.end())
        continue;
      if (left-- <= 0) verdict = std::unexpected(unknown_token("used up by this very message"));
    }
  }
}

}  // namespace

std::vector<Verdict> examine(const message::AuthenticatedMessage& m, const Setting& setting,
                             const Known& known, Time now) {
  const Examination e{m, setting, known, now};
  std::vector<Verdict> out;
  const auto add = [&](auto judge, const auto& request) {
    if (setting.notes != nullptr) setting.notes->emplace_back();
    out.push_back(judge(e, request));
  };
  switch (m->body.type) {
    case BodyType::ir:
    case BodyType::cr:
    case BodyType::kur:
      for (const auto& r : std::get<crmf::CertReqMessages>(m->body.content))
        add(examine_request, r);
      break;
    case BodyType::p10cr:
      add(examine_csr, std::get<x509::CertificationRequest>(m->body.content));
      break;
    case BodyType::rr:
      for (const auto& r : std::get<message::RevReqContent>(m->body.content))
        add(examine_revocation, r);
      break;
    case BodyType::genm:
      add(examine_question, std::get<message::InfoMsgContent>(m->body.content));
      break;
    default:
      return out;
  }
  refuse_overdrawn(known.tokens, out);
  return out;
}

}  // namespace countersign::enrol
