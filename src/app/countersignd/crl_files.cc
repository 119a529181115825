#include "app/countersignd/crl_files.h"

#include <iterator>

#include "app/countersignd/config_file.h"
#include "x509/crl.h"

namespace countersign::app {

Result<std::optional<std::vector<Bytes>>> CrlFiles::changed() {
  if (!files_.changed()) return std::nullopt;
  std::vector<Bytes> out;
  for (const auto& path : files_.paths()) {
    auto lists = x509::crls_from_file(TRY(read_named_file("trust.revocation_lists", path)));
    if (!lists)
      return fail(Failure::systemFailure, "app.revocation-list",
                  path + " holds no revocation list (PEM or DER): " + lists.error().reply_text,
                  lists.error().detail);
    std::ranges::move(*lists, std::back_inserter(out));
  }
  return out;
}

}  // namespace countersign::app
