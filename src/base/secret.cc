#include "base/secret.h"

#include <cstring>

namespace countersign {

void wipe(std::span<Byte> octets) noexcept {
  volatile Byte* p = octets.data();
  for (std::size_t i = 0; i < octets.size(); ++i) p[i] = 0;
}

void Secret::wipe() noexcept {
  // The capacity too: an earlier, longer value may have left octets behind.
  octets_.resize(octets_.capacity());
  countersign::wipe(octets_);
  octets_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  octets_ = std::exchange(other.octets_, {});
  return *this;
}

bool equal_in_constant_time(View a, View b) noexcept {
  if (a.size() != b.size()) return false;
  volatile Byte difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<Byte>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace countersign
