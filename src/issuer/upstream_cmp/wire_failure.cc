#include "issuer/upstream_cmp/wire_failure.h"

#include <algorithm>

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{250}, kLongestDelay{4000};

}  // namespace

bool is_surely_lost(const Error& error) noexcept {
  static constexpr std::string_view kBefore[] = {
      "transport.refused",        "transport.name",
      "transport.unreachable",    "transport.tls-name",
      "transport.tls-untrusted",  "transport.tls-expired",
      "transport.tls-not-spoken", "transport.tls-not-yet-valid",
      "transport.tls-alert",      "transport.proxy-refused"};
  return std::ranges::find(kBefore, error.code) != std::end(kBefore);
}

bool is_lasting(const Error& error) noexcept {
  return error.code == "transport.url" || error.code == "transport.unsupported-scheme" ||
         error.code == "transport.too-large" || error.code == "transport.content-type" ||
         (error.code == "transport.http-status" && !error.detail.starts_with('5'));
}

Error unanswered(const Error& why) {
  std::string detail = std::string(why.code) + ": " + why.reply_text;
  if (is_lasting(why))
    return {Failure::systemFailure, "issuer.upstream-status",
            "the CA behind this server gave no CMP answer; tell the administrator of this server",
            std::move(detail)};
  return {Failure::systemUnavail, "issuer.upstream-unreachable",
          "the CA behind this server cannot be reached; begin a new transaction later",
          std::move(detail)};
}

milliseconds delay_after(int tries) noexcept {
  return std::min(kLongestDelay, kFirstDelay * (1 << std::min(tries - 1, 4)));
}

}  // namespace countersign::issuer
