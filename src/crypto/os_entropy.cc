#include "crypto/os_entropy.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "crypto/libcrypto.h"

namespace countersign::crypto {

Result<> OsEntropy::fill(std::span<Byte> out) noexcept {
  while (!out.empty()) {
    const std::size_t piece = std::min<std::size_t>(out.size(), 1 << 20);
    if (RAND_bytes(out.data(), static_cast<int>(piece)) != 1)
      return fail(Failure::systemFailure, "crypto.entropy",
                  "the server has no randomness now; try again later", library_error());
    out = out.subspan(piece);
  }
  return {};
}

std::size_t count_libraries(std::string_view maps) {
  std::set<std::string_view> paths;
  while (!maps.empty()) {
    const std::string_view line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    const std::size_t slash = line.find('/');
    if (slash == std::string_view::npos) continue;
    const std::string_view path = line.substr(slash);
    if (path.substr(path.rfind('/')).starts_with("/libcrypto.so")) paths.insert(path);
  }
  return paths.size();
}

Result<> check_library() {
  constexpr unsigned long kOldest = 0x30500000UL;
  if (OpenSSL_version_num() < kOldest)
    return fail(Failure::systemFailure, "crypto.library-version",
                "the program needs OpenSSL 3.5 or later; check its library path",
                OpenSSL_version(OPENSSL_VERSION));
  std::ifstream file("/proc/self/maps");
  const std::string maps{std::istreambuf_iterator<char>(file), {}};
  const std::size_t copies = count_libraries(maps);
  if (copies != 1)
    return fail(Failure::systemFailure, "crypto.library-copies",
                "the process must have exactly one libcrypto; check the library path (DT_RPATH)",
                std::to_string(copies) + " copies are mapped");
  return {};
}

}  // namespace countersign::crypto
