// What protection is accepted; each field is a configuration key.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace countersign::protect {

struct Policy {
  Seconds time_window{300};                // |messageTime - now|; zero: not checked
  bool require_message_time = false;       // first-boot devices have no clock
  bool accept_hmac_sha1 = true;            // as PBM `mac` beside a SHA-2 owf: stock `openssl cmp`
  std::int64_t min_iterations_made = 100;  // for secrets that we made (>= 128 random bits)
  std::int64_t min_iterations_chosen = 10000;  // for secrets that a person chose
  // Unauthenticated peers choose the count: this many take about 30 ms.
  std::int64_t max_iterations = 100000;
  std::size_t max_salt = 1024;
  std::size_t max_extra_certs = 20;
};

}  // namespace countersign::protect
