#include "store/sqlite/certificates.h"

#include <algorithm>
#include <set>

// Columns as read_certificate() takes them. A literal, because SQL is put together at compile time.
#define CERTIFICATE_COLUMNS                                                             \
  "SELECT serial, fingerprint, der, key_hash, key_id, subject, not_before, not_after, " \
  "status, revoked_at, reason, invalidity_date, profile, sender, reference, "           \
  "transaction_id, request, request_index, issued_at, replaced_by, authority, device, " \
  "subscriber FROM certificates "

namespace countersign::store::sqlite {
namespace {

constexpr char kBySerial[] = CERTIFICATE_COLUMNS "WHERE serial = ?";
constexpr char kByKeyId[] =
    CERTIFICATE_COLUMNS "WHERE key_id = ? AND key_id <> x'' ORDER BY number DESC LIMIT 8";
constexpr char kByBeginOfKeyHash[] = CERTIFICATE_COLUMNS
    "WHERE key_hash BETWEEN ? AND ? AND key_id = x'' ORDER BY number DESC LIMIT 8";
constexpr char kByKeyHash[] = CERTIFICATE_COLUMNS "WHERE key_hash = ? ORDER BY number DESC LIMIT 8";
constexpr char kByTransaction[] = CERTIFICATE_COLUMNS
    "WHERE transaction_number IN (SELECT number FROM transactions "
    "WHERE endpoint = ? AND id = ?2) AND transaction_id = ?2 ORDER BY number";
constexpr char kRevoked[] =
    CERTIFICATE_COLUMNS "WHERE status >= 2 AND not_after >= ? ORDER BY length(serial), serial";
constexpr char kFiltered[] = CERTIFICATE_COLUMNS
    "WHERE (?1 IS NULL OR status = ?1) AND instr(lower(subject), lower(?2)) > 0 "
    "ORDER BY number DESC LIMIT ?3 OFFSET ?4";
constexpr char kOfSubscriber[] = CERTIFICATE_COLUMNS
    "WHERE (?1 IS NULL OR status = ?1) AND instr(lower(subject), lower(?2)) > 0 "
    "AND subscriber = ?5 ORDER BY number DESC LIMIT ?3 OFFSET ?4";
// The server's own authority issues most, and is not in the index.
constexpr char kIssuedSince[] =
    "SELECT count(*) FROM certificates WHERE authority = ? AND authority <> '' AND issued_at >= ?";
constexpr char kInsert[] =
    "INSERT INTO certificates (serial, fingerprint, der, key_hash, key_id, subject, not_before, "
    "not_after, status, revoked_at, reason, invalidity_date, profile, sender, reference, endpoint, "
    "transaction_id, request, request_index, issued_at, authority, device, "
    "subscriber, transaction_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, "
    "?, ?, ?, ?, "
    "(SELECT number FROM transactions WHERE endpoint = ? AND id = ? AND sender = ?))";
// The guard is a set of bits, one for each status.
constexpr char kChangeStatus[] =
    "UPDATE certificates SET status = ?, revoked_at = ?, reason = ?, invalidity_date = ? "
    "WHERE serial = ? AND (1 << status) & ? != 0";
constexpr char kHasStatus[] =
    "SELECT 1 FROM certificates WHERE serial = ? AND (1 << status) & ? != 0";

static_assert(static_cast<int>(enrol::CertificateStatus::unconfirmed) == 0);
static_assert(static_cast<int>(enrol::CertificateStatus::revoked) == 2);
static_assert(static_cast<int>(enrol::CertificateStatus::held) == 3);

std::int64_t number(enrol::CertificateStatus status) { return static_cast<std::int64_t>(status); }

std::int64_t bits(const std::vector<enrol::CertificateStatus>& statuses) {
  std::int64_t out = 0;
  for (const enrol::CertificateStatus status : statuses) out |= std::int64_t{1} << number(status);
  return out;
}

constexpr std::size_t kKeyIdSize = 20, kKeyHashSize = 32;

bool begins_key_hash(View key_id, View key_hash) {
  return key_hash.size() == kKeyHashSize && key_id.size() == kKeyIdSize &&
         equal(key_hash.first(kKeyIdSize), key_id);
}

// Absent rather than empty: an empty value would be unique too.
std::optional<View> unless_empty(const Bytes& octets) {
  if (octets.empty()) return std::nullopt;
  return View(octets);
}

std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::string_view(text);
}

enrol::CertificateRecord read_certificate(const Row& row) {
  enrol::CertificateRecord record;
  record.serial = row.blob(0);
  record.fingerprint = row.blob(1);
  record.der = row.blob(2);
  record.key_hash = row.blob(3);
  record.key_id = copy(stored_key_id(row.octets(4), record.key_hash));
  record.subject = row.text(5);
  record.validity = {row.time_at(6), row.time_at(7)};
  record.status = static_cast<enrol::CertificateStatus>(row.integer(8));
  record.revoked_at = row.maybe_time(9);
  record.reason = static_cast<int>(row.integer(10));
  record.invalidity_date = row.maybe_time(11);
  record.profile = row.text(12);
  record.sender = row.text(13);
  record.reference = row.text(14);
  record.transaction.octets = row.blob(15);
  record.request.octets = row.blob(16);
  record.request_index = static_cast<int>(row.integer(17));
  record.issued_at = row.time_at(18);
  record.replaced_by = row.blob(19);
  record.authority = row.text(20);
  record.device = row.text(21);
  record.subscriber = row.text(22);
  return record;
}

// Collects what several queries find, each certificate once.
class Collector {
 public:
  explicit Collector(Database& database) : database_(database) {}

