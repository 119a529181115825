#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <type_traits>

// What is freed is looked at, as whoever finds it in a core file would.
namespace {

const void* watched = nullptr;
std::size_t watched_size = 0;
bool freed = false;
bool zero_when_freed = false;

void look(const void* block) noexcept {
  if (block == nullptr || block != watched) return;
  const auto* octets = static_cast<const unsigned char*>(block);
  freed = true;
  zero_when_freed =
      std::all_of(octets, octets + watched_size, [](unsigned char o) { return o == 0; });
  watched = nullptr;
}

}  // namespace

// Not inlined: gcc would warn that what malloc gave goes to operator delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  look(block);
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  look(block);
  std::free(block);
}

namespace countersign {
namespace {

void watch(View octets) {
  watched = octets.data();
  watched_size = octets.size();
  freed = false;
  zero_when_freed = false;
}

TEST(Secret, IsWipedWhenItGoes) {
  {
    const Secret secret(view("correct horse battery staple"));
    watch(secret.expose());
  }
  EXPECT_TRUE(freed);
  EXPECT_TRUE(zero_when_freed);
}

TEST(Secret, IsWipedWhenAnotherTakesItsPlace) {
  Secret secret(view("correct horse battery staple"));
  watch(secret.expose());
  secret = Secret(view("other"));
  EXPECT_TRUE(freed);
  EXPECT_TRUE(zero_when_freed);
  EXPECT_EQ(text(secret.expose()), "other");
}

TEST(Secret, WipesTheCapacityToo) {
  {
    Bytes octets = to_bytes("correct horse battery staple");
    watch(octets);
    octets.resize(3);
    const Secret secret(std::move(octets));
    EXPECT_EQ(secret.size(), 3U);
  }
  EXPECT_TRUE(freed);
  EXPECT_TRUE(zero_when_freed);
}

TEST(Secret, MovesAndDoesNotCopy) {
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_copy_assignable_v<Secret>);
  static_assert(std::is_nothrow_move_constructible_v<Secret>);
  Secret a(view("x"));
  Secret b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  EXPECT_EQ(text(b.expose()), "x");
  Secret& same = b;
  b = std::move(same);
  EXPECT_EQ(text(b.expose()), "x");
  EXPECT_EQ(text(b.clone().expose()), "x");
}

TEST(Secret, WipeClearsASpan) {
  Bytes octets(33, 0xaa);
  wipe(octets);
  EXPECT_EQ(octets, Bytes(33, 0));
}

TEST(Secret, ConstantTimeComparisonSeesEveryOctet) {
  const Bytes a = {1, 2, 3};
  EXPECT_TRUE(equal_in_constant_time(a, Bytes{1, 2, 3}));
  EXPECT_FALSE(equal_in_constant_time(a, Bytes{0, 2, 3}));
  EXPECT_FALSE(equal_in_constant_time(a, Bytes{1, 2, 0x83}));
  EXPECT_FALSE(equal_in_constant_time(a, Bytes{1, 2}));
  EXPECT_TRUE(equal_in_constant_time(View{}, View{}));
}

}  // namespace
}  // namespace countersign
