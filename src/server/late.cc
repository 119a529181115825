#include "server/late.h"

#include <boost/asio/co_spawn.hpp>

#include "server/timers.h"

namespace countersign::server {

void hand_in(Engine& engine, boost::asio::io_context& loop, const ports::OrderKey& key,
             transaction::Answer answer, Done<> done) {
  const transaction::Event event{transaction::AnswerArrived{key.index, std::move(answer)}};
  boost::asio::co_spawn(
      loop, advance(engine, key.endpoint, key.sender, key.transaction, event),
      [done = std::move(done)](const std::exception_ptr& broken, Result<> result) mutable {
        if (broken) std::rethrow_exception(broken);
        done(std::move(result));
      });
}

void complain_of(const Engine& engine, const ports::OrderKey& key, const std::string& what,
                 const Error& error) {
  engine.log({LogEvent::Level::warning,
              what + ": " + error.reply_text,
              key.transaction.hex(),
              {},
              std::string(error.code),
              error.detail});
}

}  // namespace countersign::server
