// The store contract: guards, and that a commit is all or nothing.
#pragma once

#include <atomic>
#include <thread>

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

using enrol::CertificateStatus;

template <class Place>
class StoreCommitContract : public StoreContract<Place> {};
TYPED_TEST_SUITE_P(StoreCommitContract);

TYPED_TEST_P(StoreCommitContract, stores_every_part_together) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("alpha", 2))), "");
  Commit all = enrolment(1);
  all.uses = {{"alpha", -1}};
  const Result<Committed> committed = commit_now(this->store(), std::move(all));
  ASSERT_EQ(code(committed), "");
  EXPECT_EQ(committed->transaction_version, 1);

  const Snapshot snapshot = this->load_transaction(1);
  ASSERT_EQ(snapshot.transactions.size(), 1u);
  EXPECT_EQ(snapshot.transactions[0].version, 1);
  EXPECT_EQ(snapshot.transactions[0].state, octets("state", 1));
  ASSERT_EQ(snapshot.certificates.size(), 1u);
  EXPECT_EQ(snapshot.certificates[0].der, octets("certificate", 1));
  EXPECT_EQ(this->load_digest(1).reply, octets("reply", 1));
  EXPECT_EQ(this->load_credential("alpha")->uses_left, 1);
  EXPECT_EQ(this->ledger().verify_audit(), 1);
}

TYPED_TEST_P(StoreCommitContract, a_forgotten_reply_is_gone_and_its_request_stays_answered) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  Commit forgets;
  forgets.forgotten_replies = {digest(1), digest(2)};
  EXPECT_EQ(this->commit(forgets), "");
  EXPECT_FALSE(this->load_digest(1).reply);
  EXPECT_TRUE(this->load_digest(1).answered_before);
}

TYPED_TEST_P(StoreCommitContract, an_empty_commit_succeeds) {
  const Result<Committed> committed = commit_now(this->store(), {});
  ASSERT_EQ(code(committed), "");
  EXPECT_EQ(committed->transaction_version, 0);
}

TYPED_TEST_P(StoreCommitContract, a_transaction_is_stored_over_the_version_it_was_made_from) {
  Commit commit;
  commit.transaction = transaction(1);
  EXPECT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->commit(commit), "store.conflict") << "version 0: it must not exist";
  commit.transaction->version = 1;
  commit.transaction->state = octets("state", 2);
  EXPECT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->commit(commit), "store.conflict") << "version 1 is no longer stored";
  commit.transaction->version = 3;
  EXPECT_EQ(this->commit(commit), "store.conflict") << "version 3 is not yet stored";
  const Snapshot snapshot = this->load_transaction(1);
  ASSERT_EQ(snapshot.transactions.size(), 1u);
  EXPECT_EQ(snapshot.transactions[0].version, 2);
  EXPECT_EQ(snapshot.transactions[0].state, octets("state", 2));
}

TYPED_TEST_P(StoreCommitContract, an_unknown_transaction_cannot_be_updated) {
  Commit commit;
  commit.transaction = transaction(1, 1);
  EXPECT_EQ(this->commit(commit), "store.conflict");
}

TYPED_TEST_P(StoreCommitContract, one_id_of_two_senders_or_endpoints_is_two_transactions) {
  Commit commit;
  commit.transaction = transaction(1);
  EXPECT_EQ(this->commit(commit), "");
  commit.transaction->sender = "mac:beta";
  EXPECT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->load_transaction(1).transactions.size(), 2u);
  commit.transaction->endpoint = "other";
  EXPECT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->load_transaction(1).transactions.size(), 2u);
}

TYPED_TEST_P(StoreCommitContract, a_serial_is_issued_once) {
  Commit commit;
  commit.certificates = {certificate(1)};
  ASSERT_EQ(this->commit(commit), "");
  commit.certificates[0].request = digest(2);
  EXPECT_EQ(this->commit(commit), "store.conflict");
  commit.certificates = {certificate(3), certificate(3)};
  commit.certificates[1].request_index = 1;
  EXPECT_EQ(this->commit(commit), "store.conflict") << "twice in one commit";
  EXPECT_TRUE(this->load_certificate(3).empty());
}

