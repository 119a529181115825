// The store contract: shared secrets.
#pragma once

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

template <class Place>
class StoreCredentialContract : public StoreContract<Place> {};
TYPED_TEST_SUITE_P(StoreCredentialContract);

TYPED_TEST_P(StoreCredentialContract, a_credential_is_kept_as_given_and_removed) {
  enrol::CredentialRecord record = credential("alpha", 3);
  record.made_by_us = false;
  record.names = "device-*";
  record.expires = kNow + Seconds{60};
  record.cmp_profile = "line1";
  record.begins = kNow - Seconds{60};
  record.note = "of the first shelf";
  record.enabled = false;
  record.author = "ada";
  record.networks = {"10.0.0.0/8", "2001:db8::/32"};
  record.is_ra = true;
  ASSERT_EQ(code(this->ledger().add_credential(record)), "");
  EXPECT_EQ(code(this->ledger().add_credential(credential("alpha"))), "store.reference-exists");
  ASSERT_EQ(code(this->ledger().add_credential(credential("beta"))), "");
  const auto all = this->ledger().credentials();
  ASSERT_EQ(all->size(), 2u);
  const enrol::CredentialRecord& found = all->front();
  EXPECT_EQ(found.reference, "alpha");
  EXPECT_TRUE(equal(found.secret.expose(), record.secret.expose()));
  EXPECT_FALSE(found.made_by_us);
  EXPECT_EQ(found.profile, "device");
  EXPECT_EQ(found.names, "device-*");
  EXPECT_EQ(found.uses_left, 3);
  EXPECT_EQ(found.uses_granted, 3);
  EXPECT_EQ(found.expires, record.expires);
  EXPECT_EQ(found.created, kNow);
  EXPECT_EQ(found.cmp_profile, "line1");
  EXPECT_EQ(found.begins, record.begins);
  EXPECT_EQ(found.note, record.note);
  EXPECT_FALSE(found.enabled);
  EXPECT_EQ(found.author, "ada");
  EXPECT_EQ(found.networks, record.networks);
  EXPECT_TRUE(found.is_ra);
  EXPECT_FALSE(found.former);
  EXPECT_TRUE(all->back().enabled);
  EXPECT_TRUE(all->back().networks.empty());
  EXPECT_FALSE(all->back().is_ra);
  EXPECT_EQ(this->ledger().remove_credential("alpha"), true);
  EXPECT_EQ(this->ledger().remove_credential("alpha"), false);
  EXPECT_FALSE(this->load_credential("alpha"));
  EXPECT_TRUE(this->load_credential("beta"));
}

TYPED_TEST_P(StoreCredentialContract, a_rotated_credential_has_its_former_secret_for_a_while) {
  auto record = credential("alpha", 3);
  record.made_by_us = false;
  ASSERT_EQ(code(this->ledger().add_credential(record)), "");
  const auto generation = this->ledger().generation().value();
  const Time until = kNow + Seconds{60};
  const auto rotate = [&](const char* secret, std::optional<Time> former_until) {
    return this->ledger()
        .rotate_credential({"alpha", Secret(view(secret)), former_until}, {audit_row(1)})
        .value();
  };
  EXPECT_TRUE(rotate("fresh", until));
  EXPECT_GT(this->ledger().generation().value(), generation);
  EXPECT_EQ(this->ledger().audit(9)->size(), 1u);
  auto found = this->load_credential("alpha");
  ASSERT_TRUE(found && found->former);
  EXPECT_TRUE(equal(found->secret.expose(), view("fresh")));
  EXPECT_TRUE(found->made_by_us);
  EXPECT_TRUE(equal(found->former->secret.expose(), record.secret.expose()));
  EXPECT_FALSE(found->former->made_by_us);
  EXPECT_EQ(found->former->until, until);
  EXPECT_EQ(found->uses_left, 3) << "all else stays";
  EXPECT_TRUE(rotate("fresher", until)) << "there is one former secret, the last";
  found = this->load_credential("alpha");
  EXPECT_TRUE(equal(found->former->secret.expose(), view("fresh")));
  EXPECT_TRUE(rotate("freshest", std::nullopt));
  EXPECT_FALSE(this->load_credential("alpha")->former);
  EXPECT_FALSE(this->ledger().rotate_credential({"beta", Secret(view("x")), until}).value());
}

TYPED_TEST_P(StoreCredentialContract, a_former_secret_is_purged_when_nothing_is_open_under_it) {
  ASSERT_EQ(code(this->ledger().add_credential(credential("alpha"))), "");
  const Time until = kNow + Seconds{60};
  ASSERT_TRUE(this->ledger().rotate_credential({"alpha", Secret(view("x")), until}).value());
  ports::Commit open;
  open.transaction = transaction(1);
  open.transaction->sender = "secret:alpha";
  ASSERT_EQ(this->commit(std::move(open)), "");
  EXPECT_EQ(this->ledger().purge(until - Seconds{1}), 0);
  EXPECT_EQ(this->ledger().purge(until), 0) << "its transaction is open";
  EXPECT_TRUE(this->load_credential("alpha")->former);
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{3600}), 2) << "the transaction, and with it that";
  EXPECT_FALSE(this->load_credential("alpha")->former);
  EXPECT_EQ(this->ledger().purge(kNow + Seconds{3600}), 0);
}

REGISTER_TYPED_TEST_SUITE_P(StoreCredentialContract, a_credential_is_kept_as_given_and_removed,
                            a_rotated_credential_has_its_former_secret_for_a_while,
                            a_former_secret_is_purged_when_nothing_is_open_under_it);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
