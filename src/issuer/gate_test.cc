#include "issuer/gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace countersign::issuer {
namespace {

using State = ports::Health::State;

struct StoppedClock final : Clock {
  Time time = from_unix(1'800'000'000);
  Time now() const noexcept override { return time; }
};

TEST(Gate, LetsInWhoAsksInTurnAndNoMoreThanMay) {
  const StoppedClock clock;
  Gate gate({.most_at_once = 2, .most_waiting = 0}, clock);
  std::vector<int> inside;
  for (int who = 1; who <= 4; ++who) gate.enter([&inside, who] { inside.push_back(who); });
  EXPECT_EQ(inside, (std::vector{1, 2}));
  EXPECT_EQ(gate.health().waiting, 2U);
  gate.leave();
  EXPECT_EQ(inside, (std::vector{1, 2, 3}));
  gate.leave();
  gate.leave();
  EXPECT_EQ(inside, (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(gate.health().under_way, 1U);
  EXPECT_EQ(gate.health().waiting, 0U);
}

TEST(Gate, IsFullWhenAsManyWaitAsMay) {
  const StoppedClock clock;
  Gate gate({.most_at_once = 1, .most_waiting = 1}, clock);
  gate.enter([] {});
  EXPECT_EQ(gate.health().state, State::well);
  gate.enter([] {});
  EXPECT_EQ(gate.health().state, State::full);
  gate.leave();
  EXPECT_EQ(gate.health().state, State::well);
}

TEST(Gate, RestsUntilItsTimeOrAnAnswer) {
  StoppedClock clock;
  Gate gate({}, clock);
  gate.failed({Failure::systemUnavail, "x", "no way there", "connection refused"});
  gate.rests_until(clock.time + Seconds{30});
  EXPECT_EQ(gate.health().state, State::resting);
  EXPECT_EQ(gate.health().trouble, "no way there (connection refused)");
  clock.time += Seconds{30};
  EXPECT_EQ(gate.health().state, State::well);
  gate.rests_until(clock.time + Seconds{30});
  gate.answered();
  EXPECT_EQ(gate.health().state, State::well);
  EXPECT_EQ(gate.health().trouble, "");
  EXPECT_EQ(gate.health().answered, clock.time);
}

}  // namespace
}  // namespace countersign::issuer