TYPED_TEST_P(StoreCommitContract, one_request_of_a_message_gets_one_certificate) {
  Commit commit;
  commit.certificates = {certificate(1), certificate(2)};
  commit.certificates[1].request = digest(1);
  commit.certificates[1].request_index = 1;
  ASSERT_EQ(this->commit(commit), "") << "another request of the same message";
  commit.certificates = {certificate(3)};
  commit.certificates[0].request = digest(1);
  EXPECT_EQ(this->commit(commit), "store.conflict");
}

TYPED_TEST_P(StoreCommitContract, certificates_that_no_message_asked_for_do_not_clash) {
  Commit commit;
  commit.certificates = {certificate(1), certificate(2)};
  for (auto& record : commit.certificates) {
    record.request = {};
    record.transaction = {};
  }
  EXPECT_EQ(this->commit(commit), "");
  EXPECT_TRUE(this->load_certificate(2).at(0).request.empty());
}

TYPED_TEST_P(StoreCommitContract, a_request_is_answered_once) {
  Commit commit;
  commit.reply = reply(1);
  ASSERT_EQ(this->commit(commit), "");
  commit.reply->reply = octets("other", 1);
  EXPECT_EQ(this->commit(commit), "store.conflict");
  EXPECT_EQ(this->load_digest(1).reply, octets("reply", 1));
}

TYPED_TEST_P(StoreCommitContract, a_status_changes_only_from_one_that_was_expected) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  Commit confirm;
  confirm.status_changes = {
      status_change(1, {CertificateStatus::unconfirmed}, CertificateStatus::valid)};
  EXPECT_EQ(this->commit(confirm), "");
  EXPECT_EQ(this->commit(confirm), "store.conflict") << "it is valid now";
  confirm.status_changes[0].serial = serial(2);
  EXPECT_EQ(this->commit(confirm), "store.conflict") << "there is no such certificate";
  confirm.status_changes = {status_change(1, {}, CertificateStatus::held)};
  EXPECT_EQ(this->commit(confirm), "store.conflict") << "from nothing";

  StatusChange revoke = status_change(1, {CertificateStatus::unconfirmed, CertificateStatus::valid},
                                      CertificateStatus::revoked);
  revoke.revoked_at = kNow + Seconds{5};
  revoke.reason = 1;
  revoke.invalidity_date = kNow - Seconds{60};
  Commit commit;
  commit.status_changes = {revoke};
  EXPECT_EQ(this->commit(commit), "");
  const auto record = this->load_certificate(1).at(0);
  EXPECT_EQ(record.status, CertificateStatus::revoked);
  EXPECT_EQ(record.revoked_at, kNow + Seconds{5});
  EXPECT_EQ(record.reason, 1);
  EXPECT_EQ(record.invalidity_date, kNow - Seconds{60});
}

TYPED_TEST_P(StoreCommitContract, a_status_that_may_stay_stays_with_its_reason_and_date) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  StatusChange compromised =
      status_change(1, {CertificateStatus::unconfirmed}, CertificateStatus::revoked);
  compromised.revoked_at = kNow;
  compromised.reason = 1;
  Commit commit;
  commit.status_changes = {compromised};
  ASSERT_EQ(this->commit(commit), "");

  StatusChange superseded =
      status_change(1, {CertificateStatus::valid}, CertificateStatus::revoked);
  superseded.revoked_at = kNow + Seconds{5};
  superseded.reason = 4;
  superseded.unless = {CertificateStatus::held};
  commit.status_changes = {superseded};
  EXPECT_EQ(this->commit(commit), "store.conflict") << "it is not held";
  commit.status_changes[0].unless = {CertificateStatus::revoked};
  commit.audit = {audit_row(7)};
  EXPECT_EQ(this->commit(commit), "") << "the rest of the commit stands";
  const auto record = this->load_certificate(1).at(0);
  EXPECT_EQ(record.status, CertificateStatus::revoked);
  EXPECT_EQ(record.reason, 1);
  EXPECT_EQ(record.revoked_at, kNow);
  EXPECT_EQ(this->ledger().audit(1)->at(0).serial, "7");
  commit.status_changes[0].serial = serial(2);
  EXPECT_EQ(this->commit(commit), "store.conflict") << "there is no such certificate";
}

