#include "issuer/token_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <latch>

namespace countersign::issuer {
namespace {

using namespace std::chrono_literals;

std::string code(const Result<Bytes>& r) { return r ? "ok" : std::string(r.error().code); }

// What asks wait for, each once.
struct Answer {
  std::shared_ptr<std::promise<std::string>> told = std::make_shared<std::promise<std::string>>();
  std::future<std::string> future = told->get_future();
  Done<Bytes> done() {
    return [told = told](Result<Bytes> r) { told->set_value(code(r)); };
  }
};

// A call that lasts until it is let go.
struct Call {
  std::shared_ptr<std::latch> begun = std::make_shared<std::latch>(1);
  std::shared_ptr<std::latch> go = std::make_shared<std::latch>(1);
  TokenQueue::Work work() {
    return [begun = begun, go = go]() -> Result<Bytes> {
      begun->count_down();
      go->wait();
      return Bytes{1};
    };
  }
};

TokenQueue::Work nothing() {
  return []() -> Result<Bytes> { return Bytes(); };
}

TEST(TokenQueues, do_one_thing_after_the_other) {
  TokenQueue queue({});
  std::vector<int> order;  // the queue's thread's
  std::vector<Answer> answers(20);
  for (int i = 0; i < 20; ++i)
    queue.ask(
        [&order, i]() -> Result<Bytes> {
          order.push_back(i);
          if (i % 2 == 1) return fail(Failure::systemFailure, "test.odd", "odd");
          return Bytes();
        },
        answers[static_cast<std::size_t>(i)].done());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].future.get(), i % 2 == 1 ? "test.odd" : "ok");
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(TokenQueues, refuse_at_once_what_does_not_fit) {
  TokenQueue queue({2, 1h});
  Call call;
  Answer first, second, third, fourth;
  queue.ask(call.work(), first.done());
  call.begun->wait();
  queue.ask(nothing(), second.done());
  queue.ask(nothing(), third.done());
  queue.ask(nothing(), fourth.done());
  EXPECT_EQ(fourth.future.get(), "issuer.token-busy");
  call.go->count_down();
  EXPECT_EQ(first.future.get(), "ok");
  EXPECT_EQ(second.future.get(), "ok");
  EXPECT_EQ(third.future.get(), "ok");
}

TEST(TokenQueues, let_the_call_under_way_end_when_they_stop) {
  TokenQueue queue({256, 1h});
  Call call;
  Answer first, second, late;
  queue.ask(call.work(), first.done());
  call.begun->wait();
  queue.ask(nothing(), second.done());
  std::thread stopping([&] { queue.stop(); });
  EXPECT_EQ(second.future.get(), "issuer.token-closed");
  call.go->count_down();
  EXPECT_EQ(first.future.get(), "ok");
  stopping.join();
  queue.ask(nothing(), late.done());
  EXPECT_EQ(late.future.get(), "issuer.token-closed");
}

TEST(TokenQueues, do_not_wait_for_a_call_that_hangs) {
  TokenQueue queue({256, 1ms});
  Call call;
  Answer first, second;
  queue.ask(call.work(), first.done());
  EXPECT_EQ(first.future.get(), "issuer.token-slow");
  queue.ask(nothing(), second.done());
  EXPECT_EQ(second.future.get(), "issuer.token-slow") << "as long as it hangs";
  call.go->count_down();
  std::string then;
  do {  // it works again as soon as the call has returned
    Answer again;
    queue.ask(nothing(), again.done());
    then = again.future.get();
  } while (then == "issuer.token-slow");
  EXPECT_EQ(then, "ok");
}

TEST(TokenQueues, leave_a_thread_behind_that_hangs_when_they_stop) {
  Call call;
  Answer first;
  auto ended = std::make_shared<std::latch>(1);
  {
    TokenQueue queue({256, 1ms});
    queue.ask(
        [work = call.work(), ended]() mutable -> Result<Bytes> {
          auto result = work();
          ended->count_down();
          return result;
        },
        first.done());
    call.begun->wait();
  }
  EXPECT_EQ(first.future.get(), "issuer.token-slow");
  call.go->count_down();
  ended->wait();
}

}  // namespace
}  // namespace countersign::issuer
