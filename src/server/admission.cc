#include "server/admission.h"

#include <algorithm>

#include "crypto/digest.h"
#include "enrol/template.h"
#include "message/operation_label.h"
#include "protect/base_station_check.h"
#include "protect/lightweight_check.h"

namespace countersign::server {
namespace {

using message::BodyType;

// How long the first of the waiting commits may have waited.
constexpr std::chrono::milliseconds kOldestOpening{5'000}, kOldestEnding{10'000};

// Of one that is not ours there is no record; its trust set says what it may.
Result<> check_signers_issuer(const enrol::CmpProfile& profile, const message::Sender& sender,
                              std::span<const enrol::CertificateRecord> ours) {
  const auto& taken = profile.signers_issued_by;
  if (taken.empty() || !sender.certificate || !sender.issued_by_us) return {};
  const auto record =
      std::ranges::find(ours, sender.certificate->der, &enrol::CertificateRecord::der);
  std::string issuer(enrol::kDefaultAuthority);
  if (record != ours.end() && !record->authority.empty()) issuer = record->authority;
  if (std::ranges::find(taken, issuer) != taken.end()) return {};
  std::string list;
  for (const std::string& name : taken) list += (list.empty() ? "" : ", ") + name;
  return fail(Failure::notAuthorized, "server.signer-authority",
              "certificates of the authority \"" + issuer +
                  "\" may not sign at this endpoint, which takes those of " + list +
                  "; use the path that is for yours");
}

}  // namespace

bool opens_transaction(BodyType type) noexcept {
  return type != BodyType::certConf && type != BodyType::pollReq && type != BodyType::error;
}

Result<> check_load(const ports::Load& load, BodyType type) {
  const bool opens = opens_transaction(type);
  const std::size_t mark = opens ? load.capacity * 3 / 4 : load.capacity;
  const bool full = load.capacity != 0 && load.waiting >= mark;
  const bool slow = load.oldest >= (opens ? kOldestOpening : kOldestEnding);
  if (!full && !slow) return {};
  return fail(Failure::systemUnavail, "server.busy",
              "this server is busy; send the same request again in a second",
              std::to_string(load.waiting) + " commits wait, the first for " +
                  std::to_string(load.oldest.count()) + " ms");
}

Result<> check_label(const ports::Endpoint& endpoint, const message::PKIBody& body) {
  if (endpoint.operation.empty() || !opens_transaction(body.type)) return {};
  if (message::labelled_operation(endpoint.operation) == body.type) return {};
  return fail(Failure::badRequest, "server.label",
              "the path names the operation " + endpoint.operation + ", the message is a " +
                  std::string(name(body.type)) + "; send it to the path of its operation");
}

Result<> check_form(const enrol::CmpProfile& profile, const message::PKIMessage& m) {
  TRY(protect::check_header(m));
  constexpr std::int64_t kVersion2 = 2;
  switch (profile.rules.variant) {
    case message::Variant::lightweight:
      return protect::check_lightweight(m);
    case message::Variant::base_station:
      return protect::check_base_station(m);
    case message::Variant::v2:
      // RFC 9810 §7: who is told so asks again by the older version
      if (m.header.pvno > kVersion2)
        return fail(Failure::unsupportedVersion, "profile.version",
                    "this endpoint speaks CMPv2 only; send pvno 2");
      return {};
    case message::Variant::general:
    case message::Variant::v3:
      break;
  }
  return {};
}

Result<> check_sender(const enrol::CmpProfile& profile, const message::AuthenticatedMessage& m,
                      std::span<const enrol::CertificateRecord> ours) {
  TRY(check_signers_issuer(profile, m.sender(), ours));
  if (profile.rules.variant == message::Variant::lightweight)
    TRY(protect::check_lightweight_sender(m));
  return check_standing(m);
}

Result<> check_standing(const message::AuthenticatedMessage& m) {
  if (!m.sender().unconfirmed || m->body.type == BodyType::certConf) return {};
  return fail(Failure::notAuthorized, "server.unconfirmed-sender",
              "the protection certificate has not been confirmed; send its certConf first");
}

Error answered_long_ago(const ports::Snapshot& found, const RequestDigest& digest) {
  const bool withdrawn = std::ranges::any_of(found.certificates, [&](const auto& c) {
    return c.request == digest && c.status == enrol::CertificateStatus::revoked;
  });
  return {Failure::badRequest,
          withdrawn ? "server.answered-withdrawn" : "server.answered-before",
          withdrawn ? "this request was answered, and its certificate has been withdrawn; begin "
                      "anew with a new transactionID"
                    : "this request was answered before, and the answer is kept no more; begin "
                      "anew with a new transactionID",
          {}};
}

ports::OrderKey order_key(const std::string& endpoint, const std::string& sender,
                          const TransactionId& id) {
  std::string key = id.hex() + "-";
  key += to_hex(crypto::sha256(view(endpoint + '\0' + sender))).substr(0, 16);
  return {std::move(key), endpoint, sender, id, 0};
}

Result<> check_open(const enrol::CmpEndpoint& endpoint) {
  if (endpoint.off.empty()) return {};
  return fail(Failure::systemUnavail, "profile.off",
              "this endpoint is switched off; ask its operator, or use another path", endpoint.off);
}

Result<> check_signer(const Engine& engine, const enrol::CmpProfile& profile) {
  if (profile.signer.empty()) return {};
  std::string trouble = "its signer was not opened yet";
  if (const auto signers = engine.profile_signers.get())
    if (const auto at = signers->find(profile.signer); at != signers->end()) {
      if (at->second.signer != nullptr) return {};
      trouble = at->second.trouble;
    }
  return fail(Failure::systemUnavail, "profile.signer",
              "this endpoint cannot sign its answers now; ask its operator, or use another path",
              std::move(trouble));
}

const ForeignTrust& foreign_trust(const Trust& trust, const enrol::CmpProfile& profile) {
  static const ForeignTrust nobody;
  const auto at = trust.foreign.find(profile.trust_sets);
  return at == trust.foreign.end() ? nobody : at->second;
}

const enrol::TrustRecord* anchor_of(const ForeignTrust& trust, const message::Sender& sender) {
  if (sender.issued_by_us || sender.path.empty()) return nullptr;
  const Bytes fingerprint = crypto::sha256(sender.path.back());
  for (const auto& record : trust.records)
    if (equal(record.fingerprint, fingerprint)) return &record;
  return nullptr;
}

void note_approval(ports::Commit& commit, const std::string& approved_by) {
  if (approved_by.empty()) return;
  for (enrol::AuditRow& row : commit.audit)
    row.detail += (row.detail.empty() ? "approved by " : "; approved by ") + approved_by;
}

bool revokes_something(const ports::Commit& commit) noexcept {
  return std::ranges::any_of(commit.status_changes, [](const ports::StatusChange& c) {
    return c.to == enrol::CertificateStatus::revoked || c.to == enrol::CertificateStatus::held ||
           std::ranges::find(c.from, enrol::CertificateStatus::held) != c.from.end();
  });
}

}  // namespace countersign::server
