#include "issuer/gate.h"

namespace countersign::issuer {

void Gate::enter(std::move_only_function<void()> turn) {
  {
    const std::lock_guard lock(mutex_);
    if (limits_.most_at_once > 0 && health_.under_way >= limits_.most_at_once) {
      waiting_.push_back(std::move(turn));
      health_.waiting = waiting_.size();
      return;
    }
    ++health_.under_way;
  }
  turn();
}

void Gate::leave() {
  std::move_only_function<void()> next;
  {
    const std::lock_guard lock(mutex_);
    --health_.under_way;
    if (waiting_.empty()) return;
    next = std::move(waiting_.front());
    waiting_.pop_front();
    health_.waiting = waiting_.size();
    ++health_.under_way;
  }
  next();
}

void Gate::answered() {
  const std::lock_guard lock(mutex_);
  health_.answered = clock_.now();
  health_.trouble.clear();
  rests_until_ = {};
}

void Gate::failed(const Error& error) {
  const std::lock_guard lock(mutex_);
  health_.trouble = error.reply_text + (error.detail.empty() ? "" : " (" + error.detail + ")");
}

void Gate::rests_until(Time until) {
  const std::lock_guard lock(mutex_);
  rests_until_ = until;
}

ports::Health Gate::health() const {
  const std::lock_guard lock(mutex_);
  ports::Health out = health_;
  if (limits_.most_waiting > 0 && out.waiting >= limits_.most_waiting)
    out.state = ports::Health::State::full;
  if (clock_.now() < rests_until_) out.state = ports::Health::State::resting;
  return out;
}

}  // namespace countersign::issuer
