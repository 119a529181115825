// The one writer of a store: a thread that gathers the jobs which are waiting and commits them
// together, in the order in which they came. No artificial delay: grouping comes from the queue,
// which is bounded. Only jobs that are all in no hurry wait for the next one, for a second.
//
// Each job runs in a savepoint of its own: one that fails is undone alone. When the database itself
// fails (disk full, I/O), nothing of the batch is stored and every job of it gets that error; the
// next batch starts anew. Done is called on the writer's thread, once, after COMMIT; it must not
// throw. Destroying the Writer finishes every job that it has taken, first.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/audit_lane.h"

namespace countersign::store::sqlite {

// What a job works with, inside the transaction.
class WriteSession {
 public:
  WriteSession(Database& db, const AuditLane& lane, AuditHead head)
      : database(db), lane_(lane), head_(std::move(head)) {}

  Result<> audit(const enrol::AuditRow& row) { return lane_.append(database, head_, row); }
  Result<> audit(const std::vector<enrol::AuditRow>& rows) {
    for (const auto& row : rows) TRY(audit(row));
    return {};
  }
  // What Ledger::generation tells of changed.
  void note_change() noexcept { changed_ = true; }

  Database& database;

 private:
  friend class Writer;
  const AuditLane& lane_;
  AuditHead head_;
  bool changed_ = false;
};

class Writer {
 public:
  using Apply = std::move_only_function<Result<>(WriteSession&)>;
  struct Job {
    Apply apply;
    Done<> done;
    ports::Urgency urgency = ports::Urgency::now;
  };

  Writer(Database database, AuditLane lane, std::size_t capacity);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Full: done gets "store.busy" before this returns.
  void submit(Job job);
  // Waits for the commit; goes past the bound, since every caller can have only one. May be called
  // from a Done.
  Result<> run(Apply apply);

  ports::Load pressure() const noexcept;

 private:
  using Batch = std::vector<Job>;

  void loop();
  void push(Job job);
  Batch take();
  void commit(Batch batch);
  Result<> apply(Batch& batch, std::vector<Result<>>& results, WriteSession& session);
  Result<> apply_one(Job& job, WriteSession& session);
  Result<> finish(WriteSession& session);

  Database database_;
  AuditLane lane_;
  AuditHead head_;  // as it is durable
  const std::size_t capacity_;
  std::atomic<std::size_t> waiting_{0};                  // taken and not yet answered
  std::atomic<std::chrono::nanoseconds> batch_since_{};  // of the batch under way, 0: none

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Job> queue_;  // under mutex_
  bool hurried_ = false;    // under mutex_: one of the queue is
  bool stopping_ = false;   // under mutex_
  std::thread thread_;
};

}  // namespace countersign::store::sqlite
