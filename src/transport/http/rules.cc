#include "transport/http/rules.h"

#include "base/ascii.h"
#include "transport/http/header_text.h"

namespace countersign::transport::http {
namespace {

// The same for all, so that a path cannot be probed by its refusal, and nothing is echoed.
constexpr std::string_view kUnknownPath =
    "There is nothing at this path: check the URL, CMP is served at /.well-known/cmp.";

std::optional<Refusal> refuse_content(const RequestHead& head) {
  // RFC 9811 §3.2 [MUST] application/pkixcmp when conveying a PKIMessage
  if (!is_pkixcmp(head.content_type))
    return Refusal{
        415, "Set the header Content-Type to application/pkixcmp and send one DER PKIMessage."};
  if (!head.content_encoding.empty() &&
      !ascii::same_ignoring_case(head.content_encoding, "identity"))
    return Refusal{415, "The body must not be compressed: leave out the header Content-Encoding."};
  return std::nullopt;
}

Refusal refuse_method(std::string_view allow) {
  return {405, "This method is not for this path: use " + std::string(allow) + ".", allow};
}

}  // namespace

std::optional<Refusal> refuse_form(const RequestHead& head) {
  // RFC 9112 §3.2 [MUST] 400 to a request of HTTP/1.1 without a Host header, or with two.
  if (head.hosts > 1 || (head.hosts == 0 && head.version >= 11))
    return Refusal{400, "The request needs exactly one Host header: add it, or speak HTTP/1.0."};
  if (!head.transfer_encoding.empty() && head.version < 11)
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding: send Content-Length instead."};
  if (!head.transfer_encoding.empty() &&
      !ascii::same_ignoring_case(head.transfer_encoding, "chunked"))
    return Refusal{501,
                   "Only the transfer encoding chunked is understood: send it, or Content-Length."};
  if (!head.expect.empty() && !ascii::same_ignoring_case(head.expect, "100-continue"))
    return Refusal{417, "The header Expect can only be 100-continue: leave it out."};
  return std::nullopt;
}

std::string_view path_of(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!ascii::same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

bool expects_continue(const RequestHead& head) noexcept {
  return head.version >= 11 && ascii::same_ignoring_case(head.expect, "100-continue");
}

Verdict judge(const RequestHead& head, const ports::Site& site) {
  if (auto refusal = refuse_form(head)) return *std::move(refusal);
  const auto path = path_of(head.target);

  if (head.method == "POST") {
    if (auto endpoint = site.endpoint(path)) {
      if (auto refusal = refuse_content(head)) return *std::move(refusal);
      return *std::move(endpoint);
    }
    if (site.document(path)) return refuse_method("GET, HEAD");
    return Refusal{404, std::string(kUnknownPath)};
  }
  const bool reads = head.method == "GET" || head.method == "HEAD";
  auto document = site.document(path);
  if (document && reads) return *std::move(document);
  const bool posts = site.endpoint(path).has_value();
  if (!document && !posts) return Refusal{404, std::string(kUnknownPath)};
  return refuse_method(!document ? "POST" : posts ? "GET, HEAD, POST" : "GET, HEAD");
}

}  // namespace countersign::transport::http
