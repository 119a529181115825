// The store contract: what people and the CRL ask for.
#pragma once

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

template <class Place>
class StoreLedgerContract : public StoreContract<Place> {};
TYPED_TEST_SUITE_P(StoreLedgerContract);

TYPED_TEST_P(StoreLedgerContract, certificates_are_listed_newest_first_and_filtered) {
  for (int n = 1; n <= 12; ++n) {
    Commit commit = enrolment(n);
    if (n % 2 == 0) commit.certificates[0].status = enrol::CertificateStatus::valid;
    ASSERT_EQ(this->commit(std::move(commit)), "");
  }
  const auto all = this->ledger().certificates({});
  ASSERT_EQ(all->size(), 12u);
  EXPECT_EQ(all->front().serial, serial(12));
  Ledger::CertificateFilter filter;
  filter.status = enrol::CertificateStatus::valid;
  EXPECT_EQ(this->ledger().certificates(filter)->size(), 6u);
  filter.subject_contains = "dEVICE 1";
  EXPECT_EQ(this->ledger().certificates(filter)->size(), 2u) << "10 and 12";
  filter = {};
  filter.most = 5;
  filter.skip = 10;
  const auto page = this->ledger().certificates(filter);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->front().serial, serial(2));
  filter = {};
  filter.subject_contains = "%";
  EXPECT_TRUE(this->ledger().certificates(filter)->empty()) << "no pattern";
}

TYPED_TEST_P(StoreLedgerContract, certificates_and_secrets_keep_whose_they_are) {
  for (int n = 1; n <= 6; ++n) {
    Commit commit = enrolment(n);
    if (n % 3 != 0) commit.certificates[0].subscriber = n % 3 == 1 ? "acme" : "globex";
    ASSERT_EQ(this->commit(std::move(commit)), "");
  }
  Ledger::CertificateFilter filter;
  filter.subscriber = "acme";
  const auto of_acme = this->ledger().certificates(filter);
  ASSERT_EQ(of_acme->size(), 2u);
  EXPECT_EQ(of_acme->front().serial, serial(4));
  EXPECT_EQ(of_acme->front().subscriber, "acme");
  filter.subject_contains = "device 1";
  EXPECT_EQ(this->ledger().certificates(filter)->size(), 1u) << "both must fit";
  filter.subscriber = "a%";
  EXPECT_TRUE(this->ledger().certificates(filter)->empty()) << "no pattern";
  EXPECT_EQ(this->ledger().certificates({})->size(), 6u);
  auto secret = credential("alpha", 1);
  secret.subscriber = "acme";
  ASSERT_TRUE(this->ledger().add_credential(secret));
  EXPECT_EQ(this->ledger().credentials()->front().subscriber, "acme");
}

TYPED_TEST_P(StoreLedgerContract, what_a_named_authority_issued_is_counted_by_time) {
  for (int n = 1; n <= 4; ++n) {
    Commit commit = enrolment(n);
    commit.certificates[0].authority = n == 4 ? "other" : "plant";
    commit.certificates[0].issued_at = kNow + Seconds{n};
    ASSERT_EQ(this->commit(std::move(commit)), "");
  }
  EXPECT_EQ(this->ledger().issued_since("plant", kNow).value(), 3);
  EXPECT_EQ(this->ledger().issued_since("plant", kNow + Seconds{2}).value(), 2) << "2 and 3";
  EXPECT_EQ(this->ledger().issued_since("plant", kNow + Seconds{4}).value(), 0);
  EXPECT_EQ(this->ledger().issued_since("nobody", kNow).value(), 0);
}

TYPED_TEST_P(StoreLedgerContract, revoked_ones_are_listed_by_serial_until_they_expire) {
  const Bytes serials[] = {{0x00, 0x80}, {0x7f}, {0x01, 0x00}, {0x02}};
  int n = 0;
  for (const Bytes& number : serials) {
    Commit commit;
    commit.certificates = {certificate(++n)};
    commit.certificates[0].serial = number;
    commit.certificates[0].status =
        n == 2 ? enrol::CertificateStatus::held : enrol::CertificateStatus::revoked;
    ASSERT_EQ(this->commit(commit), "");
  }
  Commit others;
  others.certificates = {certificate(10), certificate(11)};
  others.certificates[1].status = enrol::CertificateStatus::valid;
  ASSERT_EQ(this->commit(others), "");
  const auto revoked = this->ledger().revoked(kNow + Seconds{86400});
  std::vector<Bytes> listed;
  for (const auto& record : *revoked) listed.push_back(record.serial);
  EXPECT_EQ(listed, (std::vector<Bytes>{{0x02}, {0x7f}, {0x00, 0x80}, {0x01, 0x00}}));
  EXPECT_TRUE(this->ledger().revoked(kNow + Seconds{86401})->empty());
}

