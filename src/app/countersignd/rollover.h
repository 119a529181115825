// Replacing the keys of a data folder's authority: made, stored, and written to the files that
// others are given. Works beside a server that runs, and without one. Errors: "store.conflict" when
// two do it at once, those of issuer/rollover.h, of the store, and "app.file".
#pragma once

#include "app/countersignd/authority_files.h"
#include "app/countersignd/generations.h"

namespace countersign::app {

// The new root vouches for the issuing CAs too: each that lasts gets another certificate.
Result<> roll_root(Data& data, const issuer::RolloverSpec& spec, Entropy& entropy, Time now);
Result<> roll_issuing(Data& data, const issuer::RolloverSpec& spec, Entropy& entropy, Time now);

// From when on the present one cuts short what it issues, since nothing outlives its issuer.
Result<Time> root_due(ports::Ledger& ledger, const Authority& authority);
Result<Time> issuing_due(ports::Ledger& ledger, const Authority& authority);

}  // namespace countersign::app
