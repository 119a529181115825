// What a message names beside its sender: certificates, tokens, and the devices that it is for. The
// registry is asked first; what it does not know may be asked of somebody else's.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "enrol/examine.h"
#include "server/engine.h"

namespace countersign::server {

struct Naming {
  const message::AuthenticatedMessage& m;
  const enrol::Catalogue& catalogue;
  const enrol::CmpProfile& profile;
  const enrol::TrustRecord* anchor;  // that a foreign signer's path ends in; null: it is ours
  Time now;
  enum class Elsewhere { asked, not_asked } elsewhere = Elsewhere::asked;
};

// Adds it to what was found for the sender. One look-up; a second where a key update tells its
// device by its certificate alone. Errors: those of the store; "device.too-many" and those of
// ports/device_source.h.
boost::asio::awaitable<Result<>> look_up_named(Engine& engine, const Naming& naming,
                                               ports::Snapshot& found);

}  // namespace countersign::server
