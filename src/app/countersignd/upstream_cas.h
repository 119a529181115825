// CAs of others that this server gets certificates from, where `trust add` names them as well: who
// holds a certificate of theirs may then ask here, whoever it came through (server/adoption.h).
#pragma once

#include <string>
#include <vector>

#include "enrol/catalogue.h"
#include "enrol/records.h"
#include "ports/store.h"
#include "server/config.h"

namespace countersign::app {

// That an authority turned out to issue by; empty name: that of the configuration.
Result<std::vector<Bytes>> learnt_issuers(ports::Ledger& ledger, const std::string& authority);
std::string learnt_issuers_value(const std::string& authority);

// Of the files `ca` of all authorities, and what they turned out to issue by. What cannot be read
// is left out.
std::vector<Bytes> upstream_cas(ports::Ledger& ledger, const server::Config& config,
                                const enrol::Catalogue& catalogue);
// What an operator should know of that anchor; empty: nothing.
std::string of_upstream_anchor(const enrol::TrustRecord& anchor, const std::vector<Bytes>& cas,
                               const server::Config& config);

}  // namespace countersign::app
