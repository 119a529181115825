// The keys of our own CAs for who looks at them and replaces them: the API, `countersignd ca`.
#pragma once

#include <vector>

#include "app/countersignd/rollover.h"
#include "console/ca_keys.h"
#include "server/config.h"

namespace countersign::app {

// Of the server's own CA first. A root that is shared is told of where it belongs.
Result<std::vector<console::CaKey>> ca_keys(ports::Ledger& ledger);
// Rolls over, and gives the new one. Errors: "app.no-own-ca", those of rollover.h.
Result<console::CaKey> new_ca_key(Data& data, const server::Config& config,
                                  const console::NewCaKey& wanted, Entropy& entropy, Time now);

}  // namespace countersign::app
