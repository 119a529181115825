// The store contract: what a look-up finds, and whose turn it is.
#pragma once

#include <algorithm>

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

template <class Place>
class StoreLookupContract : public StoreContract<Place> {};
TYPED_TEST_SUITE_P(StoreLookupContract);

TYPED_TEST_P(StoreLookupContract, nothing_is_found_in_an_empty_store) {
  Lookup lookup;
  lookup.endpoint = "default";
  lookup.digest = digest(1);
  lookup.transaction = transaction_id(1);
  lookup.reference = "alpha";
  lookup.key_ids = {octets("key-id", 1)};
  lookup.serials = {serial(1)};
  lookup.key_hashes = {octets("key-hash", 1)};
  const Snapshot snapshot = this->load(lookup);
  EXPECT_FALSE(snapshot.reply);
  EXPECT_FALSE(snapshot.answered_before);
  EXPECT_TRUE(snapshot.transactions.empty());
  EXPECT_FALSE(snapshot.credential);
  EXPECT_TRUE(snapshot.certificates.empty());
}

TYPED_TEST_P(StoreLookupContract, an_empty_lookup_asks_for_nothing) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  const Snapshot snapshot = this->load({});
  EXPECT_FALSE(snapshot.reply);
  EXPECT_TRUE(snapshot.transactions.empty());
  EXPECT_TRUE(snapshot.certificates.empty());
}

TYPED_TEST_P(StoreLookupContract, a_reply_is_found_again_and_again_until_it_is_purged) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  for (int i = 0; i < 3; ++i) {
    const Snapshot snapshot = this->load_digest(1);
    EXPECT_EQ(snapshot.reply, octets("reply", 1));
    EXPECT_FALSE(snapshot.answered_before);
  }
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{3599}), 0);
  EXPECT_TRUE(this->load_digest(1).reply);
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{3600}), 2) << "reply and transaction";
  const Snapshot snapshot = this->load_digest(1);
  EXPECT_FALSE(snapshot.reply);
  EXPECT_TRUE(snapshot.answered_before) << "the certificate remembers";
  EXPECT_FALSE(this->load_digest(2).answered_before);
  Commit again = enrolment(2);
  again.certificates[0].request = digest(1);
  EXPECT_EQ(this->commit(std::move(again)), "store.conflict") << "never a second certificate";
}

