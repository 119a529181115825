#include "transport/http/client_error.h"

#include <algorithm>

#include "base/ascii.h"
#include "transport/http/header_text.h"
#include "x509/certificate.h"

namespace countersign::transport::http {
namespace {

constexpr std::size_t kTextShown = 200;

Error unavailable(std::string_view code, std::string text, std::string detail = {}) {
  return {Failure::systemUnavail, code, std::move(text), std::move(detail)};
}

std::string proxy_name(const Route& route) {
  return route.proxy->scheme + "://" + route.proxy->authority();
}

// The hop as a person names it.
std::string hop_name(const Route& route) {
  if (!route.proxy) return route.url.text();
  return "proxy " + proxy_name(route);
}

std::string_view hop_question(const Route& route) {
  return route.proxy ? "is the proxy running there? check its host and port"
                     : "is countersignd running there? check host and port";
}

std::string names_in(View certificate) {
  const auto parsed = x509::parse_certificate(certificate);
  std::string all;
  if (parsed)
    for (const auto& name : parsed->subject_alt_names())
      all += (all.empty() ? "" : ", ") + x509::to_text(name);
  return all.empty() ? "no name at all (the subject's CN does not count)"
                     : printable(all, kTextShown);
}

// The alerts of a handshake: what was sent meanwhile has reached nobody.
struct AlertCure {
  std::string_view alert;
  std::string_view cure;
};
constexpr AlertCure kAlertCures[] = {
    {"certificate required",
     ": it wants a certificate of ours; give --tls-cert and --tls-key (upstream.tls_certificate "
     "and upstream.tls_key of a server)"},
    {"handshake failure",
     ": nothing in common, or it wants a certificate of ours; give --tls-cert and --tls-key"},
    {"unknown ca", ": it does not trust the CA of our certificate; use another for TLS"},
    {"bad certificate", ": it does not accept our certificate; use another for TLS"},
    {"unsupported certificate", ": our certificate is not one for TLS clients; use another"},
    {"certificate expired", ": our certificate has expired; renew it"},
    {"certificate revoked", ": our certificate is revoked; use another for TLS"},
    {"access denied", ": it does not let our certificate in; use another for TLS"},
    {"certificate unknown", ": it does not accept our certificate; use another for TLS"},
    {"protocol version", ": it speaks other versions of TLS; 1.2 or 1.3 is needed"},
    {"unrecognized name", ": it does not know that host name; check the URL"},
    {"no application protocol", ": it does not offer HTTP/1.1 there; check the port"},
};

Error alert_error(const std::string& url, const std::string& alert) {
  const auto* row = std::ranges::find(kAlertCures, alert, &AlertCure::alert);
  if (row != std::end(kAlertCures))
    return unavailable("transport.tls-alert", "the TLS handshake was ended by " + url +
                                                  " with the alert \"" + alert + "\"" +
                                                  std::string(row->cure));
  return unavailable("transport.tls-failed", "the TLS connection was ended by " + url +
                                                 " with the alert \"" + alert +
                                                 "\": its log says why");
}

bool is_text(std::string_view content_type) {
  return content_type.empty() || ascii::same_ignoring_case(content_type.substr(0, 5), "text/");
}

}  // namespace

std::string Route::key() const {
  const std::string to_hop = hop().scheme + "://" + hop().authority();
  return proxy && is_secure() ? to_hop + " https://" + url.authority() : to_hop;
}

Result<Route> make_route(const ports::Target& target, Https https) {
  Route route{TRY(parse_url(target.url)), std::nullopt};
  if (route.is_secure() && https == Https::not_spoken)
    return fail(Failure::systemFailure, "transport.unsupported-scheme",
                route.url.text() +
                    " asks for https, for which nothing to trust was named: name "
                    "it, or use http://, CMP protects its messages itself");
  if (target.proxy.empty()) return route;
  route.proxy = TRY(parse_url(target.proxy));
  if (route.proxy->scheme != "http")
    return fail(Failure::systemFailure, "transport.unsupported-scheme",
                "the proxy " + proxy_name(route) +
                    " is to be spoken to in https, which is not supported: use http://, what goes "
                    "to an https server is in TLS all the way through it");
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

Error tls_error(const crypto::TlsFailure& failure, const Route& route) {
  using crypto::TlsFault;
  const std::string url = route.url.text();
  const std::string shown = failure.subject + " that " + url + " shows";
  const auto distrust = [&](std::string_view code, std::string text) {
    return Error{Failure::signerNotTrusted, code, std::move(text), failure.reason};
  };
  switch (failure.fault) {
    case TlsFault::untrusted:
      return distrust("transport.tls-untrusted",
                      "nobody trusted for TLS vouches for the certificate " + shown + " (" +
                          failure.reason +
                          "): check whose it is, then name its CA's root certificate "
                          "(--tls-trust, or upstream.tls_trust of a server)");
    case TlsFault::expired:
      return distrust("transport.tls-expired",
                      "expired is the certificate " + shown +
                          ": have it renewed there, or set this machine's clock");
    case TlsFault::not_yet_valid:
      return distrust("transport.tls-not-yet-valid",
                      "not valid yet is the certificate " + shown +
                          ": check this machine's clock, and the server's");
    case TlsFault::wrong_name:
      return distrust("transport.tls-name",
                      "the certificate is for another host: " + url + " shows one for " +
                          names_in(failure.peer) + ", not for " + route.url.host +
                          "; use a name of the certificate in the URL, or have one issued that "
                          "names this host");
    case TlsFault::no_tls:
    case TlsFault::http:
      return unavailable("transport.tls-not-spoken",
                         "no TLS is spoken at " + url + ": check the port, or use http://",
                         failure.reason);
    case TlsFault::alert:
      return alert_error(url, failure.reason);
    case TlsFault::none_sent:
    case TlsFault::other:
      break;
  }
  return unavailable("transport.tls-failed",
                     "no TLS came about with " + url + " (" + failure.reason +
                         "): its log may say more; TLS 1.2 or 1.3 is needed",
                     failure.reason);
}

Error refused_tunnel(int status, const Route& route) {
  constexpr int kWantsCredentials = 407;
  return unavailable("transport.proxy-refused",
                     "the proxy " + proxy_name(route) + " answered " + std::to_string(status) +
                         " instead of connecting to " + route.url.host_and_port() +
                         (status == kWantsCredentials
                              ? ": it wants credentials, which are not supported; use another"
                              : ": ask for that host and port to be allowed, or use another"),
                     std::to_string(status));
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
    said = ", saying: " + printable(ascii::trimmed(text(answer.body)), kTextShown);
  return unavailable(
      "transport.http-status",
      answered + said + (said.empty() ? ": check the path and the server's log" : ""),
      std::to_string(answer.status));
}

}  // namespace countersign::transport::http
