#include "server/back_off.h"

#include <algorithm>

namespace countersign::server {

Seconds BackOff::delay(const Pair& pair) const {
  const int over = pair.failures - rules_.free_tries;
  if (over <= 0) return Seconds{0};
  constexpr int kMostDoublings = 20;
  const Seconds doubled{std::int64_t{1} << std::min(over - 1, kMostDoublings)};
  return std::min(doubled, pair.known ? rules_.longest_if_known : rules_.longest);
}

std::optional<Seconds> BackOff::must_wait(const std::string& reference, const std::string& source,
                                          Time now) {
  const std::lock_guard lock(mutex_);
  const Pair* pair = pairs_.find({reference, source});
  if (pair != nullptr && now < pair->next) return pair->next - now;
  if (pair != nullptr && pair->known) return std::nullopt;
  const Whole* whole = wholes_.find(reference);
  if (whole != nullptr && now < whole->next_stranger) return whole->next_stranger - now;
  return std::nullopt;
}

void BackOff::failed(const std::string& reference, const std::string& source, Guessable guessable,
                     Time now) {
  const std::lock_guard lock(mutex_);
  const Key key{reference, source};
  Pair pair;
  if (const Pair* found = pairs_.find(key)) pair = *found;
  ++pair.failures;
  pair.next = now + delay(pair);
  pairs_.put(key, pair);

  Whole whole;
  if (const Whole* found = wholes_.find(reference)) whole = *found;
  if (now - whole.since > rules_.window) {
    whole.failures = 0;
    whole.since = now;
  }
  ++whole.failures;
  Time next = whole.next_stranger;
  if (whole.failures >= rules_.in_all) next = std::max(next, now + rules_.between_strangers);
  if (guessable == Guessable::yes && whole.failures >= rules_.lock_out_after)
    next = std::max(next, now + rules_.lock_out);
  whole.next_stranger = next;
  wholes_.put(reference, whole);
}

void BackOff::succeeded(const std::string& reference, const std::string& source) {
  const std::lock_guard lock(mutex_);
  const Key key{reference, source};
  const Pair* found = pairs_.find(key);
  if (found != nullptr && found->known && found->failures == 0) return;
  Pair pair;
  pair.known = true;
  pairs_.put(key, pair);
}

}  // namespace countersign::server
