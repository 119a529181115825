#include "enrol/controls.h"

#include <algorithm>
#include <array>

namespace countersign::enrol {
namespace {

using crmf::Attribute;
namespace oid = crmf::oids;

struct Reading {
  const ControlContext& context;
  Controls& out;
};

std::unexpected<Error> malformed(std::string_view name, std::string_view form) {
  return fail(Failure::badDataFormat, "control.malformed",
              std::string(name) + " is malformed; it is " + std::string(form));
}

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::badCertTemplate, code, std::move(sentence));
}

// One value, and nothing after it.
template <class Read>
auto whole(const Attribute& control, Read read) {
  der::Context context(control.value);
  der::Reader in(control.value, context);
  auto value = read(in);
  if (value && !in.at_end()) value = std::unexpected(in.finish().error());
  return value;
}

void ignore(Reading& r, std::string_view name) {
  (r.out.ignored += r.out.ignored.empty() ? "" : ", ") += name;
}

Result<> take_text(Reading& r, const Attribute& control, std::string_view name) {
  // RFC 4211 §6.1, §6.2, §7.1 [MUST] UTF8String
  if (!whole(control, [](der::Reader& in) { return in.utf8(); }))
    return malformed(name, "a UTF8String");
  ignore(r, name);
  return {};
}

// RFC 4211 §6.1, §6.2: knowledge that the CA has beforehand. Where none is agreed on it changes
// nothing; where it is, enrol/tokens.h checks it.
Result<> take_token(Reading& r, const Attribute& control, std::string_view name) {
  if (r.context.tokens == TokenPolicy::ignore) return take_text(r, control, name);
  const auto text = whole(control, [](der::Reader& in) { return in.utf8(); });
  return text ? Result<>{} : malformed(name, "a UTF8String");
}

// RFC 4211 §6.3: advisory. This server publishes nothing of its own accord, which is what
// dontPublish asks for.
Result<> take_publication(Reading& r, const Attribute& control, std::string_view name) {
  const auto info = whole(control, [](der::Reader& in) { return crmf::read_publication_info(in); });
  constexpr std::int64_t kPleasePublish = 1;
  // RFC 4211 §6.3 [MUST] no pubInfos beside dontPublish
  if (!info || info->action < 0 || info->action > kPleasePublish ||
      (info->action != kPleasePublish && !info->pub_infos.empty()))
    return malformed(name,
                     "SEQUENCE { action dontPublish(0) | pleasePublish(1), pubInfos OPTIONAL }, "
                     "with dontPublish alone");
  if (info->action == kPleasePublish) ignore(r, name);
  return {};
}

// PKIArchiveOptions ::= CHOICE {
//     encryptedPrivKey     [0] EncryptedKey,
//     keyGenParameters     [1] KeyGenParameters,
//     archiveRemGenPrivKey [2] BOOLEAN }                                          RFC 4211 §6.4
Result<> take_archive(Reading&, const Attribute& control, std::string_view) {
  constexpr auto kArchiveRemGenPrivKey = static_cast<der::Tag>(0x82);
  const auto wanted =
      whole(control, [](der::Reader& in) { return in.boolean(kArchiveRemGenPrivKey); });
  if (wanted && !*wanted) return {};  // says that no key is to be archived
  return refuse("control.archive",
                "private keys are not archived here; leave pkiArchiveOptions out");
}

Result<> take_old_certificate(Reading& r, const Attribute& control, std::string_view name) {
  auto id = whole(control, [](der::Reader& in) { return crmf::read_cert_id(in); });
  if (!id) return malformed(name, "SEQUENCE { issuer, serialNumber }");
  // RFC 4211 §6.5: the certificate to be updated; RFC 9810 §5.3.5: updates are asked for by kur
  if (r.context.type != message::BodyType::kur)
    return refuse("control.refused",
                  "oldCertID names a certificate to be updated; send a kur, or leave it out");
  r.out.old_cert_id = std::move(*id);
  return {};
}

// RFC 4211 §6.6: a key to encrypt the response with. RFC 9483 §4.1.6 encrypts a private key for
// the certificate, or under the secret, that protects the request; nothing else is encrypted.
Result<> take_encryption_key(Reading& r, const Attribute&, std::string_view name) {
  if (r.context.key_maker == KeyMaker::server)
    return refuse("control.encryption-key",
                  "a private key is encrypted for the certificate, or under the secret, that "
                  "protects the request; leave protocolEncrKey out");
  ignore(r, name);
  return {};
}

// RFC 9810 §5.2.1: a template for other than X.509 certificates.
Result<> take_other_template(Reading&, const Attribute&, std::string_view) {
  return refuse("control.other-certificate",
                "only X.509 certificates are issued here; leave altCertTemplate out and fill "
                "certTemplate");
}

// RFC 9810 §5.3.19.16: what a client learned from a CertReqTemplateContent. Where it makes the key
// itself, the key says all.
Result<> take_algorithm(Reading& r, const Attribute& control, std::string_view name) {
  auto algorithm = whole(control, [](der::Reader& in) { return der::read_algorithm(in); });
  if (!algorithm) return malformed(name, "an AlgorithmIdentifier");
  if (r.context.key_maker == KeyMaker::server)
    r.out.key_algorithm = std::move(*algorithm);
  else
    ignore(r, name);
  return {};
}

