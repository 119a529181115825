// What is remembered of an order that an officer decides: what was asked, and what became of it.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "transaction/values.h"

namespace countersign::issuer {

struct Approval {
  enum class Stage : Byte {
    awaited,   // an officer's decision
    approved,  // the issuer behind is asked next, or was
    rejected,  // the requester is told next, or was
  } stage = Stage::awaited;
  std::variant<transaction::CertificateOrder, transaction::RevocationOrder> order;
  Time asked{};
  std::optional<Time> decided;
  std::string comment;  // the officer's words; the requester reads why it was rejected
};

Bytes encode(const Approval& approval);
// Failure::systemFailure "issuer.approval-memo".
Result<Approval> decode_approval(View octets);

}  // namespace countersign::issuer
