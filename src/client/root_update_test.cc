#include "client/root_update.h"

#include <gtest/gtest.h>

#include "client/files.h"
#include "client/identity.h"
#include "client/scratch_for_test.h"

namespace countersign::client {
namespace {

Bytes certificate(const std::string& name) {
  const auto path = std::string(COUNTERSIGN_SOURCE_DIR "/tests/vectors/client/") + name + ".pem";
  return load_certificates(path).value().leaf.der;
}

// The certificates were made by OpenSSL: tests/vectors/client/make.sh.
struct Case {
  const char* sentence;
  const char* new_with_new;
  const char* new_with_old;  // "": left out
  const char* old_with_new;
  const char* known;
  bool holds;
};
constexpr Case kCases[] = {
    {"all three", "new", "new_with_old", "old_with_new", "old", true},
    {"without the way back, which is optional", "new", "new_with_old", "", "old", true},
    {"nothing links it to the known root", "new", "", "", "old", false},
    {"the link is from another root than the known one", "new", "new_with_old", "", "other", false},
    {"the fields are swapped", "new_with_old", "new", "", "old", false},
    {"the link is the new root itself", "new", "new", "", "old", false},
    {"the link is for another key", "new", "renamed_with_old", "", "old", false},
    {"the new root is the old one", "old", "new_with_old", "", "old", false},
    {"the new root has another name", "renamed", "renamed_with_old", "", "old", false},
    {"the way back is for another key", "new", "new_with_old", "other_with_new", "old", false},
    {"the way back is not signed by the new key", "new", "new_with_old", "old", "old", false},
};

TEST(RootUpdate, HoldsOnlyWhereTheOldRootVouchesForTheNewOne) {
  const Time now = *from_iso("2030-01-01");
  for (const Case& c : kCases) {
    message::RootCaKeyUpdateContent update{certificate(c.new_with_new), {}, {}};
    if (*c.new_with_old != 0) update.new_with_old = certificate(c.new_with_old);
    if (*c.old_with_new != 0) update.old_with_new = certificate(c.old_with_new);
    const auto result = check_root_update(update, {certificate(c.known)}, now);
    EXPECT_EQ(result.has_value(), c.holds) << c.sentence;
    if (!result) {
      EXPECT_EQ(result.error().code, "client.root-update") << c.sentence;
    }
  }
}

// RFC 9810 §4.4.2.2: every one of the three must hold at the time.
TEST(RootUpdate, NotWhatHasExpired) {
  const Time now = *from_iso("2030-01-01");
  struct Ended {
    const char* sentence;
    const char* new_with_new;
    const char* new_with_old;
    const char* old_with_new;
    const char* known;
  };
  constexpr Ended kExpired[] = {
      {"the new root", "new_expired", "new_with_old", "", "old"},
      {"the link", "new", "new_with_old_expired", "", "old"},
      {"the way back", "new", "new_with_old", "old_with_new_expired", "old"},
      {"the known root", "new", "new_with_old", "", "old_expired"},
  };
  for (const Ended& c : kExpired) {
    message::RootCaKeyUpdateContent update{
        certificate(c.new_with_new), certificate(c.new_with_old), {}};
    if (*c.old_with_new != 0) update.old_with_new = certificate(c.old_with_new);
    const auto result = check_root_update(update, {certificate(c.known)}, now);
    ASSERT_FALSE(result) << c.sentence;
    EXPECT_EQ(result.error().code, "client.root-update") << c.sentence;
    EXPECT_TRUE(check_root_update(update, {certificate(c.known)}, *from_iso("2027-01-01")))
        << c.sentence << ": " << "it held when all of it did";
  }
}

TEST(RootUpdate, IsPutBeforeTheRootsOfTheFileOnce) {
  const Scratch scratch;
  const std::string file = scratch.at("roots.pem");
  const message::RootCaKeyUpdateContent update{certificate("new"), certificate("new_with_old"), {}};
  const auto vouched =
      check_root_update(update, {certificate("old")}, *from_iso("2030-01-01")).value();
  const std::vector<Bytes> old_ones{certificate("old"), certificate("other")};
  ASSERT_TRUE(write_file(file, view(to_pem(old_ones)), Access::open));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(accept_root(file, vouched));
    EXPECT_EQ(load_anchor_list(file).value(),
              (std::vector<Bytes>{certificate("new"), old_ones[0], old_ones[1]}));
  }
  const std::string fresh = scratch.at("fresh.pem");
  ASSERT_TRUE(accept_root(fresh, vouched));
  EXPECT_EQ(load_anchor_list(fresh).value(), std::vector<Bytes>{certificate("new")});
}

TEST(RootUpdate, NotWhenExpiredAndNotWithoutAKnownRoot) {
  const message::RootCaKeyUpdateContent update{certificate("new"), certificate("new_with_old"), {}};
  EXPECT_FALSE(check_root_update(update, {certificate("old")}, *from_iso("2099-01-01")));
  EXPECT_FALSE(check_root_update(update, {}, *from_iso("2030-01-01")));
}

TEST(RootUpdate, NotWhatCannotBeRead) {
  const message::RootCaKeyUpdateContent update{{0x30, 0x00}, Bytes{0x30, 0x00}, {}};
  EXPECT_FALSE(check_root_update(update, {certificate("old")}, *from_iso("2030-01-01")));
}

}  // namespace
}  // namespace countersign::client
