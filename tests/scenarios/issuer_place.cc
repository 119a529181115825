#include "scenarios/issuer_place.h"

namespace countersign::test {

using std::chrono::milliseconds;

IssuerPlace::IssuerPlace(Time start) { clock_.set(start); }

void IssuerPlace::reopen() {
  store::sqlite::SqliteOptions options{(folder_.path() / "countersign.db").string(),
                                       Secret(Bytes(32, 0x4b)), entropy_, now()};
  store_ = store::sqlite::SqliteStore::open(std::move(options)).value();
  loop_ = std::make_unique<boost::asio::io_context>(1);
  shut_ = false;
  open();
}

// The store first: its thread calls in until then. What was under way goes with the loop, and is
// told to nobody.
void IssuerPlace::shut() {
  store_.reset();
  shut_ = true;
  hang_up();
  std::multimap<Time, Then>().swap(tasks_);
  loop_.reset();
  forget();
}

void IssuerPlace::restart() {
  shut();
  reopen();
}

void IssuerPlace::pass(Seconds time) {
  clock_.set(now() + time);
  hand_in();
}

std::optional<IssuerPlace::Then> IssuerPlace::due_task() {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty() || tasks_.begin()->first > now()) return std::nullopt;
  return std::move(tasks_.extract(tasks_.begin()).mapped());
}

void IssuerPlace::step() {
  constexpr milliseconds kIdle{5};
  if (auto task = due_task()) return (*task)();
  const auto guard = boost::asio::make_work_guard(*loop_);
  loop_->restart();
  loop_->run_one_for(kIdle);
}

bool IssuerPlace::busy() const {
  if (store_->pressure().waiting > 0) return true;
  const std::lock_guard lock(mutex_);
  return !tasks_.empty() && tasks_.begin()->first <= now();
}

std::vector<IssuerPlace::LateAnswer> IssuerPlace::late() const {
  const std::lock_guard lock(mutex_);
  return late_;
}

std::string IssuerPlace::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::function<void(milliseconds, IssuerPlace::Then)> IssuerPlace::after() {
  return [this](milliseconds delay, Then then) {
    if (shut_) return;
    const std::lock_guard lock(mutex_);
    tasks_.emplace(now() + std::chrono::ceil<Seconds>(delay), std::move(then));
  };
}

std::function<void(ports::OrderKey, transaction::Answer, Done<>)> IssuerPlace::take_late() {
  return [this](const ports::OrderKey& key, transaction::Answer answer, Done<> done) {
    {
      const std::lock_guard lock(mutex_);
      late_.push_back({key.id, std::move(answer)});
    }
    done({});
  };
}

std::function<void(const ports::OrderKey&, const std::string&, const Error&)>
IssuerPlace::complain() {
  return [this](const ports::OrderKey& key, const std::string& what, const Error& error) {
    const std::lock_guard lock(mutex_);
    trouble_.append("\n" + key.id + ": " + what + ": " + error.reply_text + " " + error.detail);
  };
}

void IssuerPlace::resume_due(ports::RemoteIssuer& issuer) {
  constexpr Seconds kLease{60};
  store_->claim_orders(enrol::OrderKind::upstream, {now()}, kLease,
                       [this, &issuer](Result<std::vector<enrol::OrderRecord>> due) {
                         if (!due) return complain()({}, "no orders", due.error());
                         after()(milliseconds{0}, [&issuer, due = std::move(*due)] {
                           for (const auto& record : due) issuer.resume(record);
                         });
                       });
}

}  // namespace countersign::test
