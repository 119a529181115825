// Octets that are wiped when they go, cannot be printed or copied by accident, and are compared
// in constant time.
#pragma once

#include <utility>

#include "base/bytes.h"

namespace countersign {

class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes octets) noexcept : octets_(std::move(octets)) {}
  explicit Secret(View octets) : octets_(octets.begin(), octets.end()) {}
  Secret(Secret&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  // The one door to the octets: grep for it.
  View expose() const noexcept { return octets_; }
  Secret clone() const { return Secret(expose()); }
  bool empty() const noexcept { return octets_.empty(); }
  std::size_t size() const noexcept { return octets_.size(); }

 private:
  void wipe() noexcept;
  Bytes octets_;
};

// Time depends on the lengths only.
bool equal_in_constant_time(View a, View b) noexcept;
void wipe(std::span<Byte> octets) noexcept;

}  // namespace countersign
