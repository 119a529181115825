// pkcs10 (p10cr): a certificate for a PKCS #10 request, from a file or made here.
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "message/operation_label.h"
#include "x509/csr.h"

namespace countersign::app {
namespace {

using client::Errand;
using Resuming = client::Errand::Resuming;

// The request from --csr, or one for --key and --subject.
Result<x509::CertificationRequest> csr_of(const Options& options, Resuming resuming) {
  if (options.csr) return client::load_csr(*options.csr);
  const Secret passphrase = TRY(key_passphrase(options));
  const auto key = resuming == Resuming::yes
                       ? TRY(client::load_key(*options.key, passphrase))
                       : TRY(client::load_or_make_key(*options.key, options.algorithm, passphrase));
  return x509::parse_csr(TRY(client::make_csr(TRY(wish_of(options)), key)));
}

std::vector<x509::GeneralName> alternative_names(const x509::CertificationRequest& csr) {
  const auto* found = x509::find(csr.extensions, x509::oids::subject_alt_name);
  if (found == nullptr) return {};
  return x509::read_subject_alt_name(found->value).value_or(std::vector<x509::GeneralName>{});
}

Result<Errand::Prepared> prepare(const Options& options, Resuming resuming) {
  auto parties = TRY(parties_of(options, RootComes::never));
  const auto csr = TRY(csr_of(options, resuming));
  parties.expectation = {TRY(client::recode(crypto::PublicKey::from_spki(csr.spki), "client.key",
                                            "the request's key")),
                         csr.subject, alternative_names(csr)};
  return Errand::Prepared{
      std::move(parties), [&options, der = csr.der]() -> Result<client::Request> {
        return client::Request{TRY(client::pkcs10_request(der)),
                               client::general_info(options.profile, confirmation_of(options))};
      }};
}

Result<Errand> make_errand(const Options& options) {
  TRY(need(options, {{"--cert", options.cert}}));
  if (!options.csr) {
    if (!options.key || (!options.subject && options.san.empty()))
      return client::wrong_usage("countersign pkcs10 needs --csr, or --key and --subject");
    if (!client::file_exists(*options.key) && client::file_exists(*options.cert))
      return client::wrong_usage(*options.cert + " is there, but its key " + *options.key +
                                 " is not; name another file for the certificate");
  }
  Errand errand;
  errand.journal = options.key.value_or(*options.cert) + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.label = message::operation_label(message::BodyType::p10cr);
  errand.places = client::Places{*options.cert, roots_path(options), {}, {}};
  errand.prepare = [&options](Resuming resuming, const client::Journal*) {
    return prepare(options, resuming);
  };
  return errand;
}

}  // namespace

int pkcs10(const Options& options) {
  return run_errand(options, make_errand(options), [&](const Ran& ran) -> Result<> {
    report_success(
        options,
        {"enrolled", {}, options.csr ? "" : *options.key, *options.cert, roots_path(options)},
        ran.outcome, ran.took);
    return {};
  });
}

}  // namespace countersign::app
