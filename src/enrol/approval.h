// What waits for officers: what was asked, who said what to it, and what became of it. As many must
// approve as the RA profile says; one who rejects decides it. What nobody decided for as long as
// the RA profile says is escalated: one approval of those whom it names is enough then.
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

// Who votes, beside the name in the vote.
struct Voter {
  std::string certificate;         // its own, SHA-256, hexadecimal; empty: none
  std::vector<std::string> roles;  // enrol::kRoles
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
  struct Escalation {
    Time at{};
    std::vector<std::string> to;  // operators or roles
    friend bool operator==(const Escalation&, const Escalation&) = default;
  };
  std::optional<Escalation> escalation = {};
  // Refused if undecided by then; nullopt, of an earlier version: when it is due.
  std::optional<Time> expires = {};
};

std::string asks_for(const Approval& approval);         // subject, or what is revoked
std::string profile_of(const Approval& approval);       // RA profile; empty: of a revocation
std::string_view stage_name(const Approval& approval);  // "waits", "approved", "rejected"
// By which people name what waits: 64 hexadecimal digits.
std::string request_id(std::string_view order_id);

Bytes encode(const Approval& approval);
// Failure::systemFailure "issuer.approval-memo".
Result<Approval> decode_approval(View octets);

// Adds the vote, and decides if that was the last that was needed. `sender` is the identity of who
// asked: nobody decides what they asked for themselves.
Result<> cast(Approval& approval, Vote vote, const Voter& voter, const std::string& sender);

}  // namespace countersign::enrol
