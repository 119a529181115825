// The store contract: what survives, and what is noticed. Forks; needs a POSIX system.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

template <class Place>
class StoreDurabilityContract : public StoreContract<Place> {
 protected:
  // Two lanes of five rows each, the store closed.
  void write_two_lanes() {
    for (int lane = 0; lane < 2; ++lane) {
      this->reopen();
      for (int n = 0; n < 5; ++n)
        ASSERT_EQ(code(this->ledger().append_audit(audit_row(lane * 5 + n))), "");
    }
    this->close();
  }

  // In the child: commits from several threads, and says which it was told are stored.
  [[noreturn]] static void commit_forever(Place& place, int acknowledged) {
    auto opened = place.open();
    if (!opened) ::_exit(1);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0;; ++i) {
          const int n = t * 1'000'000 + i;
          if (!commit_now(**opened, enrolment(n))) ::_exit(2);
          if (::write(acknowledged, &n, sizeof n) != sizeof n) ::_exit(3);
        }
      });
    for (std::thread& thread : threads) thread.join();
    ::_exit(4);
  }
};
TYPED_TEST_SUITE_P(StoreDurabilityContract);

TYPED_TEST_P(StoreDurabilityContract, everything_is_there_after_reopening) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("alpha", 2))), "");
  ASSERT_EQ(code(this->ledger().set_secret_value("key", Secret(view("sealed")))), "");
  ASSERT_EQ(this->commit(enrolment(1)), "");
  const auto generation = this->ledger().generation();
  this->reopen();
  EXPECT_EQ(this->load_digest(1).reply, octets("reply", 1));
  EXPECT_EQ(this->load_transaction(1).transactions.size(), 1u);
  EXPECT_EQ(this->load_certificate(1).size(), 1u);
  EXPECT_TRUE(this->load_credential("alpha"));
  EXPECT_TRUE(*this->ledger().secret_value("key"));
  EXPECT_EQ(this->ledger().generation(), *generation);
  ASSERT_EQ(this->commit(enrolment(2)), "");
  EXPECT_EQ(this->ledger().verify_audit(), 2) << "two lanes";
}

TYPED_TEST_P(StoreDurabilityContract, closing_finishes_what_was_taken) {
  std::vector<Waiting<Committed>> waiting(100);
  for (int i = 0; i < 100; ++i)
    this->store().commit(enrolment(i), waiting[static_cast<std::size_t>(i)].done());
  this->reopen();
  for (auto& each : waiting) EXPECT_EQ(code(each.get()), "");
  EXPECT_EQ(this->ledger().certificates({})->size(), 100u);
}

// Many, so that a later one overtakes an earlier one if it can.
TYPED_TEST_P(StoreDurabilityContract, what_is_in_no_hurry_is_durable_before_what_comes_after_it) {
  constexpr int kMany = 300;
  std::vector<Waiting<Committed>> waiting(kMany);
  for (int i = 0; i < kMany; ++i) {
    Commit commit = enrolment(i);
    commit.urgency = Urgency::with_the_next;
    this->store().commit(std::move(commit), waiting[static_cast<std::size_t>(i)].done());
  }
  ASSERT_EQ(this->commit(enrolment(kMany)), "");
  EXPECT_EQ(this->ledger().certificates({})->size(), kMany + 1u);
  for (auto& each : waiting) EXPECT_EQ(code(each.get()), "");
}

TYPED_TEST_P(StoreDurabilityContract, what_is_in_no_hurry_waits_for_no_other_for_ever) {
  Commit commit = enrolment(1);
  commit.urgency = Urgency::with_the_next;
  EXPECT_EQ(this->commit(std::move(commit)), "");
  EXPECT_EQ(this->load_certificate(1).size(), 1u);
}

TYPED_TEST_P(StoreDurabilityContract, what_was_acknowledged_survives_kill_9) {
  this->close();
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) TestFixture::commit_forever(this->place(), pipe_ends[1]);
  ::close(pipe_ends[1]);
  std::vector<int> acknowledged;
  for (int n = 0; ::read(pipe_ends[0], &n, sizeof n) == sizeof n;) {
    acknowledged.push_back(n);
    if (acknowledged.size() == 200) ::kill(child, SIGKILL);
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);

  this->reopen();
  for (const int n : acknowledged) {
    EXPECT_EQ(this->load_certificate(n).size(), 1u) << n;
    EXPECT_EQ(this->load_digest(n).reply, octets("reply", n)) << n;
  }
  Ledger::CertificateFilter all;
  all.most = 1'000'000;
  const std::size_t stored = this->ledger().certificates(all)->size();
  EXPECT_GE(stored, acknowledged.size());
  EXPECT_EQ(this->ledger().verify_audit(), static_cast<std::int64_t>(stored));
}

TYPED_TEST_P(StoreDurabilityContract, two_processes_share_it) {
  const std::int64_t before = *this->ledger().generation();
  this->close();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto opened = this->place().open();
    if (!opened) ::_exit(1);
    for (int i = 0; i < 40; ++i) {
      if (!(*opened)->add_credential(credential("child-" + std::to_string(i)))) ::_exit(2);
      if (!(*opened)->append_audit(audit_row(i))) ::_exit(3);
    }
    opened->reset();
    ::_exit(0);
  }
  this->reopen();
  int status = -1, n = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) ASSERT_EQ(this->commit(enrolment(n++)), "");
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(this->ledger().credentials()->size(), 40u);
  EXPECT_GT(*this->ledger().generation(), before) << "the other process's changes are told";
  EXPECT_EQ(this->ledger().verify_audit(), n + 40) << "a lane each";
}

TYPED_TEST_P(StoreDurabilityContract, an_untouched_audit_verifies) {
  this->write_two_lanes();
  this->reopen();
  EXPECT_EQ(this->ledger().verify_audit(), 10);
}

TYPED_TEST_P(StoreDurabilityContract, every_change_of_the_audit_is_noticed) {
  constexpr std::pair<Tamper, std::string_view> kCases[] = {
      {Tamper::change_row, "lane 1, row 2"}, {Tamper::remove_row, "lane 1, row 2"},
      {Tamper::insert_row, "lane 1, row 2"}, {Tamper::cut_tail, "lane 1, row 5"},
      {Tamper::append_row, "lane 1, row 6"}, {Tamper::remove_lane, "lane 2"}};
  for (const auto& [tamper, where] : kCases) {
    TypeParam place;
    for (int lane = 0; lane < 2; ++lane) {
      auto opened = place.open();
      ASSERT_EQ(code(opened), "");
      for (int n = 0; n < 5; ++n) ASSERT_EQ(code((*opened)->append_audit(audit_row(n))), "");
    }
    place.tamper(tamper);
    for (int again = 0; again < 2; ++again) {  // a later lane must not cover it up
      auto opened = place.open();
      ASSERT_EQ(code(opened), "");
      const Result<std::int64_t> verified = (*opened)->verify_audit();
      ASSERT_EQ(code(verified), "store.audit-broken") << static_cast<int>(tamper);
      EXPECT_NE(verified.error().reply_text.find(where), std::string::npos)
          << verified.error().reply_text;
      ASSERT_EQ(code((*opened)->append_audit(audit_row(9))), "");
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(StoreDurabilityContract, everything_is_there_after_reopening,
                            closing_finishes_what_was_taken,
                            what_is_in_no_hurry_is_durable_before_what_comes_after_it,
                            what_is_in_no_hurry_waits_for_no_other_for_ever,
                            what_was_acknowledged_survives_kill_9, two_processes_share_it,
                            an_untouched_audit_verifies, every_change_of_the_audit_is_noticed);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
