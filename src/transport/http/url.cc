#include "transport/http/url.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ascii.h"
#include "transport/http/header_text.h"

namespace countersign::transport::http {
namespace {

// RFC 9811 §3.4: the path that every server has.
constexpr std::string_view kDefaultPath = "/.well-known/cmp";

std::unexpected<Error> bad_url(std::string_view text, std::string_view wrong) {
  return fail(Failure::systemFailure, "transport.url",
              "the address " + printable(text, 200) + " " + std::string(wrong));
}

std::uint16_t usual_port(std::string_view scheme) noexcept { return scheme == "https" ? 443 : 80; }

// What may stand in a Host header: nothing that ends a line, nothing that was percent-encoded.
bool is_host_name(std::string_view host) noexcept {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return ascii::is_lower(c) || ascii::is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

// Without a zone (RFC 6874), which newer parsers let through: it names an interface of one machine.
bool is_ipv6_address(std::string_view host) noexcept { return !host.contains('%'); }

}  // namespace

std::string Url::host_and_port() const {
  const std::string name = host.contains(':') ? "[" + host + "]" : host;
  return name + ":" + std::to_string(port);
}

std::string Url::authority() const {
  const std::string all = host_and_port();
  return port == usual_port(scheme) ? all.substr(0, all.rfind(':')) : all;
}

std::string Url::text() const { return scheme + "://" + authority() + target; }

Result<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed || !parsed->has_authority())
    return bad_url(text, "cannot be read: write it like http://ca.example:8829/.well-known/cmp");

  Url url{.scheme = ascii::lower_case(parsed->scheme()), .host = {}, .port = 0, .target = {}};
  if (url.scheme != "http" && url.scheme != "https")
    return bad_url(text, "begins with an unknown scheme: use http:// or https://");
  if (parsed->has_userinfo()) return bad_url(text, "holds a user name or password: leave it out");
  if (parsed->has_fragment()) return bad_url(text, "has a part after '#': leave it out");

  url.host = ascii::lower_case(parsed->host_address());
  const auto kind = parsed->host_type();
  if (kind == boost::urls::host_type::ipvfuture ||
      !(kind == boost::urls::host_type::ipv6 ? is_ipv6_address(url.host) : is_host_name(url.host)))
    return bad_url(text, "names no host: after :// give a host name or an address");

  const bool has_port = parsed->has_port() && !parsed->port().empty();
  url.port = has_port ? parsed->port_number() : usual_port(url.scheme);
  url.target = std::string(parsed->encoded_target());
  // Boost 1.81 takes the letters of "http://ca.example:x" for a path.
  const bool has_path = !parsed->encoded_path().empty();
  if (url.port == 0 || (has_path && url.target.front() != '/'))
    return bad_url(text, "has a port that does not exist: use 1 to 65535");

  if (!has_path || parsed->encoded_path() == "/")
    url.target.replace(0, has_path ? 1 : 0, kDefaultPath);
  return url;
}

}  // namespace countersign::transport::http
