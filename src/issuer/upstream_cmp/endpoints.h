// The endpoints of an upstream CA, the preferred one first, and which of them to try now. One that
// fails several times in a row rests for a while, and is then tried again by one message; where all
// rest, the one that has rested longest is tried. And the certificates that came with their
// answers, which later ones may leave out. Used on one loop.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "issuer/gate.h"
#include "ports/transport.h"

namespace countersign::issuer {

class Endpoints {
 public:
  static constexpr int kFailuresInARow = 3;
  static constexpr std::size_t kMostCertificates = 16;

  Endpoints(const std::vector<std::string>& urls, Seconds rest, Gate& gate);

  Gate& gate() noexcept { return gate_; }

  // The first that does not rest, but for `not_this` while there is another.
  const ports::Target& choose(Time now, const std::string& not_this = {});
  // Of that URL; nullptr: it is none of these any more.
  const ports::Target* find(const std::string& url) const;
  void answered(const std::string& url);
  void failed(const std::string& url, Time now);

  // Of an answer that was verified; the latest are kept.
  void met(const std::vector<Bytes>& certificates);
  const std::vector<Bytes>& certificates() const noexcept { return certificates_; }

 private:
  struct Endpoint {
    ports::Target target;
    int failures = 0;  // in a row
    Time rests_until{};
  };
  Endpoint* at(const std::string& url);

  std::vector<Endpoint> list_;
  Seconds rest_;
  Gate& gate_;
  std::vector<Bytes> certificates_;
};

}  // namespace countersign::issuer
