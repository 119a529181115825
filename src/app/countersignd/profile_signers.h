// The signers of CMP profiles that have one of their own, from the files that these name. For the
// keeper's thread.
//
// One that cannot be used (a file is missing, the key is another's, the certificate has expired or
// may not sign, its token is not there) is named in the log, and nothing is served at its profiles
// until it can be. Files are read anew when they change; a token is asked again every minute, and
// is not shown what it refused (issuer/token_signer.h).
#pragma once

#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "app/countersignd/signing_keys.h"
#include "server/engine.h"

namespace countersign::app {

// Errors: "app.file", "app.signer-certificate", "app.signer-key", "app.signer-usage",
// "app.signer-time"; those of SigningKeys::open and crypto::from_pkcs12.
Result<std::shared_ptr<const server::CmpSigner>> open_profile_signer(
    const enrol::SignerFiles& files, SigningKeys& keys, Time now);

class ProfileSigners {
 public:
  ProfileSigners(SigningKeys& keys, server::Engine& engine) : keys_(keys), engine_(engine) {}

  // Those of the catalogue, in place before it is.
  void use(const enrol::Catalogue& catalogue, Time now);
  // Looks whether one has changed, begun or ended; to be called every second or so.
  void keep(Time now);

 private:
  using Seen = std::vector<std::pair<std::filesystem::file_time_type, std::uintmax_t>>;
  struct Entry {
    server::ProfileSigner signer;
    Seen seen;
    Time opened{};
  };
  static Seen look(const enrol::SignerFiles& files);
  static bool is_due(const enrol::SignerFiles& files, const Entry& entry, Time now);
  void open(const enrol::SignerFiles& files, Entry& entry, Time now);
  void publish() const;
  void log(server::LogEvent::Level level, const Entry& entry, const std::string& what,
           std::string_view code, const std::string& detail) const;

  SigningKeys& keys_;
  server::Engine& engine_;
  std::map<enrol::SignerFiles, Entry> entries_;
};

}  // namespace countersign::app
