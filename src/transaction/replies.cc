#include "transaction/replies.h"

#include <algorithm>
#include <utility>

#include "message/info_type.h"
#include "transaction/confirmation.h"

namespace countersign::transaction {
namespace {

using message::BodyType;
using message::PKIStatus;

constexpr Seconds kHearing{15};  // until an issuer elsewhere has heard of a certConf

bool any_asked(const Transaction& t) {
  return std::ranges::any_of(
      t.requests, [](const Request& r) { return std::holds_alternative<Asked>(r.state); });
}

BodyType response_type(BodyType request) {
  switch (request) {
    case BodyType::ir:
      return BodyType::ip;
    case BodyType::kur:
      return BodyType::kup;
    default:
      return BodyType::cp;  // cr, p10cr
  }
}

message::PKIStatusInfo waiting_status() { return {PKIStatus::waiting, {}, std::nullopt}; }

message::PKIStatusInfo refusal(const Error& error, message::Language language) {
  auto info = message::rejection(error.failure, {});
  info.status_string = message::refusal_texts(error, language);
  return info;
}

}  // namespace

Reply waiting_error() {
  message::ErrorMsgContent content;
  content.status = waiting_status();
  return {{BodyType::error, std::move(content)}, {}, {}, true};
}

message::ErrorMsgContent error_content(const Error& error, message::Language language) {
  message::ErrorMsgContent content;
  content.status = refusal(error, language);
  if (!error.code.empty()) content.error_details.emplace_back(error.code);
  return content;
}

namespace {

void add_once(std::vector<Bytes>& list, const Bytes& certificate) {
  if (std::ranges::find(list, certificate) == list.end()) list.push_back(certificate);
}

// RFC 9483 §3.3 [MUST] the chain of the new certificate, where the profile has nothing else.
void send_along(const Issued& issued, const Rules& rules, std::vector<Bytes>& extra_certs) {
  const bool chain =
      rules.extra_certs == ExtraCerts::chain || rules.extra_certs == ExtraCerts::chain_and_root;
  // 3GPP TS 33.310 §9.5.4.3: and the operator's root, since a base station may come without it
  const bool root = rules.extra_certs == ExtraCerts::chain_and_root ||
                    rules.variant == message::Variant::base_station;
  if (chain)
    for (const Bytes& c : issued.chain) add_once(extra_certs, c);
  if (root) add_once(extra_certs, issued.root);
}

// RFC 9810 §5.3.2, RFC 9483 §4.1.1: caPubs only in an ip, and by themselves only where a secret
// that both know protects the message: nothing else makes a new anchor trustworthy.
bool tells_root(const Transaction& t, const Rules& rules) {
  const bool first = t.initial == BodyType::ir;
  if (rules.ca_pubs == CaPubs::never) return false;
  if (rules.ca_pubs == CaPubs::mac_only) return first && t.mac_protected;
  // RFC 9483 §4.1.2, §4.1.3 [MUST] no caPubs in cp and kup; RFC 9810 §5.3.4 has them in each
  return first || rules.variant != message::Variant::lightweight;
}

// What becomes of a certificate once the reply that holds it goes out.
void deliver(const Transaction& t, Request& r, const Issued& issued, bool implicit,
             const Rules& rules, std::vector<Effect>& effects) {
  if (!implicit) {
    r.state = Delivered{issued.serial, issued.certificate};
    return;
  }
  const Bytes serial = issued.serial;
  r.state = Settled{Outcome::accepted};
  accept(t, r, serial, rules, "implicitly", effects);
}

message::CertResponse tell(Request& r, const Issued& issued) {
  message::CertResponse out;
  out.cert_req_id = r.id;
  if (!r.modifications.empty()) {
    // RFC 9810 §5.2.3: the requester is told what differs
    out.status.status = PKIStatus::grantedWithMods;
    out.status.status_string = {r.modifications};
  }
  if (r.updated_before) {
    // RFC 9810 §5.2.3: keyUpdateWarning, update already done for the oldCertId
    out.status.status = PKIStatus::keyUpdateWarning;
    out.status.status_string.insert(out.status.status_string.begin(),
                                    "this certificate was updated before");
  }
  out.certified_key_pair = message::CertifiedKeyPair{issued.certificate, {}, {}};
  if (!r.private_key.empty())
    out.certified_key_pair->private_key =
        crmf::EncryptedKey{crmf::EnvelopedData{std::exchange(r.private_key, {})}};
  return out;
}

struct Grants {
  bool implicit = false;
  bool any = false;
  bool key = false;  // one of them comes with its private key
};

Grants decide_confirmation(const Transaction& t, const Rules& rules) {
  const auto issued = [](const Request& r) {
    const auto* a = std::get_if<Answered>(&r.state);
    return a != nullptr && std::holds_alternative<Issued>(a->answer);
  };
  const bool any = std::ranges::any_of(t.requests, issued);
  const bool key = std::ranges::any_of(
      t.requests, [&](const Request& r) { return issued(r) && !r.private_key.empty(); });
  // RFC 9810 §5.1.1.1: only when asked for. Never on a reply that holds `waiting`: the rest
  // still needs this transaction. Nor on one that holds a private key: only certConf says that it
  // has arrived, and need not be kept to be sent again.
  return {any && t.implicit_wanted && rules.implicit_confirm && !any_asked(t) && !key, any, key};
}

void add_confirmation_info(Transaction& t, Reply& reply, const Grants& grants, const Rules& rules,
                           Time now) {
  if (!grants.any) return;
  if (grants.implicit) {
    reply.general_info.push_back(
        message::make_info(message::it::implicitConfirm, message::NullValue{}));
    return;
  }
  t.confirm_by = now + rules.confirm_wait;
  // RFC 9810 §5.1.1.2: the time until which certConf is awaited
  reply.general_info.push_back(message::make_info(message::it::confirmWaitTime, *t.confirm_by));
}

Reply certificate_response(Transaction& t, std::vector<Effect>& effects, const Facts& facts,
                           Time now) {
  const bool first = t.last_nonce.empty();
  const Grants grants = decide_confirmation(t, facts.rules);
  message::CertRepMessage content;
  Reply reply;
  for (Request& r : t.requests) {
    if (std::holds_alternative<Asked>(r.state) && first)
      content.response.push_back({r.id, waiting_status(), {}, {}});
    const auto* answered = std::get_if<Answered>(&r.state);
    if (answered == nullptr) continue;
    if (const auto* refused = std::get_if<Refused>(&answered->answer)) {
      content.response.push_back({r.id, refusal(refused->error, facts.language), {}, {}});
      r.state = Settled{Outcome::refused};
      continue;
    }
    const Issued issued = std::get<Issued>(answered->answer);
    content.response.push_back(tell(r, issued));
    send_along(issued, facts.rules, reply.extra_certs);
    if (tells_root(t, facts.rules)) add_once(content.ca_pubs, issued.root);
    deliver(t, r, issued, grants.implicit, facts.rules, effects);
  }
  add_confirmation_info(t, reply, grants, facts.rules, now);
  if (grants.key) t.key_reply = facts.message;
  reply.body = {response_type(t.initial), std::move(content)};
  return reply;
}

std::string done_to(const Revoked& revoked) {
  using x509::CrlReason;
  if (revoked.reason == CrlReason::certificateHold) return "on hold";
  return revoked.reason == CrlReason::removeFromCRL ? "released" : "revoked";
}

Reply revocation_response(Transaction& t, message::Language language) {
  message::RevRepContent content;
  for (Request& r : t.requests) {
    const auto& answer = std::get<Answered>(r.state).answer;
    if (const auto* refused = std::get_if<Refused>(&answer)) {
      content.status.push_back(refusal(refused->error, language));
      r.state = Settled{Outcome::refused};
    } else {
      content.status.push_back({});
      content.status.back().status_string = {done_to(std::get<Revoked>(answer))};
      r.state = Settled{Outcome::done};
    }
  }
  return {{BodyType::rp, std::move(content)}, {}, {}, true};
}

Reply information_response(Transaction& t, message::Language language) {
  const bool waited = !t.last_nonce.empty();
  Request& r = t.requests.front();
  const auto answer = std::get<Answered>(r.state).answer;
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    r.state = Settled{Outcome::refused};
    return {{BodyType::error, error_content(refused->error, language)}, {}, {}, waited};
  }
  r.state = Settled{Outcome::done};
  return {
      {BodyType::genp, message::InfoMsgContent{std::get<Informed>(answer).items}}, {}, {}, waited};
}

}  // namespace

