// Where messages go, and through which proxy: --proxy, else http_proxy, https_proxy and
// no_proxy as curl and others read them.
#include <cstdlib>

#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/operation.h"
#include "transport/http/url.h"

namespace countersign::app {
namespace {

std::string variable(const char* lower, const char* upper) {
  if (const char* value = std::getenv(lower); value != nullptr && *value != '\0') return value;
  const char* value = upper == nullptr ? nullptr : std::getenv(upper);
  return value == nullptr ? "" : value;
}

bool within(std::string_view host, std::string_view domain) {
  while (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty() || !host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

// no_proxy: names and domains with commas between them, "*" for all.
bool goes_direct(std::string_view host, std::string_view list) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(", "), list.size());
    const auto entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (entry == "*" || within(host, entry)) return true;
  }
  return false;
}

}  // namespace

Result<ports::Target> target_of(const Options& options, std::string_view label) {
  if (options.url.empty())
    return client::wrong_usage("countersign " + options.verb +
                               " needs the URL of the server, such as http://ca.example:8829");
  auto url = TRY(client::recode(transport::http::parse_url(options.url), "client.usage"));
  if (options.label) url.target = TRY(client::labelled_path(url.target, label));
  ports::Target target{url.text(), options.proxy.value_or("")};
  if (options.proxy) return target;
  // HTTP_PROXY in capitals is not read: a CGI server sets it from a request's header.
  const std::string proxy = url.scheme == "https" ? variable("https_proxy", "HTTPS_PROXY")
                                                  : variable("http_proxy", nullptr);
  if (!goes_direct(url.host, variable("no_proxy", "NO_PROXY"))) target.proxy = proxy;
  if (!target.proxy.empty() && !target.proxy.contains("://"))
    target.proxy = "http://" + target.proxy;
  return target;
}

}  // namespace countersign::app
