// What `countersignd check` found, line by line.
#pragma once

#include <string>

#include "app/countersignd/signing_keys.h"
#include "enrol/catalogue.h"
#include "ports/store.h"
#include "server/config.h"
#include "x509/certificate.h"

namespace countersign::app {

struct Findings {
  int bad = 0;
  void good(const std::string& text);
  void note(const std::string& text);
  void warn(const std::string& text);
  void fault(const std::string& text);
};

inline constexpr Seconds kSoon{30LL * 86400};

void check_expiry(Findings& out, const std::string& what, Time not_after, Time now,
                  Seconds soon = kSoon);
Result<Time> until(View certificate);

// What a registration authority depends on, and those that ask other CAs: their files, what they
// learnt, and which anchors are CAs of theirs.
Result<> check_authorities(Findings& out, ports::Ledger& ledger, const server::Config& config,
                           const enrol::Catalogue& catalogue, SigningKeys& keys, Time now);

}  // namespace countersign::app
