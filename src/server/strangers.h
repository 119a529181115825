// Senders that signed with a certificate of a CA that nobody here trusts: what they showed, for an
// officer to look at, who may then trust that CA. 3GPP TS 33.310: a base station of a new vendor.
//
// Nothing of it is proved: anybody can show anybody's certificates. Kept in memory, per process,
// the latest kMost of them. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace countersign::server {

struct Stranger {
  Bytes fingerprint;  // SHA-256 of `certificate`
  Bytes certificate;  // the highest that it showed; its own, if it showed no other
  bool is_ca = false;
  std::string subject, issuer;
  std::string sender;    // subject of what it signed with, of the latest
  std::string endpoint;  // where it came last
  std::string peer;
  std::int64_t count = 0;
  Time first{}, last{};
};

class Strangers {
 public:
  static constexpr std::size_t kMost = 100;

  // `shown`: the protection certificate first, as extraCerts has them.
  void note(const std::vector<Bytes>& shown, const std::string& endpoint, const std::string& peer,
            Time now);
  std::vector<Stranger> all();
  void forget(const Bytes& fingerprint);

 private:
  std::mutex mutex_;
  std::vector<Stranger> list_;  // the one that came longest ago first
};

}  // namespace countersign::server
