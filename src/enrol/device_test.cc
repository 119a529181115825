#include "enrol/device.h"

#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;

const std::string kDigest(64, 'a');

TEST(Device, takes_what_fits_each_field) {
  struct Case {
    std::string field, value, code = "ok", kept = {};
  };
  const std::vector<Case> cases = {
      {"serial", "SN-1/7 ü"},
      {"serial", "", "device.value"},
      {"serial", std::string(129, 'x'), "device.value"},
      {"serial", "a\nb", "device.value"},
      {"serial", "\xff", "device.value"},
      {"model", "X 100"},
      {"group", std::string(257, 'x'), "device.value"},
      {"mac", "00-1A-2b-3C-4d-5E", "ok", "00:1a:2b:3c:4d:5e"},
      {"mac", "001A2b3C4d5E", "ok", "00:1a:2b:3c:4d:5e"},
      {"mac", "00:1A", "device.value"},
      {"profile", "factory"},
      {"profile", "a b", "device.value"},
      {"key", kDigest},
      {"key", "aa", "device.value"},
      {"certificate", kDigest},
      {"attributes.site", "north"},
      {"attributes.a b", "x", "device.field"},
      {"attributes.", "x", "device.field"},
      {"colour", "red", "device.field"},
      {"state", "enrolled", "device.field"},
  };
  for (const Case& c : cases) {
    DeviceRecord device;
    EXPECT_EQ(code(set_field(device, c.field, c.value)), c.code) << c.field << " " << c.value;
    if (c.code == "ok") {
      EXPECT_EQ(field_of(device, c.field), c.kept.empty() ? c.value : c.kept) << c.field;
    }
  }
}

TEST(Device, loses_what_is_set_to_nothing_and_has_32_attributes_at_most) {
  DeviceRecord device;
  for (int i = 0; i < 32; ++i)
    ASSERT_TRUE(set_field(device, "attributes.a" + std::to_string(i), "x"));
  EXPECT_EQ(code(set_field(device, "attributes.more", "x")), "device.value");
  EXPECT_EQ(code(set_field(device, "attributes.a7", "y")), "ok");
  EXPECT_EQ(code(set_field(device, "attributes.a7", "")), "ok");
  EXPECT_EQ(field_of(device, "attributes.a7"), std::nullopt);
  EXPECT_EQ(device.attributes.size(), 31U);
}

}  // namespace
}  // namespace countersign::enrol
