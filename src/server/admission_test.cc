#include "server/admission.h"

#include <gtest/gtest.h>

#include "server/refusals.h"

namespace countersign::server {
namespace {

using message::BodyType;
using std::chrono::milliseconds;

TEST(Admission, turns_away_what_begins_before_what_ends) {
  const struct {
    const char* sentence;
    ports::Load load;
    bool begins, ends;
  } cases[] = {
      {"at rest", {0, 100, milliseconds{0}}, true, true},
      {"below the mark", {74, 100, milliseconds{10}}, true, true},
      {"at the mark", {75, 100, milliseconds{10}}, false, true},
      {"full", {100, 100, milliseconds{10}}, false, false},
      {"few wait, and the disk stands still", {2, 100, milliseconds{5'000}}, false, true},
      {"it stands still for long", {2, 100, milliseconds{10'000}}, false, false},
      {"a store that does not queue", {0, 0, milliseconds{0}}, true, true},
  };
  for (const auto& c : cases) {
    for (const auto type : {BodyType::ir, BodyType::rr, BodyType::genm})
      EXPECT_EQ(check_load(c.load, type).has_value(), c.begins) << c.sentence;
    for (const auto type : {BodyType::certConf, BodyType::pollReq, BodyType::error})
      EXPECT_EQ(check_load(c.load, type).has_value(), c.ends) << c.sentence;
  }
  EXPECT_EQ(check_load({1, 1, {}}, BodyType::ir).error().code, "server.busy");
}

TEST(Refusals, are_summed_by_code_and_told_once) {
  const Time now = from_unix(1'800'000'000);
  Refusals refusals;
  EXPECT_FALSE(refusals.sum(now));
  for (int i = 0; i < 3; ++i) refusals.count("protect.mac-mismatch");
  auto row = refusals.sum(now);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->event, "refused-unproved");
  EXPECT_EQ(row->code, "protect.mac-mismatch");
  EXPECT_EQ(row->detail, "protect.mac-mismatch 3");
  EXPECT_EQ(row->at, now);
  EXPECT_FALSE(refusals.sum(now));
  refusals.count("der.truncated");
  refusals.count("protect.mac-mismatch");
  row = refusals.sum(now);
  EXPECT_EQ(row->code, "");
  EXPECT_EQ(row->detail, "der.truncated 1, protect.mac-mismatch 1");
}

}  // namespace
}  // namespace countersign::server
