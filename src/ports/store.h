// The store: look-ups as one value each, and the one commit of the request path.
//
// Done is called exactly once, on whatever thread the adapter has (server/await.h brings it back to
// the caller's loop). A Commit is durable when its Done says so, or it never happened.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "enrol/device.h"
#include "enrol/object.h"
#include "enrol/records.h"

namespace countersign::ports {

// Everything that is wanted in one round trip; empty members ask for nothing.
struct Lookup {
  std::string endpoint;                      // for `transaction`
  std::optional<RequestDigest> digest;       // -> reply, or answered_before
  std::optional<TransactionId> transaction;  // -> transactions, and the certificates issued in them
  std::optional<std::string> reference;      // -> credential
  std::vector<Bytes> key_ids;                // -> certificates, by subjectKeyIdentifier (newest 8)
  std::vector<Bytes> serials;                // -> certificates
  std::vector<Bytes> key_hashes;             // -> certificates (newest 8 each)
  std::vector<Bytes> tokens;                 // -> tokens, by their digests
  std::optional<std::string> order;          // -> order, by its id
  std::vector<std::string> devices = {};     // -> devices, by their serial numbers
};

struct Snapshot {
  std::optional<Bytes> reply;  // the very octets that answered this digest
  // A certificate was issued for this digest, whose reply is kept no more.
  bool answered_before = false;
  std::vector<enrol::TransactionRecord> transactions;
  std::optional<enrol::CredentialRecord> credential;
  std::vector<enrol::CertificateRecord> certificates;  // each once
  std::vector<enrol::TokenRecord> tokens;
  std::optional<enrol::OrderRecord> order;
  std::vector<enrol::DeviceRecord> devices;
};

struct StatusChange {
  Bytes serial;
  std::vector<enrol::CertificateStatus> from;  // guard: it must be one of these now
  enrol::CertificateStatus to = enrol::CertificateStatus::valid;
  std::optional<Time> revoked_at;
  int reason = 0;
  std::optional<Time> invalidity_date;
  // Where it is one of these, the certificate stays as it is, and that is no conflict.
  std::vector<enrol::CertificateStatus> unless = {};
};
struct UseChange {  // of an n-time credential; ignored for one with any number of uses
  std::string reference;
  std::int64_t delta = 0;  // -1 reserves: guard: at least one is left; +1 gives back
};
struct TokenUse {  // the same, of a token
  Bytes digest;
  std::int64_t delta = 0;
};
// A certificate that a key update made another of. One that is not there is none.
struct Replacement {
  Bytes serial;
  Bytes by;  // serial
};
// A device that got its first certificate: from `expected` on it is `enrolled`. One that is not
// there is none; one that is blocked stays so.
struct DeviceEnrolment {
  std::string serial;
  Time at{};
};
// Guard: what is stored has the memo `from`.
struct OrderChange {
  enrol::OrderRecord order;
  Bytes from;
};
struct StoredReply {
  RequestDigest digest;  // unique
  Bytes reply;
  Time expires{};
};

// When a commit that nobody waits for is made durable. with_the_next: no later than any commit that
// is given after it, which then costs no more than without it; else within two seconds.
enum class Urgency { now, with_the_next };

// Guards, rows and reply: all or nothing. A guard that fails is "store.conflict" (look again and
// decide again); a full queue is "store.busy"; a full disk "store.full".
struct Commit {
  // Guard: the stored version equals record.version (0: it must not exist). Stored as version + 1.
  std::optional<enrol::TransactionRecord> transaction;
  std::vector<enrol::CertificateRecord> certificates;  // guard: serial, (request, index) are new
  std::vector<StatusChange> status_changes;
  std::vector<UseChange> uses;
  std::vector<TokenUse> token_uses;
  std::optional<StoredReply> reply;
  std::vector<RequestDigest> forgotten_replies;  // go for good; one that is not there is none
  std::vector<enrol::AuditRow> audit;
  std::vector<enrol::OrderRecord> orders;  // each replaces the one of its id, and ends its lease
  std::vector<OrderChange> order_changes;  // the same, guarded
  std::vector<Replacement> replacements;
  std::vector<DeviceEnrolment> device_enrolments;
  // What a webhook told: each replaces the one of its serial number if a webhook told that one,
  // too, and else changes nothing.
  std::vector<enrol::DeviceRecord> told_devices;
  Urgency urgency = Urgency::now;
};
struct Committed {
  std::int64_t transaction_version = 0;
};

struct Load {
  std::size_t waiting = 0;              // commits in the queue
  std::size_t capacity = 0;             // of the queue
  std::chrono::milliseconds oldest{0};  // how long the first of them has waited, or a bit less
};

// Transactions whose wake_at, or orders whose due, has come.
struct Due {
  Time now{};
  std::size_t most = 100;
};

struct Store {
  virtual ~Store() = default;
  // May complete in place.
  virtual void load(Lookup lookup, Done<Snapshot> done) = 0;
  virtual void commit(Commit commit, Done<Committed> done) = 0;
  // Each claimed row is leased: nobody else gets it until the lease ends.
  virtual void claim(Due due, Seconds lease, Done<std::vector<enrol::TransactionRecord>> done) = 0;
  virtual void claim_orders(enrol::OrderKind kind, Due due, Seconds lease,
                            Done<std::vector<enrol::OrderRecord>> done) = 0;
  virtual Load pressure() const noexcept = 0;
};

// What people and the CRL ask for: synchronous, rare, off the request path. Thread-safe.
struct Ledger {
  virtual ~Ledger() = default;
  struct CertificateFilter {
    std::optional<enrol::CertificateStatus> status;
    std::string subject_contains;
    std::size_t most = 1000;
    std::size_t skip = 0;
    std::string subscriber = {};  // empty: of everybody
  };
  virtual Result<std::vector<enrol::CertificateRecord>> certificates(const CertificateFilter&) = 0;
  // How many that authority issued since; 0 of the server's own, which nobody counts.
  virtual Result<std::int64_t> issued_since(std::string_view authority, Time since) = 0;
  // Revoked and held ones that have not expired at `now` (RFC 5280 §3.3), in order of serial.
  virtual Result<std::vector<enrol::CertificateRecord>> revoked(Time now) = 0;
  virtual Result<std::vector<enrol::CredentialRecord>> credentials() = 0;
  // What is added or removed, and its rows in the audit, in one commit. What is not there to be
  // removed leaves no row.
  using Rows = std::vector<enrol::AuditRow>;
  virtual Result<> add_credential(const enrol::CredentialRecord&,
                                  const Rows& = {}) = 0;  // "store.reference-exists"
  virtual Result<bool> remove_credential(std::string_view reference, const Rows& = {}) = 0;
  // The credential has the fresh secret from now on; all else of it stays. false: it is not there.
  struct Rotation {
    std::string reference;
    Secret fresh;                      // made by us
    std::optional<Time> former_until;  // until when the present one passes too; nullopt: no more
  };
  virtual Result<bool> rotate_credential(const Rotation&, const Rows& = {}) = 0;
  virtual Result<std::vector<enrol::TokenRecord>> tokens() = 0;
  virtual Result<> add_token(const enrol::TokenRecord&,
                             const Rows& = {}) = 0;  // "store.token-exists"
  virtual Result<bool> remove_token(View digest, const Rows& = {}) = 0;
  virtual Result<std::vector<enrol::TrustRecord>> trust() = 0;
  virtual Result<> add_trust(const enrol::TrustRecord&, const Rows& = {}) = 0;
  virtual Result<bool> remove_trust(View fingerprint, const Rows& = {}) = 0;
  // The device registry, by serial number: those that stand behind `after`.
  struct DeviceFilter {
    std::optional<enrol::DeviceState> state;
    std::optional<std::string> group;
    std::string after;
    std::size_t most = 1000;
  };
  virtual Result<std::vector<enrol::DeviceRecord>> devices(const DeviceFilter&) = 0;
  virtual Result<std::optional<enrol::DeviceRecord>> device(std::string_view serial) = 0;
  // All of them and their rows in one commit. "store.conflict" unless each is still of the version
  // that it was read with; 0: not there. One that is saved gets the next version.
  struct DeviceChange {
    enrol::DeviceRecord device;
    enrol::ObjectAction action = enrol::ObjectAction::save;
  };
  virtual Result<> change_devices(const std::vector<DeviceChange>&, const Rows&) = 0;
  // What operators set, with its history: by kind and name.
  virtual Result<std::vector<enrol::ObjectRecord>> objects() = 0;
  virtual Result<std::vector<enrol::ObjectVersion>> object_history(enrol::ObjectKind kind,
                                                                   std::string_view name) = 0;
  // All of them and their audit rows in one commit. "store.conflict" unless each is still of the
  // version that it was read with; 0: not there. One that is saved gets the next version. `seen`:
  // all objects that it was decided by; they, too, must be as they were.
  virtual Result<> change_objects(
      const std::vector<enrol::ObjectChange>&, const Rows& rows,
      const std::optional<std::vector<enrol::ObjectRecord>>& seen = std::nullopt) = 0;
  // Grows with every change, by whatever process, of credentials, of trust, of objects, of values
  // that belong together, and of a status that lets somebody in or out: revoked, held, released.
  // Confirmation is none.
  virtual Result<std::int64_t> generation() = 0;
  // Named values: CRL number and last CRL, encrypted keys, settings. Sealed when `sealed`.
  virtual Result<std::optional<Bytes>> value(std::string_view name) = 0;
  virtual Result<> set_value(std::string_view name, View value) = 0;
  virtual Result<> set_secret_value(std::string_view name, const Secret& value) = 0;
  virtual Result<std::optional<Secret>> secret_value(std::string_view name) = 0;
  // Named values that belong together, and their row, in one commit; the generation grows.
  // "store.conflict" unless every guard (an open value; nullopt: absent) is still what was read.
  struct Guard {
    std::string name;
    std::optional<Bytes> expected;
  };
  struct ValuesChange {
    std::vector<Guard> guards;
    std::vector<std::pair<std::string, Bytes>> values;
    std::vector<std::pair<std::string, Secret>> secrets;
  };
  virtual Result<> change_values(const ValuesChange&, const enrol::AuditRow&) = 0;
  virtual Result<> append_audit(const enrol::AuditRow&) = 0;
  // An officer's: the change, its row and what is to be told elsewhere in one commit.
  // "store.conflict" if the guard fails.
  virtual Result<> change_status(const StatusChange&, const enrol::AuditRow&,
                                 const std::vector<enrol::OrderRecord>& orders = {}) = 0;
  // Those that have not ended at `now`, oldest first; 10,000 at most.
  virtual Result<std::vector<enrol::OrderRecord>> orders(enrol::OrderKind kind, Time now) = 0;
  // An officer's: the order and its row in one commit. Guard: what is stored has the memo `from`,
  // else "store.conflict".
  virtual Result<> change_order(const enrol::OrderRecord& record, View from,
                                const enrol::AuditRow&) = 0;
  // Walks the whole hash chain of every lane; the count of rows, or where it first breaks.
  virtual Result<std::int64_t> verify_audit() = 0;
  virtual Result<std::vector<enrol::AuditRow>> audit(std::size_t newest) = 0;
  // Of one transaction (its ID, hexadecimal), oldest first. Reads the whole audit.
  virtual Result<std::vector<enrol::AuditRow>> audit_of(std::string_view transaction) = 0;
  // At start: every pending certificate gets a full wait again (wake_at of waiting transactions
  // that would lapse before `earliest` moves to it); leases of a former process are dropped.
  virtual Result<> restart_waits(Time earliest) = 0;
  // Removes expired replies, ended transactions and former secrets that are over; returns how many.
  virtual Result<std::int64_t> purge(Time now) = 0;
};

}  // namespace countersign::ports
