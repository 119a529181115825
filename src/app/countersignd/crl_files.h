// Revocation lists of other CAs, from the files that trust.revocation_lists names. For one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace countersign::app {

class CrlFiles {
 public:
  explicit CrlFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  // All lists (DER), when a file is another than at the last call; nullopt when none is. What
  // cannot be read is an error once, and then not read again until it changes.
  // Errors: "app.file", "app.revocation-list".
  Result<std::optional<std::vector<Bytes>>> changed();

 private:
  using Seen = std::vector<std::pair<std::filesystem::file_time_type, std::uintmax_t>>;
  Seen look() const;

  std::vector<std::string> paths_;
  Seen seen_;
};

}  // namespace countersign::app
