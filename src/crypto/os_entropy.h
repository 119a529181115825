// The operating system's randomness, through OpenSSL's generator, and the check that the process
// runs on the one library it was built for. Two of the places that read the OS.
// Errors: crypto.entropy, crypto.library-version, crypto.library-copies.
#pragma once

#include <string_view>

#include "base/ports.h"

namespace countersign::crypto {

// Safe for use by several threads.
class OsEntropy final : public Entropy {
 public:
  Result<> fill(std::span<Byte> out) noexcept override;
};

// OpenSSL 3.5 or later at run time, and exactly one libcrypto in the process: two copies would not
// see each other's settings. Called once, at start.
Result<> check_library();

// The number of different libcrypto files in the text of /proc/self/maps.
std::size_t count_libraries(std::string_view maps);

}  // namespace countersign::crypto
