// What is told to the client: ip, cp, kup, rp, genp, pollRep, or an error of status waiting.
#pragma once

#include <optional>

#include "transaction/server_machine.h"

namespace countersign::transaction {

// The reply that is due now: to the first message, or to a pollReq once something was answered.
// Moves what it tells on: answered -> delivered (or settled), and adds the effects of that.
// nullopt never happens for a transaction that has requests.
std::optional<Reply> make_response(Transaction& t, std::vector<Effect>& effects, const Facts& facts,
                                   Time now);

// RFC 9810 §5.3.22: for other than certificate requests the wait is told by an error message
Reply waiting_error();

// Nothing is ready: when to ask again. RFC 9810 §5.3.22.
Reply make_poll_rep(const Transaction& t, const message::PollReqContent& asked);

// A rejection, with our code in errorDetails. RFC 9810 §5.3.21.
message::ErrorMsgContent error_content(const Error& error, message::Language language);

}  // namespace countersign::transaction
