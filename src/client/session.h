// A conversation over a transport: sends, sends the very same bytes again with back-off when the
// transport fails, waits between polls.
//
// Lives on one loop and by shared_ptr: it stays until it has called `done`. What it borrows
// outlives it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "client/conversation.h"
#include "ports/transport.h"

namespace countersign::client {

struct Timer {
  virtual ~Timer() = default;
  virtual void after(std::chrono::milliseconds delay, std::move_only_function<void()> then) = 0;
};

struct Travel {
  ports::Transport& transport;
  Timer& timer;
  const Clock& clock;
  ports::Target target;
  Seconds timeout{30};  // for one message and its answer, all tries together
  std::function<void(const std::string&)> notice;  // progress, for people
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Conversation& conversation, Travel travel)
      : conversation_(conversation), travel_(std::move(travel)) {}

  void run(Result<Next> first, Done<Finished> done);

 private:
  void go_on(Result<Next> next);
  void send(Bytes message);
  void try_once();
  void failed(Error error);
  void wait(const WaitFor& wait);
  bool worth_another_try(const Error& error) const;

  Conversation& conversation_;
  Travel travel_;
  Done<Finished> done_;
  Bytes message_;
  Time deadline_{};
  int tries_ = 0;
  bool answered_ = false;  // the server was there in this run
};

}  // namespace countersign::client
