#include "store/sqlite/writer.h"

#include <exception>
#include <future>
#include <iterator>

#include "base/os_clock.h"

namespace countersign::store::sqlite {
namespace {

// More gain nothing, and make the first of them wait.
constexpr std::size_t kMostPerBatch = 256;
constexpr std::chrono::seconds kNoHurry{1};

std::unexpected<Error> busy() {
  return fail(Failure::systemUnavail, "store.busy",
              "the server is busy; send the same message again in a few seconds",
              "the commit queue is full");
}

}  // namespace

Writer::Writer(Database database, AuditLane lane, std::size_t capacity)
    : database_(std::move(database)), lane_(std::move(lane)), capacity_(capacity) {
  thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

void Writer::submit(Job job) {
  if (waiting_.fetch_add(1) >= capacity_) {
    waiting_.fetch_sub(1);
    job.done(busy());
    return;
  }
  push(std::move(job));
}

Result<> Writer::run(Apply apply) {
  std::promise<Result<>> promise;
  std::future<Result<>> answer = promise.get_future();
  Job job{std::move(apply), [&](Result<> result) { promise.set_value(std::move(result)); }};
  waiting_.fetch_add(1);
  if (std::this_thread::get_id() == thread_.get_id()) {  // from a Done: the thread is ours
    Batch batch;
    batch.push_back(std::move(job));
    commit(std::move(batch));
  } else {
    push(std::move(job));
  }
  return answer.get();
}

ports::Load Writer::pressure() const noexcept {
  const std::chrono::nanoseconds since = batch_since_;
  const auto age = since.count() == 0 ? since : steady_now() - since;
  return {waiting_.load(), capacity_, std::chrono::duration_cast<std::chrono::milliseconds>(age)};
}

void Writer::push(Job job) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    wakes = job.urgency == ports::Urgency::now && !hurried_;
    hurried_ |= wakes;
    queue_.push_back(std::move(job));
  }
  if (wakes) arrived_.notify_one();
}

// Empty: stopping, and nothing is left.
Writer::Batch Writer::take() {
  std::unique_lock lock(mutex_);
  const auto is_time = [this] { return stopping_ || hurried_; };
  while (!arrived_.wait_for(lock, kNoHurry, is_time) && queue_.empty()) continue;
  Batch batch;
  if (queue_.size() <= kMostPerBatch) {
    batch.swap(queue_);
    hurried_ = false;
    return batch;
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(kMostPerBatch);
  batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void Writer::loop() {
  for (Batch batch = take(); !batch.empty(); batch = take()) {
    batch_since_ = steady_now();
    commit(std::move(batch));
    batch_since_ = std::chrono::nanoseconds(0);
  }
}

void Writer::commit(Batch batch) {
  std::vector<Result<>> results(batch.size());
  WriteSession session(database_, lane_, head_);
  const Result<> committed = apply(batch, results, session);
  if (committed)
    head_ = std::move(session.head_);
  else
    std::ranges::fill(results, committed);
  if (database_.in_transaction()) (void)database_.run("ROLLBACK");
  waiting_.fetch_sub(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(results[i]));
}

// Fails only when the database does: then nothing of the batch is stored.
Result<> Writer::apply(Batch& batch, std::vector<Result<>>& results, WriteSession& session) {
  TRY(database_.run("BEGIN IMMEDIATE"));
  bool anything = false;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    results[i] = apply_one(batch[i], session);
    if (!results[i] && database_failed(results[i].error())) return results[i];
    anything |= results[i].has_value();
  }
  if (!anything) return {};  // rolled back by the caller
  return finish(session);
}

Result<> Writer::apply_one(Job& job, WriteSession& session) {
  TRY(database_.run("SAVEPOINT job"));
  const AuditHead before = session.head_;
  Result<> applied;
  try {
    applied = job.apply(session);
  } catch (const std::exception& problem) {
    applied = fail(Failure::systemFailure, "store.internal", "the server's database failed",
                   problem.what());
  }
  if (applied) {
    TRY(database_.run("RELEASE job"));
    return {};
  }
  session.head_ = before;
  if (database_failed(applied.error())) return applied;
  TRY(database_.run("ROLLBACK TO job"));
  TRY(database_.run("RELEASE job"));
  return applied;
}

Result<> Writer::finish(WriteSession& session) {
  if (session.head_.rows != head_.rows) TRY(lane_.seal(database_, session.head_));
  if (session.changed_) TRY(database_.run("UPDATE generation SET value = value + 1"));
  TRY(database_.run("COMMIT"));
  return {};
}

}  // namespace countersign::store::sqlite
