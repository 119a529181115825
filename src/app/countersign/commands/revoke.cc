// revoke (rr): one's own certificate, or another by issuer and serial number.
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/identity.h"
#include "message/operation_label.h"
#include "x509/extension.h"
#include "x509/serial_text.h"

namespace countersign::app {
namespace {

using client::Errand;
using Resuming = client::Errand::Resuming;

Result<Bytes> serial_of(const std::string& hex) {
  if (auto serial = x509::serial_from_text(hex)) return std::move(*serial);
  return client::wrong_usage("--serial is a serial number in hexadecimal, as 3FA1…");
}

Result<client::CertificateId> certificate_of(const Options& options) {
  if (options.issuer || options.serial) {
    TRY(need(options, {{"--issuer", options.issuer}, {"--serial", options.serial}}));
    return client::CertificateId{TRY(name_of("--issuer", *options.issuer)),
                                 TRY(serial_of(*options.serial))};
  }
  if (!options.cert)
    return client::wrong_usage(
        "nothing says which certificate to revoke: give --cert, or --issuer and --serial");
  const auto file = TRY(client::load_certificates(*options.cert));
  return client::CertificateId{file.leaf.issuer, file.leaf.serial};
}

Result<int> reason_of(const Options& options) {
  if (!options.reason) return x509::CrlReason::unspecified;
  const auto reason = x509::reason_from_name(*options.reason);
  if (reason) return *reason;
  std::string known;
  for (int i = 0; i <= 10; ++i)
    if (!x509::reason_name(i).empty())
      known += (known.empty() ? "" : ", ") + std::string(x509::reason_name(i));
  return client::wrong_usage("--reason is one of " + known);
}

Result<Errand> make_errand(const Options& options, const client::CertificateId& certificate) {
  const int reason = TRY(reason_of(options));
  Errand errand;
  // With an RA's certificate many revocations may run at a time.
  const bool own = options.key && !options.via_cert && !by_secret(options);
  if (own || options.carried())
    errand.journal = options.key.value_or(options.via_key.value_or("revoke")) + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.label = message::operation_label(message::BodyType::rr);
  errand.prepare = [=, &options](Resuming, const client::Journal*) -> Result<Errand::Prepared> {
    auto parties = TRY(parties_of(options, RootComes::never));
    if (!options.recipient) parties.recipient = x509::directory_name(certificate.issuer);
    return Errand::Prepared{std::move(parties), [=]() -> Result<client::Request> {
                              return client::Request{
                                  client::revocation_request(certificate, reason), {}};
                            }};
  };
  return errand;
}

}  // namespace

int revoke(const Options& options) {
  const auto certificate = certificate_of(options);
  if (!certificate) return report_failure(options, certificate.error());
  return run_errand(options, make_errand(options, *certificate), [&](const Ran& ran) -> Result<> {
    const std::string which = "serial " + x509::serial_text(certificate->serial) + " of " +
                              x509::to_text(certificate->issuer);
    report_success(options, {"revoked", which, {}, {}, {}}, ran.outcome, ran.took);
    return {};
  });
}

}  // namespace countersign::app
