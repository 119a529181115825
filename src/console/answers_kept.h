// Idempotency-Key: the same request under the same key by the same operator within 24 hours gets
// the same answer, and is done once. Answers that refused are not kept: nothing was done. Bounds:
// 1,024 keys in all, answers of 64 KiB; in memory, so of this process alone. What is kept may hold
// a secret that was shown once. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "console/problem.h"
#include "crypto/bounded_map.h"

namespace countersign::console {

class AnswersKept {
 public:
  struct Key {
    std::string operator_name;
    std::string key;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // The answer of the time before; nullopt: go on, and call finish() with what came of it.
  // 400 "console.idempotency-key", 409 "console.in-progress", 422 "console.key-reused".
  Outcome<std::optional<ports::WebResponse>> begin(const Key& key, const ports::WebRequest& request,
                                                   Time now);
  void finish(const Key& key, const ports::WebResponse& answer);

 private:
  struct Kept {
    Bytes request;  // SHA-256 over method, path, query and body
    Time begun{};
    std::optional<ports::WebResponse> answer;  // nullopt: under way
  };
  std::mutex mutex_;
  crypto::BoundedMap<Key, Kept> kept_{1024};
};

}  // namespace countersign::console
