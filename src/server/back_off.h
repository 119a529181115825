// Who guesses at shared secrets waits longer and longer. References travel in clear, so nobody may
// be shut out by somebody else's failures: whoever has proved a secret from an address before is
// held up there for seconds at most, whatever strangers do.
//
// Kept in memory, per process; the oldest are forgotten. Thread-safe. Whether a reference exists
// makes no difference.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"
#include "crypto/bounded_map.h"

namespace countersign::server {

// A secret that somebody chose, and that is short, can be guessed in fewer tries.
enum class Guessable { no, yes };

class BackOff {
 public:
  struct Rules {
    int free_tries = 50;          // of one reference from one address
    Seconds longest{900};         // then 1 s, 2 s, 4 s … up to this
    Seconds longest_if_known{8};  // where the secret was proved from that address before
    int in_all = 100;             // of one reference, from all addresses, within `window`
    Seconds window{3600};
    Seconds between_strangers{10};  // then one try in so long from all strangers together
    int lock_out_after = 200;       // of a guessable secret, within `window`
    Seconds lock_out{86400};        // of strangers
  };
  BackOff() = default;
  explicit BackOff(Rules rules) : rules_(rules) {}

  // nullopt: it may be tried now.
  std::optional<Seconds> must_wait(const std::string& reference, const std::string& source,
                                   Time now);
  void failed(const std::string& reference, const std::string& source, Guessable guessable,
              Time now);
  void succeeded(const std::string& reference, const std::string& source);

 private:
  struct Pair {
    int failures = 0;  // since it last succeeded
    bool known = false;
    Time next{};
  };
  struct Whole {
    int failures = 0;
    Time since{};
    Time next_stranger{};
  };
  using Key = std::pair<std::string, std::string>;
  Seconds delay(const Pair& pair) const;

  static constexpr std::size_t kMost = 100'000;
  Rules rules_;
  std::mutex mutex_;
  crypto::BoundedMap<Key, Pair> pairs_{kMost};
  crypto::BoundedMap<std::string, Whole> wholes_{kMost};
};

}  // namespace countersign::server
