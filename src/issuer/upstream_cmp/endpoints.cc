#include "issuer/upstream_cmp/endpoints.h"

#include <algorithm>

namespace countersign::issuer {

Endpoints::Endpoints(const std::vector<std::string>& urls, Seconds rest, Gate& gate)
    : rest_(rest), gate_(gate) {
  for (const auto& url : urls) list_.push_back({{url, {}}, 0, {}});
}

const ports::Target& Endpoints::choose(Time now, const std::string& not_this) {
  const auto awake = [&](const Endpoint& e) {
    return e.rests_until <= now && (list_.size() == 1 || e.target.url != not_this);
  };
  auto best = std::ranges::find_if(list_, awake);
  if (best == list_.end()) best = std::ranges::min_element(list_, {}, &Endpoint::rests_until);
  // Half open: others go elsewhere until this one has its answer.
  if (best->failures >= kFailuresInARow) best->rests_until = now + rest_;
  return best->target;
}

const ports::Target* Endpoints::find(const std::string& url) const {
  const auto found =
      std::ranges::find_if(list_, [&](const Endpoint& e) { return e.target.url == url; });
  return found == list_.end() ? nullptr : &found->target;
}

void Endpoints::answered(const std::string& url) {
  if (Endpoint* e = at(url)) {
    e->failures = 0;
    e->rests_until = {};
  }
  gate_.answered();
}

void Endpoints::failed(const std::string& url, Time now) {
  Endpoint* e = at(url);
  if (e != nullptr && ++e->failures >= kFailuresInARow) e->rests_until = now + rest_;
  // The authority rests while all of its endpoints do.
  gate_.rests_until(std::ranges::min(list_, {}, &Endpoint::rests_until).rests_until);
}

void Endpoints::met(const std::vector<Bytes>& certificates) {
  for (const Bytes& certificate : certificates) {
    std::erase(certificates_, certificate);
    if (certificates_.size() == kMostCertificates) certificates_.erase(certificates_.begin());
    certificates_.push_back(certificate);
  }
}

Endpoints::Endpoint* Endpoints::at(const std::string& url) {
  const auto found =
      std::ranges::find_if(list_, [&](const Endpoint& e) { return e.target.url == url; });
  return found == list_.end() ? nullptr : &*found;
}

}  // namespace countersign::issuer
