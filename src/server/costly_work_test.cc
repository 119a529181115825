#include "server/costly_work.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

namespace countersign::server {
namespace {

// A pool that works when it is told to.
class CostlyWorkTest : public testing::Test {
 protected:
  CostlyWorkTest() {
    work_.run_on(
        [this](std::move_only_function<void()> task) { tasks_.push_back(std::move(task)); });
  }

  void ask(const std::string& peer) {
    boost::asio::co_spawn(
        loop_, one(peer), [this](const std::exception_ptr& broken, Result<int> r) {
          ASSERT_FALSE(broken);
          answers_.push_back(r ? std::to_string(*r) : std::string(r.error().code));
        });
    turn();
  }
  void work_off() {
    std::vector<std::move_only_function<void()>> tasks;
    tasks.swap(tasks_);
    for (auto& task : tasks) task();
    turn();
  }
  std::vector<std::string> answers() { return std::exchange(answers_, {}); }

 private:
  boost::asio::awaitable<Result<int>> one(std::string peer) {
    auto seven = []() -> Result<int> { return 7; };
    co_return co_await work_.run<int>(peer, seven);
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  boost::asio::io_context loop_;
  CostlyWork work_{{.waiting = 4, .of_one_source = 2}};
  std::vector<std::move_only_function<void()>> tasks_;
  std::vector<std::string> answers_;
};

using Answers = std::vector<std::string>;

TEST_F(CostlyWorkTest, answers_when_the_pool_has_done_it) {
  ask("192.0.2.1:1000");
  EXPECT_EQ(answers(), Answers{});
  work_off();
  EXPECT_EQ(answers(), Answers{"7"});
}

TEST_F(CostlyWorkTest, one_source_has_its_share_whatever_its_ports) {
  ask("192.0.2.1:1000");
  ask("192.0.2.1:1001");
  ask("192.0.2.1:1002");
  EXPECT_EQ(answers(), Answers{"server.busy"});
  ask("[2001:db8::1]:1000");
  work_off();
  EXPECT_EQ(answers(), (Answers{"7", "7", "7"}));
  ask("192.0.2.1:1003");
  work_off();
  EXPECT_EQ(answers(), Answers{"7"}) << "the share is free again";
}

TEST_F(CostlyWorkTest, all_together_are_bounded) {
  for (const char* peer : {"a:1", "b:1", "c:1", "d:1"}) ask(peer);
  ask("e:1");
  EXPECT_EQ(answers(), Answers{"server.busy"});
  work_off();
  EXPECT_EQ(answers().size(), 4U);
}

}  // namespace
}  // namespace countersign::server
