#include "issuer/serial.h"

#include <array>

#include "crypto/digest.h"
#include "der/algorithm.h"

namespace countersign::issuer {
namespace {

constexpr std::size_t kSerialOctets = 20;

der::Parsed<View> key_octets(View spki) {
  der::Context context(spki);
  der::Reader in(spki, context);
  der::Reader seq = TRY(in.read(der::Tag::sequence));
  TRY(seq.any(der::Tag::sequence));
  return seq.bit_octets();
}

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

Result<Bytes> key_identifier(View spki) {
  const auto octets = key_octets(spki);
  if (!octets)
    return fail(Failure::systemFailure, "issuer.key-format",
                "the public key to be certified is no SubjectPublicKeyInfo");
  return crypto::digest(crypto::Digest::sha1, *octets);
}

}  // namespace countersign::issuer