TYPED_TEST_P(StoreLedgerContract, an_officer_changes_a_status_once_with_an_audit_row) {
  Commit commit = enrolment(1);
  commit.certificates[0].status = enrol::CertificateStatus::valid;
  ASSERT_EQ(this->commit(std::move(commit)), "");
  const auto before = this->ledger().generation().value();
  enrol::AuditRow row;
  row.at = kNow;
  row.event = "held";
  row.serial = "01";
  const StatusChange hold{
      serial(1), {enrol::CertificateStatus::valid}, enrol::CertificateStatus::held, kNow, 6, {}};
  ASSERT_TRUE(this->ledger().change_status(hold, row));
  EXPECT_GT(this->ledger().generation().value(), before) << "who serves learns of it";
  EXPECT_EQ(this->ledger().revoked(kNow)->size(), 1U);
  EXPECT_EQ(this->ledger().audit(1)->front().event, "held");
  const auto rows = this->ledger().verify_audit().value();
  const auto again = this->ledger().change_status(hold, row);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "store.conflict");
  EXPECT_EQ(this->ledger().verify_audit().value(), rows) << "and no row of what did not happen";
}

TYPED_TEST_P(StoreLedgerContract, a_token_is_kept_as_given_and_removed) {
  enrol::TokenRecord record = token("alpha", 3);
  record.kind = enrol::TokenKind::authenticator;
  record.expires = kNow + Seconds{60};
  ASSERT_EQ(code(this->ledger().add_token(record)), "");
  EXPECT_EQ(code(this->ledger().add_token(record)), "store.token-exists");
  ASSERT_EQ(code(this->ledger().add_token(token("beta"))), "");
  const auto all = this->ledger().tokens();
  ASSERT_EQ(all->size(), 2u);
  const enrol::TokenRecord& found = all->front();
  EXPECT_EQ(found.digest, record.digest);
  EXPECT_EQ(found.kind, enrol::TokenKind::authenticator);
  EXPECT_EQ(found.profile, "device");
  EXPECT_EQ(found.names, "alpha");
  EXPECT_EQ(found.uses_left, 3);
  EXPECT_EQ(found.uses_granted, 3);
  EXPECT_EQ(found.expires, record.expires);
  EXPECT_EQ(found.created, kNow);
  EXPECT_EQ(this->ledger().remove_token(record.digest), true);
  EXPECT_EQ(this->ledger().remove_token(record.digest), false);
  EXPECT_FALSE(this->load_token("alpha"));
  EXPECT_TRUE(this->load_token("beta"));
}

TYPED_TEST_P(StoreLedgerContract, anchors_are_added_replaced_and_removed) {
  enrol::TrustRecord record{octets("fingerprint", 1), octets("anchor", 1), "self", false, kNow};
  ASSERT_EQ(code(this->ledger().add_trust(record)), "");
  record.names = "any";
  record.is_ra = true;
  ASSERT_EQ(code(this->ledger().add_trust(record)), "");
  const auto all = this->ledger().trust();
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().der, octets("anchor", 1));
  EXPECT_EQ(all->front().names, "any");
  EXPECT_TRUE(all->front().is_ra);
  EXPECT_EQ(this->ledger().remove_trust(record.fingerprint), true);
  EXPECT_EQ(this->ledger().remove_trust(record.fingerprint), false);
  EXPECT_TRUE(this->ledger().trust()->empty());
}

