// The store contract: the device registry.
#pragma once

#include "ports/store_contract_fixture.h"

// NOLINTBEGIN(readability-identifier-naming): a typed test is a class of its name
namespace countersign::ports::contract {

using enrol::DeviceState;
using enrol::ObjectAction;

inline enrol::DeviceRecord device(std::string serial, std::string group = "") {
  enrol::DeviceRecord record;
  record.serial = std::move(serial);
  record.group = std::move(group);
  record.author = "test";
  record.created = kNow;
  return record;
}

template <class Place>
class StoreDeviceContract : public StoreContract<Place> {
 protected:
  std::string save(enrol::DeviceRecord record) {
    return code(this->ledger().change_devices({{std::move(record)}}, {audit_row(1)}));
  }
  std::optional<enrol::DeviceRecord> stored(const std::string& serial) {
    return this->ledger().device(serial).value();
  }
  std::vector<enrol::DeviceRecord> looked_up(std::vector<std::string> serials) {
    Lookup lookup;
    lookup.devices = std::move(serials);
    return this->load(std::move(lookup)).devices;
  }
  std::string listed(const Ledger::DeviceFilter& filter) {
    std::string out;
    const auto found = this->ledger().devices(filter).value();
    for (const auto& one : found) out += one.serial + ' ';
    return out;
  }
};
TYPED_TEST_SUITE_P(StoreDeviceContract);

TYPED_TEST_P(StoreDeviceContract, a_device_is_kept_as_given) {
  enrol::DeviceRecord record = device("SN/1 ü", "line1");
  record.state = DeviceState::blocked;
  record.model = "X";
  record.mac = "00:1a:2b:3c:4d:5e";
  record.hostname = "u1.example";
  record.attributes = {{"site", "north \"2\""}, {"rack", "7"}};
  record.profile = "factory";
  record.key_hash = Bytes(32, 1);
  record.certificate_hash = Bytes(32, 2);
  record.note = "second shelf";
  record.enrolled = kNow + Seconds{1};
  record.good_until = kNow + Seconds{2};
  ASSERT_EQ(this->save(record), "");
  const auto found = this->looked_up({"SN/1 ü", "SN-2"});
  ASSERT_EQ(found.size(), 1u);
  const auto& d = found[0];
  EXPECT_EQ(d.serial, record.serial);
  EXPECT_EQ(d.version, 1);
  EXPECT_EQ(d.state, record.state);
  EXPECT_EQ(d.model, record.model);
  EXPECT_EQ(d.group, record.group);
  EXPECT_EQ(d.mac, record.mac);
  EXPECT_EQ(d.hostname, record.hostname);
  EXPECT_EQ(d.attributes, record.attributes);
  EXPECT_EQ(d.profile, record.profile);
  EXPECT_EQ(d.key_hash, record.key_hash);
  EXPECT_EQ(d.certificate_hash, record.certificate_hash);
  EXPECT_EQ(d.note, record.note);
  EXPECT_EQ(d.author, record.author);
  EXPECT_EQ(d.created, record.created);
  EXPECT_EQ(d.enrolled, record.enrolled);
  EXPECT_EQ(d.good_until, record.good_until);
  EXPECT_EQ(this->ledger().audit(10)->size(), 1u);
}

TYPED_TEST_P(StoreDeviceContract, devices_change_together_and_only_as_they_were_read) {
  ASSERT_EQ(this->save(device("a")), "");
  EXPECT_EQ(this->save(device("a")), "store.conflict") << "it is there";
  auto again = *this->stored("a");
  again.group = "g";
  EXPECT_EQ(code(this->ledger().change_devices({{device("b")}, {device("a")}}, {audit_row(2)})),
            "store.conflict");
  EXPECT_FALSE(this->stored("b"));
  EXPECT_EQ(this->ledger().audit(10)->size(), 1u);
  ASSERT_EQ(this->save(again), "");
  EXPECT_EQ(this->stored("a")->version, 2);
  EXPECT_EQ(code(this->ledger().change_devices({{again, ObjectAction::remove}}, {})),
            "store.conflict");
  again = *this->stored("a");
  EXPECT_EQ(code(this->ledger().change_devices({{again, ObjectAction::remove}}, {})), "");
  EXPECT_FALSE(this->stored("a"));
}

TYPED_TEST_P(StoreDeviceContract, lists_go_on_behind_a_serial_number) {
  for (int n = 0; n < 9; ++n) {
    auto one = device("s" + std::to_string(n), n % 2 == 0 ? "even" : "");
    if (n < 3) one.state = DeviceState::enrolled;
    if (n == 8) one.state = DeviceState::blocked;
    ASSERT_EQ(this->save(one), "");
  }
  EXPECT_EQ(this->listed({.state = {}, .group = {}, .after = "", .most = 3}), "s0 s1 s2 ");
  EXPECT_EQ(this->listed({.state = {}, .group = {}, .after = "s2", .most = 2}), "s3 s4 ");
  EXPECT_EQ(this->listed({.state = DeviceState::enrolled, .group = {}, .after = "s0"}), "s1 s2 ");
  EXPECT_EQ(this->listed({.state = DeviceState::expected, .group = {}, .after = "s4"}),
            "s5 s6 s7 ");
  EXPECT_EQ(this->listed({.state = {}, .group = "even", .after = "s2"}), "s4 s6 s8 ");
  EXPECT_EQ(this->listed({.state = DeviceState::expected, .group = "even", .after = ""}), "s4 s6 ");
  EXPECT_EQ(this->listed({.state = DeviceState::blocked, .group = "odd", .after = ""}), "");
}

TYPED_TEST_P(StoreDeviceContract, the_first_certificate_enrols_a_device_in_its_own_commit) {
  ASSERT_EQ(this->save(device("a")), "");
  auto blocked = device("b");
  blocked.state = DeviceState::blocked;
  ASSERT_EQ(this->save(blocked), "");
  Commit commit = enrolment(1);
  commit.certificates[0].device = "a";
  commit.device_enrolments = {{"a", kNow}, {"b", kNow}, {"nobody", kNow}};
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->load_certificate(1).at(0).device, "a");
  EXPECT_EQ(this->stored("a")->state, DeviceState::enrolled);
  EXPECT_EQ(this->stored("a")->enrolled, kNow);
  EXPECT_EQ(this->stored("b")->state, DeviceState::blocked);
  Commit later;
  later.device_enrolments = {{"a", kNow + Seconds{9}}};
  ASSERT_EQ(this->commit(later), "");
  EXPECT_EQ(this->stored("a")->enrolled, kNow) << "the first one counts";
  Commit refused = enrolment(2);
  refused.certificates[0].serial = serial(1);
  refused.device_enrolments = {{"c", kNow}};
  ASSERT_EQ(this->save(device("c")), "");
  EXPECT_EQ(this->commit(refused), "store.conflict");
  EXPECT_EQ(this->stored("c")->state, DeviceState::expected);
}

