// Replacing the keys of a data folder's authorities: made, stored, and written to the files that
// others are given. Works beside a server that runs, and without one. Errors: "store.conflict" when
// two do it at once, those of issuer/rollover.h, of the store, and "app.file".
#pragma once

#include "app/countersignd/authority_files.h"
#include "app/countersignd/generations.h"

namespace countersign::app {

// Of the CA of that name; empty: the server's own.
// The new root vouches for the issuing CAs too: each that lasts gets another certificate, those of
// other CAs that share it as well. "app.shared-root": it is not this one's to replace.
Result<> roll_root(Data& data, const std::string& ca, const issuer::RolloverSpec& spec,
                   Entropy& entropy, const KeyChange& change);
Result<> roll_issuing(Data& data, const std::string& ca, const issuer::RolloverSpec& spec,
                      Entropy& entropy, const KeyChange& change);

// From when on the present one cuts short what it issues, since nothing outlives its issuer.
Result<Time> root_due(ports::Ledger& ledger, const Authority& authority);
Result<Time> issuing_due(ports::Ledger& ledger, const Authority& authority);

}  // namespace countersign::app
