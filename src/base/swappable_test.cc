#include "base/swappable.h"

#include <gtest/gtest.h>

#include <thread>

namespace countersign {
namespace {

TEST(Swappable, IsEmptyAtFirst) { EXPECT_EQ(Swappable<int>().get(), nullptr); }

TEST(Swappable, AReaderKeepsWhatItGot) {
  Swappable<const int> value;
  value.set(std::make_shared<const int>(1));
  const auto got = value.get();
  value.set(std::make_shared<const int>(2));
  EXPECT_EQ(*got, 1);
  EXPECT_EQ(*value.get(), 2);
}

struct Pair {  // equal as long as it lives
  int a, b;
  ~Pair() { a = -1; }
};

TEST(Swappable, ReadersOnOtherThreadsSeeWholeValues) {
  Swappable<const Pair> value;
  value.set(std::make_shared<const Pair>(0, 0));
  constexpr int kTimes = 20'000;
  std::jthread writer([&] {
    for (int i = 1; i <= kTimes; ++i) value.set(std::make_shared<const Pair>(i, i));
  });
  int wrong = 0;
  for (int last = 0; last < kTimes;) {
    const auto got = value.get();
    wrong += got->a != got->b || got->a < last;
    last = got->a;
    if (wrong > 0) break;
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace countersign
