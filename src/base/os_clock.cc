#include "base/os_clock.h"

namespace countersign {

Time OsClock::now() const noexcept {
  return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

}  // namespace countersign
