// What is remembered of an order that a program or a web service answers.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::issuer {

struct ProgramMemo {
  enum class Stage : Byte {
    asking,       // for a certificate
    granted,      // it came, and awaits what its end entity says
    revoking,     // somebody asked for that
    withdrawing,  // the same, of one that nobody took
    ended,
  } stage = Stage::asking;
  Bytes order;     // SHA-256 of what was asked for
  Bytes subject;   // asking: the key to be certified; revoking: the serial number
  int reason = 0;  // of a revocation
  std::optional<Time> invalidity_date;
  std::string question;  // as it is asked, and asked again
  Bytes certificate;     // that came
  Time until{};          // it is given up then
};

Bytes encode(const ProgramMemo& memo);
// Failure::systemFailure "issuer.program-memo".
Result<ProgramMemo> decode_program_memo(View octets);

}  // namespace countersign::issuer
