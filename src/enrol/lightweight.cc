#include "enrol/lightweight.h"

#include "enrol/central_key.h"

namespace countersign::enrol {
namespace {

using message::BodyType;

Result<> check_one(std::size_t size, BodyType type) {
  if (size == 1) return {};
  return fail(Failure::badRequest, "lightweight.one",
              "put exactly one element into a " + std::string(message::name(type)) +
                  "; begin a transaction for each further one");
}

// RFC 9483 §4.1.2 [MUST] with a certificate of the PKI that is asked; §4.1.1 is for those of others
Result<> check_issued_here(const message::AuthenticatedMessage& m) {
  const auto& sender = m.sender();
  if (sender.proof == message::ProofKind::mac || sender.issued_by_us || sender.may_act_as_ra)
    return {};
  return fail(Failure::notAuthorized, "lightweight.first-certificate",
              "a cr is signed with a certificate of this CA; ask for the first one with an ir");
}

}  // namespace

// RFC 9483 §4.1.3 and §4.2 [MUST] protected by the certificate that is updated, or revoked
Result<> check_signed(const message::AuthenticatedMessage& m) {
  if (m.sender().proof == message::ProofKind::signature) return {};
  return fail(Failure::wrongIntegrity, "lightweight.protection",
              "sign a " + std::string(message::name(m->body.type)) +
                  "; a shared secret is for the first certificate");
}

Result<> check_lightweight(const message::AuthenticatedMessage& m,
                           const crmf::CertReqMsg& request) {
  TRY(check_one(std::get<crmf::CertReqMessages>(m->body.content).size(), m->body.type));
  if (m->body.type == BodyType::kur) TRY(check_signed(m));
  if (m->body.type == BodyType::cr) TRY(check_issued_here(m));
  // RFC 9483 §3.1 [MUST] pvno 3 where EnvelopedData is expected
  constexpr std::int64_t kVersion3 = 3;
  if (asks_for_key(request.cert_req.cert_template) && m->header.pvno < kVersion3)
    return fail(Failure::badRequest, "lightweight.version",
                "send pvno 3 where the key is to be made here, for it comes as EnvelopedData");
  // RFC 9483 §4.1.1 [MUST] certReqId 0
  if (request.cert_req.cert_req_id != RequestId{0})
    return fail(Failure::badRequest, "lightweight.request-id",
                "certReqId must be 0, not " + std::to_string(request.cert_req.cert_req_id.value));
  // RFC 9483 §4.1.1 [MUST] subject, NULL-DN if the name is in subjectAltName alone
  if (!request.cert_req.cert_template.subject)
    return fail(Failure::badCertTemplate, "lightweight.subject",
                "certTemplate.subject is missing; name the holder there, or send an empty name "
                "beside a subjectAltName");
  return {};
}

// RFC 9483 §4.1.3, §5.2.3 [MUST] by the certificate that is updated, whoever else passes it on
Result<> check_lightweight_update(const message::Sender& sender, const CertificateRecord& updated) {
  if (sender.certificate && equal(sender.certificate->der, updated.der)) return {};
  return fail(Failure::notAuthorized, "lightweight.update",
              "a kur is signed with the certificate that it updates, by nobody else");
}

// RFC 9483 §4.2 [MUST] one RevDetails with serialNumber, issuer, and exactly a reasonCode
Result<> check_lightweight(const message::AuthenticatedMessage& m,
                           const message::RevDetails& details) {
  TRY(check_one(std::get<message::RevReqContent>(m->body.content).size(), m->body.type));
  TRY(check_signed(m));
  const auto& wanted = details.cert_details;
  const auto& entry = details.crl_entry_details;
  const bool reason = entry.size() == 1 && entry.front().id == x509::oids::reason_code;
  if (wanted.serial_number && wanted.issuer && reason) return {};
  return fail(Failure::badRequest, "lightweight.revocation-details",
              "certDetails must have serialNumber and issuer, crlEntryDetails a reasonCode and "
              "nothing else");
}

// RFC 9483 §4.2 [MUST] signed with the certificate that is revoked; §5.3.2: or by an RA
Result<> check_lightweight_revoker(const message::Sender& sender, View serial) {
  const bool own =
      sender.issued_by_us && sender.certificate && equal(sender.certificate->serial, serial);
  if (own || sender.may_act_as_ra) return {};
  return fail(Failure::notAuthorized, "lightweight.revoker",
              "an rr is signed with the certificate that it revokes, or by a registration "
              "authority");
}

}  // namespace countersign::enrol
