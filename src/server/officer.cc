#include "server/officer.h"

#include "enrol/approval.h"

#include <algorithm>
#include <array>
#include <future>
#include <stdexcept>

#include "server/status_change.h"

namespace countersign::server {

Result<std::optional<enrol::CertificateRecord>> find_certificate(ports::Store& store, View serial) {
  ports::Lookup lookup;
  lookup.serials = {copy(serial)};
  std::promise<Result<ports::Snapshot>> promise;
  auto answer = promise.get_future();
  store.load(std::move(lookup),
             [&](Result<ports::Snapshot> found) { promise.set_value(std::move(found)); });
  auto found = TRY(answer.get());
  if (found.certificates.empty()) return std::nullopt;
  return std::move(found.certificates.front());
}

bool applies_to(const enrol::CertificateRecord& record,
                const ports::StatusChange& change) noexcept {
  return std::ranges::find(change.from, record.status) != change.from.end();
}

enrol::AuditRow status_row(const enrol::CertificateRecord& record, int reason, std::string by,
                           const std::string& comment, Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = event_for(reason);
  row.sender = std::move(by);
  row.subject = record.subject;
  row.serial = x509::serial_text(record.serial);
  row.detail = x509::reason_name(reason);
  if (!comment.empty()) row.detail += ": " + comment;
  return row;
}

std::vector<enrol::OrderRecord> tidings(const enrol::CertificateRecord& record,
                                        const ports::StatusChange& change, const std::string& by,
                                        OwnAuthority own, Time now) {
  if (record.authority.empty() && own == OwnAuthority::our_ca) return {};
  constexpr Seconds kKeep{30LL * 86400};
  enrol::Approval approved;
  approved.stage = enrol::Approval::Stage::approved;
  approved.asked = now;
  approved.decided = now;
  const bool released = change.to == enrol::CertificateStatus::valid;
  approved.order = transaction::RevocationOrder{
      record.serial, released ? x509::CrlReason::removeFromCRL : change.reason,
      change.invalidity_date, record.profile, record.authority};
  enrol::OrderRecord out;
  out.id = "approval-officer-" + x509::serial_text(record.serial) + "-" + to_iso(now);
  out.sender = "officer:" + by;
  out.memo = enrol::encode(approved);
  out.due = now;
  out.ends_at = now + kKeep;
  out.kind = enrol::OrderKind::approval;
  out.authority = record.authority;
  return {std::move(out)};
}

Result<bool> has_certificates(ports::Ledger& ledger, std::string_view subscriber) {
  ports::Ledger::CertificateFilter filter;
  filter.subscriber = subscriber;
  filter.most = 1;
  return !TRY(ledger.certificates(filter)).empty();
}

Result<Changed> change_all(ports::Ledger& ledger, const StatusOfAll& wanted, Time now) {
  Changed out;
  ports::Ledger::CertificateFilter filter;
  filter.subscriber = wanted.subscriber;
  for (bool more = true; more; filter.skip += filter.most) {
    const auto page = TRY(ledger.certificates(filter));
    more = page.size() == filter.most;
    for (const auto& record : page) {
      const auto change = change_for({record.serial, wanted.reason, {}}, now);
      if (now > record.validity.not_after) continue;
      // Not held before its certConf, it would be valid with that.
      const bool awaits = record.status == enrol::CertificateStatus::unconfirmed;
      if (awaits && change.to == enrol::CertificateStatus::held) ++out.left;
      if (!applies_to(record, change)) continue;
      const auto row = status_row(record, wanted.reason, wanted.by, wanted.comment, now);
      const auto done = ledger.change_status(
          change, row, tidings(record, change, wanted.officer, wanted.own, now));
      if (done)
        ++out.changed;
      else if (done.error().code == "store.conflict")
        ++out.left;
      else
        return std::unexpected(done.error());
    }
  }
  return out;
}

std::string random_tag(Entropy& entropy) {
  constexpr std::string_view kLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  std::array<Byte, 4> octets{};
  if (!entropy.fill(octets)) throw std::runtime_error("no randomness");
  std::string out;
  for (const Byte b : octets) out += kLetters[b % kLetters.size()];
  return out;
}

std::string random_secret(Entropy& entropy) {
  std::array<Byte, 16> octets{};
  if (!entropy.fill(octets)) throw std::runtime_error("no randomness");
  return to_hex(octets);
}

std::string token_id(const enrol::TokenRecord& record) {
  constexpr std::size_t kDigits = 12;
  return to_hex(record.digest).substr(0, kDigits);
}

std::string_view name(enrol::TokenKind kind) noexcept {
  return kind == enrol::TokenKind::regToken ? "regToken" : "authenticator";
}

std::optional<enrol::TokenKind> token_kind_from_name(std::string_view text) noexcept {
  for (const auto kind : {enrol::TokenKind::regToken, enrol::TokenKind::authenticator})
    if (text == name(kind)) return kind;
  return std::nullopt;
}

}  // namespace countersign::server
