// The routes below /api/v1/certificates, and what becomes of all those of a subscriber.
#include "console/conditions.h"
#include "console/page.h"
#include "console/routes.h"
#include "console/rows.h"
#include "der/pem.h"
#include "server/administration.h"
#include "server/officer.h"
#include "server/status_change.h"
#include "x509/extension.h"
#include "x509/serial_text.h"

namespace countersign::console {
namespace {

using enrol::CertificateRecord;
using x509::CrlReason;

Outcome<CertificateRecord> find(const Call& call) {
  const auto serial = x509::serial_from_text(call.parameter);
  if (!serial)
    return refuse(400, "console.serial",
                  "what stands in the path is no serial number: write it in hexadecimal, as the "
                  "list of certificates shows it");
  auto found = TRY(server::find_certificate(call.at.store, *serial));
  if (!found) return refuse(404, "console.no-certificate", "no certificate has this serial number");
  return *std::move(found);
}

std::string etag_of(const CertificateRecord& record) {
  return console::etag_of(view(boost::json::serialize(to_json(record))));
}

std::string pem(const Call& call, const CertificateRecord& record, std::string_view type) {
  std::string out = der::to_pem("CERTIFICATE", record.der);
  const auto publications = call.at.publications ? call.at.publications() : nullptr;
  if (type != "application/pem-certificate-chain" || !publications || publications->issuing.empty())
    return out;
  for (const Bytes& der : publications->chain_of(record.der))
    out += der::to_pem("CERTIFICATE", der);
  return out;
}

// What is stored must still be what was decided on: the guard is the state that was seen.
Handled change(const Call& call, int reason) {
  const auto record = TRY(find(call));
  TRY(check_if_match(call.request, etag_of(record)));
  const auto invalid_since = call.body.time("invalidity_date", call.now);
  if (invalid_since && *invalid_since > call.now)
    return refuse({"/invalidity_date", to_iso(*invalid_since), "a time that is past"});
  auto wanted = server::change_for({record.serial, reason, invalid_since}, call.now);
  if (!server::applies_to(record, wanted))
    return refuse(409, "console.certificate-status",
                  "the certificate is " + std::string(enrol::name(record.status)) +
                      ", which this does not apply to");
  wanted.from = {record.status};
  const auto row =
      server::status_row(record, reason, audit_name(call.by), call.body.text("comment"), call.now);
  TRY(call.at.ledger.change_status(
      wanted, row, server::tidings(record, wanted, call.by.name, call.at.own, call.now)));
  const auto after = TRY(find(call));
  return json_response(200, to_json(after), {{"ETag", etag_of(after)}});
}

}  // namespace

Handled list_certificates(const Call& call) {
  ports::Ledger::CertificateFilter filter;
  filter.status = enrol::certificate_status_from_name(call.query.text("status"));
  filter.subject_contains = call.query.text("subject");
  filter.subscriber = call.query.text("subscriber");
  const auto fetch = [&](std::size_t skip, std::size_t most) {
    filter.skip = skip;
    filter.most = most;
    return call.at.ledger.certificates(filter);
  };
  const auto tag_of = [](const CertificateRecord& r) { return x509::serial_text(r.serial); };
  const auto row_of = [](const CertificateRecord& r) { return to_json(r); };
  return page_by_place(call, fetch, tag_of, row_of);
}

Handled show_certificate(const Call& call) {
  constexpr std::array<std::string_view, 3> kTypes = {
      "application/json", "application/pem-certificate-chain", "application/x-pem-file"};
  const auto record = TRY(find(call));
  const auto type = preferred(call.request.accept, kTypes);
  ports::TextPairs vary{{"Vary", "Accept"}};
  if (type == kTypes[0]) return json_response(200, to_json(record), std::move(vary));
  return ports::WebResponse{200, std::string(type), to_bytes(pem(call, record, type)),
                            std::move(vary)};
}

Handled revoke_certificate(const Call& call) {
  const auto reason = x509::reason_from_name(call.body.text("reason"));
  return change(call, reason.value_or(CrlReason::unspecified));
}
Handled revoke_subscriber(const Call& call) {
  const server::Administration objects(call.at.ledger, call.at.standard);
  // One that was removed may have certificates yet.
  const bool known = objects.find(enrol::ObjectKind::subscriber, call.parameter).has_value();
  if (!known && !TRY(server::has_certificates(call.at.ledger, call.parameter)))
    return refuse(404, "admin.no-such-object", "there is no subscriber of this name");
  const auto reason = x509::reason_from_name(call.body.text("reason"));
  const auto done = TRY(server::change_all(
      call.at.ledger,
      {call.parameter, reason.value_or(CrlReason::unspecified), audit_name(call.by),
       call.body.text("comment"), call.by.name, call.at.own},
      call.now));
  return json_response(200, {{"revoked", done.changed}, {"left", done.left}});
}

Handled hold_certificate(const Call& call) { return change(call, CrlReason::certificateHold); }
Handled release_certificate(const Call& call) { return change(call, CrlReason::removeFromCRL); }

}  // namespace countersign::console
