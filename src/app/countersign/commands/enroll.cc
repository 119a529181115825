// enroll (ir) and request (cr): a certificate for a key of ours.
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"

namespace countersign::app {
namespace {

using client::Errand;
using Resuming = client::Errand::Resuming;

// A certificate without its key is of no use, and with another key beside it a trap.
Result<> clear_for_new_key(const Options& options) {
  if (client::file_exists(*options.key) || !client::file_exists(*options.cert)) return {};
  TRY(client::keep_old(*options.cert));
  return client::remove_file(*options.cert);
}

Result<Errand::Prepared> prepare(const Options& options, message::BodyType type,
                                 Resuming resuming) {
  const auto root = type == message::BodyType::ir ? RootComes::in_answer : RootComes::never;
  auto wish = TRY(wish_of(options));
  auto parties = TRY(parties_of(options, root));
  const Secret passphrase = TRY(key_passphrase(options));
  if (resuming == Resuming::no) TRY(clear_for_new_key(options));
  const auto key = resuming == Resuming::yes
                       ? TRY(client::load_key(*options.key, passphrase))
                       : TRY(client::load_or_make_key(*options.key, options.algorithm, passphrase));
  parties.expectation = {key.public_key(), wish.subject, wish.alternative_names};
  return Errand::Prepared{std::move(parties), [=, &options]() -> Result<client::Request> {
                            return client::Request{
                                TRY(client::certificate_request(type, wish, key, OsClock().now())),
                                client::general_info(options.profile, confirmation_of(options))};
                          }};
}

Result<Errand> make_errand(const Options& options, message::BodyType type) {
  TRY(need(options, {{"--key", options.key}, {"--cert", options.cert}}));
  if (!options.subject && options.san.empty())
    return client::wrong_usage("countersign " + options.verb + " needs --subject, or a --san");
  if (options.algorithm && crypto::key_spec(*options.algorithm) == nullptr)
    TRY(client::generate_key(*options.algorithm));  // says which there are
  Errand errand;
  errand.journal = *options.key + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.places = client::Places{*options.cert, roots_path(options), {}, {}};
  errand.prepare = [&options, type](Resuming resuming, const client::Journal*) {
    return prepare(options, type, resuming);
  };
  return errand;
}

int obtain(const Options& options, message::BodyType type) {
  return run_errand(options, make_errand(options, type), [&](const Ran& ran) -> Result<> {
    report_success(options, {"enrolled", {}, *options.key, *options.cert, roots_path(options)},
                   ran.outcome, ran.took);
    return {};
  });
}

}  // namespace

int enroll(const Options& options) { return obtain(options, message::BodyType::ir); }
int request(const Options& options) { return obtain(options, message::BodyType::cr); }

}  // namespace countersign::app
