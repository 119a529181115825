// The configuration of countersignd: one row of a table for each key. TOML on disk; every policy,
// limit and wait is a key; a value that does not fit is refused by a sentence that names the file,
// the key and what fits. docs/configuration.md is generated from the table.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/tls_context.h"
#include "enrol/authority.h"
#include "enrol/cmp_profile.h"
#include "enrol/field.h"
#include "server/engine.h"

namespace countersign::server {

struct Config {
  std::string listen = "127.0.0.1:8829";
  std::string public_url = "http://127.0.0.1:8829";
  enrol::CmpProfile cmp;       // `default`; what others do not set is as here
  std::size_t keys_ready = 2;  // RSA key pairs of each size that was asked for
  Seconds keep_replies{3600};
  std::string blocked_keys;  // file; empty: none
  std::size_t body_limit = 1 << 20;
  std::size_t most_connections = 10000;
  Seconds request_deadline{30};
  Seconds idle_deadline{60};
  Seconds stop_deadline{10};
  std::int64_t threads = 0;  // 0: one per core
  Seconds crl_validity{7LL * 86400};
  Seconds crl_overlap{86400};            // reissued this long before it lapses
  Seconds signer_renewal{30LL * 86400};  // the CMP signer is renewed this long before it expires
  std::vector<std::string> revocation_lists;  // files: of CAs that are not ours
  enrol::Authority upstream;                  // empty url: this server is a CA itself
  std::string authority_commands;  // folder of the programs of authorities; empty: none may run
  struct Pkcs11 {                  // of keys in tokens
    std::string module, provider;  // files; no module: no tokens; no provider: crypto/token.h's
  } pkcs11;
  struct Approval {                      // by an officer; no templates, no revocations: none
    std::vector<std::string> templates;  // "*": all
    bool updates = false;
    bool revocations = false;
    Seconds check_after{60};
    std::string notify;                      // a program, or a URL; empty: nobody is told
    std::string notify_trust, notify_token;  // files, of a URL
    Seconds notify_timeout{10};
    Seconds remind_every{0};  // 0: never
    std::string desk_url;     // where officers decide; empty: the API's
  } approval;
  struct Devices {        // empty webhook: nobody is asked beside the registry
    std::string webhook;  // URL
    std::string trust;    // file; empty: the system's anchors
    std::string token;    // file; empty: none is sent
    Seconds timeout{5};
    Seconds keep{3600};
  } devices;
  struct Credentials {
    std::string deliver;  // program that carries a new secret to whom it is for; empty: none
    Seconds deliver_time{60};
  } credentials;
  struct Api {  // empty listen: none
    std::string listen = "127.0.0.1:8830";
    bool tls = true;
  } api;
  struct Tls {  // empty listen: none
    std::string listen;
    std::string certificate, key;    // files; empty: made by our own CA
    std::vector<std::string> names;  // in the latter; empty: as fits
    crypto::TlsClients clients = crypto::TlsClients::off;
    std::string client_ca;  // file; empty: our own CA
  } tls;
  bool log_json = false;
  std::string log_level = "info";
};

// As enrol::Field, of the whole: the fields of the CMP profile `default` are among them.
struct ConfigKey {
  std::string name;  // "cmp.confirm_wait"
  std::string_view fits;
  std::string_view meaning;
  std::function<bool(Config&, const enrol::FieldValue&)> set;
  std::function<enrol::FieldValue(const Config&)> get;
};
std::span<const ConfigKey> config_keys();

// Errors: "config.syntax" (line and column), "config.unknown-key" (with the nearest known one),
// "config.value". `source` is the file's name, for the sentences.
Result<> read_config(Config& config, std::string_view toml, std::string_view source);

// The reference as Markdown, and a file with every key at its default, as comments.
std::string config_markdown();
std::string config_example();

}  // namespace countersign::server
