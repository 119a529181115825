// countersignd ca rollover | ca list

#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/ca_keys.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "crypto/digest.h"
#include "enrol/authority.h"

namespace countersign::app {
namespace {

std::string text_of(const console::CaKey& key, Time now) {
  const auto& validity = key.certificate.validity;
  return harmless((key.authority.empty() ? "" : key.authority + "  ") + std::string(key.role) +
                  "  " + std::to_string(key.generation) + "  " +
                  std::string(console::state_of(key, now)) + "  " + key.algorithm + "  " +
                  to_date(validity.not_before) + " to " + to_date(validity.not_after) + "  " +
                  x509::to_text(key.certificate.subject)) +
         "\n";
}

Result<console::NewCaKey> wanted_of(const CaOptions& options) {
  if (options.root == options.issuing)
    return fail(Failure::systemFailure, "app.rollover",
                "say which key is to be replaced: --root, or --issuing");
  const bool own = options.authority == enrol::kDefaultAuthority;
  return console::NewCaKey{own ? std::string() : options.authority,
                           options.root ? "root" : "issuing", options.algorithm, "officer"};
}

void tell(const CaOptions& options, const Data& data, const console::CaKey& key, Time now) {
  const auto paths = certificate_paths(data.folder, key.authority);
  const std::string& path = options.root ? paths.root : paths.issuing;
  if (options.json) {
    auto object = console::to_json(key, now);
    object["certificate"] = path;
    std::cout << boost::json::serialize(object) << "\n";
    return;
  }
  print(Stream::out, "new " + text_of(key, now) + "  fingerprint  SHA-256 " +
                         to_fingerprint(crypto::sha256(key.certificate.der)) + "\n  certificate  " +
                         path + "\na server that runs takes it over within a second\n");
  if (!options.root) return;
  print(Stream::out,
        "who trusts the root before it follows with\n"
        "  countersign info URL --type rootCaCert --trust OLD.pem --accept-root OLD.pem …\n");
}

Result<int> rollover(const Host& host, const CaOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, options.config));
  const Time now = host.clock.now();
  tell(options, data, TRY(new_ca_key(data, config, TRY(wanted_of(options)), host.entropy, now)),
       now);
  return kDone;
}

Result<int> list(const Host& host, const CaOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const Time now = host.clock.now();
  boost::json::array rows;
  for (const console::CaKey& key : TRY(ca_keys(*data.store))) {
    rows.push_back(console::to_json(key, now));
    if (!options.json) print(Stream::out, text_of(key, now));
  }
  if (options.json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_ca_rollover(const Host& h, const CaOptions& o) { return end(rollover(h, o)); }
int run_ca_list(const Host& h, const CaOptions& o) { return end(list(h, o)); }

}  // namespace countersign::app
