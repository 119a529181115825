// From options to what the client layer works with: credentials, trust, names, times.
// Errors: client.usage, and those of the files that are read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/countersign/options.h"
#include "client/conversation.h"
#include "client/enrolment.h"
#include "client/errand.h"
#include "crypto/tls_context.h"
#include "ports/transport.h"

namespace countersign::app {

// What --invite says stands for the options that it replaces.
Result<> follow_invitation(Options& options);

// --reference/--secret, --via-cert/--via-key, or (renew, revoke, info) --cert/--key.
Result<client::Protection> protection_of(const Options& options);
bool by_secret(const Options& options);

// Whom an answer is believed from. `first`: an ir, whose MAC'd answer may bring the root.
enum class RootComes { in_answer, never };
Result<client::Trust> trust_of(const Options& options, RootComes root);
// --trust, else the roots that an enrolment left beside the certificate in use; empty: none.
Result<std::vector<Bytes>> trusted_roots(const Options& options);
std::string roots_path(const Options& options);  // empty: none known

// The parties of a conversation, without expectation.
Result<client::Parties> parties_of(const Options& options, RootComes root);

Result<x509::Name> name_of(const std::string& option, const std::string& text);
Result<client::CertificateWish> wish_of(const Options& options);
Result<Secret> key_passphrase(const Options& options);
client::Confirmation confirmation_of(const Options& options);

// --central-key: asks for a key of the kind of --algorithm, or of the server's choice, and lets it
// wait in the journal for its place.
Result<client::Errand::Prepared> prepare_central(const Options& options, message::BodyType type,
                                                 const client::CertificateWish& wish,
                                                 client::Parties parties,
                                                 const client::Journal& journal);

// "client.usage" if one of them is missing: {"--key", options.key}
struct Needed {
  std::string_view option;
  const std::optional<std::string>& value;
};
Result<> need(const Options& options, std::initializer_list<Needed> list);

// The options that name the request, by rows of kOptions.
std::vector<client::Setting> settings_of(const Options& options);

// What TLS needs where the URL says https: whom to trust, who we are. tls.cc
Result<std::optional<crypto::TlsContext>> tls_of(const Options& options,
                                                 const ports::Target& target);
// A secret from its SOURCE; standard input is read once.
Result<Secret> secret_from(const std::string& source);

// `label` is used with --label.
Result<ports::Target> target_of(const Options& options, std::string_view label);
Result<Seconds> duration_of(std::string_view option, const std::optional<std::string>& text,
                            Seconds otherwise);

}  // namespace countersign::app
