#include "store/vault.h"

#include <gtest/gtest.h>

#include "crypto/os_entropy.h"

namespace countersign::store {
namespace {

Vault vault(Byte key = 0x11) {
  static crypto::OsEntropy entropy;
  return *Vault::make(Secret(Bytes(32, key)), entropy);
}

TEST(Vault, opens_what_it_sealed) {
  const Bytes sealed = *vault().seal("reply", view("row"), view("octets"));
  EXPECT_EQ(text(vault().open("reply", view("row"), sealed)->expose()), "octets");
}

TEST(Vault, seals_the_same_value_differently_each_time) {
  EXPECT_NE(*vault().seal("reply", view("row"), view("octets")),
            *vault().seal("reply", view("row"), view("octets")));
}

TEST(Vault, opens_a_value_in_its_own_row_only) {
  const Bytes sealed = *vault().seal("reply", view("row"), view("octets"));
  struct Case {
    const char* kind;
    const char* row;
    Byte key;
  };
  for (const Case& c : {Case{"reply", "other", 0x11}, Case{"value", "row", 0x11},
                        Case{"repl", "yrow", 0x11}, Case{"reply", "row", 0x12}}) {
    const auto opened = vault(c.key).open(c.kind, view(c.row), sealed);
    ASSERT_FALSE(opened) << c.kind << " " << c.row;
    EXPECT_EQ(opened.error().code, "crypto.seal-broken");
  }
}

TEST(Vault, does_not_open_a_changed_value) {
  const Bytes sealed = *vault().seal("reply", view("row"), view("octets"));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(vault().open("reply", view("row"), changed)) << at;
  }
  EXPECT_FALSE(vault().open("reply", view("row"), {}));
}

TEST(Vault, makes_a_mac_for_each_kind) {
  const Bytes mac = vault().mac("head", view("data"));
  EXPECT_EQ(mac.size(), 32u);
  EXPECT_TRUE(vault().mac_matches("head", view("data"), mac));
  EXPECT_FALSE(vault().mac_matches("head", view("date"), mac));
  EXPECT_FALSE(vault().mac_matches("census", view("data"), mac));
  EXPECT_FALSE(vault().mac_matches("head", view("data"), {}));
  EXPECT_FALSE(vault(0x12).mac_matches("head", view("data"), mac));
}

TEST(Vault, refuses_a_key_of_another_size) {
  crypto::OsEntropy entropy;
  for (const std::size_t size : {0u, 16u, 31u, 33u}) {
    const auto made = Vault::make(Secret(Bytes(size, 1)), entropy);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, "store.key-size");
  }
}

}  // namespace
}  // namespace countersign::store