std::optional<Reply> make_response(Transaction& t, std::vector<Effect>& effects, const Facts& facts,
                                   Time now) {
  if (t.requests.empty()) return std::nullopt;
  switch (t.initial) {
    case BodyType::rr:
      return any_asked(t) ? waiting_error() : revocation_response(t, facts.language);
    case BodyType::genm:
      return any_asked(t) ? waiting_error() : information_response(t, facts.language);
    default:
      return certificate_response(t, effects, facts, now);
  }
}

Reply make_poll_rep(const Transaction& t, const message::PollReqContent& asked) {
  message::PollRepContent content;
  Seconds soonest = t.decided.empty() ? Seconds{86400} : kHearing;
  for (const Request& r : t.requests)
    if (const auto* a = std::get_if<Asked>(&r.state)) soonest = std::min(soonest, a->check_after);
  for (const auto& entry : asked) {
    const auto at = std::ranges::find_if(t.requests, [&](const Request& r) {
      return r.id == entry.cert_req_id && std::holds_alternative<Asked>(r.state);
    });
    const Seconds wait = at == t.requests.end() ? soonest : std::get<Asked>(at->state).check_after;
    content.push_back({entry.cert_req_id, wait.count(), {}});
  }
  return {{BodyType::pollRep, std::move(content)}, {}, {}, false};
}

}  // namespace countersign::transaction
