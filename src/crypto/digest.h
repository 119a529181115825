// Message digests. SHAKE128 and SHAKE256 give their fixed 32 and 64 octets (RFC 9481 §2.2).
// SHA-1 is here for key identifiers and for old peers; what may use it is decided elsewhere.
// Nothing here fails on any input; a broken library or want of memory throws.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "der/oid.h"

namespace countersign::crypto {

enum class Digest : std::uint8_t {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  sha3_224,
  sha3_256,
  sha3_384,
  sha3_512,
  shake128,
  shake256,
};
inline constexpr std::size_t kDigests = 11;

std::string_view name(Digest digest) noexcept;  // "sha256", "sha3-256", "shake256"
std::optional<Digest> digest_from_name(std::string_view name) noexcept;
const der::Oid& oid(Digest digest) noexcept;
std::optional<Digest> digest_from_oid(const der::Oid& oid) noexcept;
std::size_t digest_size(Digest digest) noexcept;

Bytes digest(Digest algorithm, View data);
Bytes sha256(View data);

// A digest in pieces. After finish() it starts anew. Not for use by two threads at once.
class Hasher {
 public:
  explicit Hasher(Digest algorithm);
  Hasher(Hasher&& other) noexcept;
  Hasher& operator=(Hasher&& other) noexcept;
  ~Hasher();

  Hasher& update(View data);
  Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::crypto
