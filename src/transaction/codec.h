// A transaction's state as octets for the store: DER, versioned. Certificates are not in it: their
// rows are, and restore() puts them back.
#pragma once

#include <functional>

#include "transaction/server_machine.h"

namespace countersign::transaction {

Bytes encode(const Transaction& t);
// A state that another version of the program wrote and this one cannot read is an Error
// (systemFailure, "transaction.state").
Result<Transaction> decode(View state);

// What is known of a certificate that the state names by its serial.
struct StoredCertificate {
  Bytes certificate;
  std::vector<Bytes> chain;
  Bytes root;
};
// Puts the certificates back into answered and delivered requests. A serial that `find` does not
// know is an Error: the state and the certificates have come apart.
Result<> restore(Transaction& t,
                 const std::function<std::optional<StoredCertificate>(View serial)>& find);

}  // namespace countersign::transaction
