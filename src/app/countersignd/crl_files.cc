#include "app/countersignd/crl_files.h"

#include <iterator>

#include "app/countersignd/config_file.h"
#include "x509/crl.h"

namespace countersign::app {

namespace fs = std::filesystem;

CrlFiles::Seen CrlFiles::look() const {
  Seen out;
  for (const auto& path : paths_) {
    std::error_code missing;
    out.emplace_back(fs::last_write_time(path, missing), fs::file_size(path, missing));
  }
  return out;
}

Result<std::optional<std::vector<Bytes>>> CrlFiles::changed() {
  Seen now = look();
  if (now == seen_) return std::nullopt;
  seen_ = std::move(now);
  std::vector<Bytes> out;
  for (const auto& path : paths_) {
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
