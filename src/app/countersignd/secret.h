// Making a shared secret, for `secret add` and `secret import`.
#pragma once

#include <string>

#include "app/countersignd/commands.h"
#include "enrol/catalogue.h"
#include "enrol/records.h"

namespace countersign::app {

struct NewSecret {
  enrol::CredentialRecord record;
  std::string shown;  // the secret as text, when we made it
};
// Not stored yet. "app.profile", "app.uses", "app.expires", "rights.name-rule", "app.secret-…".
Result<NewSecret> make_secret(const Host& host, const enrol::Catalogue& catalogue,
                              const SecretOptions& options);
enrol::AuditRow added_row(const enrol::CredentialRecord& record);

}  // namespace countersign::app
