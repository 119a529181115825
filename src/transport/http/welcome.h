// The beginning of a TLS connection, from the server's side. Internal to transport/http.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "transport/http/server.h"
#include "transport/tls/stream.h"

namespace countersign::transport::http {

// What went wrong, in a sentence for the log; empty where a peer left without a word. The stream
// then carries plain octets again: an alert was sent, or to one that speaks plain HTTP an answer.
using Mishap = std::optional<std::string>;

// Within the options' header_time. Nullopt: what follows is inside TLS.
boost::asio::awaitable<Mishap> shake_hands(tls::Stream& stream, const HttpOptions& options);

}  // namespace countersign::transport::http
