// The contract of ports/issuer.h and ports/remote_issuer.h as tests: every issuer runs those that
// are for its kind. A Place: issuer_contract_fixture.h.
//
//   INSTANTIATE_ISSUER_CONTRACT(LocalCa, LocalCaPlace);           // any issuer
//   INSTANTIATE_WAITING_ISSUER_CONTRACT(Manual, ManualPlace);     // it may answer Pending, too
//   INSTANTIATE_REMOTE_ISSUER_CONTRACT(Command, CommandPlace);    // it is a RemoteIssuer, too
#pragma once

#include "ports/issuer_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

TYPED_TEST_SUITE_P(IssuerContract);

TYPED_TEST_P(IssuerContract, what_it_grants_is_what_was_ordered) {
  const auto issued = this->granted(1);
  this->expect_fits(issued, this->order(1));
}

// Where a certificate exists only once it is committed here, it may be made anew until then.
TYPED_TEST_P(IssuerContract, one_id_has_one_certificate) {
  const auto first = this->granted(1);
  const auto again = this->ask(1);
  EXPECT_LE(this->place().made(), 1u);
  if (this->place().made() == 0) return;
  ASSERT_EQ(word(again), "issued");
  EXPECT_EQ(std::get<transaction::Issued>(again).certificate, first.certificate);
}

TYPED_TEST_P(IssuerContract, another_id_has_another_serial_number) {
  const auto first = this->granted(1), second = this->granted(2);
  EXPECT_NE(first.serial, second.serial);
  // Also where all else is the same.
  const OrderKey third = this->key(3);
  const auto answer = this->outcome(third, this->ask(third, this->order(1)));
  ASSERT_EQ(word(answer), "issued");
  EXPECT_NE(std::get<transaction::Issued>(answer).serial, first.serial);
}

TYPED_TEST_P(IssuerContract, each_call_is_answered_once) {
  Call<transaction::Answer> issue, revoke;
  Call<Heard> settle;
  auto& issuer = this->issuer();
  issuer.issue(this->key(1), this->order(1), this->place().now(), issue.done());
  const auto issued = this->outcome(this->key(1), this->wait_for(issue));
  ASSERT_EQ(word(issued), "issued") << this->place().trouble();
  issuer.settle(this->key(1), Settlement::accepted, this->place().now(), settle.done());
  this->wait([&] { return settle.times() > 0; });
  issuer.revoke(this->key(2), {std::get<transaction::Issued>(issued).serial, 1, {}},
                this->place().now(), revoke.done());
  this->wait_for(revoke);
  constexpr Seconds kAnHour{3600};
  this->settle_down(kAnHour);
  EXPECT_EQ(issue.times(), 1);
  EXPECT_EQ(settle.times(), 1);
  EXPECT_EQ(revoke.times(), 1);
}

TYPED_TEST_P(IssuerContract, a_refusal_says_why) {
  this->place().will(Turn::refuses);
  const auto answer = this->outcome(1);
  const auto* refused = std::get_if<transaction::Refused>(&answer);
  ASSERT_NE(refused, nullptr) << word(answer);
  EXPECT_FALSE(name(refused->error.failure).empty());
  EXPECT_TRUE(refused->error.code.starts_with("issuer.")) << refused->error.code;
  EXPECT_GT(refused->error.reply_text.size(), 10u) << "a sentence";
  EXPECT_EQ(this->place().made(), 0u);
}

TYPED_TEST_P(IssuerContract, it_hears_what_was_accepted) {
  this->granted(1);
  EXPECT_EQ(this->settle(1, Settlement::accepted), "heard");
  EXPECT_EQ(this->settle(1, Settlement::accepted), "heard") << "the commit behind it had failed";
  constexpr Seconds kADay{86400};
  this->settle_down(kADay);
  EXPECT_EQ(this->place().revoked(), 0u);
}

TYPED_TEST_P(IssuerContract, it_hears_what_was_rejected) {
  this->granted(1);
  EXPECT_EQ(this->settle(1, Settlement::rejected), "heard");
  EXPECT_EQ(this->settle(1, Settlement::rejected), "heard");
  this->wait([&] { return this->place().revoked() == this->place().made(); }, Seconds{60});
}

TYPED_TEST_P(IssuerContract, a_revocation_says_which_and_why) {
  const auto issued = this->granted(1);
  ASSERT_EQ(this->settle(1, Settlement::accepted), "heard");
  const auto answer = this->revoke(1, {issued.serial, x509::CrlReason::superseded, {}});
  const auto* revoked = std::get_if<transaction::Revoked>(&answer);
  ASSERT_NE(revoked, nullptr) << word(answer) << this->place().trouble();
  EXPECT_EQ(revoked->serial, issued.serial);
  EXPECT_EQ(revoked->reason, x509::CrlReason::superseded);
  EXPECT_EQ(this->place().revoked(), this->place().made());
}

REGISTER_TYPED_TEST_SUITE_P(IssuerContract, what_it_grants_is_what_was_ordered,
                            one_id_has_one_certificate, another_id_has_another_serial_number,
                            each_call_is_answered_once, a_refusal_says_why,
                            it_hears_what_was_accepted, it_hears_what_was_rejected,
                            a_revocation_says_which_and_why);

