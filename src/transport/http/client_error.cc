#include "transport/http/client_error.h"

#include "transport/http/header_text.h"

namespace countersign::transport::http {
namespace {

constexpr std::size_t kTextShown = 200;

Error unavailable(std::string_view code, std::string text, std::string detail = {}) {
  return {Failure::systemUnavail, code, std::move(text), std::move(detail)};
}

// The hop as a person names it.
std::string hop_name(const Route& route) {
  if (!route.proxy) return route.url.text();
  return "proxy " + route.proxy->scheme + "://" + route.proxy->authority();
}

std::string_view hop_question(const Route& route) {
  return route.proxy ? "is the proxy running there? check its host and port"
                     : "is countersignd running there? check host and port";
}

Result<Url> parse_hop(std::string_view text) {
  auto url = TRY(parse_url(text));
  if (url.scheme != "http")
    return fail(Failure::systemFailure, "transport.unsupported-scheme",
                url.text() + " asks for " + url.scheme +
                    ", which is not supported here: use http://, CMP protects its messages itself");
  return url;
}

bool is_text(std::string_view content_type) {
  return content_type.empty() || same_ignoring_case(content_type.substr(0, 5), "text/");
}

}  // namespace

Result<Route> make_route(const ports::Target& target) {
  Route route{TRY(parse_hop(target.url)), std::nullopt};
  if (!target.proxy.empty()) route.proxy = TRY(parse_hop(target.proxy));
  return route;
}

Error transport_error(TransportProblem problem, const Route& route, Seconds patience,
                      std::string detail) {
  const std::string hop = hop_name(route);
  switch (problem) {
    case TransportProblem::refused:
      return unavailable("transport.refused",
                         "connection to " + hop + " refused: " + std::string(hop_question(route)),
                         std::move(detail));
    case TransportProblem::unreachable:
      return unavailable("transport.unreachable",
                         "no way to " + hop + ": check the address, the network and the firewall",
                         std::move(detail));
    case TransportProblem::timeout:
      return unavailable("transport.timeout",
                         "no answer from " + hop + " within " + to_text(patience) +
                             ": check host, port and firewall, or allow more time",
                         std::move(detail));
    case TransportProblem::name:
      return unavailable("transport.name",
                         "the host of " + hop + " has no address: check its spelling, and the DNS",
                         std::move(detail));
    case TransportProblem::closed:
      return unavailable("transport.closed",
                         hop +
                             " closed the connection before its answer was complete: send the "
                             "same again; if that repeats, its log says why",
                         std::move(detail));
    case TransportProblem::bad_reply:
      return unavailable("transport.bad-reply", hop + " does not answer in HTTP: check the port",
                         std::move(detail));
    case TransportProblem::too_large:
      break;
  }
  return unavailable(
      "transport.too-large",
      "the answer of " + hop + " is larger than allowed: check the URL, or raise the limit",
      std::move(detail));
}

std::optional<Error> refused_answer(const HttpAnswer& answer, const Route& route) {
  const std::string answered = route.url.text() + " answered " + std::to_string(answer.status);
  // RFC 9811 §3.1: redirects only after careful consideration, that is, by a person.
  if (answer.status / 100 == 3) {
    const std::string where =
        answer.location.empty() ? "elsewhere" : "to " + printable(answer.location, kTextShown);
    return unavailable("transport.http-status", answered + " and points " + where +
                                                    ": redirects are not followed; if that is the "
                                                    "right address, configure it");
  }
  if (is_pkixcmp(answer.content_type)) return std::nullopt;
  // RFC 9811 §3.5: the receipt of an announcement has no content.
  if ((answer.status == 201 || answer.status == 202) && answer.body.empty()) return std::nullopt;
  if (answer.status / 100 == 2)
    return unavailable(
        "transport.content-type",
        answered + " with the content type \"" + printable(answer.content_type, kTextShown) +
            "\" instead of application/pkixcmp: check that the path is a CMP endpoint");
  std::string said;
  if (is_text(answer.content_type) && !answer.body.empty())
    said = ", saying: " + printable(trimmed(text(answer.body)), kTextShown);
  return unavailable(
      "transport.http-status",
      answered + said + (said.empty() ? ": check the path and the server's log" : ""),
      std::to_string(answer.status));
}

}  // namespace countersign::transport::http