TYPED_TEST_P(StoreLookupContract, a_reply_may_be_empty_or_large) {
  Commit commit;
  commit.reply = StoredReply{digest(1), {}, kNow};
  ASSERT_EQ(this->commit(commit), "");
  commit.reply = StoredReply{digest(2), Bytes(200'000, 0x5a), kNow};
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->load_digest(1).reply, Bytes{});
  EXPECT_EQ(this->load_digest(2).reply, Bytes(200'000, 0x5a));
}

TYPED_TEST_P(StoreLookupContract, a_certificate_comes_back_as_it_was_stored) {
  enrol::CertificateRecord record = certificate(1);
  record.status = enrol::CertificateStatus::held;
  record.revoked_at = kNow;
  record.reason = 6;
  record.invalidity_date = from_unix(-5);
  record.request_index = 7;
  record.subject = "CN=Größe, O=\"quoted\"";
  Commit commit;
  commit.certificates = {record};
  ASSERT_EQ(this->commit(commit), "");
  const auto found = this->load_certificate(1).at(0);
  EXPECT_EQ(found.serial, record.serial);
  EXPECT_EQ(found.fingerprint, record.fingerprint);
  EXPECT_EQ(found.der, record.der);
  EXPECT_EQ(found.key_hash, record.key_hash);
  EXPECT_EQ(found.key_id, record.key_id);
  EXPECT_EQ(found.subject, record.subject);
  EXPECT_EQ(found.validity, record.validity);
  EXPECT_EQ(found.status, record.status);
  EXPECT_EQ(found.revoked_at, record.revoked_at);
  EXPECT_EQ(found.reason, record.reason);
  EXPECT_EQ(found.invalidity_date, record.invalidity_date);
  EXPECT_EQ(found.profile, record.profile);
  EXPECT_EQ(found.sender, record.sender);
  EXPECT_EQ(found.reference, record.reference);
  EXPECT_EQ(found.transaction, record.transaction);
  EXPECT_EQ(found.request, record.request);
  EXPECT_EQ(found.request_index, record.request_index);
  EXPECT_EQ(found.issued_at, record.issued_at);
  EXPECT_TRUE(found.replaced_by.empty());
}

TYPED_TEST_P(StoreLookupContract, certificates_are_found_by_each_key_and_listed_once) {
  for (int n = 1; n <= 4; ++n) ASSERT_EQ(this->commit(enrolment(n)), "");
  Lookup lookup;
  lookup.endpoint = "default";
  lookup.serials = {serial(1)};
  lookup.key_ids = {octets("key-id", 2)};
  lookup.key_hashes = {octets("key-hash", 3)};
  lookup.transaction = transaction_id(4);
  std::set<Bytes> serials;
  for (const auto& record : this->load(lookup).certificates) serials.insert(record.serial);
  EXPECT_EQ(serials, (std::set<Bytes>{serial(1), serial(2), serial(3), serial(4)}));

  lookup.serials = {serial(4), serial(4)};
  lookup.key_ids = {octets("key-id", 4)};
  lookup.key_hashes = {octets("key-hash", 4)};
  EXPECT_EQ(this->load(lookup).certificates.size(), 1u);
}

TYPED_TEST_P(StoreLookupContract,
             a_key_identifier_that_begins_the_key_hash_is_found_like_any_other) {
  Commit commit;
  for (int n = 1; n <= 3; ++n) {
    commit.certificates.push_back(certificate(n));
    commit.certificates.back().request = digest(n);
    commit.certificates.back().key_hash = Bytes(32, static_cast<Byte>(n == 3 ? 0xff : n));
    commit.certificates.back().key_id = Bytes(20, static_cast<Byte>(n == 3 ? 0xff : n));
  }
  commit.certificates[1].key_id = octets("another", 2);
  ASSERT_EQ(this->commit(std::move(commit)), "");
  const auto serials = [&](Bytes key_id) {
    Lookup lookup;
    lookup.key_ids = {std::move(key_id)};
    std::set<Bytes> found;
    for (const auto& record : this->load(lookup).certificates) {
      found.insert(record.serial);
      EXPECT_EQ(record.key_id, lookup.key_ids[0]);
    }
    return found;
  };
  EXPECT_EQ(serials(Bytes(20, 1)), (std::set<Bytes>{serial(1)}));
  EXPECT_EQ(serials(Bytes(20, 2)), (std::set<Bytes>{})) << "it has another";
  EXPECT_EQ(serials(octets("another", 2)), (std::set<Bytes>{serial(2)}));
  EXPECT_EQ(serials(Bytes(20, 0xff)), (std::set<Bytes>{serial(3)}));
  EXPECT_EQ(serials(Bytes(19, 1)), (std::set<Bytes>{})) << "not a part of it";
  EXPECT_EQ(serials(Bytes{}), (std::set<Bytes>{}));
}

TYPED_TEST_P(StoreLookupContract, of_one_key_the_newest_eight_are_found) {
  for (int n = 1; n <= 10; ++n) {
    Commit commit;
    commit.certificates = {certificate(n)};
    commit.certificates[0].key_id = octets("key-id", 0);
    commit.certificates[0].key_hash = octets("key-hash", 0);
    ASSERT_EQ(this->commit(commit), "");
  }
  Lookup by_id, by_hash;
  by_id.key_ids = {octets("key-id", 0)};
  by_hash.key_hashes = {octets("key-hash", 0)};
  for (const Lookup& lookup : {by_id, by_hash}) {
    const auto found = this->load(lookup).certificates;
    ASSERT_EQ(found.size(), 8u);
    EXPECT_EQ(found.front().serial, serial(10));
    EXPECT_EQ(found.back().serial, serial(3));
  }
}

TYPED_TEST_P(StoreLookupContract, a_transactions_certificates_are_those_of_its_endpoint) {
  Commit other = enrolment(1);
  other.transaction->endpoint = "other";
  ASSERT_EQ(this->commit(std::move(other)), "");
  EXPECT_TRUE(this->load_transaction(1).certificates.empty());
  Commit ours = enrolment(2);
  ours.transaction->id = ours.certificates[0].transaction = transaction_id(1);
  ASSERT_EQ(this->commit(std::move(ours)), "");
  const Snapshot snapshot = this->load_transaction(1);
  EXPECT_EQ(snapshot.transactions.size(), 1u);
  ASSERT_EQ(snapshot.certificates.size(), 1u);
  EXPECT_EQ(snapshot.certificates[0].serial, serial(2));
}

TYPED_TEST_P(StoreLookupContract, a_reference_is_any_octets) {
  const std::string odd("a\0b\xff'\"; --", 10);
  ASSERT_EQ(code(this->ledger().add_credential(credential(odd, 1))), "");
  ASSERT_EQ(code(this->ledger().add_credential(credential("a", 1))), "");
  const auto found = this->load_credential(odd);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reference, odd);
  EXPECT_TRUE(equal(found->secret.expose(), view("the secret of " + odd)));
  EXPECT_FALSE(this->load_credential("A"));
  EXPECT_FALSE(this->load_credential(""));
}

TYPED_TEST_P(StoreLookupContract, due_transactions_are_claimed_in_order_and_by_one_alone) {
  for (int n = 1; n <= 4; ++n) {
    Commit commit;
    commit.transaction = transaction(n);
    if (n != 4) commit.transaction->wake_at = kNow + Seconds{10 * (4 - n)};
    ASSERT_EQ(this->commit(commit), "");
  }
  using Ids = std::vector<TransactionId>;
  EXPECT_EQ(this->claim(kNow + Seconds{9}, Seconds{60}), Ids{});
  EXPECT_EQ(this->claim(kNow + Seconds{20}, Seconds{60}),
            (Ids{transaction_id(3), transaction_id(2)}));
  EXPECT_EQ(this->claim(kNow + Seconds{30}, Seconds{60}), Ids{transaction_id(1)});
  EXPECT_EQ(this->claim(kNow + Seconds{79}, Seconds{60}), Ids{}) << "leased";
  EXPECT_EQ(this->claim(kNow + Seconds{80}, Seconds{60}, 1), Ids{transaction_id(3)});
  EXPECT_EQ(this->claim(kNow + Seconds{90}, Seconds{60}),
            (Ids{transaction_id(2), transaction_id(1)}));
}

TYPED_TEST_P(StoreLookupContract, a_commit_ends_the_lease_and_sets_the_next_time) {
  Commit commit;
  commit.transaction = transaction(1);
  commit.transaction->wake_at = kNow;
  ASSERT_EQ(this->commit(commit), "");
  ASSERT_EQ(this->claim(kNow, Seconds{600}).size(), 1u);
  commit.transaction->version = 1;
  commit.transaction->wake_at = kNow + Seconds{5};
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->claim(kNow + Seconds{4}, Seconds{600}).size(), 0u);
  EXPECT_EQ(this->claim(kNow + Seconds{5}, Seconds{600}).size(), 1u);
  commit.transaction->version = 2;
  commit.transaction->wake_at.reset();
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->claim(kNow + Seconds{5000}, Seconds{600}).size(), 0u);
}

