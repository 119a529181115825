#include "base/time.h"

#include <gtest/gtest.h>

#include "base/os_clock.h"

namespace countersign {
namespace {

struct Moment {
  long long unix_seconds;
  const char* iso;
};
constexpr Moment kMoments[] = {
    {0, "1970-01-01T00:00:00Z"},
    {-1, "1969-12-31T23:59:59Z"},
    {951782400, "2000-02-29T00:00:00Z"},
    {1795254317, "2026-11-21T09:45:17Z"},
    {2524608000, "2050-01-01T00:00:00Z"},
    {4107542400, "2100-03-01T00:00:00Z"},
    {253402300799, "9999-12-31T23:59:59Z"},
    {-631152000, "1950-01-01T00:00:00Z"},
    {-62167219200, "0000-01-01T00:00:00Z"},
};

TEST(Time, IsoAndUnixAgree) {
  for (const Moment& m : kMoments) {
    SCOPED_TRACE(m.iso);
    EXPECT_EQ(to_iso(from_unix(m.unix_seconds)), m.iso);
    ASSERT_TRUE(from_iso(m.iso));
    EXPECT_EQ(to_unix(*from_iso(m.iso)), m.unix_seconds);
    EXPECT_EQ(from_civil(to_civil(from_unix(m.unix_seconds))), from_unix(m.unix_seconds));
  }
}

TEST(Time, ADateIsItsMidnight) {
  EXPECT_EQ(to_date(from_unix(951782401)), "2000-02-29");
  EXPECT_EQ(from_iso("2000-02-29"), from_unix(951782400));
}

TEST(Time, WhatIsNoTimeIsRefused) {
  for (const char* wrong : {"",
                            "2026",
                            "2026-11-21 09:45:17",
                            "2026-11-21T09:45:17",
                            "2026-11-21T09:45:17+0",
                            "2026-11-21 09:45:17Z",
                            "2026-11-21T09.45:17Z",
                            "2026-11-21T09:45-17Z",
                            "2026/11/21",
                            "2026-13-01",
                            "2026-00-01",
                            "2026-01-00",
                            "2026-02-29",
                            "2100-02-29",
                            "2026-11-31",
                            "2026-11-21T24:00:00Z",
                            "2026-11-21T23:60:00Z",
                            "2026-12-31T23:59:60Z",
                            "-123-01-01",
                            "2026--1-01",
                            "2026-+1-01",
                            "2026-01-01T-0:00:00Z",
                            " 026-01-01",
                            "2026-01-1 "}) {
    SCOPED_TRACE(wrong);
    EXPECT_EQ(from_iso(wrong), std::nullopt);
  }
}

TEST(Time, CivilTimesThatDoNotExistAreRefused) {
  EXPECT_EQ(from_civil({2026, 2, 29, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(from_civil({2026, 1, 1, -1, 0, 0}), std::nullopt);
  EXPECT_EQ(from_civil({2026, 1, 1, 0, 0, 60}), std::nullopt);
  EXPECT_NE(from_civil({2024, 2, 29, 23, 59, 59}), std::nullopt);
}

TEST(Duration, UnitsAreRead) {
  EXPECT_EQ(parse_duration("90s"), Seconds{90});
  EXPECT_EQ(parse_duration("90"), Seconds{90});
  EXPECT_EQ(parse_duration("0"), Seconds{0});
  EXPECT_EQ(parse_duration("5m"), Seconds{300});
  EXPECT_EQ(parse_duration("24h"), Seconds{86400});
  EXPECT_EQ(parse_duration("30d"), Seconds{2592000});
  EXPECT_EQ(parse_duration("1y"), Seconds{31536000});
  EXPECT_EQ(parse_duration("100y"), Seconds{3153600000});
}

TEST(Duration, WhatIsNoneIsRefused) {
  for (const char* wrong : {"", "s", "y", "-1s", "-0", "-0s", "+5m", "1.5h", "5 m", "m5", "5M",
                            "1w", "101y", "9223372036854775807", "99999999999999999999", "5mm"}) {
    SCOPED_TRACE(wrong);
    EXPECT_EQ(parse_duration(wrong), std::nullopt);
  }
}

TEST(Duration, TextUsesTheLargestUnitThatFits) {
  EXPECT_EQ(to_text(Seconds{0}), "0s");
  EXPECT_EQ(to_text(Seconds{90}), "90s");
  EXPECT_EQ(to_text(Seconds{300}), "5m");
  EXPECT_EQ(to_text(Seconds{86400}), "1d");
  EXPECT_EQ(to_text(Seconds{31536000}), "1y");
  for (const long long seconds : {1LL, 59LL, 3600LL, 5400LL, 2592000LL, 63072000LL}) {
    SCOPED_TRACE(seconds);
    EXPECT_EQ(parse_duration(to_text(Seconds{seconds})), Seconds{seconds});
  }
}

TEST(OsClock, IsPastTheDayThatThisWasWritten) { EXPECT_GT(to_unix(OsClock{}.now()), 1700000000); }

}  // namespace
}  // namespace countersign
