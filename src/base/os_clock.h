// The operating system's clock. One of the three places that read the OS.
#pragma once

#include "base/ports.h"

namespace countersign {

class OsClock final : public Clock {
 public:
  Time now() const noexcept override;
};

// For durations: never set back, counted from an unspecified start.
std::chrono::nanoseconds steady_now() noexcept;

}  // namespace countersign
