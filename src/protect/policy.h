// What protection is accepted; each field is a configuration key.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace countersign::protect {

// How a message is protected, as configurations name it. RFC 9481 §3, §6.
enum class ProtectionKind : std::uint8_t { signature, pbmac1, pbm, hmac, kmac };
inline constexpr std::array<std::string_view, 5> kProtectionKinds = {"signature", "pbmac1", "pbm",
                                                                     "hmac", "kmac"};

struct Policy {
  std::bitset<kProtectionKinds.size()> accepted{0b11111};  // by ProtectionKind
  Seconds time_window{300};                                // |messageTime - now|; zero: not checked
  bool require_message_time = false;                       // first-boot devices have no clock
  bool accept_hmac_sha1 = true;              // as PBM `mac` beside a SHA-2 owf: stock `openssl cmp`
  bool accept_owf_sha1 = false;              // as PBM `owf`: RFC 4210 Appendix D.2
  std::int64_t min_iterations_made = 100;    // for secrets that we made (>= 128 random bits)
  std::int64_t min_iterations_chosen = 500;  // for secrets that a person chose
  // Unauthenticated peers choose the count: this many take about 100 ms, on a bounded pool.
  std::int64_t max_iterations = 300000;
  std::size_t max_salt = 1024;
  std::size_t max_extra_certs = 20;
};

}  // namespace countersign::protect
