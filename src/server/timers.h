// What happens without a message: certificates whose certConf did not come, waits that end.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/engine.h"

namespace countersign::server {

// A timer, or a late answer of an issuer: the second half of the path, without a reply.
boost::asio::awaitable<Result<>> advance(Engine& engine, enrol::TransactionRecord record,
                                         const transaction::Event& event);

// The same for a transaction known by its key only. Failure::badRequest "server.no-transaction".
boost::asio::awaitable<Result<>> advance(Engine& engine, std::string endpoint, std::string sender,
                                         TransactionId id, transaction::Event event);

// Claims what is due and lets it elapse; returns how many there were.
boost::asio::awaitable<std::size_t> run_due(Engine& engine);

// The refusals summed since the last call, as one audit row. Waits for nothing.
void write_refusals(Engine& engine);

}  // namespace countersign::server