TYPED_TEST_P(StoreLookupContract, at_start_waits_begin_anew_and_leases_are_dropped) {
  for (int n = 1; n <= 3; ++n) {
    Commit commit;
    commit.transaction = transaction(n);
    commit.transaction->ends_at = kNow + Seconds{1};
    if (n != 3) commit.transaction->wake_at = kNow + Seconds{n * 100};
    ASSERT_EQ(this->commit(commit), "");
  }
  ASSERT_EQ(this->claim(kNow + Seconds{200}, Seconds{9999}).size(), 2u);
  ASSERT_EQ(code(this->ledger().restart_waits(kNow + Seconds{150})), "");
  EXPECT_EQ(this->claim(kNow + Seconds{149}, Seconds{10}).size(), 0u);
  EXPECT_EQ(this->claim(kNow + Seconds{150}, Seconds{10}).size(), 1u);
  EXPECT_EQ(this->claim(kNow + Seconds{200}, Seconds{10}).size(), 2u) << "the lease has ended too";
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{9999}), 1) << "what still waits has not ended";
}

TYPED_TEST_P(StoreLookupContract, an_order_is_replaced_found_claimed_once_and_purged) {
  const auto order = [](const std::string& id, std::optional<Time> due) {
    return enrol::OrderRecord{id, "default",         "mac:alpha", transaction_id(1),
                              2,  octets("memo", 1), due,         kNow + Seconds{100}};
  };
  Commit commit;
  commit.orders = {order("a", kNow + Seconds{20}), order("b", kNow + Seconds{10}),
                   order("c", std::nullopt)};
  ASSERT_EQ(this->commit(commit), "");
  const auto found = [&](const std::string& id) {
    Lookup lookup;
    lookup.order = id;
    return this->load(lookup).order;
  };
  const auto a = found("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->endpoint, "default");
  EXPECT_EQ(a->sender, "mac:alpha");
  EXPECT_EQ(a->transaction, transaction_id(1));
  EXPECT_EQ(a->index, 2u);
  EXPECT_EQ(a->memo, octets("memo", 1));
  EXPECT_EQ(a->due, kNow + Seconds{20});
  EXPECT_EQ(a->ends_at, kNow + Seconds{100});
  EXPECT_FALSE(found("d"));

  const auto claim = [&](Time now) {
    Waiting<std::vector<enrol::OrderRecord>> waiting;
    this->store().claim_orders(enrol::OrderKind::upstream, {now, 100}, Seconds{60}, waiting.done());
    std::string ids;
    const auto claimed = waiting.get();
    EXPECT_EQ(code(claimed), "");
    for (const auto& record : *claimed) ids += record.id;
    return ids;
  };
  EXPECT_EQ(claim(kNow + Seconds{9}), "");
  EXPECT_EQ(claim(kNow + Seconds{20}), "ba");
  EXPECT_EQ(claim(kNow + Seconds{79}), "") << "leased";
  EXPECT_EQ(claim(kNow + Seconds{80}), "ba");
  Commit again;
  again.orders = {order("b", kNow + Seconds{85})};
  again.orders[0].memo = octets("memo", 2);
  ASSERT_EQ(this->commit(again), "");
  EXPECT_EQ(found("b")->memo, octets("memo", 2));
  EXPECT_EQ(claim(kNow + Seconds{85}), "b") << "a commit ends the lease";
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{99}), 0);
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{100}), 1) << "the one that waits for nothing";
  EXPECT_FALSE(found("c"));
}

