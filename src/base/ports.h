// The two doors to the operating system that the pure layers know: time and randomness.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign {

struct Clock {
  virtual ~Clock() = default;
  virtual Time now() const noexcept = 0;
};

struct Entropy {
  virtual ~Entropy() = default;
  virtual Result<> fill(std::span<Byte> out) noexcept = 0;
};

}  // namespace countersign