// ---- those that may answer Pending
template <class Place>
class WaitingIssuerContract : public IssuerContract<Place> {
 protected:
  void ask_and_wait(int n) {
    this->place().hold();
    const auto answer = this->ask(n);
    const auto* pending = std::get_if<transaction::Pending>(&answer);
    ASSERT_NE(pending, nullptr) << word(answer) << this->place().trouble();
    EXPECT_GT(pending->check_after, Seconds{0});
    EXPECT_TRUE(this->late(this->key(n).id).empty());
  }
  // Of one order, whatever else happens to it.
  std::vector<transaction::Answer> late_in_the_end(int n) {
    this->wait_for_late(this->key(n).id);
    constexpr Seconds kAnHour{3600};
    this->settle_down(kAnHour);
    return this->late(this->key(n).id);
  }
};
TYPED_TEST_SUITE_P(WaitingIssuerContract);

TYPED_TEST_P(WaitingIssuerContract, what_waits_is_answered_late_and_once) {
  this->ask_and_wait(1);
  this->place().decide();
  const auto answers = this->late_in_the_end(1);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(word(answers[0]), "issued");
  this->expect_fits(std::get<transaction::Issued>(answers[0]), this->order(1));
}

TYPED_TEST_P(WaitingIssuerContract, what_waits_may_be_refused) {
  this->ask_and_wait(1);
  this->place().will(Turn::refuses);
  this->place().decide();
  const auto answers = this->late_in_the_end(1);
  ASSERT_EQ(answers.size(), 1u);
  const auto* refused = std::get_if<transaction::Refused>(&answers[0]);
  ASSERT_NE(refused, nullptr) << word(answers[0]);
  EXPECT_FALSE(refused->error.reply_text.empty());
  EXPECT_EQ(this->place().made(), 0u);
}

TYPED_TEST_P(WaitingIssuerContract, asked_again_meanwhile_it_waits_on) {
  this->ask_and_wait(1);
  this->ask_and_wait(1);
  this->place().decide();
  EXPECT_EQ(word(this->wait_for_late(this->key(1).id)), "issued");
  EXPECT_LE(this->place().made(), 1u);
}

TYPED_TEST_P(WaitingIssuerContract, what_waits_comes_to_its_end_after_a_restart) {
  this->ask_and_wait(1);
  this->place().restart();
  this->place().decide();
  const auto answers = this->late_in_the_end(1);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(word(answers[0]), "issued");
  this->expect_fits(std::get<transaction::Issued>(answers[0]), this->order(1));
  EXPECT_LE(this->place().made(), 1u);
}

TYPED_TEST_P(WaitingIssuerContract, one_that_waits_keeps_no_other_waiting) {
  this->ask_and_wait(1);
  this->place().will(Turn::grants);
  this->granted(2);
  this->place().decide();
  EXPECT_EQ(word(this->wait_for_late(this->key(1).id)), "issued");
}

REGISTER_TYPED_TEST_SUITE_P(WaitingIssuerContract, what_waits_is_answered_late_and_once,
                            what_waits_may_be_refused, asked_again_meanwhile_it_waits_on,
                            what_waits_comes_to_its_end_after_a_restart,
                            one_that_waits_keeps_no_other_waiting);

// ---- those that are elsewhere
template <class Place>
class RemoteIssuerContract : public IssuerContract<Place> {};
TYPED_TEST_SUITE_P(RemoteIssuerContract);

TYPED_TEST_P(RemoteIssuerContract, it_is_well_at_first_and_says_when_it_answered) {
  const RemoteIssuer& issuer = this->place().issuer();
  EXPECT_EQ(issuer.speed(), Issuer::Speed::queued);
  const Health first = issuer.health();
  EXPECT_EQ(first.state, Health::State::well);
  EXPECT_EQ(first.under_way + first.waiting, 0u);
  EXPECT_FALSE(first.answered);
  EXPECT_EQ(first.trouble, "");
  this->granted(1);
  const Health then = issuer.health();
  EXPECT_EQ(then.state, Health::State::well);
  EXPECT_EQ(then.under_way + then.waiting, 0u);
  EXPECT_EQ(then.answered, this->place().now());
}

TYPED_TEST_P(RemoteIssuerContract, what_it_granted_is_remembered_over_a_restart) {
  const auto issued = this->granted(1);
  this->place().restart();
  EXPECT_EQ(this->granted(1).certificate, issued.certificate);
  EXPECT_EQ(this->place().made(), 1u);
}

TYPED_TEST_P(RemoteIssuerContract, a_rejection_is_carried_there_over_a_restart) {
  this->granted(1);
  ASSERT_EQ(this->settle(1, Settlement::rejected), "heard");
  this->place().restart();
  this->wait([&] { return this->place().revoked() == 1; }, Seconds{60});
}

REGISTER_TYPED_TEST_SUITE_P(RemoteIssuerContract, it_is_well_at_first_and_says_when_it_answered,
                            what_it_granted_is_remembered_over_a_restart,
                            a_rejection_is_carried_there_over_a_restart);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)

#define INSTANTIATE_ISSUER_CONTRACT(name, ...)                       \
  namespace countersign::ports::contract {                           \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, IssuerContract, __VA_ARGS__); \
  }                                                                  \
  static_assert(true)
#define INSTANTIATE_WAITING_ISSUER_CONTRACT(name, ...)                      \
  INSTANTIATE_ISSUER_CONTRACT(name, __VA_ARGS__);                           \
  namespace countersign::ports::contract {                                  \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, WaitingIssuerContract, __VA_ARGS__); \
  }                                                                         \
  static_assert(true)
#define INSTANTIATE_REMOTE_ISSUER_CONTRACT(name, ...)                      \
  INSTANTIATE_WAITING_ISSUER_CONTRACT(name, __VA_ARGS__);                  \
  namespace countersign::ports::contract {                                 \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, RemoteIssuerContract, __VA_ARGS__); \
  }                                                                        \
  static_assert(true)
