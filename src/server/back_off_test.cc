#include "server/back_off.h"

#include <gtest/gtest.h>

namespace countersign::server {
namespace {

constexpr Time kStart = from_unix(1'800'000'000);

struct Guesser {
  BackOff back_off{{.free_tries = 5, .in_all = 50, .lock_out_after = 100}};
  Time now = kStart;
  // Tries as soon as it may, so often; returns when the last try was.
  Seconds guess(const std::string& source, int tries, Guessable guessable = Guessable::no) {
    for (int i = 0; i < tries; ++i) {
      if (const auto wait = back_off.must_wait("r", source, now)) now += *wait;
      back_off.failed("r", source, guessable, now);
    }
    return now - kStart;
  }
  Seconds wait(const std::string& source, const std::string& reference = "r") {
    return back_off.must_wait(reference, source, now).value_or(Seconds{0});
  }
};

TEST(BackOff, LetsMistakesPassAndMakesGuessesSlow) {
  Guesser g;
  EXPECT_EQ(g.guess("a", 5), Seconds{0});
  EXPECT_EQ(g.wait("a"), Seconds{0});
  EXPECT_EQ(g.guess("a", 4), Seconds{1 + 2 + 4});
  EXPECT_EQ(g.wait("a"), Seconds{8});
  g.guess("a", 10);
  EXPECT_EQ(g.wait("a"), Seconds{900}) << "and no slower";
}

TEST(BackOff, IsOfOneReferenceAndOneAddress) {
  Guesser g;
  g.guess("a", 9);
  EXPECT_EQ(g.wait("b"), Seconds{0});
  EXPECT_EQ(g.wait("a", "another"), Seconds{0});
}

TEST(BackOff, EndsWithTheRightSecret) {
  Guesser g;
  g.guess("a", 9);
  g.back_off.succeeded("r", "a");
  EXPECT_EQ(g.wait("a"), Seconds{0});
}

TEST(BackOff, OfManyAddressesTogetherIsSlowForStrangersAlone) {
  Guesser g;
  g.back_off.succeeded("r", "known");
  for (int i = 0; i < 50; ++i) g.guess("bot-" + std::to_string(i), 1);
  EXPECT_EQ(g.wait("stranger"), Seconds{10});
  EXPECT_EQ(g.wait("known"), Seconds{0});
  g.now += Seconds{10};
  EXPECT_EQ(g.wait("stranger"), Seconds{0});
}

TEST(BackOff, LocksStrangersOutOfWhatCanBeGuessed) {
  Guesser g;
  g.back_off.succeeded("r", "known");
  for (int i = 0; i < 100; ++i) g.guess("bot-" + std::to_string(i), 1, Guessable::yes);
  EXPECT_EQ(g.wait("stranger"), Seconds{86400});
  EXPECT_EQ(g.wait("known"), Seconds{0});
}

TEST(BackOff, IsShortWhereTheSecretWasProvedBefore) {
  Guesser g;
  g.back_off.succeeded("r", "known");
  g.guess("known", 30);
  EXPECT_EQ(g.wait("known"), Seconds{8});
}

}  // namespace
}  // namespace countersign::server
