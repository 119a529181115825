// The address of a CMP server or of a proxy, taken apart.
// Limits: http and https; no credentials, no fragment; names in ASCII (an international one as
// xn--…); no IPv6 zone. Errors: "transport.url".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::transport::http {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // a name or an address, lower case, without brackets
  std::uint16_t port;  // 80 or 443 unless given
  std::string target;  // path and query as written; "/.well-known/cmp" for an empty path or "/"

  std::string authority() const;      // as a Host header has it: "ca.example", "[::1]:8829"
  std::string host_and_port() const;  // the same with the port, whichever it is
  std::string text() const;  // the whole address; the port only where it is not the usual one
  friend bool operator==(const Url&, const Url&) = default;
};

Result<Url> parse_url(std::string_view text);

}  // namespace countersign::transport::http
