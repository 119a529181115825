// What waits for officers: what was asked, who said what to it, and what became of it. As many must
// approve as the RA profile says; one who rejects decides it.
//
// Errors of voting: "approval.decided", "approval.own", "approval.again".
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "transaction/values.h"

namespace countersign::enrol {

enum class Voice : Byte { approves, rejects };
struct Vote {
  std::string officer;  // name of an operator
  Voice voice = Voice::approves;
  Time at{};
  std::string comment;
  friend bool operator==(const Vote&, const Vote&) = default;
};

struct Approval {
  enum class Stage : Byte {
    awaited,   // officers' decision
    approved,  // the issuer behind is asked next, or was
    rejected,  // the requester is told next, or was
  } stage = Stage::awaited;
  std::variant<transaction::CertificateOrder, transaction::RevocationOrder> order;
  Time asked{};
  std::optional<Time> decided;
  std::string comment;     // the deciding officer's words; the requester reads why it was rejected
  std::size_t needed = 1;  // officers that must approve
  std::string asker;       // operator who made the credential that it was asked with; empty: none
  std::vector<Vote> votes = {};  // oldest first, one of each officer
};

Bytes encode(const Approval& approval);
// Failure::systemFailure "issuer.approval-memo".
Result<Approval> decode_approval(View octets);

// Adds the vote, and decides if that was the last that was needed. `certificate` is the officer's
// own (SHA-256, hexadecimal; empty: none), `sender` the identity of who asked: nobody decides what
// they asked for themselves.
Result<> cast(Approval& approval, Vote vote, const std::string& certificate,
              const std::string& sender);

}  // namespace countersign::enrol
