// One connection of a peer, from its first octet to its close. Internal to transport/http.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "transport/http/serving.h"

namespace countersign::transport::http {

// Runs on the loop until the peer or a stop ends it.
boost::asio::awaitable<void> serve(Seat seat, Loop& loop, boost::asio::ip::tcp::socket socket,
                                   Wire wire);

// Both on the loop of the connection.
void close_if_idle(Connection& connection);
void cut(Connection& connection);

}  // namespace countersign::transport::http
