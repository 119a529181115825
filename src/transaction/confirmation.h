// certConf: what it says about each certificate that was delivered, and what follows.
// RFC 9810 §5.3.18, RFC 9483 §4.1.1.
#pragma once

#include <string>
#include <vector>

#include "transaction/server_machine.h"

namespace countersign::transaction {

struct Decision {
  Request* request = nullptr;  // in state Delivered
  Outcome outcome = Outcome::accepted;
  std::string why;
};

// One Decision per delivered certificate: those that the list leaves out are rejected.
// Errors: badCertId (unknown certReqId, wrong hash), badRequest (an entry twice), badDataFormat
// (hashAlg in a message of pvno 2), badAlg (a hashAlg that is not accepted).
Result<std::vector<Decision>> read_confirmation(Transaction& t,
                                                const message::CertConfirmContent& list,
                                                std::int64_t pvno);

void apply_decision(const Transaction& t, const Decision& decision, const Rules& rules,
                    std::vector<Effect>& effects);

// What follows from the acceptance of a certificate; `how` is for the audit.
void accept(const Transaction& t, const Request& r, const Bytes& serial, const Rules& rules,
            std::string_view how, std::vector<Effect>& effects);

// What was decided while the issuer had yet to hear of it.
void apply_decided(Transaction& t, const Rules& rules, std::vector<Effect>& effects);

// No certConf came in time.
void lapse(Request& request, const Rules& rules, std::vector<Effect>& effects);

// H(certificate) as certConf has it; hash_alg wins when it is there.
Result<Bytes> certificate_hash(View certificate,
                               const std::optional<der::AlgorithmIdentifier>& hash_alg);

}  // namespace countersign::transaction
