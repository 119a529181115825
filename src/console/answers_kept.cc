#include "console/answers_kept.h"

#include "crypto/digest.h"

namespace countersign::console {
namespace {

constexpr Seconds kKeptFor{24LL * 3600};
constexpr Seconds kLongestWork{600};  // what takes longer has come to nothing
constexpr std::size_t kLongestKey = 255;
constexpr std::size_t kLargestAnswer = 64 * 1024;

Bytes digest_of(const ports::WebRequest& request) {
  crypto::Hasher hasher(crypto::Digest::sha256);
  const Byte end = 0;  // no part holds one, but the body, which is last
  for (const std::string* part : {&request.method, &request.path})
    hasher.update(view(*part)).update({&end, 1});
  for (const auto& [name, value] : request.query)
    hasher.update(view(name)).update({&end, 1}).update(view(value)).update({&end, 1});
  return hasher.update({&end, 1}).update(request.body).finish();
}

}  // namespace

Outcome<std::optional<ports::WebResponse>> AnswersKept::begin(const Key& key,
                                                              const ports::WebRequest& request,
                                                              Time now) {
  if (key.key.size() > kLongestKey)
    return refuse(400, "console.idempotency-key",
                  "the header Idempotency-Key is longer than 255 characters: send a shorter one");
  Bytes digest = digest_of(request);
  const std::lock_guard lock(mutex_);
  const Kept* const before = kept_.find(key);
  const Seconds lives = before != nullptr && before->answer ? kKeptFor : kLongestWork;
  if (before == nullptr || now >= before->begun + lives) {
    kept_.put(key, {std::move(digest), now, std::nullopt});
    return std::nullopt;
  }
  if (before->request != digest)
    return refuse(422, "console.key-reused",
                  "this Idempotency-Key was sent with another request: make a new key for each "
                  "thing that you want done");
  if (before->answer) return before->answer;
  auto busy = refuse(409, "console.in-progress",
                     "the request of this Idempotency-Key is still being worked on: send it again "
                     "in a second");
  busy.error().headers.emplace_back("Retry-After", "1");
  return busy;
}

void AnswersKept::finish(const Key& key, const ports::WebResponse& answer) {
  const std::lock_guard lock(mutex_);
  const Kept* const begun = kept_.find(key);
  if (begun == nullptr) return;
  if (answer.status >= 300 || answer.body.size() > kLargestAnswer) return kept_.erase(key);
  kept_.put(key, {begun->request, begun->begun, answer});
}

}  // namespace countersign::console
