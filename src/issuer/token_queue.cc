#include "issuer/token_queue.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace countersign::issuer {
namespace {

std::unexpected<Error> busy() {
  return fail(Failure::systemUnavail, "issuer.token-busy",
              "too many signatures wait for the token of our key; try again in a moment");
}

std::unexpected<Error> slow() {
  return fail(Failure::systemUnavail, "issuer.token-slow",
              "the token of our key does not answer; see to it, and try again");
}

std::unexpected<Error> closed() {
  return fail(Failure::systemUnavail, "issuer.token-closed",
              "this server is stopping; try again in a moment");
}

}  // namespace

struct TokenQueue::State {
  struct Job {
    Work work;
    Done<Bytes> done;
  };

  explicit State(Limits wanted) : limits(wanted) {}

  const Limits limits;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> waiting;
  std::size_t begun = 0;  // the number of the call under way, or of the last one
  bool at_work = false, stuck = false, stopping = false, ended = false;
  Done<Bytes> done;  // of the call under way; empty: it has been answered

  void work();
  void watch();
};

void TokenQueue::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    if (stopping) break;
    {
      Job job = std::move(waiting.front());
      waiting.pop_front();
      done = std::move(job.done);
      ++begun;
      at_work = true;
      changed.notify_all();
      lock.unlock();
      auto result = job.work();
      lock.lock();
      at_work = stuck = false;
      changed.notify_all();
      auto tell = std::exchange(done, nullptr);
      lock.unlock();
      if (tell) tell(std::move(result));
    }  // what the work held goes outside the lock
    lock.lock();
  }
  ended = true;
  changed.notify_all();
}

void TokenQueue::State::watch() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    changed.wait(lock, [this] { return stopping || (at_work && !stuck); });
    const auto number = begun;
    const auto over = [&] { return stopping || !at_work || begun != number; };
    if (changed.wait_for(lock, limits.patience, over)) continue;
    stuck = true;
    auto all = std::exchange(waiting, {});
    all.push_back({nullptr, std::exchange(done, nullptr)});
    lock.unlock();
    for (Job& job : all) job.done(slow());
    all.clear();  // outside the lock: what works hold may call the module when it goes
    lock.lock();
  }
}

TokenQueue::TokenQueue(Limits limits)
    : state_(std::make_shared<State>(limits)),
      worker_([state = state_] { state->work(); }),
      watch_([state = state_] { state->watch(); }) {}

TokenQueue::~TokenQueue() { stop(); }

void TokenQueue::ask(Work work, Done<Bytes> done) {
  auto refusal = [&]() -> std::optional<std::unexpected<Error>> {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return closed();
    if (state_->stuck) return slow();
    if (state_->waiting.size() >= state_->limits.most_waiting) return busy();
    state_->waiting.push_back({std::move(work), std::move(done)});
    state_->changed.notify_all();
    return std::nullopt;
  }();
  if (refusal) done(*std::move(refusal));
}

void TokenQueue::stop() {
  if (!worker_.joinable()) return;
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  auto all = std::exchange(state_->waiting, {});
  state_->changed.notify_all();
  lock.unlock();
  for (auto& job : all) job.done(closed());
  watch_.join();
  lock.lock();
  const auto patience = state_->stuck ? std::chrono::milliseconds{0} : state_->limits.patience;
  state_->changed.wait_for(lock, patience, [this] { return state_->ended; });
  if (state_->ended) {
    lock.unlock();
    return worker_.join();
  }
  auto tell = std::exchange(state_->done, nullptr);
  lock.unlock();
  worker_.detach();
  if (tell) tell(slow());
}

}  // namespace countersign::issuer
