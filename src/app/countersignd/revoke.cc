// countersignd revoke | release: what an officer does to a certificate. Whoever serves hears of it
// within a second.

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/commands.h"
#include "app/countersignd/config_file.h"
#include "server/administration.h"
#include "server/officer.h"
#include "server/status_change.h"
#include "x509/serial_text.h"

namespace countersign::app {
namespace {

Result<Bytes> serial_of(const std::string& text) {
  if (auto serial = x509::serial_from_text(text)) return std::move(*serial);
  return fail(Failure::systemFailure, "app.serial",
              text + " is no serial number; give it as `countersignd certificates` prints it");
}

Result<enrol::CertificateRecord> find(Data& data, const std::string& serial) {
  auto found = TRY(server::find_certificate(*data.store, TRY(serial_of(serial))));
  if (!found)
    return fail(
        Failure::systemFailure, "app.no-certificate",
        "no certificate has the serial number " + serial + "; see countersignd certificates");
  return *std::move(found);
}

Result<> check_state(const enrol::CertificateRecord& record, const ports::StatusChange& change) {
  if (server::applies_to(record, change)) return {};
  return fail(Failure::systemFailure, "app.certificate-status",
              "the certificate is " + std::string(enrol::name(record.status)) +
                  ", which this does not apply to");
}

server::OwnAuthority own_authority(const server::Config& config) {
  return config.upstream.url.empty() ? server::OwnAuthority::our_ca : server::OwnAuthority::another;
}

Result<int> change_all(const Host& host, Data& data, const RevokeOptions& options, int reason) {
  const auto config = TRY(load_config(options.data, {}));
  const server::Administration objects(*data.store, config.cmp);
  // One that was removed may have certificates yet.
  const auto known = objects.find(enrol::ObjectKind::subscriber, options.subscriber);
  if (!known && !TRY(server::has_certificates(*data.store, options.subscriber)))
    return std::unexpected(known.error());
  const auto done = TRY(server::change_all(
      *data.store, {options.subscriber, reason, "officer", {}, "local", own_authority(config)},
      host.clock.now()));
  print(Stream::out, std::string(server::event_for(reason)) + ": " + std::to_string(done.changed) +
                         " certificates of " + options.subscriber + "\n");
  if (done.left == 0) return kDone;
  print(Stream::err, std::to_string(done.left) +
                         " are left: they await their certConf, or somebody changed them at the "
                         "same time; run it again\n");
  return kRefused;
}

Result<int> change(const Host& host, const RevokeOptions& options, int reason) {
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  if (options.serial.empty() && options.subscriber.empty())
    return fail(Failure::systemFailure, "app.serial",
                "say which: a serial number as `countersignd certificates` prints it, or "
                "--subscriber NAME");
  if (!options.subscriber.empty()) return change_all(host, data, options, reason);
  const auto record = TRY(find(data, options.serial));
  const Time now = host.clock.now();
  const auto wanted = server::change_for({record.serial, reason, {}}, now);
  TRY(check_state(record, wanted));
  const auto own = own_authority(TRY(load_config(options.data, {})));
  const auto row = server::status_row(record, reason, "officer", {}, now);
  const auto tidings = server::tidings(record, wanted, "local", own, now);
  TRY(data.store->change_status(wanted, row, tidings));
  print(Stream::out, harmless(row.event + ": " + record.subject + "  " + row.serial) + "\n");
  if (!tidings.empty())
    print(Stream::out,
          "The CA that issued it is told by the server, while that runs; should it refuse, the "
          "server's log says so.\n");
  return kDone;
}

int run(const Host& host, const RevokeOptions& options, int reason) {
  const auto code = change(host, options, reason);
  return code ? *code : report(code.error());
}

}  // namespace

int run_revoke(const Host& host, const RevokeOptions& options) {
  const auto reason = x509::reason_from_name(options.reason);
  if (reason && *reason != x509::CrlReason::removeFromCRL) return run(host, options, *reason);
  return report({Failure::systemFailure,
                 "app.reason",
                 "--reason is one of RFC 5280 §5.3.1: unspecified, keyCompromise, superseded, "
                 "cessationOfOperation, privilegeWithdrawn, certificateHold, …",
                 {}});
}

int run_release(const Host& host, const RevokeOptions& options) {
  return run(host, options, x509::CrlReason::removeFromCRL);
}

}  // namespace countersign::app