TYPED_TEST_P(StoreCommitContract, a_certificate_remembers_what_replaced_it) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  Commit update = enrolment(2);
  update.replacements = {{serial(1), serial(2)}, {serial(9), serial(2)}};
  EXPECT_EQ(this->commit(std::move(update)), "") << "one that is not there is none";
  EXPECT_EQ(this->load_certificate(1).at(0).replaced_by, serial(2));
  EXPECT_TRUE(this->load_certificate(2).at(0).replaced_by.empty());
  EXPECT_TRUE(this->load_certificate(9).empty());
}

TYPED_TEST_P(StoreCommitContract, uses_are_reserved_while_there_are_any_and_given_back) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("twice", 2))), "");
  Commit reserve, give_back;
  reserve.uses = {{"twice", -1}};
  give_back.uses = {{"twice", +1}};
  EXPECT_EQ(this->commit(reserve), "");
  EXPECT_EQ(this->commit(reserve), "");
  EXPECT_EQ(this->commit(reserve), "store.conflict");
  EXPECT_EQ(this->load_credential("twice")->uses_left, 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->commit(give_back), "");
  EXPECT_EQ(this->load_credential("twice")->uses_left, 2) << "never more than was granted";
  reserve.uses = {{"twice", -1}, {"twice", -1}, {"twice", -1}};
  EXPECT_EQ(this->commit(reserve), "store.conflict");
  EXPECT_EQ(this->load_credential("twice")->uses_left, 2) << "all or nothing";
}

TYPED_TEST_P(StoreCommitContract, tokens_are_reserved_while_there_are_uses_and_given_back) {
  ASSERT_EQ(code(this->ledger().add_token(token("twice", 2))), "");
  ASSERT_EQ(code(this->ledger().add_token(token("any"))), "");
  const auto use = [&](std::string name, std::int64_t delta) {
    Commit commit;
    commit.token_uses = {{token(std::move(name)).digest, delta}};
    return this->commit(std::move(commit));
  };
  EXPECT_EQ(use("twice", -1), "");
  EXPECT_EQ(use("twice", -1), "");
  EXPECT_EQ(use("twice", -1), "store.conflict");
  EXPECT_EQ(use("nobody", -1), "store.conflict");
  EXPECT_EQ(use("any", -1), "");
  EXPECT_EQ(this->load_token("twice")->uses_left, 0);
  EXPECT_EQ(this->load_token("any")->uses_left, std::nullopt);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(use("twice", +1), "");
  EXPECT_EQ(this->load_token("twice")->uses_left, 2) << "never more than was granted";
}

TYPED_TEST_P(StoreCommitContract, uses_of_an_unlimited_credential_are_not_counted) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("any"))), "");
  Commit commit;
  commit.uses = {{"any", -1}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->load_credential("any")->uses_left, std::nullopt);
}

TYPED_TEST_P(StoreCommitContract, a_credential_that_was_removed_cannot_be_used) {
  Commit commit;
  commit.uses = {{"gone", -1}};
  EXPECT_EQ(this->commit(commit), "store.conflict");
  commit.uses = {{"gone", +1}};
  EXPECT_EQ(this->commit(commit), "") << "giving back to nobody is nothing";
}

TYPED_TEST_P(StoreCommitContract, a_guard_that_fails_leaves_nothing_of_its_commit) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("once", 1))), "");
  Commit first;
  first.reply = reply(1);
  ASSERT_EQ(this->commit(first), "");
  Commit second = enrolment(1);  // everything is new but the reply
  second.uses = {{"once", -1}};
  EXPECT_EQ(this->commit(second), "store.conflict");
  EXPECT_TRUE(this->load_transaction(1).transactions.empty());
  EXPECT_TRUE(this->load_certificate(1).empty());
  EXPECT_EQ(this->load_credential("once")->uses_left, 1);
  EXPECT_EQ(this->ledger().verify_audit(), 0);
}

