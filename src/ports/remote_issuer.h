// An issuer beside the server's own. What one that is elsewhere was asked is stored, and goes on
// when its time has come.
#pragma once

#include <optional>
#include <string>

#include "enrol/records.h"
#include "ports/issuer.h"

namespace countersign::ports {

struct Health {
  enum class State {
    well,
    resting,   // it failed several times in a row, and is left alone for a while
    full,      // as many wait for their turn as may
    unusable,  // it could not be opened: see trouble
    spent      // it issued as many of late as it may
  } state = State::well;
  std::size_t under_way = 0, waiting = 0;
  std::optional<Time> answered;  // last
  std::string trouble;           // last; empty: none since it answered
};
constexpr std::string_view name(Health::State state) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"well", "resting", "full", "unusable",
                                                      "spent"};
  return kNames[static_cast<std::size_t>(state)];
}

struct RemoteIssuer : Issuer {
  Speed speed() const noexcept override { return Speed::queued; }
  // An order of its own that is due (Store::claim_orders). On the issuer's loop.
  virtual void resume(const enrol::OrderRecord& record) = 0;
  virtual Health health() const = 0;  // on any thread
};

}  // namespace countersign::ports
