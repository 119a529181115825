// countersignd ca rollover | ca list

#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/rollover.h"
#include "crypto/digest.h"
#include "enrol/authority.h"

namespace countersign::app {
namespace {

struct Line {
  std::string_view what;  // "root", "issuing"
  issuer::Generation generation;
  bool present = false;
  x509::Certificate certificate;
};

// A root that it shares is told of where it belongs.
std::vector<Line> lines_of(const Authority& authority) {
  std::vector<Line> out;
  out.reserve(authority.roots.size() + authority.issuing.size());
  for (const auto& root : authority.roots)
    if (!authority.shares_root())
      out.push_back({"root", root.generation, &root == authority.roots.data(), root.certificate});
  for (const auto& ca : authority.issuing)
    out.push_back({"issuing", ca.generation, &ca == authority.issuing.data(), ca.certificate});
  return out;
}

std::string state_of(const Line& line, Time now) {
  if (now >= line.certificate.validity.not_after) return "expired";
  return line.present ? "present" : "earlier";
}

boost::json::object json_of(const Line& line, Time now) {
  return {{"authority", line.generation.ca.empty() ? "default" : line.generation.ca},
          {"what", line.what},
          {"generation", line.generation.number},
          {"state", state_of(line, now)},
          {"subject", x509::to_text(line.certificate.subject)},
          {"issuer", x509::to_text(line.certificate.issuer)},
          {"serial", x509::serial_text(line.certificate.serial)},
          {"algorithm", issuer::algorithm_of(line.certificate.spki).value_or("?")},
          {"not_before", to_iso(line.certificate.validity.not_before)},
          {"not_after", to_iso(line.certificate.validity.not_after)},
          {"fingerprint", to_hex(crypto::sha256(line.certificate.der))}};
}

std::string text_of(const Line& line, Time now) {
  const auto& validity = line.certificate.validity;
  const std::string& ca = line.generation.ca;
  return harmless((ca.empty() ? "" : ca + "  ") + std::string(line.what) + "  " +
                  std::to_string(line.generation.number) + "  " + state_of(line, now) + "  " +
                  issuer::algorithm_of(line.certificate.spki).value_or("?") + "  " +
                  to_date(validity.not_before) + " to " + to_date(validity.not_after) + "  " +
                  x509::to_text(line.certificate.subject)) +
         "\n";
}

// An RA's folder has a CA that `init` made, and nobody uses.
Result<server::Config> config_of(const CaOptions& options) {
  auto config = TRY(load_config(options.data, options.config));
  if (config.upstream.url.empty()) return config;
  return fail(
      Failure::systemFailure, "app.no-own-ca",
      "upstream.url makes this server a registration authority: its certificates come from " +
          config.upstream.url + ", whose operator replaces the keys of that CA");
}

std::string ca_of(const CaOptions& options) {
  return options.authority == enrol::kDefaultAuthority ? std::string() : options.authority;
}

Result<> roll(const Host& host, const CaOptions& options, const server::Config& config,
              Data& data) {
  if (options.root == options.issuing)
    return fail(Failure::systemFailure, "app.rollover",
                "say which key is to be replaced: --root, or --issuing");
  const issuer::RolloverSpec spec{options.algorithm, config.public_url};
  const Time now = host.clock.now();
  const std::string ca = ca_of(options);
  return options.root ? roll_root(data, ca, spec, host.entropy, now)
                      : roll_issuing(data, ca, spec, host.entropy, now);
}

void tell(const CaOptions& options, const Data& data, const Line& line, Time now) {
  const auto paths = certificate_paths(data.folder, line.generation.ca);
  const std::string& path = options.root ? paths.root : paths.issuing;
  if (options.json) {
    auto object = json_of(line, now);
    object["certificate"] = path;
    std::cout << boost::json::serialize(object) << "\n";
    return;
  }
  print(Stream::out, "new " + text_of(line, now) + "  fingerprint  SHA-256 " +
                         to_fingerprint(crypto::sha256(line.certificate.der)) +
                         "\n  certificate  " + path +
                         "\na server that runs takes it over within a second\n");
  if (!options.root) return;
  print(Stream::out,
        "who trusts the root before it follows with\n"
        "  countersign info URL --type rootCaCert --trust OLD.pem --accept-root OLD.pem …\n");
}

Result<int> rollover(const Host& host, const CaOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(config_of(options));
  TRY(roll(host, options, config, data));
  for (const Line& line : lines_of(TRY(load_authority(*data.store, ca_of(options)))))
    if (line.present && (line.what == "root") == options.root)
      tell(options, data, line, host.clock.now());
  return kDone;
}

Result<int> list(const Host& host, const CaOptions& options) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const Time now = host.clock.now();
  boost::json::array rows;
  auto lines = lines_of(TRY(load_authority(*data.store)));
  for (const std::string& name : TRY(load_authority_names(*data.store)))
    std::ranges::move(lines_of(TRY(load_authority(*data.store, name))), std::back_inserter(lines));
  for (const Line& line : lines) {
    rows.push_back(json_of(line, now));
    if (!options.json) print(Stream::out, text_of(line, now));
  }
  if (options.json) std::cout << boost::json::serialize(rows) << "\n";
  return kDone;
}

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_ca_rollover(const Host& h, const CaOptions& o) { return end(rollover(h, o)); }
int run_ca_list(const Host& h, const CaOptions& o) { return end(list(h, o)); }

}  // namespace countersign::app
