#include "enrol/examine.h"

#include <algorithm>

#include "crypto/digest.h"
#include "enrol/examination.h"
#include "enrol/genm.h"
#include "enrol/lightweight.h"
#include "enrol/lint.h"
#include "enrol/pop.h"
#include "enrol/sender_rule.h"
#include "enrol/shape_names.h"
#include "message/info_type.h"

namespace countersign::enrol {
namespace {

using message::BodyType;

std::string name_rule(const Examination& e) {
  const auto& sender = e.m.sender();
  const auto rule = rule_of_sender(e);
  if (rule && *rule != nullptr && !(*rule)->names.empty()) return (*rule)->names;
  if (e.known.credential != nullptr) return e.known.credential->names;
  if (sender.may_act_as_ra) return "any";  // RFC 9483 §5.3: an RA asks on behalf of others
  if (e.known.anchor != nullptr) return e.known.anchor->names;
  return "self";
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

void note_modification(transaction::CertificateOrder& order, const std::string& what) {
  if (what.empty()) return;
  order.modifications += (order.modifications.empty() ? "" : "; ") + what;
}

// The rules of whoever asks are about what is asked for: names that come from the template, the
// registry or the credential are their operator's word.
struct Bounds {
  const RaProfile& profile;
  const Subscriber* subscriber;
  const Tokens& tokens;
};
Result<> check_rights(const Examination& e, const Bounds& bounds, const ShapedNames& names,
                      const transaction::CertificateOrder& order) {
  const x509::Name& subject = names.asked_subject ? *names.asked_subject : order.subject;
  const auto alternative_names = names.asked_names ? *names.asked_names : sans_of(order.extensions);
  std::vector<std::string> rules{name_rule(e), bounds.profile.names};
  if (bounds.subscriber != nullptr) rules.push_back(bounds.subscriber->names);
  for (const TokenRecord* token : bounds.tokens) rules.push_back(token->names);
  for (const std::string& rule : rules)
    TRY(check_names(rule, subject, alternative_names, e.m.sender(), names.named));
  return {};
}

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
  const DeviceRecord* device = TRY(check_device(e, *profile, wish, replaced));
  const ShapedNames names =
      TRY(shape_names(t, wish, {e.known.credential, device, e.m.sender(), replaced}));
  const crmf::CertTemplate& named = names.wish;
  auto order = TRY(pair != nullptr ? grant_pair(e, t, *pair, named, kept)
                                   : grant(t, named, e.now, e.setting.profile.backdate, kept,
                                           {.blocked = e.setting.blocked}));
  order.profile = profile->name;
  if (device != nullptr) order.device = device->serial;
  note_modification(order, names.modifications);
  if (another)
    note_modification(order, "the issuer is " + x509::to_text(e.setting.our_issuers.front()));
  TRY(check_limits(t.limits, order.subject, sans_of(order.extensions)));
  const Subscriber* subscriber = TRY(subscriber_of(e, replaced));
  if (subscriber != nullptr) order.subscriber = subscriber->name;
  TRY(check_rights(e, {*profile, subscriber, tokens}, names, order));
  for (const TokenRecord* token : tokens) order.tokens.push_back(token->digest);
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
  const Tokens tokens = TRY(tokens_for(e, tokens_of(wanted, r.reg_info)));
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
  for (const CertificateRecord& record : e.known.certificates)
    if (equal(record.serial, order.serial)) TRY(check_own_subscriber(e, record));
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
