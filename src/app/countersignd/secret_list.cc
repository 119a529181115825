// countersignd secret list|remove

#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/knowledge.h"
#include "console/rows.h"
#include "server/networks.h"

namespace countersign::app {
namespace {

Result<int> list(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  boost::json::array rows;
  for (const auto& r : TRY(data.store->credentials())) {
    if (!options.subscriber.empty() && r.subscriber != options.subscriber) continue;
    rows.push_back(console::to_json(r));
    if (!options.json)
      std::cout << r.reference << "   names " << r.names << "   uses left "
                << uses_text(r.uses_left, r.uses_granted) << "   expires "
                << (r.expires ? to_iso(*r.expires) : "never")
                << (r.subscriber.empty() ? "" : "   of " + r.subscriber)
                << (r.is_ra ? "   of a registration authority" : "")
                << (r.profile.empty() ? "" : "   RA profile " + r.profile)
                << (r.networks.empty() ? "" : "   from " + server::networks_text(r.networks))
                << (r.former ? "   former one until " + to_iso(r.former->until) : "")
                << (r.note.empty() ? "" : "   " + harmless(r.note)) << "\n";
  }
  if (options.json)
    std::cout << boost::json::serialize(rows) << "\n";
  else if (rows.empty())
    std::cout << "no secrets; add one with `countersignd secret add`\n";
  return kDone;
}

Result<int> remove(const Host& host, const SecretOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  if (!TRY(data.store->remove_credential(options.reference)))
    return fail(Failure::systemFailure, "app.no-such-secret",
                "there is no secret with reference " + options.reference);
  std::cout << "removed " << options.reference << "\n";
  return kDone;
}

}  // namespace

int run_secret_list(const Host& host, const SecretOptions& options) {
  const auto done = list(host, options);
  return done ? *done : report(done.error());
}
int run_secret_remove(const Host& host, const SecretOptions& options) {
  const auto done = remove(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
