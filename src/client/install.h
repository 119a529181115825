// Puts a new key and certificate in their places so that at no instant the two files there belong
// to different pairs: where the key changes, the old certificate goes (it stays as <cert>.old),
// then the key comes, then the new certificate. A kill in between leaves a gap, never a mismatch,
// and the same command closes it. Doing it again changes nothing.
#pragma once

#include <optional>
#include <string>

#include "client/identity.h"
#include "client/journal.h"

namespace countersign::client {

struct Places {
  std::string certificate;
  std::optional<std::string> roots;  // none: they stay as they are
  std::optional<std::string> key;    // where a key of the journal goes; none: it is in place
  std::string journal_key;
};

// Whether all of it could be written, asked before anything is sent.
Result<> check(const Places& places);
Result<> install(const Kept& kept, const Places& places);

}  // namespace countersign::client
