// Making shared secrets and handing them out, for `secret add`, `secret import` and `secret
// rotate`.
#pragma once

#include <string>
#include <vector>

#include "app/countersignd/commands.h"
#include "enrol/catalogue.h"
#include "enrol/records.h"
#include "server/config.h"

namespace countersign::app {

struct NewSecret {
  enrol::CredentialRecord record;
  std::string shown;  // the secret as text, when we made it
};
// Not stored yet. "app.profile", "app.uses", "app.expires", "rights.name-rule", "app.secret-…",
// "server.network-form".
Result<NewSecret> make_secret(const Host& host, const enrol::Catalogue& catalogue,
                              const SecretOptions& options);
enrol::AuditRow added_row(const enrol::CredentialRecord& record);

// A line of names, and one for each; the invitation is to the server of `config`.
std::string as_csv(const std::vector<NewSecret>& secrets, const server::Config& config);
// To --out, else to standard output.
Result<> write_csv(const std::string& csv, const SecretOptions& options);

}  // namespace countersign::app
