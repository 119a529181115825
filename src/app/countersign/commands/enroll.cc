// enroll (ir) and request (cr): a certificate for a key of ours.
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "client/question.h"
#include "client/requirements.h"
#include "message/info_type.h"
#include "message/operation_label.h"

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

// What is asked, once the server has told its requirements.
struct Plan {
  client::CertificateWish wish;
  std::optional<std::string> algorithm;
};

Result<Errand::Prepared> prepare(const Options& options, message::BodyType type, const Plan& plan,
                                 Resuming resuming, const client::Journal& journal) {
  const auto root = type == message::BodyType::ir ? RootComes::in_answer : RootComes::never;
  const auto& wish = plan.wish;
  auto parties = TRY(parties_of(options, root));
  // RFC 9483 §3.4: the template's issuer names the CA
  if (wish.issuer && !options.recipient) parties.recipient = x509::directory_name(*wish.issuer);
  // The key comes with the certificate; an old one stays in its place until then.
  if (options.central_key) return prepare_central(options, type, wish, std::move(parties), journal);
  const Secret passphrase = TRY(key_passphrase(options));
  if (resuming == Resuming::no) TRY(clear_for_new_key(options));
  const auto key = resuming == Resuming::yes
                       ? TRY(client::load_key(*options.key, passphrase))
                       : TRY(client::load_or_make_key(*options.key, plan.algorithm, passphrase));
  parties.expectation = {key.public_key(), wish.subject, wish.alternative_names};
  return Errand::Prepared{std::move(parties), [=, &options]() -> Result<client::Request> {
                            return client::Request{
                                TRY(client::certificate_request(type, wish, key, OsClock().now())),
                                client::general_info(options.profile, confirmation_of(options))};
                          }};
}

Result<Errand> make_errand(const Options& options, message::BodyType type, Plan plan) {
  Errand errand;
  errand.journal = *options.key + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.label = message::operation_label(type);
  errand.places = client::Places{*options.cert, roots_path(options), {}, {}};
  if (options.central_key) {
    errand.places->journal_key = errand.journal + "/key.pem";
    errand.places->key = *options.key;
  }
  errand.prepare = [&options, type, plan = std::move(plan)](Resuming resuming,
                                                            const client::Journal* journal) {
    return prepare(options, type, plan, resuming, *journal);
  };
  return errand;
}

Result<Plan> plan_of(const Options& options) {
  TRY(need(options, {{"--key", options.key}, {"--cert", options.cert}}));
  if (!options.subject && options.san.empty() && !options.ask_template)
    return client::wrong_usage("countersign " + options.verb + " needs --subject, or a --san");
  if (options.ask_template && options.carried())
    return client::wrong_usage(
        "--ask-template needs a connection; leave it out, or ask by hand: "
        "countersign info --type certReqTemplate");
  if (options.algorithm && crypto::key_spec(*options.algorithm) == nullptr)
    TRY(client::generate_key(*options.algorithm));  // says which there are
  return Plan{TRY(wish_of(options)), options.algorithm};
}

// RFC 9483 §4.3.3: the requirements are asked for under the same profile and protection. None told:
// none imposed.
Result<Plan> follow(const Options& options, Plan plan,
                    const std::vector<message::InfoTypeAndValue>& told) {
  const auto* item = message::find(told, message::it::certReqTemplate);
  if (item == nullptr || item->value.empty()) return plan;
  const auto value = TRY(client::recode(message::decode(*item), "client.template",
                                        "the server's certReqTemplate cannot be read"));
  const auto& wanted = std::get<message::CertReqTemplateContent>(value);
  plan.algorithm = TRY(client::choose_algorithm(wanted, plan.algorithm));
  if (options.recipient) plan.wish.issuer = TRY(name_of("--recipient", *options.recipient));
  plan.wish = TRY(client::follow(wanted, std::move(plan.wish)));
  return plan;
}

// A key that is there stays: what was begun is gone on with.
bool keeps_key(const Options& options) {
  return !options.central_key && client::file_exists(*options.key);
}

// The template is asked for before anything is made or kept.
int ask_template(const Options& options, Plan& plan) {
  const std::vector<message::InfoTypeAndValue> asked{{message::it::certReqTemplate, {}}};
  Errand question;
  question.label = message::operation_label(asked.front());
  question.prepare = [&options, asked](Resuming,
                                       const client::Journal*) -> Result<Errand::Prepared> {
    return Errand::Prepared{
        TRY(parties_of(options, RootComes::in_answer)),
        [&options, asked]() -> Result<client::Request> {
          return client::Request{
              client::information_request(asked),
              client::general_info(options.profile, client::Confirmation::explicit_)};
        }};
  };
  return run_errand(options, std::move(question), [&](const Ran& ran) -> Result<> {
    TRY(client::check_answers(asked, ran.outcome.information));
    plan = TRY(follow(options, std::move(plan), ran.outcome.information));
    if (keeps_key(options)) plan.algorithm = options.algorithm;
    return {};
  });
}

int obtain(const Options& options, message::BodyType type) {
  auto plan = plan_of(options);
  if (!plan) return report_failure(options, plan.error());
  if (options.ask_template)
    if (const int exit = ask_template(options, *plan); exit != 0) return exit;
  return run_errand(
      options, make_errand(options, type, std::move(*plan)), [&](const Ran& ran) -> Result<> {
        report_success(options, {"enrolled", {}, *options.key, *options.cert, roots_path(options)},
                       ran.outcome, ran.took);
        return {};
      });
}

}  // namespace

int enroll(const Options& options) { return obtain(options, message::BodyType::ir); }
int request(const Options& options) { return obtain(options, message::BodyType::cr); }

}  // namespace countersign::app