TYPED_TEST_P(StoreCommitContract, a_conflict_leaves_the_commits_beside_it_alone) {
  std::vector<Waiting<Committed>> waiting(60);
  for (int i = 0; i < 60; ++i)  // every third takes the serial of the one before
    this->store().commit(enrolment(i % 3 == 2 ? i - 1 : i),
                         waiting[static_cast<std::size_t>(i)].done());
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(code(waiting[static_cast<std::size_t>(i)].get()), i % 3 == 2 ? "store.conflict" : "")
        << i;
  EXPECT_EQ(this->ledger().certificates({})->size(), 40u);
  EXPECT_EQ(this->ledger().verify_audit(), 40);
}

TYPED_TEST_P(StoreCommitContract, commits_of_one_thread_are_applied_in_order) {
  std::vector<Waiting<Committed>> waiting(20);
  for (int i = 0; i < 20; ++i) {
    Commit commit;
    commit.transaction = transaction(1, i);
    this->store().commit(std::move(commit), waiting[static_cast<std::size_t>(i)].done());
  }
  for (auto& each : waiting) EXPECT_EQ(code(each.get()), "");
  EXPECT_EQ(this->load_transaction(1).transactions.at(0).version, 20);
}

TYPED_TEST_P(StoreCommitContract, a_done_may_commit_again) {
  Waiting<Committed> second;
  Store& store = this->store();
  store.commit(enrolment(1), [&store, done = second.done()](Result<Committed>) mutable {
    store.commit(enrolment(2), std::move(done));
  });
  EXPECT_EQ(code(second.get()), "");
}

TYPED_TEST_P(StoreCommitContract, many_threads_lose_nothing_and_reserve_no_use_twice) {
  constexpr int kThreads = 8, kEach = 50, kUses = 100;
  ASSERT_EQ(code(this->ledger().add_credential(credential("shared", kUses))), "");
  std::atomic<int> stored{0}, refused{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Commit commit = enrolment(t * kEach + i);
        commit.uses = {{"shared", -1}};
        const std::string outcome = code(commit_now(this->store(), std::move(commit)));
        if (outcome.empty()) ++stored;
        if (outcome == "store.conflict") ++refused;
        if (outcome.empty() && !this->load_digest(t * kEach + i).reply) ADD_FAILURE();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored, kUses);
  EXPECT_EQ(refused, kThreads * kEach - kUses);
  EXPECT_EQ(this->load_credential("shared")->uses_left, 0);
  EXPECT_EQ(this->ledger().certificates({})->size(), static_cast<std::size_t>(kUses));
  EXPECT_EQ(this->ledger().verify_audit(), kUses);
}

TYPED_TEST_P(StoreCommitContract, pressure_is_nothing_when_nothing_waits) {
  ASSERT_EQ(this->commit(enrolment(1)), "");
  EXPECT_EQ(this->store().pressure().waiting, 0u);
  EXPECT_GT(this->store().pressure().capacity, 0u);
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreCommitContract, stores_every_part_together,
    a_forgotten_reply_is_gone_and_its_request_stays_answered, an_empty_commit_succeeds,
    a_transaction_is_stored_over_the_version_it_was_made_from,
    an_unknown_transaction_cannot_be_updated,
    one_id_of_two_senders_or_endpoints_is_two_transactions, a_serial_is_issued_once,
    one_request_of_a_message_gets_one_certificate,
    certificates_that_no_message_asked_for_do_not_clash, a_request_is_answered_once,
    a_status_changes_only_from_one_that_was_expected,
    a_status_that_may_stay_stays_with_its_reason_and_date, a_certificate_remembers_what_replaced_it,
    uses_are_reserved_while_there_are_any_and_given_back,
    tokens_are_reserved_while_there_are_uses_and_given_back,
    uses_of_an_unlimited_credential_are_not_counted, a_credential_that_was_removed_cannot_be_used,
    a_guard_that_fails_leaves_nothing_of_its_commit, a_conflict_leaves_the_commits_beside_it_alone,
    commits_of_one_thread_are_applied_in_order, a_done_may_commit_again,
    many_threads_lose_nothing_and_reserve_no_use_twice, pressure_is_nothing_when_nothing_waits);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
