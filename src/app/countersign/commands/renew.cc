// renew (kur): the next certificate for the same names, for a new key unless --same-key.
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "message/operation_label.h"

namespace countersign::app {
namespace {

using client::Errand;
using Resuming = client::Errand::Resuming;

// A new key is of the kind of the old one unless --algorithm says otherwise.
Result<std::string> new_algorithm(const Options& options, const x509::Certificate& old) {
  if (options.algorithm) return *options.algorithm;
  const auto key =
      TRY(client::recode(crypto::PublicKey::from_spki(old.spki), "client.key", *options.cert));
  for (const auto& spec : crypto::kKeySpecs)
    if (spec.kind == key.kind() && (!crypto::is_rsa(spec.kind) || spec.bits == key.bits()))
      return std::string(spec.name);
  return client::wrong_usage("a key like the old one cannot be made; choose with --algorithm");
}

Result<crypto::PrivateKey> key_to_certify(const Options& options, const x509::Certificate& old,
                                          Resuming resuming, const client::Journal& journal) {
  const Secret passphrase = TRY(key_passphrase(options));
  if (options.same_key) return client::load_key(*options.key, passphrase);
  if (options.new_key) {
    if (resuming == Resuming::yes) return client::load_key(*options.new_key, passphrase);
    return client::load_or_make_key(*options.new_key, TRY(new_algorithm(options, old)), passphrase);
  }
  if (resuming == Resuming::yes) return client::load_key(journal.key_path(), passphrase);
  auto key = TRY(client::generate_key(TRY(new_algorithm(options, old))));
  TRY(client::save_key(journal.key_path(), key, passphrase));
  return key;
}

Result<Errand::Prepared> prepare(const Options& options, Resuming resuming,
                                 const client::Journal& journal) {
  const auto old = TRY(client::load_certificates(*options.cert)).leaf;
  auto parties = TRY(parties_of(options, RootComes::never));
  auto wish = TRY(wish_of(options));
  // RFC 9483 §4.1.3: subject and subject alternative names are those of the old certificate.
  wish.subject = old.subject;
  wish.alternative_names = old.subject_alt_names();
  wish.replaces = crmf::CertId{x509::directory_name(old.issuer), old.serial};
  if (!options.recipient) parties.recipient = x509::directory_name(old.issuer);
  if (options.central_key)
    return prepare_central(options, message::BodyType::kur, wish, std::move(parties), journal);
  const auto key = TRY(key_to_certify(options, old, resuming, journal));
  parties.expectation = {key.public_key(), wish.subject, wish.alternative_names};
  return Errand::Prepared{
      std::move(parties), [=, &options]() -> Result<client::Request> {
        return client::Request{
            TRY(client::certificate_request(message::BodyType::kur, wish, key, OsClock().now())),
            client::general_info(options.profile, confirmation_of(options))};
      }};
}

Result<Errand> make_errand(const Options& options) {
  TRY(need(options, {{"--key", options.key}, {"--cert", options.cert}}));
  if (options.same_key && (options.new_key || options.algorithm || options.central_key))
    return client::wrong_usage(
        "--same-key keeps the key: leave --new-key, --algorithm and --central-key out");
  if (options.algorithm && crypto::key_spec(*options.algorithm) == nullptr)
    TRY(client::generate_key(*options.algorithm));  // says which there are
  Errand errand;
  errand.journal = *options.key + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.label = message::operation_label(message::BodyType::kur);
  client::Places places{
      options.new_cert.value_or(*options.cert), {}, {}, errand.journal + "/key.pem"};
  if (!options.same_key && !options.new_key) places.key = *options.key;
  if (options.central_key) places.key = options.new_key.value_or(*options.key);
  errand.places = std::move(places);
  errand.prepare = [&options](Resuming resuming, const client::Journal* journal) {
    return prepare(options, resuming, *journal);
  };
  return errand;
}

}  // namespace

int renew(const Options& options) {
  return run_errand(options, make_errand(options), [&](const Ran& ran) -> Result<> {
    report_success(options,
                   {"renewed",
                    {},
                    options.new_key.value_or(*options.key),
                    options.new_cert.value_or(*options.cert),
                    {}},
                   ran.outcome, ran.took);
    return {};
  });
}

}  // namespace countersign::app