TYPED_TEST_P(StoreDeviceContract, what_a_webhook_tells_replaces_nothing_that_operators_entered) {
  ASSERT_EQ(this->save(device("a", "of the operator")), "");
  Commit commit;
  commit.told_devices = {device("a", "told"), device("b", "told")};
  for (auto& one : commit.told_devices) one.good_until = kNow;
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->stored("a")->group, "of the operator");
  EXPECT_EQ(this->stored("b")->group, "told");
  commit.told_devices[1].group = "told again";
  ASSERT_EQ(this->commit(commit), "");
  EXPECT_EQ(this->stored("b")->group, "told again");
  EXPECT_EQ(this->stored("b")->version, 2);
}

TYPED_TEST_P(StoreDeviceContract, devices_are_no_business_of_what_is_kept_in_memory) {
  const auto before = this->ledger().generation().value();
  ASSERT_EQ(this->save(device("a")), "");
  EXPECT_EQ(this->ledger().generation().value(), before);
}

REGISTER_TYPED_TEST_SUITE_P(StoreDeviceContract, a_device_is_kept_as_given,
                            devices_change_together_and_only_as_they_were_read,
                            lists_go_on_behind_a_serial_number,
                            the_first_certificate_enrols_a_device_in_its_own_commit,
                            what_a_webhook_tells_replaces_nothing_that_operators_entered,
                            devices_are_no_business_of_what_is_kept_in_memory);

}  // namespace countersign::ports::contract
// NOLINTEND(readability-identifier-naming)