TYPED_TEST_P(StoreLedgerContract, the_generation_grows_with_what_caches_must_hear_of) {
  std::int64_t last = *this->ledger().generation();
  const auto grew = [&] {
    const std::int64_t now = *this->ledger().generation();
    return std::exchange(last, now) < now;
  };
  ASSERT_EQ(code(this->ledger().add_credential(credential("alpha", 1))), "");
  EXPECT_TRUE(grew()) << "a credential was added";
  Commit issue = enrolment(1);
  issue.uses = {{"alpha", -1}};
  ASSERT_EQ(this->commit(std::move(issue)), "");
  EXPECT_FALSE(grew()) << "issuing alone changes nothing that was known";
  Commit confirm, revoke;
  confirm.status_changes = {
      status_change(1, {enrol::CertificateStatus::unconfirmed}, enrol::CertificateStatus::valid)};
  ASSERT_EQ(this->commit(std::move(confirm)), "");
  EXPECT_FALSE(grew()) << "a confirmation shuts nobody out";
  revoke.status_changes = {
      status_change(1, {enrol::CertificateStatus::valid}, enrol::CertificateStatus::revoked)};
  ASSERT_EQ(this->commit(std::move(revoke)), "");
  EXPECT_TRUE(grew()) << "a certificate was revoked";
  ASSERT_EQ(code(this->ledger().remove_credential("nobody")), "");
  EXPECT_FALSE(grew()) << "nothing was removed";
  ASSERT_EQ(code(this->ledger().remove_credential("alpha")), "");
  EXPECT_TRUE(grew()) << "a credential was removed";
  ASSERT_EQ(code(this->ledger().add_trust({octets("anchor", 1), {0x30}, "self", false, kNow})), "");
  EXPECT_TRUE(grew()) << "an anchor was added";
  ASSERT_EQ(code(this->ledger().remove_trust(octets("anchor", 1))), "");
  EXPECT_TRUE(grew()) << "an anchor was removed";
}

TYPED_TEST_P(StoreLedgerContract, named_values_are_set_replaced_and_read) {
  Ledger& ledger = this->ledger();
  EXPECT_EQ(*ledger.value("crl"), std::nullopt);
  ASSERT_EQ(code(ledger.set_value("crl", octets("crl", 1))), "");
  ASSERT_EQ(code(ledger.set_value("crl", octets("crl", 2))), "");
  EXPECT_EQ(*ledger.value("crl"), octets("crl", 2));
  ASSERT_EQ(code(ledger.set_value("empty", {})), "");
  EXPECT_EQ(*ledger.value("empty"), Bytes{});
}

TYPED_TEST_P(StoreLedgerContract, secret_values_are_read_as_secrets_only) {
  Ledger& ledger = this->ledger();
  EXPECT_FALSE(*ledger.secret_value("key"));
  ASSERT_EQ(code(ledger.set_secret_value("key", Secret(view("sealed octets")))), "");
  const auto found = ledger.secret_value("key");
  ASSERT_TRUE(found && *found);
  EXPECT_TRUE(equal((*found)->expose(), view("sealed octets")));
  EXPECT_EQ(code(ledger.value("key")), "store.value-sealed");
  ASSERT_EQ(code(ledger.set_value("open", octets("open", 1))), "");
  EXPECT_EQ(code(ledger.secret_value("open")), "store.value-open");
}

TYPED_TEST_P(StoreLedgerContract, values_that_belong_together_change_together_or_not_at_all) {
  Ledger& ledger = this->ledger();
  const auto before = ledger.generation().value();
  Ledger::ValuesChange change;
  change.guards = {{"turn", std::nullopt}};
  change.values = {{"turn", octets("turn", 1)}, {"certificate", octets("certificate", 1)}};
  change.secrets.emplace_back("key", Secret(view("first key")));
  ASSERT_EQ(code(ledger.change_values(change, audit_row(1))), "");
  EXPECT_GT(ledger.generation().value(), before) << "who serves learns of it";
  EXPECT_EQ(*ledger.value("certificate"), octets("certificate", 1));
  EXPECT_TRUE(equal((*ledger.secret_value("key"))->expose(), view("first key")));
  change.values = {{"turn", octets("turn", 2)}, {"certificate", octets("certificate", 2)}};
  change.secrets.clear();
  change.secrets.emplace_back("key", Secret(view("second key")));
  EXPECT_EQ(code(ledger.change_values(change, audit_row(2))), "store.conflict")
      << "it was absent when it was read";
  EXPECT_EQ(*ledger.value("certificate"), octets("certificate", 1));
  EXPECT_TRUE(equal((*ledger.secret_value("key"))->expose(), view("first key")));
  EXPECT_EQ(ledger.verify_audit(), 1) << "and no row of what did not happen";
  change.guards = {{"turn", octets("turn", 1)}, {"certificate", octets("certificate", 7)}};
  EXPECT_EQ(code(ledger.change_values(change, audit_row(2))), "store.conflict")
      << "each of them counts";
  change.guards.pop_back();
  EXPECT_EQ(code(ledger.change_values(change, audit_row(2))), "");
  EXPECT_EQ(*ledger.value("certificate"), octets("certificate", 2));
  EXPECT_EQ(ledger.verify_audit(), 2);
}

