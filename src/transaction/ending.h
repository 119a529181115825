// How a transaction of the server ends, or what it was confirmed of: the steps that have no way
// back. Internal to the machine.
#pragma once

#include <string>
#include <vector>

#include "transaction/server_machine.h"

namespace countersign::transaction {

// The use of a credential goes back once a transaction has ended without a certificate that stays,
// those of a request's tokens once the request has.
void give_uses_back(Transaction& t, std::vector<Effect>& effects);
// Once nothing that was delivered awaits its certConf, a reply with a private key goes for good.
void forget_key_reply(Transaction& t, std::vector<Effect>& effects);

Reply pkiconf();
// RFC 9810 §5.3.17: pkiconf ends what certConf was about; the rest may still be polled for.
Step confirmed(Transaction t, std::vector<Effect> effects, const Facts& facts);
// The same, by what was decided before the issuer had heard of it.
Step confirmed_at_last(Transaction t, const Facts& facts);

// Ends the transaction by `reply`. What was delivered, or was about to be, counts as rejected.
Step abandon(Transaction t, const Facts& facts, const std::string& why, Reply reply);

}  // namespace countersign::transaction
