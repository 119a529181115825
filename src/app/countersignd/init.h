// Making the CA of a data folder, for `init` and for `serve --demo`.
#pragma once

#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "enrol/records.h"

namespace countersign::app {

struct Made {
  Data data;
  std::string reference;
  std::string secret;  // as typed: hexadecimal text
  std::string root_fingerprint;
};
struct FirstCredential {
  std::string reference;         // prefix of the random part
  std::optional<Seconds> lives;  // nullopt: as long as the folder
};
Result<Made> make_ca(const Host& host, const InitOptions& options, const FirstCredential& first);

}  // namespace countersign::app