TYPED_TEST_P(StoreLedgerContract, audit_rows_are_read_newest_first) {
  EXPECT_EQ(this->ledger().verify_audit(), 0);
  for (int n = 1; n <= 5; ++n) ASSERT_EQ(code(this->ledger().append_audit(audit_row(n))), "");
  Commit commit;
  commit.audit = {audit_row(6), audit_row(7)};
  ASSERT_EQ(this->commit(commit), "");
  const auto newest = this->ledger().audit(3);
  ASSERT_EQ(newest->size(), 3u);
  EXPECT_EQ(newest->at(0).serial, "7");
  EXPECT_EQ(newest->at(2).serial, "5");
  EXPECT_EQ(newest->at(0).event, "issued");
  EXPECT_EQ(newest->at(0).at, kNow);
  EXPECT_EQ(newest->at(0).sender, "mac:alpha");
  EXPECT_EQ(newest->at(0).detail, "detail");
  EXPECT_EQ(this->ledger().verify_audit(), 7);
}

TYPED_TEST_P(StoreLedgerContract, objects_change_only_while_all_are_as_they_were_seen) {
  using enrol::ObjectAction;
  auto& ledger = this->ledger();
  const enrol::ObjectRecord a{enrol::ObjectKind::ra_profile, "a", 0, true, {}, "x", kNow};
  enrol::ObjectRecord b = a;
  b.name = "b";
  const auto nothing = *ledger.objects();
  EXPECT_EQ(code(ledger.change_objects({{a, ObjectAction::save}}, {}, nothing)), "");
  EXPECT_EQ(code(ledger.change_objects({{b, ObjectAction::save}}, {}, nothing)), "store.conflict")
      << "a came meanwhile";
  EXPECT_EQ(code(ledger.change_objects({{b, ObjectAction::save}}, {}, *ledger.objects())), "");
}

TYPED_TEST_P(StoreLedgerContract, what_is_added_and_removed_has_its_rows_in_the_same_commit) {
  auto& ledger = this->ledger();
  const auto rows = [&] { return ledger.audit(100)->size(); };
  EXPECT_EQ(code(ledger.add_credential(credential("alpha"), {audit_row(1)})), "");
  EXPECT_EQ(code(ledger.add_credential(credential("alpha"), {audit_row(2)})),
            "store.reference-exists");
  EXPECT_EQ(rows(), 1u) << "what was refused leaves none";
  EXPECT_EQ(ledger.remove_credential("alpha", {audit_row(3)}), true);
  EXPECT_EQ(ledger.remove_credential("alpha", {audit_row(4)}), false);
  EXPECT_EQ(rows(), 2u);
  EXPECT_EQ(code(ledger.add_token(token("beta"), {audit_row(5)})), "");
  EXPECT_EQ(ledger.remove_token(token("beta").digest, {audit_row(6), audit_row(7)}), true);
  EXPECT_EQ(rows(), 5u);
}

TYPED_TEST_P(StoreLedgerContract, rows_of_one_transaction_are_read_in_their_order) {
  auto first = audit_row(1), second = audit_row(2), other = audit_row(3);
  first.transaction = second.transaction = "0a0b";
  other.transaction = "0c";
  for (const auto& row : {first, other, second})
    ASSERT_EQ(code(this->ledger().append_audit(row)), "");
  const auto found = this->ledger().audit_of("0a0b");
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(0).serial, "1");
  EXPECT_EQ(found->at(1).serial, "2");
  EXPECT_TRUE(this->ledger().audit_of("0d")->empty());
}

