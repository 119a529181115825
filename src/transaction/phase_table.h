// What each body means in each phase of a transaction. Every pair is decided on purpose; the table
// is printed to docs/phases.md and held by a test.
#pragma once

#include <array>
#include <string_view>

#include "message/message.h"
#include "transaction/server_machine.h"

namespace countersign::transaction {

enum class Action : Byte {
  begin,       // a first message: ask the issuer
  in_use,      // transactionIdInUse: a first message under an ID that this sender has in use
  confirm,     // certConf for what was delivered
  poll,        // pollReq
  close,       // the client's error message: rejects what was delivered, answered by pkiconf
  confirmed,   // certConfirmed: it was settled before
  unexpected,  // badRequest: not in this phase
  not_served,  // badRequest: this server does not take such requests
  not_ours,    // badRequest: only a server sends this
};
std::string_view name(Action action) noexcept;
std::string_view name(Phase phase) noexcept;

inline constexpr std::size_t kPhases = 4;
using PhaseRow = std::array<Action, message::kBodyTypes>;
extern const std::array<PhaseRow, kPhases> kActions;

inline Action action(Phase phase, message::BodyType body) noexcept {
  return kActions[static_cast<std::size_t>(phase)][static_cast<std::size_t>(body)];
}
// The table as Markdown.
std::string phase_table_markdown();

}  // namespace countersign::transaction
