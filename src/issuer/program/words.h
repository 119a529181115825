// What a program or a web service that stands for a CA is asked, and how it answers: one JSON
// object each way. docs/authorities.md tells their authors.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ports/issuer.h"

namespace countersign::issuer {

// {"version": 1, "operation": "issue", "id": …, "subject": …, "public_key": PEM, …}
std::string question_for(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                         Time now);
// {"version": 1, "operation": "revoke", "id": …, "serial": …, "reason": …}
std::string question_for(const ports::OrderKey& key, const transaction::RevocationOrder& order);

struct Granted {
  Bytes certificate;
};
struct HasRevoked {};
struct Waits {
  Seconds check_after{60};
};
using Said = std::variant<Granted, HasRevoked, Waits, transaction::Refused>;
// {"certificate": PEM} | {"revoked": true} | {"pending": seconds} |
// {"refused": why, "failure": "badCertTemplate"}; or a certificate in PEM alone.
// systemFailure "issuer.program-answer".
Result<Said> read_said(std::string_view answer);

// Of who is only told something: did it take it? Any answer will do but one that asks for patience
// or refuses, as Command has it for EX_TEMPFAIL and EX_DATAERR.
bool has_taken(std::string_view answer);

}  // namespace countersign::issuer
