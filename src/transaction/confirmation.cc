#include "transaction/confirmation.h"

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "crypto/sign.h"

namespace countersign::transaction {
namespace {

bool names(const Transaction& t, const Request& r, RequestId id) {
  // RFC 9810 §5.3.18 and RFC 9483 §4.1.4 differ on a p10cr's certReqId: 0 is accepted for -1.
  const bool p10 = t.initial == message::BodyType::p10cr;
  return r.id == id || (p10 && id == RequestId{0});
}

std::unexpected<Error> wrong_hash() {
  return fail(Failure::badCertId, "confirmation.hash",
              "certHash is not the hash of the certificate that was issued; hash its DER as "
              "received, with the digest of its own signature or the one that hashAlg names");
}

// RFC 9810 §5.3.18: statusInfo absent means accepted; anything but accepted is a rejection
Outcome outcome_of(const message::CertStatus& status) {
  if (!status.status_info) return Outcome::accepted;
  return status.status_info->status == message::PKIStatus::accepted ? Outcome::accepted
                                                                    : Outcome::rejected;
}

// RFC 9810 §5.2.3: failInfo says why something was refused
Result<> check_status(const message::CertStatus& status) {
  const auto& info = status.status_info;
  if (!info || info->status != message::PKIStatus::accepted || !info->fail_info) return {};
  return fail(Failure::badRequest, "confirmation.fail-info",
              "certConf has failInfo beside the status accepted; leave it out, or reject the "
              "certificate");
}

std::string reason_of(const message::CertStatus& status) {
  std::string why = "the client rejected it";
  if (status.status_info)
    for (const auto& line : status.status_info->status_string) why += ": " + line;
  return why;
}

}  // namespace

Result<Bytes> certificate_hash(View certificate,
                               const std::optional<der::AlgorithmIdentifier>& hash_alg) {
  std::optional<crypto::Digest> digest;
  if (hash_alg) {
    digest = crypto::digest_from_oid(hash_alg->algorithm);
    if (!digest || *digest == crypto::Digest::sha1)
      return fail(Failure::badAlg, "confirmation.hash-alg",
                  "hashAlg is not accepted; use SHA-256, SHA-384, SHA-512, SHA-3 or SHAKE");
  } else {
    const auto parsed = TRY(x509::parse_certificate(certificate));
    digest = crypto::confirmation_digest(parsed.signature_algorithm);
    if (!digest)
      return fail(Failure::badCertId, "confirmation.hash-alg-missing",
                  "the certificate's signature names no digest; send hashAlg (pvno 3)");
  }
  return crypto::digest(*digest, certificate);
}

Result<std::vector<Decision>> read_confirmation(Transaction& t,
                                                const message::CertConfirmContent& list,
                                                std::int64_t pvno) {
  std::vector<Decision> decisions;
  for (const auto& status : list) {
    // RFC 9810 §5.3.18 [MUST] pvno is cmp2021 when hashAlg is used
    if (status.hash_alg && pvno < 3)
      return fail(Failure::badDataFormat, "confirmation.hash-alg-pvno",
                  "hashAlg needs pvno 3 in the header of certConf");
    TRY(check_status(status));
    const auto at = std::ranges::find_if(t.requests, [&](const Request& r) {
      return std::holds_alternative<Delivered>(r.state) && names(t, r, status.cert_req_id);
    });
    if (at == t.requests.end())
      return fail(Failure::badCertId, "confirmation.request-id",
                  "certConf names certReqId " + std::to_string(status.cert_req_id.value) +
                      ", under which no certificate awaits confirmation");
    if (std::ranges::any_of(decisions, [&](const Decision& d) { return d.request == &*at; }))
      return fail(Failure::badRequest, "confirmation.twice",
                  "certConf names the same certReqId twice");
    const auto expected =
        TRY(certificate_hash(std::get<Delivered>(at->state).certificate, status.hash_alg));
    if (!equal(expected, status.cert_hash)) return wrong_hash();
    decisions.push_back({&*at, outcome_of(status), reason_of(status)});
  }
  for (Request& r : t.requests) {
    if (!std::holds_alternative<Delivered>(r.state)) continue;
    if (std::ranges::any_of(decisions, [&](const Decision& d) { return d.request == &r; }))
      continue;
    // RFC 9810 §5.3.18: a certificate that is left out of the list is rejected
    decisions.push_back({&r, Outcome::rejected, "certConf left it out"});
  }
  return decisions;
}

void accept(const Transaction& t, const Request& r, const Bytes& serial, const Rules& rules,
            std::string_view how, std::vector<Effect>& effects) {
  effects.emplace_back(Confirm{serial});
  effects.emplace_back(Note{"confirmed", serial, {}, std::string(how)});
  if (!r.replaces || t.initial != message::BodyType::kur) return;
  effects.emplace_back(Replace{*r.replaces, serial});
  if (!rules.kur_revoke_old) return;
  effects.emplace_back(Supersede{*r.replaces});
  effects.emplace_back(Note{"superseded", *r.replaces, {}, {}});
}

void apply_decision(const Transaction& t, const Decision& decision, const Rules& rules,
                    std::vector<Effect>& effects) {
  Request& r = *decision.request;
  const Bytes serial = std::get<Delivered>(r.state).serial;
  r.state = Settled{decision.outcome};
  if (decision.outcome != Outcome::accepted) {
    effects.emplace_back(Withdraw{serial, 0, decision.why});
    effects.emplace_back(Note{"rejected", serial, {}, decision.why});
    return;
  }
  accept(t, r, serial, rules, {}, effects);
}

void apply_decided(Transaction& t, const Rules& rules, std::vector<Effect>& effects) {
  for (const Decided& d : std::exchange(t.decided, {})) {
    const auto at = std::ranges::find_if(t.requests, [&](const Request& r) {
      const auto* delivered = std::get_if<Delivered>(&r.state);
      return delivered != nullptr && equal(delivered->serial, d.serial);
    });
    if (at != t.requests.end())
      apply_decision(t, {&*at, d.outcome, "the client rejected it"}, rules, effects);
  }
}

void lapse(Request& request, const Rules& rules, std::vector<Effect>& effects) {
  const Bytes serial = std::get<Delivered>(request.state).serial;
  switch (rules.unconfirmed) {
    case Unconfirmed::revoke:
      request.state = Settled{Outcome::lapsed};
      effects.emplace_back(Withdraw{serial, 0, "no certConf came in time"});
      effects.emplace_back(Note{"lapsed", serial, "confirmation.late", "withdrawn"});
      return;
    case Unconfirmed::keep:
    case Unconfirmed::alarm:
      request.state = Settled{Outcome::accepted};
      effects.emplace_back(Confirm{serial});
      effects.emplace_back(Note{rules.unconfirmed == Unconfirmed::alarm ? "alarm" : "lapsed",
                                serial, "confirmation.late",
                                "no certConf came in time; kept by policy"});
      return;
  }
}

}  // namespace countersign::transaction