TYPED_TEST_P(StoreLedgerContract, the_ledger_may_be_called_from_a_done) {
  std::promise<std::string> outcome;
  this->store().commit(enrolment(1), [&](Result<Committed>) {
    outcome.set_value(code(this->ledger().append_audit(audit_row(2))));
  });
  EXPECT_EQ(outcome.get_future().get(), "");
  EXPECT_EQ(this->ledger().verify_audit(), 2);
}

TYPED_TEST_P(StoreLedgerContract, objects_are_kept_with_every_version) {
  using enrol::ObjectAction;
  enrol::ObjectRecord object{enrol::ObjectKind::certificate_template,
                             "line1",
                             0,
                             true,
                             {{"validity", "90d"},
                              {"min_rsa_bits", std::int64_t{3072}},
                              {"san_required", true},
                              {"keys", std::vector<std::string>{"rsa", "p256"}}},
                             "operator:ada",
                             kNow};
  auto& ledger = this->ledger();
  const auto before = ledger.generation();
  ASSERT_EQ(code(ledger.change_objects({{object, ObjectAction::save}}, {audit_row(1)})), "");
  EXPECT_GT(*ledger.generation(), *before);
  EXPECT_EQ(code(ledger.change_objects({{object, ObjectAction::save}}, {})), "store.conflict")
      << "there is one already";
  auto stored = ledger.objects();
  ASSERT_EQ(stored->size(), 1u);
  EXPECT_EQ(stored->front().fields, object.fields);
  EXPECT_EQ(stored->front().version, 1);
  EXPECT_EQ(stored->front().author, "operator:ada");
  EXPECT_EQ(stored->front().changed, kNow);

  object = stored->front();
  object.enabled = false;
  object.fields.erase("keys");
  ASSERT_EQ(code(ledger.change_objects({{object, ObjectAction::save}}, {audit_row(2)})), "");
  EXPECT_EQ(code(ledger.change_objects({{object, ObjectAction::remove}}, {audit_row(3)})),
            "store.conflict")
      << "of version 1, which is no more";
  object.version = 2;
  ASSERT_EQ(code(ledger.change_objects({{object, ObjectAction::remove}}, {audit_row(3)})), "");
  EXPECT_TRUE(ledger.objects()->empty());
  object.version = 0;
  ASSERT_EQ(code(ledger.change_objects({{object, ObjectAction::save}}, {})), "");
  EXPECT_EQ(ledger.objects()->front().version, 4) << "versions go on";

  const auto history = ledger.object_history(object.kind, "line1");
  ASSERT_EQ(history->size(), 4u);
  EXPECT_EQ(history->at(1).action, ObjectAction::remove);
  EXPECT_TRUE(history->at(3).object.fields.contains("keys"));
  EXPECT_EQ(ledger.audit(10)->size(), 3u) << "what conflicts leaves no row";
}

TYPED_TEST_P(StoreLedgerContract, objects_change_together_or_not_at_all) {
  using enrol::ObjectAction;
  const enrol::ObjectRecord fresh{enrol::ObjectKind::ra_profile, "a", 0, true, {}, "x", kNow};
  enrol::ObjectRecord gone = fresh;
  gone.name = "b";
  gone.version = 7;
  EXPECT_EQ(code(this->ledger().change_objects(
                {{fresh, ObjectAction::save}, {gone, ObjectAction::save}}, {audit_row(1)})),
            "store.conflict");
  EXPECT_TRUE(this->ledger().objects()->empty());
  EXPECT_TRUE(this->ledger().audit(10)->empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreLedgerContract, certificates_are_listed_newest_first_and_filtered,
    certificates_and_secrets_keep_whose_they_are, what_a_named_authority_issued_is_counted_by_time,
    revoked_ones_are_listed_by_serial_until_they_expire,
    an_officer_changes_a_status_once_with_an_audit_row, a_token_is_kept_as_given_and_removed,
    anchors_are_added_replaced_and_removed, the_generation_grows_with_what_caches_must_hear_of,
    named_values_are_set_replaced_and_read, secret_values_are_read_as_secrets_only,
    values_that_belong_together_change_together_or_not_at_all, audit_rows_are_read_newest_first,
    the_ledger_may_be_called_from_a_done, objects_are_kept_with_every_version,
    objects_change_together_or_not_at_all, objects_change_only_while_all_are_as_they_were_seen,
    what_is_added_and_removed_has_its_rows_in_the_same_commit,
    rows_of_one_transaction_are_read_in_their_order);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
