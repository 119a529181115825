// Where an exchange goes, and the sentences for what may fail on the way. Internal to
// transport/http.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/tls_failure.h"
#include "ports/transport.h"
#include "transport/http/url.h"

namespace countersign::transport::http {

struct Route {
  Url url;
  std::optional<Url> proxy;
  const Url& hop() const noexcept { return proxy ? *proxy : url; }  // whom to connect to
  bool is_secure() const noexcept { return url.scheme == "https"; }
  // A connection may serve all routes of the same key.
  std::string key() const;
};

enum class Https { spoken, not_spoken };

// Errors: "transport.url", "transport.unsupported-scheme".
Result<Route> make_route(const ports::Target& target, Https https);

enum class TransportProblem { refused, unreachable, timeout, name, closed, bad_reply, too_large };

Error transport_error(TransportProblem problem, const Route& route, Seconds patience,
                      std::string detail);

// "transport.tls-untrusted", "transport.tls-expired", "transport.tls-name" (signerNotTrusted),
// "transport.tls-not-spoken", "transport.tls-alert", "transport.tls-failed".
Error tls_error(const crypto::TlsFailure& failure, const Route& route);

// "transport.proxy-refused": the proxy does not connect us.
Error refused_tunnel(int status, const Route& route);

// Borrows from the message that was read.
struct HttpAnswer {
  int status = 0;
  std::string_view content_type;
  std::string_view location;
  View body;
};

// nullopt if the body is to be handed up. "transport.http-status", "transport.content-type".
std::optional<Error> refused_answer(const HttpAnswer& answer, const Route& route);

}  // namespace countersign::transport::http