  template <class... Values>
  Result<> add(const char* sql, const Values&... values) {
    return database_.each(
        sql,
        [this](const Row& row) {
          if (seen_.insert(row.blob(0)).second) found_.push_back(read_certificate(row));
        },
        values...);
  }
  Result<> add_by_key_id(const Bytes& key_id) {
    if (key_id.size() == kKeyIdSize) {
      Bytes last = key_id;
      last.resize(kKeyHashSize, 0xff);
      TRY(add(kByBeginOfKeyHash, key_id, last));
    }
    return add(kByKeyId, key_id);
  }
  CertificateRecords take() { return std::move(found_); }

 private:
  Database& database_;
  std::set<Bytes> seen_;  // serials
  CertificateRecords found_;
};

}  // namespace

View stored_key_id(View column, View key_hash) {
  return column.empty() && key_hash.size() == kKeyHashSize ? key_hash.first(kKeyIdSize) : column;
}

Result<> insert_certificate(WriteSession& session, const enrol::CertificateRecord& record,
                            const enrol::TransactionRecord* transaction) {
  std::optional<std::string_view> endpoint, sender;  // of the transaction
  if (transaction != nullptr) {
    endpoint = transaction->endpoint;
    sender = transaction->sender;
  }
  const View key_id = begins_key_hash(record.key_id, record.key_hash) ? View() : record.key_id;
  TRY(session.database.run(
      kInsert, record.serial, record.fingerprint, record.der, record.key_hash, key_id,
      record.subject, record.validity.not_before, record.validity.not_after, number(record.status),
      record.revoked_at, record.reason, record.invalidity_date, record.profile, record.sender,
      view(record.reference), endpoint, unless_empty(record.transaction.octets),
      unless_empty(record.request.octets), record.request_index, record.issued_at, record.authority,
      unless_empty(record.device), unless_empty(record.subscriber), endpoint, record.transaction,
      sender));
  return {};
}

Result<> change_status(WriteSession& session, const ports::StatusChange& change) {
  const int changed = TRY(
      session.database.change(kChangeStatus, number(change.to), change.revoked_at, change.reason,
                              change.invalidity_date, change.serial, bits(change.from)));
  if (changed != 1) {
    const bool stays =
        TRY(session.database.number(kHasStatus, change.serial, bits(change.unless))).has_value();
    if (stays) return {};
    return fail(Failure::systemUnavail, "store.conflict",
                "another message changed the same certificate; send the same message again",
                "status of certificate " + to_hex(change.serial));
  }
  const auto shuts_out = [](enrol::CertificateStatus status) {
    return status == enrol::CertificateStatus::revoked || status == enrol::CertificateStatus::held;
  };
  if (shuts_out(change.to) || std::ranges::any_of(change.from, shuts_out)) session.note_change();
  return {};
}

Result<> replace_certificate(WriteSession& session, const ports::Replacement& replacement) {
  return session.database.run("UPDATE certificates SET replaced_by = ? WHERE serial = ?",
                              replacement.by, replacement.serial);
}

Result<CertificateRecords> find_certificates(Database& database, const ports::Lookup& lookup) {
  Collector found(database);
  for (const Bytes& serial : lookup.serials) TRY(found.add(kBySerial, serial));
  for (const Bytes& key_id : lookup.key_ids) TRY(found.add_by_key_id(key_id));
  for (const Bytes& key_hash : lookup.key_hashes) TRY(found.add(kByKeyHash, key_hash));
  if (lookup.transaction) TRY(found.add(kByTransaction, lookup.endpoint, *lookup.transaction));
  return found.take();
}

Result<bool> was_issued_for(Database& database, const RequestDigest& request) {
  const auto found =
      TRY(database.number("SELECT 1 FROM certificates WHERE request = ? LIMIT 1", request));
  return found.has_value();
}

Result<CertificateRecords> list_certificates(Database& database,
                                             const ports::Ledger::CertificateFilter& filter) {
  std::optional<std::int64_t> status;
  if (filter.status) status = number(*filter.status);
  const auto most = static_cast<std::int64_t>(filter.most);
  const auto skip = static_cast<std::int64_t>(filter.skip);
  Collector found(database);
  if (filter.subscriber.empty())
    TRY(found.add(kFiltered, status, filter.subject_contains, most, skip));
  else
    TRY(found.add(kOfSubscriber, status, filter.subject_contains, most, skip, filter.subscriber));
  return found.take();
}

Result<std::int64_t> count_issued(Database& database, std::string_view authority, Time since) {
  return TRY(database.number(kIssuedSince, authority, since)).value_or(0);
}

Result<CertificateRecords> list_revoked(Database& database, Time now) {
  Collector found(database);
  TRY(found.add(kRevoked, now));
  return found.take();
}

}  // namespace countersign::store::sqlite
