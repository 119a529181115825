// Strong types for what must not be confused. They do not convert into one another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace countersign {

// certReqId, RFC 9810 §5.3.4. -1 names the request of a p10cr or, in polling, the whole message.
struct RequestId {
  std::int64_t value = 0;
  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};
inline constexpr RequestId kWholeMessage{-1};

template <class Tag>
struct OctetId {
  Bytes octets;
  bool empty() const noexcept { return octets.empty(); }
  std::string hex() const { return to_hex(octets); }
  friend auto operator<=>(const OctetId&, const OctetId&) = default;
};
using TransactionId = OctetId<struct TransactionIdTag>;
using Nonce = OctetId<struct NonceTag>;
// SHA-256 over endpoint, header, body and protection as received.
using RequestDigest = OctetId<struct RequestDigestTag>;

}  // namespace countersign
