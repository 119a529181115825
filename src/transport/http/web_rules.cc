#include "transport/http/web_rules.h"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <optional>

#include "base/ascii.h"
#include "der/reader.h"
#include "transport/http/header_text.h"

namespace countersign::transport::http {
namespace {

constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",  "POST",
                                                      "PUT", "PATCH", "DELETE"};
constexpr std::string_view kAllowed = "GET, HEAD, POST, PUT, PATCH, DELETE";
// RFC 9110 §9.1 [SHOULD] 501 for a method that is not recognized, 405 for one that is.
constexpr std::array<std::string_view, 3> kNotOffered = {"OPTIONS", "TRACE", "CONNECT"};

std::optional<Refusal> refuse_method(std::string_view method) {
  if (std::ranges::find(kMethods, method) != kMethods.end()) return std::nullopt;
  if (std::ranges::find(kNotOffered, method) == kNotOffered.end())
    return Refusal{501, "This method is not known here: use " + std::string(kAllowed) + "."};
  return Refusal{405, "This method is not offered here: use " + std::string(kAllowed) + ".",
                 kAllowed};
}

bool is_text(std::string_view decoded) {
  return der::valid_utf8(view(decoded)) && std::ranges::none_of(decoded, [](char c) {
           return static_cast<Byte>(c) < 0x20 || c == 0x7f;
         });
}

// RFC 9112 §3.2.1: origin-form; the absolute form has been cut to it by path_of().
bool read_target(std::string_view target, ports::WebRequest& into) {
  const auto parsed = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!parsed) return false;
  const auto path = parsed->encoded_path().decode();
  into.path = std::string(path.data(), path.size());
  if (!is_text(into.path)) return false;
  for (const auto& parameter : parsed->params()) {
    if (!is_text(parameter.key) || !is_text(parameter.value)) return false;
    if (!parameter.key.empty() || parameter.has_value)
      into.query.emplace_back(parameter.key, parameter.value);
  }
  return true;
}

}  // namespace

std::variant<ports::WebRequest, Refusal> judge_web(const RequestHead& head, WebHead more) {
  if (auto refusal = refuse_form(head)) return *std::move(refusal);
  if (auto refusal = refuse_method(head.method)) return *std::move(refusal);
  if (!more.repeated.empty())
    return Refusal{400, "The header " + std::string(more.repeated) +
                            " is there more than once: send it once."};
  if (!head.content_encoding.empty() &&
      !ascii::same_ignoring_case(head.content_encoding, "identity"))
    return Refusal{415, "The body must not be compressed: leave out the header Content-Encoding."};
  ports::WebRequest request{.method = std::string(head.method), .path = {}};
  if (!read_target(path_of(head.target), request))
    return Refusal{400,
                   "The address cannot be read: after % stand two hexadecimal digits, and what is "
                   "encoded so is UTF-8 without control characters."};
  request.authorization = std::move(more.authorization);
  request.if_match = std::move(more.if_match);
  request.if_none_match = std::move(more.if_none_match);
  request.idempotency_key = std::move(more.idempotency_key);
  request.content_type = head.content_type;
  request.accept = std::move(more.accept);
  return request;
}

}  // namespace countersign::transport::http
