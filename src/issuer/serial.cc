#include "issuer/serial.h"

#include <array>

namespace countersign::issuer {
namespace {

constexpr std::size_t kSerialOctets = 20;

}  // namespace

Result<Bytes> new_serial(Entropy& entropy) {
  std::array<Byte, kSerialOctets> octets{};
  TRY(entropy.fill(octets));
  octets[0] &= 0x7f;
  std::size_t start = 0;
  while (start + 1 < kSerialOctets && octets[start] == 0 && octets[start + 1] < 0x80) ++start;
  if (octets[start] == 0 && start + 1 == kSerialOctets)
    return fail(Failure::systemFailure, "issuer.entropy",
                "the source of randomness gave zeros only", "no serial number was made");
  return Bytes(octets.begin() + static_cast<std::ptrdiff_t>(start), octets.end());
}

}  // namespace countersign::issuer
