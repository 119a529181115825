#include "server/strangers.h"

#include <algorithm>

#include "crypto/digest.h"
#include "x509/certificate.h"

namespace countersign::server {
namespace {

constexpr std::size_t kLargest = 16384;  // octets of a certificate that is looked at

// From the first, by issuers, to the last that is there.
const x509::Certificate& highest(const std::vector<x509::Certificate>& shown) {
  const x509::Certificate* at = &shown.front();
  for (std::size_t steps = 0; steps < shown.size() && !at->self_issued(); ++steps) {
    const auto next = std::ranges::find_if(
        shown, [&](const auto& c) { return x509::same_name(c.subject, at->issuer); });
    if (next == shown.end()) break;
    at = &*next;
  }
  return *at;
}

}  // namespace

void Strangers::note(const std::vector<Bytes>& shown, const std::string& endpoint,
                     const std::string& peer, Time now) {
  std::vector<x509::Certificate> parsed;
  for (const Bytes& der : shown) {
    if (der.size() > kLargest) continue;
    if (auto certificate = x509::parse_certificate(der)) parsed.push_back(std::move(*certificate));
  }
  if (parsed.empty()) return;
  const auto& top = highest(parsed);
  Stranger fresh{.fingerprint = crypto::sha256(top.der),
                 .certificate = top.der,
                 .is_ca = top.is_ca(),
                 .subject = x509::to_text(top.subject),
                 .issuer = x509::to_text(top.issuer),
                 .sender = x509::to_text(parsed.front().subject),
                 .endpoint = endpoint,
                 .peer = peer,
                 .count = 1,
                 .first = now,
                 .last = now};
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(list_, fresh.fingerprint, &Stranger::fingerprint);
  if (known != list_.end()) {
    fresh.count += known->count;
    fresh.first = known->first;
    list_.erase(known);
  }
  if (list_.size() == kMost) list_.erase(list_.begin());
  list_.push_back(std::move(fresh));
}

std::vector<Stranger> Strangers::all() {
  const std::lock_guard lock(mutex_);
  return list_;
}

void Strangers::forget(const Bytes& fingerprint) {
  const std::lock_guard lock(mutex_);
  std::erase_if(list_, [&](const Stranger& s) { return s.fingerprint == fingerprint; });
}

}  // namespace countersign::server
