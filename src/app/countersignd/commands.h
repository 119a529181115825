// The commands of countersignd: plain options in, exit code out. main.cc is the wiring table from
// the command line to these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ports.h"
#include "base/result.h"

namespace countersign::app {

struct Host {  // the doors to the machine, opened in main
  Clock& clock;
  Entropy& entropy;
};

enum ExitCode : int { kDone = 0, kUsage = 1, kRefused = 3, kLocal = 6 };

// "countersignd: <what happened, what to change> [code]" on stderr; gives kLocal.
int report(const Error& error);

struct InitOptions {
  std::string data;
  bool json = false;
  std::string url = "http://127.0.0.1:8829";
  std::string name = "Countersign";
  std::string organization;
  std::string algorithm = "p256";  // of all three keys, unless named below
  std::string root_algorithm, issuing_algorithm, cmp_algorithm;
};
int run_init(const Host& host, const InitOptions& options);

struct ServeOptions {
  std::string data;
  std::string listen;  // empty: as configured
  std::string tls;     // the same, for HTTPS
  std::string config;  // empty: config.toml in the data folder, if it is there
  bool demo = false;
  bool demo_anyone = false;
};
int run_serve(const Host& host, const ServeOptions& options);

struct SecretOptions {
  std::string data;
  std::string reference;  // empty: a random one
  std::string source;     // pass:… env:… file:… stdin: ; empty: we make one
  std::string profile;
  std::string uses = "1";  // or "any"
  std::string expires;     // a duration or a date; empty: never
  std::string names = "self";
  std::string cmp_profile;  // where alone it may be used; empty: anywhere
  std::string begins;       // a duration or a date; empty: now
  std::string note;
  std::string networks;    // where alone it may come from, with commas; empty: anywhere
  std::string subscriber;  // whose it is; list: only of this one
  bool ra = false;         // it is a registration authority's
  std::size_t count = 1;   // add: more of them, as CSV
  std::string deliver;  // address that the program of the configuration takes it to; empty: shown
  std::string overlap = "7d";  // rotate: how long the former one passes too; "0": no more
  std::string config;          // empty: config.toml in the data folder, if it is there
  std::string file, out;       // import: from, and where the secrets go; empty: standard output
  bool skip_broken = false;    // import
  bool json = false;
  bool qr = false;
};
int run_secret_add(const Host& host, const SecretOptions& options);
int run_secret_rotate(const Host& host, const SecretOptions& options);
int run_secret_import(const Host& host, const SecretOptions& options);
int run_secret_list(const Host& host, const SecretOptions& options);
int run_secret_remove(const Host& host, const SecretOptions& options);

struct StoreKeyOptions {
  std::string data;
};
int run_store_key_rotate(const Host& host, const StoreKeyOptions& options);

struct TokenOptions {
  std::string data;
  std::string kind = "regToken";  // or "authenticator"
  std::string source;             // as SecretOptions
  std::string profile;
  std::string uses;     // empty: 1 for a regToken, any for an authenticator
  std::string expires;  // a duration or a date; empty: never
  std::string names = "any";
  std::string id;  // remove: what `token list` shows
  bool json = false;
};
int run_token_add(const Host& host, const TokenOptions& options);
int run_token_list(const Host& host, const TokenOptions& options);
int run_token_remove(const Host& host, const TokenOptions& options);

struct DeviceOptions {
  std::string data;
  std::string serial;
  std::vector<std::string> settings;  // "group=line1", "attributes.site=north"
  std::string file;                   // import
  std::string group, state;           // list: only these
  bool skip_broken = false;
  bool replace = false;
  bool json = false;
};
int run_device_add(const Host& host, const DeviceOptions& options);
int run_device_set(const Host& host, const DeviceOptions& options);
int run_device_show(const Host& host, const DeviceOptions& options);
int run_device_list(const Host& host, const DeviceOptions& options);
int run_device_import(const Host& host, const DeviceOptions& options);
int run_device_block(const Host& host, const DeviceOptions& options);
int run_device_unblock(const Host& host, const DeviceOptions& options);
int run_device_remove(const Host& host, const DeviceOptions& options);

struct TrustOptions {
  std::string data;
  std::string file;         // add: PEM or DER
  std::string fingerprint;  // remove: SHA-256, hexadecimal with or without colons
  std::string names = "self";
  bool ra = false;
  bool json = false;
};
int run_trust_add(const Host& host, const TrustOptions& options);
int run_trust_list(const Host& host, const TrustOptions& options);
int run_trust_remove(const Host& host, const TrustOptions& options);

struct ListOptions {
  std::string data;
  std::string status;
  std::string subject;
  std::string subscriber;
  std::string transaction;  // ID, hexadecimal
  std::size_t most = 1000;
  bool json = false;
};
int run_certificates(const Host& host, const ListOptions& options);
int run_audit_verify(const Host& host, const ListOptions& options);
int run_audit_list(const Host& host, const ListOptions& options);
int run_why(const Host& host, const ListOptions& options);
int run_check(const Host& host, const ListOptions& options);
struct RevokeOptions {
  std::string data;
  std::string serial;      // hexadecimal, as `certificates` prints it; or
  std::string subscriber;  // all of this one
  std::string reason = "unspecified";
};
int run_revoke(const Host& host, const RevokeOptions& options);
int run_release(const Host& host, const RevokeOptions& options);
struct RequestsOptions {
  std::string data;
  std::vector<std::string> ids;  // as `requests list` prints them, or their beginnings
  std::string comment;
  std::string officer;  // operator in whose name it is decided; empty: "local"
  bool all = false;     // the decided ones too
  bool json = false;
};
int run_requests_list(const Host& host, const RequestsOptions& options);
int run_requests_show(const Host& host, const RequestsOptions& options);
int run_requests_approve(const Host& host, const RequestsOptions& options);
int run_requests_reject(const Host& host, const RequestsOptions& options);
struct CaOptions {
  std::string data;
  std::string config;     // empty: config.toml in the data folder, if it is there
  std::string algorithm;  // empty: as the present key
  std::string authority;  // empty: the server's own CA
  bool root = false;
  bool issuing = false;
  bool json = false;
};
int run_ca_rollover(const Host& host, const CaOptions& options);
int run_ca_list(const Host& host, const CaOptions& options);
int run_config(bool markdown);

struct ObjectOptions {
  std::string data;
  std::string config;                 // empty: config.toml in the data folder, if it is there
  std::string kind, name;             // "ra_profile", "factory"
  std::vector<std::string> settings;  // "validity=90d"; "validity": as it is by itself
  bool json = false;
};
int run_object_list(const Host& host, const ObjectOptions& options);
int run_object_show(const Host& host, const ObjectOptions& options);
int run_object_set(const Host& host, const ObjectOptions& options);
int run_object_enable(const Host& host, const ObjectOptions& options);
int run_object_disable(const Host& host, const ObjectOptions& options);
int run_object_remove(const Host& host, const ObjectOptions& options);
int run_object_history(const Host& host, const ObjectOptions& options);
int run_object_fields(const ObjectOptions& options);

struct ConfigObjectsOptions {
  std::string data;
  std::string config;   // as ObjectOptions
  std::string file;     // "-": standard input, or output
  bool remove = false;  // what the file does not have
};
int run_config_export(const Host& host, const ConfigObjectsOptions& options);
int run_config_diff(const Host& host, const ConfigObjectsOptions& options);
int run_config_apply(const Host& host, const ConfigObjectsOptions& options);

struct OperatorOptions {
  std::string data;
  std::string name;
  std::vector<std::string> roles;
  std::string email;
  std::string certificate;  // a file, PEM or DER: it logs in with that over TLS
  bool renew = false;       // another token for one that there is
  bool json = false;
};
int run_operator_add(const Host& host, const OperatorOptions& options);

}  // namespace countersign::app
