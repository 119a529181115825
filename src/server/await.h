// Done callbacks as awaitables. A port may call Done on any thread, in place or later; the
// coroutine goes on where it runs, without a turn of the loop when the answer was there at once.
//
// gcc 12 destroys some temporaries of an expression with co_await in it twice (those of conditional
// operators, aggregates and arguments that own something): name them first, and co_await alone.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"

// As TRY, for coroutines and as a statement: CO_TRY(auto x, co_await f()); gcc 12 cannot suspend
// inside a statement expression.
#define COUNTERSIGN_CO_TRY_(name, declaration, ...)     \
  auto name = (__VA_ARGS__);                            \
  if (!name) [[unlikely]]                               \
    co_return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)
#define CO_TRY(declaration, ...) \
  COUNTERSIGN_CO_TRY_(COUNTERSIGN_NAME_(co_try_result_, __COUNTER__), declaration, __VA_ARGS__)
#define COUNTERSIGN_CO_TRY_VOID_(name, ...)          \
  if (auto name = (__VA_ARGS__); !name) [[unlikely]] \
  co_return std::unexpected(std::move(name).error())
#define CO_TRY_VOID(...) \
  COUNTERSIGN_CO_TRY_VOID_(COUNTERSIGN_NAME_(co_try_result_, __COUNTER__), __VA_ARGS__)

namespace countersign::server {

template <class T>
class Rendezvous {
 public:
  using Handler = std::move_only_function<void(Result<T>)>;
  explicit Rendezvous(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void arrive(Result<T> result) {
    std::unique_lock lock(mutex_);
    if (!handler_) {
      result_ = std::move(result);
      return;
    }
    Handler handler = std::move(handler_);
    lock.unlock();
    post(std::move(handler), std::move(result));
  }
  std::optional<Result<T>> taken() {
    const std::lock_guard lock(mutex_);
    return std::exchange(result_, std::nullopt);
  }
  void wait(Handler handler) {
    std::unique_lock lock(mutex_);
    if (!result_) {
      handler_ = std::move(handler);
      return;
    }
    Result<T> result = *std::exchange(result_, std::nullopt);
    lock.unlock();
    post(std::move(handler), std::move(result));
  }

 private:
  void post(Handler handler, Result<T> result) {
    boost::asio::post(
        executor_, [h = std::move(handler), r = std::move(result)]() mutable { h(std::move(r)); });
  }

  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  std::optional<Result<T>> result_;
  Handler handler_;
};

// `start` is called at once with a Done<T> to be called exactly once.
template <class T, class Start>
boost::asio::awaitable<Result<T>> await_done(Start start) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto meeting = std::make_shared<Rendezvous<T>>(executor);
  start(Done<T>([meeting](Result<T> result) { meeting->arrive(std::move(result)); }));
  if (auto result = meeting->taken()) co_return std::move(*result);
  auto initiation = [m = meeting.get()](auto handler) { m->wait(std::move(handler)); };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                 void(Result<T>)>(initiation,
                                                                  boost::asio::use_awaitable);
}

}  // namespace countersign::server
