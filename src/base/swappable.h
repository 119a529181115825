// A value that many threads read and one replaces now and then: a reader keeps what it got.
//
// Behind a mutex: std::atomic<std::shared_ptr> of libstdc++ lets go of its lock with relaxed order
// after a load, so that on processors with weak ordering a reader may pair a new pointer with the
// old reference count; and it is no faster.
#pragma once

#include <memory>
#include <mutex>

namespace countersign {

template <class T>
class Swappable {
 public:
  std::shared_ptr<T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  // What was there before ends outside the lock.
  void set(std::shared_ptr<T> value) {  // a parameter goes after what the function has locked
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace countersign
