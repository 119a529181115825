#include "server/adoption.h"

#include <algorithm>

#include "crmf/crmf.h"
#include "crypto/path.h"
#include "enrol/rights.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using message::BodyType;

// RFC 9483 §4.1.3 [MAY] oldCertID is left out: then it is the one that signs.
bool updates(const crmf::CertReqMsg& request, const x509::Certificate& own) {
  const auto* old = crmf::find(request.cert_req.controls, crmf::oids::old_cert_id);
  if (old == nullptr) return true;
  der::Context context(old->value);
  der::Reader in(old->value, context);
  const auto id = crmf::read_cert_id(in);
  return id && equal(id->serial_number, own.serial);
}

// Its own, and nothing else.
bool is_about(const message::PKIBody& body, const x509::Certificate& own) {
  if (body.type == BodyType::kur) {
    const auto& requests = std::get<crmf::CertReqMessages>(body.content);
    return requests.size() == 1 && updates(requests.front(), own);
  }
  if (body.type != BodyType::rr) return false;
  const auto& revocations = std::get<message::RevReqContent>(body.content);
  return revocations.size() == 1 && revocations.front().cert_details.serial_number == own.serial;
}

// By that CA itself: another anchor's may have its name.
bool issued_elsewhere(const Engine& engine, const x509::Certificate& certificate,
                      const message::PKIMessage& m, Time now) {
  const auto trust = engine.trust.get();
  const auto& names = trust->elsewhere;
  if (std::ranges::find(names, certificate.issuer.der) == names.end()) return false;
  const std::vector<View> between(m.extra_certs.begin(), m.extra_certs.end());
  return crypto::validate_path({certificate.der, between, trust->own, now}).has_value();
}

bool is_known(const ports::Snapshot& found, const x509::Certificate& certificate) {
  return std::ranges::any_of(found.certificates, [&](const enrol::CertificateRecord& c) {
    return equal(c.serial, certificate.serial);
  });
}

bool may_be_adopted(const x509::Certificate& certificate, const enrol::TrustRecord& anchor,
                    const message::Sender& sender) {
  if (certificate.is_ca() || certificate.has_purpose(x509::oids::kp_cmc_ra)) return false;
  if (anchor.is_ra || anchor.rules != nullptr || !anchor.set.empty()) return false;
  return enrol::check_names(anchor.names, certificate.subject, certificate.subject_alt_names(),
                            sender, enrol::Named::in_part)
      .has_value();
}

}  // namespace

std::optional<enrol::CertificateRecord> to_be_adopted(const Engine& engine,
                                                      const message::AuthenticatedMessage& message,
                                                      const enrol::TrustRecord* anchor,
                                                      const ports::Snapshot& found, Time now) {
  const message::Sender& sender = message.sender();
  if (anchor == nullptr || !sender.certificate || sender.issued_by_us) return std::nullopt;
  const x509::Certificate& certificate = *sender.certificate;
  if (!is_about(message->body, certificate) || is_known(found, certificate)) return std::nullopt;
  if (!issued_elsewhere(engine, certificate, message.value(), now) ||
      !may_be_adopted(certificate, *anchor, sender))
    return std::nullopt;
  enrol::CertificateRecord out = describe(certificate);
  out.status = enrol::CertificateStatus::valid;
  out.authority =
      authority_of(*engine.publications.get(), engine.authorities.get().get(), certificate.issuer);
  // No message asked for it here; that pair is unique.
  out.request = RequestDigest{out.fingerprint};
  out.issued_at = now;
  return out;
}

ports::Commit adoption_of(enrol::CertificateRecord record, const message::Sender& sender,
                          const TransactionId& id, Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = "adopted";
  row.transaction = id.hex();
  row.sender = sender.identity;
  row.subject = record.subject;
  row.serial = x509::serial_text(record.serial);
  row.detail = "its CA issued it without this server";
  ports::Commit commit;
  commit.certificates.push_back(std::move(record));
  commit.audit.push_back(std::move(row));
  return commit;
}

}  // namespace countersign::server
