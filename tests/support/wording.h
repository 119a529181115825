// What a machine says and wants done, in words that a table of cases can hold:
//   "ip 0:accepted 1:waiting", "pollRep 1:check-after=60", "error rejection(badRequest)"
//   "confirm(01)", "withdraw(01)", "issued(01)", "refused(profile.key-too-short)"
#pragma once

#include <string>
#include <vector>

#include "message/info_type.h"
#include "transaction/server_machine.h"

namespace countersign::test {

inline std::string in_words(const message::PKIStatusInfo& status) {
  using enum message::PKIStatus;
  switch (status.status) {
    case accepted:
      return "accepted";
    case grantedWithMods:
      return "grantedWithMods";
    case waiting:
      return "waiting";
    case keyUpdateWarning:
      return "keyUpdateWarning";
    case rejection:
      break;
    default:
      return "status" + std::to_string(static_cast<int>(status.status));
  }
  std::string out = "rejection(";
  if (status.fail_info)
    for (const Failure f : message::failures(*status.fail_info))
      out += (out.back() == '(' ? "" : ",") + std::string(name(f));
  return out + ")";
}

inline std::string in_words(const message::PKIBody& body) {
  std::string out(message::name(body.type));
  const auto entry = [&](RequestId id, const std::string& what) {
    out += " " + std::to_string(id.value) + ":" + what;
  };
  if (const auto* m = std::get_if<message::CertRepMessage>(&body.content)) {
    for (const auto& r : m->response) entry(r.cert_req_id, in_words(r.status));
    if (!m->ca_pubs.empty()) out += " caPubs";
  } else if (const auto* polled = std::get_if<message::PollRepContent>(&body.content)) {
    for (const auto& r : *polled)
      entry(r.cert_req_id, "check-after=" + std::to_string(r.check_after));
  } else if (const auto* revoked = std::get_if<message::RevRepContent>(&body.content)) {
    for (const auto& s : revoked->status) out += " " + in_words(s);
  } else if (const auto* told = std::get_if<message::InfoMsgContent>(&body.content)) {
    for (const auto& item : told->items) {
      const auto* type = message::find_info_type(item.type);
      out += " " + (type == nullptr ? item.type.dotted() : std::string(type->name));
    }
  } else if (const auto* error = std::get_if<message::ErrorMsgContent>(&body.content)) {
    out += " " + in_words(error->status);
  }
  return out;
}

// confirmWaitTime relative to `start`.
inline std::string in_words(const std::vector<message::InfoTypeAndValue>& info, Time start) {
  std::string out;
  if (message::find(info, message::it::implicitConfirm) != nullptr) out += " implicitConfirm";
  if (const auto* wait = message::find(info, message::it::confirmWaitTime)) {
    const auto value = message::decode(*wait);
    const auto* until = value ? std::get_if<Time>(&*value) : nullptr;
    out += until == nullptr ? " confirm-by=?"
                            : " confirm-by=" + std::to_string((*until - start).count());
  }
  return out;
}

inline std::string in_words(const transaction::Effect& effect) {
  using namespace transaction;
  const auto of = [](const char* what, const Bytes& serial) {
    return std::string(what) + "(" + to_hex(serial) + ")";
  };
  if (const auto* e = std::get_if<Ask>(&effect)) return "ask(" + std::to_string(e->index) + ")";
  if (const auto* e = std::get_if<Confirm>(&effect)) return of("confirm", e->serial);
  if (const auto* e = std::get_if<Withdraw>(&effect)) return of("withdraw", e->serial);
  if (const auto* e = std::get_if<Supersede>(&effect)) return of("supersede", e->serial);
  if (const auto* e = std::get_if<Replace>(&effect))
    return "replace(" + to_hex(e->serial) + "," + to_hex(e->by) + ")";
  if (std::holds_alternative<ForgetReply>(effect)) return "forget-reply";
  if (std::holds_alternative<ReserveUse>(effect)) return "reserve";
  if (std::holds_alternative<GiveUseBack>(effect)) return "give-back";
  if (const auto* e = std::get_if<ReserveToken>(&effect)) return of("reserve-token", e->digest);
  if (const auto* e = std::get_if<GiveTokenBack>(&effect)) return of("give-token-back", e->digest);
  const auto& note = std::get<Note>(effect);
  const std::string serial = to_hex(note.serial);
  return note.event + "(" + serial + (serial.empty() || note.code.empty() ? "" : ",") + note.code +
         ")";
}

inline std::string in_words(const std::vector<transaction::Effect>& effects) {
  std::string out;
  for (const auto& e : effects) out += (out.empty() ? "" : " ") + in_words(e);
  return out;
}

}  // namespace countersign::test
