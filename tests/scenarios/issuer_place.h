// Where the issuer contract plays: a real store in a folder, the loop that an issuer works on, and
// a clock that is only told, by which whatever is to happen later happens.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <mutex>

#include "ports/issuer_contract_fixture.h"
#include "scenarios/engine_host.h"

namespace countersign::test {

class IssuerPlace {
 public:
  using Turn = ports::contract::Turn;
  using LateAnswer = ports::contract::LateAnswer;
  using Then = std::move_only_function<void()>;

  virtual ~IssuerPlace() = default;
  IssuerPlace(const IssuerPlace&) = delete;
  IssuerPlace& operator=(const IssuerPlace&) = delete;

  void restart();
  void step();
  bool busy() const;
  void pass(Seconds time);
  Time now() const { return clock_.now(); }
  std::vector<LateAnswer> late() const;
  std::string trouble() const;
  virtual std::size_t made() { return 0; }
  virtual std::size_t revoked() { return 0; }

 protected:
  explicit IssuerPlace(Time start);
  virtual void open() = 0;     // makes the issuer, over store() and loop()
  virtual void hang_up() {}    // what must go before the loop
  virtual void forget() = 0;   // the issuer, after it
  virtual void hand_in() = 0;  // what is due
  void shut();                 // by the destructor of each place
  void reopen();               // by its constructor

  const ToldClock& clock() const { return clock_; }
  Entropy& entropy() { return entropy_; }
  store::sqlite::SqliteStore& store() { return *store_; }
  boost::asio::io_context& loop() { return *loop_; }
  // What the worlds of issuers ask for.
  std::function<void(std::chrono::milliseconds, Then)> after();
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> take_late();
  std::function<void(const ports::OrderKey&, const std::string&, const Error&)> complain();
  // Orders of issuers that are elsewhere, on the loop.
  void resume_due(ports::RemoteIssuer& issuer);

 private:
  std::optional<Then> due_task();

  TemporaryFolder folder_;
  ToldClock clock_;
  CountingEntropy entropy_{77};
  mutable std::mutex mutex_;  // of what the store's thread adds to
  std::multimap<Time, Then> tasks_;
  std::vector<LateAnswer> late_;
  std::string trouble_;
  std::atomic<bool> shut_ = true;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<store::sqlite::SqliteStore> store_;
};

}  // namespace countersign::test
