#include "client/enrolment.h"

#include "client/failure.h"
#include "crypto/keys.h"
#include "crypto/sign.h"
#include "message/info_type.h"
#include "x509/certificate.h"

namespace countersign::client {
namespace {

// RFC 5280 §4.1.2.5 [MUST] UTCTime through 2049.
constexpr int kLastUtcYear = 2049;

x509::Extensions wished_extensions(const CertificateWish& wish) {
  x509::Extensions out = wish.extensions;
  // RFC 5280 §4.2.1.6 [MUST] critical where the subject is empty.
  if (!wish.alternative_names.empty())
    out.push_back(x509::make_subject_alt_name(wish.alternative_names, wish.subject.is_null()));
  return out;
}

crmf::CertTemplate make_template(const CertificateWish& wish, std::optional<Bytes> spki, Time now) {
  crmf::CertTemplate out;
  out.subject = wish.subject;
  out.public_key = std::move(spki);
  out.issuer = wish.issuer;
  out.extensions = wished_extensions(wish);
  out.validity = wish.validity;
  if (wish.lifetime && !(out.validity && out.validity->not_after)) {
    if (!out.validity) out.validity.emplace();
    const Time end = now + *wish.lifetime;
    out.validity->not_after = crmf::TimeChoice{end, to_civil(end).year > kLastUtcYear};
  }
  return out;
}

crmf::Attribute old_cert_id(const crmf::CertId& id) {
  der::Writer w;
  crmf::write(w, id);
  return {crmf::oids::old_cert_id, std::move(w).take()};
}

// RFC 4211 §6.1, §6.2 [SHALL] UTF8String
crmf::Attribute text_control(der::Oid id, const std::string& text) {
  der::Writer w;
  w.utf8(text);
  return {id, std::move(w).take()};
}

std::vector<crmf::Attribute> controls_of(const CertificateWish& wish) {
  std::vector<crmf::Attribute> out;
  if (!wish.reg_token.empty()) out.push_back(text_control(crmf::oids::reg_token, wish.reg_token));
  if (!wish.authenticator.empty())
    out.push_back(text_control(crmf::oids::authenticator, wish.authenticator));
  if (wish.replaces) out.push_back(old_cert_id(*wish.replaces));
  return out;
}

}  // namespace

Result<message::PKIBody> certificate_request(message::BodyType type, const CertificateWish& wish,
                                             const crypto::PrivateKey& key, Time now) {
  crmf::CertReqMsg request;
  request.cert_req.cert_template = make_template(wish, copy(key.public_key().spki()), now);
  request.cert_req.controls = controls_of(wish);
  // RFC 4211 §4.1: the template has subject and publicKey, so the signature covers certReq and
  // there is no poposkInput.
  crmf::POPOSigningKey proof;
  proof.algorithm_identifier = key.default_signature_algorithm();
  if (proof.algorithm_identifier.algorithm.empty())
    return fail(Failure::badPOP, "client.key",
                "a key of this kind cannot sign, so its possession cannot be proved by signature; "
                "use another key");
  const View certified = crmf::encode_cert_req(request);
  proof.signature.octets = TRY(crypto::sign(key, proof.algorithm_identifier, certified));
  request.popo = std::move(proof);
  return message::PKIBody{type, crmf::CertReqMessages{std::move(request)}};
}

// RFC 9483 §4.1.6 [MUST] no publicKey, or its algorithm and a BIT STRING of no bits; no popo.
message::PKIBody central_key_request(message::BodyType type, const CertificateWish& wish,
                                     std::optional<crypto::KeyKind> kind, Time now) {
  std::optional<Bytes> spki;
  if (kind) {
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      der::write(s, crypto::key_algorithm(*kind));
      s.bit_octets({});
    });
    spki = std::move(w).take();
  }
  crmf::CertReqMsg request;
  request.cert_req.cert_template = make_template(wish, std::move(spki), now);
  request.cert_req.controls = controls_of(wish);
  return {type, crmf::CertReqMessages{std::move(request)}};
}

Result<Bytes> make_csr(const CertificateWish& wish, const crypto::PrivateKey& key) {
  const Bytes info = x509::encode_csr_info(wish.subject, key.public_key().spki(),
                                           {wished_extensions(wish), wish.reg_token});
  const auto algorithm = key.default_signature_algorithm();
  const Bytes signature = TRY(crypto::sign(key, algorithm, info));
  return x509::join_signed(info, algorithm, signature);
}

Result<message::PKIBody> pkcs10_request(View csr) {
  return message::PKIBody{message::BodyType::p10cr,
                          TRY(recode(x509::parse_csr(csr), "client.file-csr"))};
}

message::PKIBody revocation_request(const CertificateId& certificate, int reason) {
  message::RevDetails details;
  details.cert_details.issuer = certificate.issuer;
  details.cert_details.serial_number = certificate.serial;
  // RFC 9483 §4.2 [MUST] reasonCode, also when it is unspecified.
  details.crl_entry_details = {x509::make_reason_code(reason)};
  return {message::BodyType::rr, message::RevReqContent{std::move(details)}};
}

message::PKIBody information_request(std::vector<message::InfoTypeAndValue> questions) {
  return {message::BodyType::genm, message::InfoMsgContent{std::move(questions)}};
}

std::vector<message::InfoTypeAndValue> general_info(const std::optional<std::string>& profile,
                                                    Confirmation confirmation) {
  std::vector<message::InfoTypeAndValue> out;
  if (confirmation == Confirmation::implicit)
    out.push_back(message::make_info(message::it::implicitConfirm, message::NullValue{}));
  if (profile)
    out.push_back(message::make_info(message::it::certProfile, message::Texts{{*profile}}));
  return out;
}

}  // namespace countersign::client