TYPED_TEST_P(StoreLookupContract, orders_of_another_kind_are_another_adapters) {
  Commit commit;
  for (const std::string id : {"x", "y"})
    commit.orders.push_back({id, "default", "mac:alpha", transaction_id(1), 0, octets("memo", 1),
                             kNow, kNow + Seconds{100}, enrol::OrderKind::approval});
  commit.orders.push_back({"z", "default", "mac:alpha", transaction_id(1), 0, octets("memo", 1),
                           kNow, kNow + Seconds{100}});
  ASSERT_EQ(this->commit(commit), "");
  const auto ids_of = [](const auto& records) {
    std::string ids;
    for (const auto& record : *records) ids += record.id;
    return ids;
  };
  const auto list = [&](Time now) {
    return ids_of(this->ledger().orders(enrol::OrderKind::approval, now));
  };
  EXPECT_EQ(list(kNow), "xy");
  EXPECT_EQ(list(kNow + Seconds{100}), "") << "ended";
  const auto claim = [&](enrol::OrderKind kind) {
    Waiting<std::vector<enrol::OrderRecord>> waiting;
    this->store().claim_orders(kind, {kNow, 100}, Seconds{60}, waiting.done());
    return ids_of(waiting.get());
  };
  EXPECT_EQ(claim(enrol::OrderKind::upstream), "z");
  EXPECT_EQ(claim(enrol::OrderKind::approval), "xy");

  enrol::OrderRecord changed = commit.orders[0];
  changed.memo = octets("memo", 2);
  enrol::AuditRow row;
  row.at = kNow;
  row.event = "approved";
  EXPECT_EQ(code(this->ledger().change_order(changed, octets("memo", 1), row)), "");
  EXPECT_EQ(code(this->ledger().change_order(changed, octets("memo", 1), row)), "store.conflict")
      << "two officers decide: the first has";
  const auto rows = this->ledger().audit(10);
  ASSERT_EQ(code(rows), "");
  EXPECT_EQ(std::ranges::count(*rows, "approved", &enrol::AuditRow::event), 1);
  EXPECT_EQ(claim(enrol::OrderKind::approval), "x") << "a change ends the lease";

  Commit guarded;
  guarded.order_changes = {{changed, octets("memo", 1)}};
  guarded.orders = {commit.orders[1]};
  guarded.orders[0].memo = octets("memo", 3);
  EXPECT_EQ(this->commit(guarded), "store.conflict") << "somebody decided meanwhile";
  Lookup lookup;
  lookup.order = "y";
  EXPECT_EQ(this->load(lookup).order->memo, octets("memo", 1)) << "all or nothing";
  guarded.order_changes[0].from = octets("memo", 2);
  guarded.order_changes[0].order.due = kNow + Seconds{7};
  EXPECT_EQ(this->commit(guarded), "");
  lookup.order = "x";
  EXPECT_EQ(this->load(lookup).order->due, kNow + Seconds{7});
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreLookupContract, orders_of_another_kind_are_another_adapters,
    an_order_is_replaced_found_claimed_once_and_purged, nothing_is_found_in_an_empty_store,
    an_empty_lookup_asks_for_nothing, a_reply_is_found_again_and_again_until_it_is_purged,
    a_reply_may_be_empty_or_large, a_certificate_comes_back_as_it_was_stored,
    certificates_are_found_by_each_key_and_listed_once,
    a_key_identifier_that_begins_the_key_hash_is_found_like_any_other,
    of_one_key_the_newest_eight_are_found, a_transactions_certificates_are_those_of_its_endpoint,
    a_reference_is_any_octets, due_transactions_are_claimed_in_order_and_by_one_alone,
    a_commit_ends_the_lease_and_sets_the_next_time,
    at_start_waits_begin_anew_and_leases_are_dropped);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
