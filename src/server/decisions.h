// What waits for officers, and their votes: for a command and for the API.
#pragma once

#include <string>
#include <vector>

#include "enrol/approval.h"
#include "ports/store.h"

namespace countersign::server {

struct WaitingRequest {
  enrol::OrderRecord record;
  enrol::Approval approval;
  std::string id;  // 64 hexadecimal digits, of which a few are enough for people
};
// Those that have not ended, oldest first, the decided ones too.
Result<std::vector<WaitingRequest>> waiting_requests(ports::Ledger& ledger, Time now);

// Counts the vote and stores it with its row. What is decided is carried out within a second.
// "approval.…", "store.conflict".
Result<> decide(ports::Ledger& ledger, WaitingRequest& request, const enrol::Vote& vote,
                const enrol::Voter& voter);

}  // namespace countersign::server
