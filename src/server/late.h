// The way in for whoever answers an order later: an upstream CA, an officer. From any thread.
#pragma once

#include <boost/asio/io_context.hpp>

#include "server/engine.h"

namespace countersign::server {

// The answer moves its transaction on, on that loop. badRequest "server.no-transaction": nobody
// waits for it any more.
void hand_in(Engine& engine, boost::asio::io_context& loop, const ports::OrderKey& key,
             transaction::Answer answer, Done<> done);

// A warning that names the transaction of an order.
void complain_of(const Engine& engine, const ports::OrderKey& key, const std::string& what,
                 const Error& error);

}  // namespace countersign::server
