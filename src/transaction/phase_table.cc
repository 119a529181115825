#include "transaction/phase_table.h"

#include <string>

namespace countersign::transaction {
namespace {

constexpr PhaseRow row(Action first, Action certConf, Action pollReq, Action error) {
  using enum Action;
  return {
      first,       // ir
      not_ours,    // ip
      first,       // cr
      not_ours,    // cp
      first,       // p10cr
      not_ours,    // popdecc
      not_served,  // popdecr
      first,       // kur
      not_ours,    // kup
      not_served,  // krr
      not_ours,    // krp
      first,       // rr
      not_ours,    // rp
      not_served,  // ccr
      not_ours,    // ccp
      not_served,  // ckuann
      not_served,  // cann
      not_served,  // rann
      not_served,  // crlann
      unexpected,  // pkiconf
      not_served,  // nested
      first,       // genm
      not_ours,    // genp
      error,       // error
      certConf,    // certConf
      pollReq,     // pollReq
      not_ours,    // pollRep
  };
}

}  // namespace

const std::array<PhaseRow, kPhases> kActions = {
    /* fresh      */ row(Action::begin, Action::unexpected, Action::unexpected, Action::unexpected),
    /* waiting    */ row(Action::in_use, Action::unexpected, Action::poll, Action::close),
    /* confirming */ row(Action::in_use, Action::confirm, Action::poll, Action::close),
    /* ended      */ row(Action::in_use, Action::confirmed, Action::unexpected, Action::close),
};

std::string_view name(Action action) noexcept {
  constexpr std::array<std::string_view, 9> kNames = {
      "begin",         "transactionIdInUse", "confirm",    "poll",    "close",
      "certConfirmed", "unexpected",         "not served", "not ours"};
  return kNames[static_cast<std::size_t>(action)];
}

std::string_view name(Phase phase) noexcept {
  constexpr std::array<std::string_view, kPhases> kNames = {"fresh", "waiting", "confirming",
                                                            "ended"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::string phase_table_markdown() {
  std::string out = "| body |";
  for (std::size_t p = 0; p < kPhases; ++p)
    out.append(" ").append(name(static_cast<Phase>(p))).append(" |");
  out += "\n| --- | --- | --- | --- | --- |\n";
  for (int b = 0; b < message::kBodyTypes; ++b) {
    const auto type = static_cast<message::BodyType>(b);
    out.append("| ").append(message::name(type)).append(" |");
    for (std::size_t p = 0; p < kPhases; ++p)
      out.append(" ").append(name(action(static_cast<Phase>(p), type))).append(" |");
    out += "\n";
  }
  return out;
}

}  // namespace countersign::transaction
