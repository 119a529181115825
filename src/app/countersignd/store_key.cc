// countersignd store-key rotate

#include <iostream>

#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "store/sqlite/key_change.h"

namespace countersign::app {
namespace {

std::unexpected<Error> kept_elsewhere() {
  return fail(Failure::systemFailure, "app.store-key-credential",
              "the store key comes from systemd (countersign-store-key) and cannot be replaced "
              "there: put its 64 hexadecimal digits into store.key of the data folder, mode 0600, "
              "run this again without systemd, give the new content of store.key to "
              "systemd-creds encrypt, and remove the file");
}

enrol::AuditRow rotated_row(Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = "store-key-rotated";
  row.sender = "operator:local";
  row.detail = "everything that is sealed was sealed anew";
  return row;
}

Result<int> rotate(const Host& host, const StoreKeyOptions& options) {
  const Time now = host.clock.now();
  auto data = TRY(open_data(options.data, store::Exclusive::alone, host.entropy, now));
  if (data.key_source == store::StoreKey::Source::credential) return kept_elsewhere();
  const auto present = TRY(store::read_store_key(options.data, {}));
  data.store.reset();  // its connections; the folder stays locked
  const auto next = TRY(store::create_next_store_key(options.data, host.entropy));
  // Whatever fails from here on: who opens the folder next finds out which key fits.
  const auto changed = TRY(store::sqlite::change_store_key(
      data.folder.database(), present.key, next.key, host.entropy, rotated_row(now)));
  TRY(store::adopt_next_store_key(options.data));
  std::cout << "a new store key in " << options.data << "/" << store::kStoreKeyFile << ": "
            << changed << " values sealed anew\n"
            << "copies of the database that were made before open with the old key alone\n";
  return kDone;
}

}  // namespace

int run_store_key_rotate(const Host& host, const StoreKeyOptions& options) {
  const auto done = rotate(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
