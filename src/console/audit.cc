// The routes below /api/v1/audit.
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "crypto/digest.h"

namespace countersign::console {

using enrol::AuditRow;

Handled list_audit(const Call& call) {
  // The ledger gives the newest rows alone: those before the page are read and dropped.
  const auto fetch = [&](std::size_t skip, std::size_t most) -> Result<std::vector<AuditRow>> {
    auto rows = TRY(call.at.ledger.audit(skip + most));
    rows.erase(rows.begin(),
               rows.begin() + static_cast<std::ptrdiff_t>(std::min(skip, rows.size())));
    return rows;
  };
  const auto tag_of = [](const AuditRow& row) {
    return to_hex(View(crypto::sha256(view(boost::json::serialize(to_json(row))))).first(8));
  };
  const auto row_of = [](const AuditRow& row) { return to_json(row); };
  return page_by_place(call, fetch, tag_of, row_of);
}

Handled verify_audit(const Call& call) {
  const auto rows = call.at.ledger.verify_audit();
  if (rows) return json_response(200, {{"intact", true}, {"rows", *rows}, {"detail", nullptr}});
  if (rows.error().code != "store.audit-broken") return std::unexpected(Problem(rows.error()));
  return json_response(200,
                       {{"intact", false}, {"rows", nullptr}, {"detail", rows.error().reply_text}});
}

}  // namespace countersign::console
