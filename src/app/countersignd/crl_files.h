// Revocation lists of other CAs, from the files that trust.revocation_lists names. For one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/countersignd/file_stamps.h"
#include "base/bytes.h"
#include "base/result.h"

namespace countersign::app {

class CrlFiles {
 public:
  explicit CrlFiles(std::vector<std::string> paths) : files_(std::move(paths)) {}

  // All lists (DER), when a file is another than at the last call; nullopt when none is. What
  // cannot be read is an error once, and then not read again until it changes.
  // Errors: "app.file", "app.revocation-list".
  Result<std::optional<std::vector<Bytes>>> changed();

 private:
  FileStamps files_;
};

}  // namespace countersign::app