Result<> take_rsa_length(Reading& r, const Attribute& control, std::string_view name) {
  const auto bits = whole(control, [](der::Reader& in) { return in.small_integer(); });
  if (!bits || *bits < 1) return malformed(name, "an INTEGER of at least 1");
  constexpr std::int64_t kMost = 1 << 20;
  if (r.context.key_maker == KeyMaker::server)
    r.out.rsa_bits = static_cast<unsigned>(std::min(*bits, kMost));
  else
    ignore(r, name);
  return {};
}

struct Row {
  der::Oid id;
  std::string_view name;
  Result<> (*take)(Reading&, const Attribute&, std::string_view name);
};
constexpr std::array kControls = {
    Row{oid::reg_token, "regToken", take_token},
    Row{oid::authenticator, "authenticator", take_token},
    Row{oid::pki_publication_info, "pkiPublicationInfo", take_publication},
    Row{oid::pki_archive_options, "pkiArchiveOptions", take_archive},
    Row{oid::old_cert_id, "oldCertID", take_old_certificate},
    Row{oid::protocol_encr_key, "protocolEncrKey", take_encryption_key},
    Row{oid::alt_cert_template, "altCertTemplate", take_other_template},
    Row{oid::alg_id, "algId", take_algorithm},
    Row{oid::rsa_key_len, "rsaKeyLen", take_rsa_length},
};
constexpr std::array kRegInfo = {
    // RFC 4211 §7.1: text from the subject to whom it may concern.
    Row{oid::utf8_pairs, "utf8Pairs", take_text},
    // Departure 1: they are controls (RFC 4211 §6.1, §6.2); clients that were made for EJBCA have
    // them here.
    Row{oid::reg_token, "regToken", take_token},
    Row{oid::authenticator, "authenticator", take_token},
};

// RFC 9483 §4.1.3 [MUST] a control of a kur is oldCertID
Result<> check_lightweight(const ControlContext& context, const Attribute& control) {
  if (context.variant != message::Variant::lightweight || context.type != message::BodyType::kur ||
      control.type == oid::old_cert_id)
    return {};
  return refuse("control.refused",
                "a kur has no control but oldCertID; leave " + control.type.dotted() + " out");
}

Result<> take_unknown(Reading& r, const Attribute& attribute, std::string_view field) {
  if (r.context.unknown == UnknownControls::ignore) {
    ignore(r, attribute.type.dotted());
    return {};
  }
  return refuse("control.unknown", std::string(field) + " has " + attribute.type.dotted() +
                                       ", which is not known here; leave it out");
}

Result<> take_info(Reading& r, const Attribute& info) {
  const auto row = std::ranges::find(kRegInfo, info.type, &Row::id);
  const bool known = row != kRegInfo.end() && (row->id == oid::utf8_pairs ||
                                               r.context.variant != message::Variant::lightweight);
  return known ? row->take(r, info, row->name) : take_unknown(r, info, "regInfo");
}

Result<> check_once(const std::vector<Attribute>& attributes) {
  for (auto at = attributes.begin(); at != attributes.end(); ++at)
    if (std::find_if(attributes.begin(), at,
                     [&](const Attribute& a) { return a.type == at->type; }) != at)
      return refuse("control.twice", at->type.dotted() + " is there twice; send it once");
  return {};
}

// RFC 9810 §5.3.19.16 [SHALL] rsaKeyLen is for RSA, and algId for the others
Result<> check_key_wish(const Controls& controls) {
  if (!controls.rsa_bits || !controls.key_algorithm) return {};
  return refuse("control.key-size",
                "algId names an algorithm other than RSA, rsaKeyLen the length of an RSA key; "
                "send one of them");
}

}  // namespace

Result<Controls> read_controls(const crmf::CertRequest& wanted,
                               const std::vector<Attribute>& reg_info,
                               const ControlContext& context) {
  Controls out;
  Reading reading{context, out};
  TRY(check_once(wanted.controls));
  TRY(check_once(reg_info));
  for (const Attribute& control : wanted.controls) {
    TRY(check_lightweight(context, control));
    const auto row = std::ranges::find(kControls, control.type, &Row::id);
    TRY(row == kControls.end() ? take_unknown(reading, control, "certReq.controls")
                               : row->take(reading, control, row->name));
  }
  for (const Attribute& info : reg_info) {
    if (info.type == oid::cert_req) continue;  // wanted_request() has it
    TRY(take_info(reading, info));
  }
  TRY(check_key_wish(out));
  return out;
}

Result<crmf::CertRequest> wanted_request(const crmf::CertReqMsg& request,
                                         const message::Sender& sender) {
  const Attribute* replacement = crmf::find(request.reg_info, oid::cert_req);
  if (replacement == nullptr) return request.cert_req;
  // RFC 4211 §7.2: where an RA needs to modify the certificate template proposed by a subject
  if (!sender.may_act_as_ra)
    return fail(Failure::notAuthorized, "control.replacement",
                "the certReq in regInfo is for registration authorities; put what you ask for "
                "into certReq itself");
  auto wanted = whole(*replacement, [](der::Reader& in) { return crmf::read_cert_request(in); });
  if (!wanted) return malformed("the certReq in regInfo", "a CertRequest");
  // What the subject's proof of possession is about stays.
  if (wanted->cert_req_id == request.cert_req.cert_req_id &&
      wanted->cert_template.public_key == request.cert_req.cert_template.public_key)
    return std::move(*wanted);
  return fail(Failure::badRequest, "control.replacement-differs",
              "the certReq in regInfo has another certReqId or publicKey than the request; copy "
              "both from there");
}

}  // namespace countersign::enrol
