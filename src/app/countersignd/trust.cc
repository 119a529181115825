// countersignd trust add|list|remove: anchors of senders that sign with certificates of others.

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <span>

#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/upstream_cas.h"
#include "client/files.h"
#include "console/rows.h"
#include "crypto/digest.h"
#include "enrol/rights.h"

namespace countersign::app {
namespace {

Result<Data> open(const Host& host, const TrustOptions& options) {
  return open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now());
}

// It would change nothing: our own certificates are known from the store, by what they say.
Result<> check_foreign(const Data& data, const Bytes& der, const TrustOptions& options) {
  const auto own = load_certificates(*data.store);
  if (options.ra || !own || (der != own->root && der != own->issuing)) return {};
  return fail(Failure::systemFailure, "app.own-anchor",
              options.file +
                  " is our own CA: whoever holds a certificate of it is known without "
                  "this, and may ask for the names in that certificate; for others a "
                  "secret with --names is the way, or a registration authority (--ra)");
}

// What is named by the file: CAs, or one certificate that is none, without the chain behind it.
// Whoever that chain certified would be trusted, too.
Result<std::vector<Bytes>> named_in(const std::string& file) {
  auto all = TRY(x509::certificates_from_file(TRY(client::read_file(file))));
  if (TRY(x509::parse_certificate(all.front())).is_ca()) return all;
  for (const Bytes& der : std::span(all).subspan(1))
    std::cout << "left out: " << x509::to_text(TRY(x509::parse_certificate(der)).subject)
              << ", of the chain behind the certificate that is named\n";
  all.resize(1);
  return all;
}

Result<int> add(const Host& host, const TrustOptions& options) {
  TRY(enrol::check_name_rule(options.names));
  const auto certificates = TRY(named_in(options.file));
  auto data = TRY(open(host, options));
  const auto config = load_config(options.data, {}).value_or(server::Config{});
  const auto built = enrol::build_catalogue(config.cmp, TRY(data.store->objects()));
  const auto cas = upstream_cas(*data.store, config, *built.catalogue);
  for (const Bytes& der : certificates) {
    const auto parsed = TRY(x509::parse_certificate(der));
    TRY(check_foreign(data, der, options));
    enrol::TrustRecord record{crypto::sha256(der), der, options.names, options.ra,
                              host.clock.now()};
    TRY(data.store->add_trust(record));
    std::cout << "trusted: " << x509::to_text(parsed.subject) << "\n  SHA-256 "
              << to_fingerprint(record.fingerprint)
              << "\n  its holders may ask for: " << options.names
              << (options.ra ? ", as a registration authority" : "") << "\n";
    if (const auto what = of_upstream_anchor(record, cas, config); !what.empty())
      std::cout << "  note: " << what << "\n";
  }
  return kDone;
}

Result<int> list(const Host& host, const TrustOptions& options) {
  auto data = TRY(open(host, options));
  boost::json::array rows;
  for (const auto& r : TRY(data.store->trust())) {
    const auto parsed = x509::parse_certificate(r.der);
    const std::string subject = parsed ? x509::to_text(parsed->subject) : "unreadable";
    const std::string until = parsed ? to_iso(parsed->validity.not_after) : "";
    rows.push_back(console::to_json(r));
    if (!options.json)
      std::cout << to_hex(r.fingerprint) << "  " << subject << "   names " << r.names
                << (r.is_ra ? "   RA" : "") << "   until " << until << "\n";
  }
  if (options.json)
    std::cout << boost::json::serialize(rows) << "\n";
  else if (rows.empty())
    std::cout << "no anchors; add one with `countersignd trust add`\n";
  return kDone;
}

// By fingerprint, as `trust list` prints it, or by the file that was added.
Result<std::vector<Bytes>> named(const std::string& what) {
  std::string hex = what;
  std::erase(hex, ':');
  Bytes fingerprint;
  if (from_hex(hex, fingerprint) && fingerprint.size() == 32)
    return std::vector<Bytes>{std::move(fingerprint)};
  const auto content = client::read_file(what);
  if (!content)
    return fail(Failure::systemFailure, "app.fingerprint",
                "name the anchor by its SHA-256 fingerprint, as `trust list` prints it, or by its "
                "file");
  std::vector<Bytes> out;
  for (const Bytes& der : TRY(x509::certificates_from_file(*content)))
    out.push_back(crypto::sha256(der));
  return out;
}

Result<int> remove(const Host& host, const TrustOptions& options) {
  const auto fingerprints = TRY(named(options.fingerprint));
  auto data = TRY(open(host, options));
  for (const Bytes& fingerprint : fingerprints)
    if (!TRY(data.store->remove_trust(fingerprint)))
      return fail(Failure::systemFailure, "app.no-such-anchor",
                  "no anchor has the fingerprint " + to_hex(fingerprint));
  std::cout << "removed\n";
  return kDone;
}

int end(const Result<int>& done) { return done ? *done : report(done.error()); }

}  // namespace

int run_trust_add(const Host& host, const TrustOptions& options) { return end(add(host, options)); }
int run_trust_list(const Host& host, const TrustOptions& o) { return end(list(host, o)); }
int run_trust_remove(const Host& host, const TrustOptions& o) { return end(remove(host, o)); }

}  // namespace countersign::app
