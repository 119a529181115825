#include "console/doorkeeper.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/ascii.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace countersign::console {
namespace {

constexpr int kFreeFailures = 5;
constexpr int kMostDoublings = 6;
constexpr Seconds kLongestPause{60};
constexpr std::size_t kLongestToken = 512;

// RFC 6750 §3 [MUST] WWW-Authenticate with the scheme.
Problem nobody() {
  Problem problem(401, "console.unauthenticated",
                  "who asks is not known: send the header Authorization: Bearer with a token of an "
                  "operator, or a client certificate of one");
  problem.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"countersign\"");
  return problem;
}

Problem too_soon(Seconds wait) {
  Problem problem(429, "console.slow-down",
                  "too many tokens from this address were nobody's: wait as long as Retry-After "
                  "says, and check the token");
  problem.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return problem;
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return ascii::same_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Empty: it is of another scheme.
std::string_view token_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!starts_ignoring_case(authorization, kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  const auto start = authorization.find_first_not_of(' ');
  return start == std::string_view::npos ? std::string_view{} : authorization.substr(start);
}

// All are compared, so that the time tells nothing of how far a look-up came.
const Operator* find(const Operators& all, Bytes Operator::* digest, View wanted, Time now) {
  const Operator* found = nullptr;
  for (const Operator& one : all)
    if (equal_in_constant_time(one.*digest, wanted)) found = &one;
  const bool may = found != nullptr && found->enabled && (!found->expires || now < *found->expires);
  return may ? found : nullptr;
}

}  // namespace

std::string source_of(std::string_view peer) {
  std::string host(peer.substr(0, peer.rfind(':')));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || !address.is_v6()) return host;
  auto octets = address.to_v6().to_bytes();
  std::fill(octets.begin() + 8, octets.end(), Byte{0});
  return boost::asio::ip::address_v6(octets).to_string() + "/64";
}

Outcome<Operator> Doorkeeper::admit(const ports::WebRequest& request, Time now) {
  if (!request.authorization.empty()) return admit_by_token(request, now);
  if (!request.client_certificate) return std::unexpected(nobody());
  const auto all = known_();
  const Bytes shown = crypto::sha256(*request.client_certificate);
  const Operator* const who =
      all ? find(*all, &Operator::certificate_fingerprint, shown, now) : nullptr;
  if (who == nullptr) return std::unexpected(nobody());
  return *who;
}

Outcome<Operator> Doorkeeper::admit_by_token(const ports::WebRequest& request, Time now) {
  const std::string source = source_of(request.peer);
  TRY(check_pace(source, now));
  const auto token = token_of(request.authorization);
  const auto all = known_();
  const bool readable = !token.empty() && token.size() <= kLongestToken;
  const Operator* const who =
      readable && all ? find(*all, &Operator::token_digest, crypto::sha256(view(token)), now)
                      : nullptr;
  if (who == nullptr) {
    note_failure(source, now);
    return std::unexpected(nobody());
  }
  forget(source);
  return *who;
}

Outcome<> Doorkeeper::check_pace(const std::string& source, Time now) {
  const std::lock_guard lock(mutex_);
  const auto* const failures = failures_.find(source);
  if (failures == nullptr || failures->closed_until <= now) return {};
  return std::unexpected(too_soon(std::min(failures->closed_until - now, kLongestPause)));
}

void Doorkeeper::note_failure(const std::string& source, Time now) {
  const std::lock_guard lock(mutex_);
  const auto* const before = failures_.find(source);
  Failures after{before == nullptr ? 1 : before->in_a_row + 1, {}};
  if (after.in_a_row >= kFreeFailures) {
    const int doublings = std::min(after.in_a_row - kFreeFailures, kMostDoublings);
    after.closed_until = now + std::min(Seconds{1LL << doublings}, kLongestPause);
  }
  failures_.put(source, after);
}

void Doorkeeper::forget(const std::string& source) {
  const std::lock_guard lock(mutex_);
  failures_.erase(source);
}

}  // namespace countersign::console
