// What the store contract's suites stand on: a place with a store in it, records to put there, and
// calls that wait for their Done.
//
// A Place is default-constructible, empty when made, and has
//   open()            a unique_ptr to an object that is both Store and Ledger; again after it went
//   tamper(Tamper)    changes the audit behind the store's back, while it is closed
// Two objects of one place may be open at the same time, also in two processes.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <initializer_list>
#include <memory>
#include <set>
#include <utility>

#include "ports/store.h"

namespace countersign::ports::contract {

// Of the first lane: its second row, or its end.
enum class Tamper { change_row, remove_row, insert_row, cut_tail, append_row, remove_lane };

// ---- records

inline constexpr Time kNow = from_unix(1'800'000'000);

inline Bytes octets(std::string_view kind, int n) {
  return to_bytes(std::string(kind) + "-" + std::to_string(n));
}

inline Bytes serial(int n) {
  return {0x40, static_cast<Byte>(n >> 16), static_cast<Byte>(n >> 8), static_cast<Byte>(n)};
}
inline RequestDigest digest(int n) { return {octets("digest", n)}; }
inline TransactionId transaction_id(int n) { return {octets("transaction", n)}; }

inline enrol::CertificateRecord certificate(int n) {
  enrol::CertificateRecord record;
  record.serial = serial(n);
  record.fingerprint = octets("fingerprint", n);
  record.der = octets("certificate", n);
  record.key_hash = octets("key-hash", n);
  record.key_id = octets("key-id", n);
  record.subject = "CN=Device " + std::to_string(n);
  record.validity = {kNow, kNow + Seconds{86400}};
  record.profile = "device";
  record.sender = "mac:alpha";
  record.reference = "alpha";
  record.transaction = transaction_id(n);
  record.request = digest(n);
  record.issued_at = kNow;
  return record;
}

inline enrol::TransactionRecord transaction(int n, std::int64_t version = 0) {
  enrol::TransactionRecord record;
  record.endpoint = "default";
  record.sender = "mac:alpha";
  record.id = transaction_id(n);
  record.version = version;
  record.state = octets("state", n);
  record.ends_at = kNow + Seconds{3600};
  return record;
}

inline enrol::CredentialRecord credential(std::string reference, std::int64_t uses = 0) {
  enrol::CredentialRecord record;
  record.reference = std::move(reference);
  record.secret = Secret(view("the secret of " + record.reference));
  record.profile = "device";
  record.names = "self";
  record.uses_granted = uses;
  if (uses > 0) record.uses_left = uses;
  record.created = kNow;
  return record;
}

inline enrol::TokenRecord token(std::string name, std::int64_t uses = 0) {
  enrol::TokenRecord record;
  record.digest = octets("token " + name, 1);
  record.profile = "device";
  record.names = std::move(name);
  record.uses_granted = uses;
  if (uses > 0) record.uses_left = uses;
  record.created = kNow;
  return record;
}

inline enrol::AuditRow audit_row(int n) {
  return {kNow, "issued", "transaction", "mac:alpha", "CN=Device", std::to_string(n), "", "detail"};
}

inline StoredReply reply(int n) { return {digest(n), octets("reply", n), kNow + Seconds{3600}}; }

// What an enrolment commits: one of everything.
inline Commit enrolment(int n) {
  Commit commit;
  commit.transaction = transaction(n);
  commit.certificates = {certificate(n)};
  commit.reply = reply(n);
  commit.audit = {audit_row(n)};
  return commit;
}

inline StatusChange status_change(int n, std::initializer_list<enrol::CertificateStatus> from,
                                  enrol::CertificateStatus to) {
  StatusChange change;
  change.serial = serial(n);
  change.from = from;
  change.to = to;
  return change;
}

// ---- calls that wait

template <class T>
class Waiting {
 public:
  Waiting()
      : promise_(std::make_shared<std::promise<Result<T>>>()), answer_(promise_->get_future()) {}
  Done<T> done() {
    return [promise = promise_](Result<T> result) { promise->set_value(std::move(result)); };
  }
  Result<T> get() { return answer_.get(); }

 private:
  std::shared_ptr<std::promise<Result<T>>> promise_;
  std::future<Result<T>> answer_;
};

inline Result<Committed> commit_now(Store& store, Commit commit) {
  Waiting<Committed> waiting;
  store.commit(std::move(commit), waiting.done());
  return waiting.get();
}

// "" when it succeeded.
template <class T>
std::string code(const Result<T>& result) {
  return result ? std::string() : std::string(result.error().code);
}

template <class Place>
class StoreContract : public testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    opened_.reset();
    auto opened = place_.open();
    ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().reply_text << " "
                        << opened.error().detail;
    opened_ = *std::move(opened);
  }
  void close() { opened_.reset(); }

  Place& place() { return place_; }
  Store& store() { return *opened_; }
  Ledger& ledger() { return *opened_; }

  std::string commit(Commit commit) { return code(commit_now(store(), std::move(commit))); }

  Snapshot load(Lookup lookup) {
    Waiting<Snapshot> waiting;
    store().load(std::move(lookup), waiting.done());
    Result<Snapshot> snapshot = waiting.get();
    EXPECT_EQ(code(snapshot), "");
    return snapshot ? *std::move(snapshot) : Snapshot{};
  }
  Snapshot load_transaction(int n) {
    Lookup lookup;
    lookup.endpoint = "default";
    lookup.transaction = transaction_id(n);
    return load(std::move(lookup));
  }
  Snapshot load_digest(int n) {
    Lookup lookup;
    lookup.digest = digest(n);
    return load(std::move(lookup));
  }
  std::optional<enrol::CredentialRecord> load_credential(std::string reference) {
    Lookup lookup;
    lookup.reference = std::move(reference);
    return load(std::move(lookup)).credential;
  }
  std::optional<enrol::TokenRecord> load_token(std::string name) {
    Lookup lookup;
    lookup.tokens = {token(std::move(name)).digest};
    auto found = load(std::move(lookup)).tokens;
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  std::vector<enrol::CertificateRecord> load_certificate(int n) {
    Lookup lookup;
    lookup.serials = {serial(n)};
    return load(std::move(lookup)).certificates;
  }

  std::vector<TransactionId> claim(Time now, Seconds lease, std::size_t most = 100) {
    Waiting<std::vector<enrol::TransactionRecord>> waiting;
    store().claim({now, most}, lease, waiting.done());
    const auto claimed = waiting.get();
    EXPECT_EQ(code(claimed), "");
    std::vector<TransactionId> ids;
    for (const auto& record : *claimed) ids.push_back(record.id);
    return ids;
  }

 private:
  Place place_;
  typename decltype(std::declval<Place&>().open())::value_type opened_;
};

}  // namespace countersign::ports::contract
