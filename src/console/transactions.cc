// The routes below /api/v1/transactions: what became of requests, and why.
#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"

namespace countersign::console {
namespace {

namespace json = boost::json;
using enrol::AuditRow;

// So far back is looked, as the table says: some 5,000 enrolments.
constexpr std::size_t kMostRows = 20'000;

struct Story {
  Time began{};
  AuditRow last;  // with what earlier rows tell and it does not, and the sender of the first
};

void go_on(Story& story, AuditRow row) {
  if (!story.last.sender.empty()) row.sender = story.last.sender;
  if (row.subject.empty()) row.subject = story.last.subject;
  if (row.serial.empty()) row.serial = story.last.serial;
  story.last = std::move(row);
}

// The one that began last first. Rows come the newest first.
std::vector<Story> stories_of(std::vector<AuditRow> rows) {
  std::vector<Story> out;
  std::map<std::string, std::size_t, std::less<>> at;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->transaction.empty()) continue;
    const auto [found, fresh] = at.try_emplace(row->transaction, out.size());
    if (fresh)
      out.push_back({row->at, std::move(*row)});
    else
      go_on(out[found->second], std::move(*row));
  }
  std::ranges::reverse(out);
  return out;
}

json::object shown(const Story& story) {
  json::object out = to_json(story.last);
  out["began"] = to_iso(story.began);
  return out;
}

}  // namespace

Handled list_transactions(const Call& call) {
  auto stories = stories_of(TRY(call.at.ledger.audit(kMostRows)));
  std::erase_if(stories, [&](const Story& s) {
    return !ascii::contains_ignoring_case(s.last.sender, call.query.text("sender")) ||
           !ascii::contains_ignoring_case(s.last.subject, call.query.text("subject")) ||
           (call.query.has("event") && s.last.event != call.query.text("event"));
  });
  const auto fetch = [&](std::size_t skip, std::size_t most) -> Result<std::vector<Story>> {
    const auto from = std::min(skip, stories.size());
    const auto to = std::min(from + most, stories.size());
    return std::vector<Story>(stories.begin() + static_cast<std::ptrdiff_t>(from),
                              stories.begin() + static_cast<std::ptrdiff_t>(to));
  };
  const auto tag_of = [](const Story& s) { return s.last.transaction; };
  const auto row_of = [](const Story& s) { return shown(s); };
  return page_by_place(call, fetch, tag_of, row_of);
}

Handled show_transaction(const Call& call) {
  json::array events;
  for (const auto& row : TRY(call.at.ledger.audit_of(call.parameter)))
    events.push_back(to_json(row));
  if (events.empty())
    return refuse(404, "console.no-transaction",
                  "nothing is recorded of a transaction with this ID; write it as 32 hexadecimal "
                  "digits in small letters, as the log does");
  return json_response(200, {{"transaction", call.parameter}, {"events", std::move(events)}});
}

}  // namespace countersign::console
