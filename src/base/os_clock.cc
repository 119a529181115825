#include "base/os_clock.h"

namespace countersign {

Time OsClock::now() const noexcept {
  return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds steady_now() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace countersign
