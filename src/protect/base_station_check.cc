#include "protect/base_station_check.h"

#include "protect/protection_table.h"

namespace countersign::protect {
namespace {

using message::BodyType;

Result<> check_body(BodyType type) {
  switch (type) {
    case BodyType::ir:
    case BodyType::kur:
    case BodyType::certConf:
    case BodyType::pollReq:
    case BodyType::error:
      return {};
    default:
      return fail(Failure::badRequest, "base-station.body",
                  "this endpoint is for base stations (3GPP TS 33.310): send an ir or a kur, and "
                  "the certConf that follows; use another path for " +
                      std::string(message::name(type)));
  }
}

Result<> check_protection(const message::PKIHeader& header) {
  const auto kind = header.protection_alg ? proof_kind(*header.protection_alg) : std::nullopt;
  // What is unprotected, or of an unknown algorithm, is refused for that.
  if (!kind || *kind == message::ProofKind::signature) return {};
  return fail(Failure::wrongIntegrity, "base-station.protection",
              "sign with the vendor's certificate (ir) or the operator's (kur); this endpoint has "
              "no shared secrets");
}

Result<> check_request(const crmf::CertReqMessages& requests) {
  if (requests.size() != 1)
    return fail(Failure::badDataFormat, "base-station.one",
                "put exactly one certificate request into a message");
  const auto& r = requests.front();
  if (!r.cert_req.cert_template.public_key || r.cert_req.cert_template.public_key->empty())
    return fail(Failure::badCertTemplate, "base-station.public-key",
                "certTemplate.publicKey is missing; put the base station's own key there");
  if (!r.popo || !std::holds_alternative<crmf::POPOSigningKey>(*r.popo))
    return fail(Failure::badPOP, "base-station.pop",
                "prove possession of the key by a signature (popo of the kind signature)");
  return {};
}

}  // namespace

Result<> check_base_station(const message::PKIMessage& m) {
  TRY(check_body(m.body.type));
  TRY(check_protection(m.header));
  if (const auto* requests = std::get_if<crmf::CertReqMessages>(&m.body.content))
    TRY(check_request(*requests));
  if (m.body.type == BodyType::ir && m.extra_certs.empty())
    return fail(Failure::badMessageCheck, "base-station.extra-certs",
                "extraCerts is missing; put the vendor's certificate there, with its chain below "
                "the vendor's root");
  return {};
}

}  // namespace countersign::protect
