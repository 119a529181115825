#include "issuer/upstream_cmp/request.h"

#include "crypto/digest.h"
#include "der/writer.h"
#include "enrol/authority.h"
#include "message/info_type.h"

namespace countersign::issuer {
namespace {

using message::BodyType;
using transaction::CertificateOrder;

// RFC 5280 §4.1.2.5 [MUST] UTCTime through 2049
const Time kGeneralizedFrom = *from_iso("2050-01-01");

// RFC 9483 §4.1.2 [SHOULD] a PKI that certified who asks is asked by cr: §5.3.1 has an RA that acts
// for others do as an end entity does. §5.2.3 forwards the message that came.
BodyType kind_of(const Upstream& upstream, BodyType asked) {
  const bool by_ir =
      upstream.ask_by == AskBy::ir || (upstream.ask_by == AskBy::as_asked && asked == BodyType::ir);
  return by_ir ? BodyType::ir : BodyType::cr;
}

// RFC 9483 §4.1.1, §5.2.3.2; certReqId 0, popo raVerified
message::PKIBody vouched_request(BodyType kind, const CertificateOrder& order) {
  crmf::CertReqMsg request;
  auto& wish = request.cert_req.cert_template;
  wish.subject = order.subject;
  wish.public_key = order.spki;
  const Time end = order.validity.not_after;
  wish.validity =
      crmf::OptionalValidity{std::nullopt, crmf::TimeChoice{end, end >= kGeneralizedFrom}};
  wish.extensions = order.extensions;
  request.popo = crmf::RaVerified{};
  crmf::CertReqMessages requests;
  requests.push_back(std::move(request));
  return {kind, std::move(requests)};
}

std::unexpected<Error> not_kept(std::string why) {
  return fail(
      Failure::badPOP, "issuer.upstream-pop",
      "this registration authority passes the proof of possession on to its CA, " + std::move(why));
}

// RFC 4211 §4.1: poposkInput binds the proof to the sender, which will be us, or to a secret that
// the CA does not have.
Result<> check_kept(const crmf::CertReqMsg& request, const CertificateOrder& order) {
  if (request.cert_req.cert_template.public_key != order.spki)
    return not_kept("and this request has none for the key that is to be certified");
  const auto* proof = request.popo ? std::get_if<crmf::POPOSigningKey>(&*request.popo) : nullptr;
  if (proof == nullptr || !proof->popo_sk_input) return {};
  return not_kept(
      "and a proof with poposkInput holds here alone; put subject and publicKey into the "
      "certTemplate, and sign the certReq itself");
}

// RFC 9483 §5.2.3.1: octet for octet as it was signed; PKCS #10 stays what it is.
Result<message::PKIBody> kept_request(BodyType kind, message::PKIBody asked,
                                      const CertificateOrder& order, std::size_t index) {
  if (!order.modifications.empty())
    return fail(Failure::badCertTemplate, "issuer.upstream-changed",
                "this registration authority passes the proof of possession on to its CA and can "
                "change nothing in a request; ask for what it grants: " +
                    order.modifications);
  if (asked.type == BodyType::p10cr) return asked;
  auto* requests = std::get_if<crmf::CertReqMessages>(&asked.content);
  if (requests == nullptr || index >= requests->size())
    return not_kept("and this request has none");
  TRY(check_kept(requests->at(index), order));
  crmf::CertReqMessages one;
  one.push_back(std::move(requests->at(index)));
  return message::PKIBody{kind, std::move(one)};
}

}  // namespace

Result<message::PKIBody> request_for(const Upstream& upstream, const CertificateOrder& order,
                                     std::size_t index) {
  // RFC 9483 §5.2.3 [MUST NOT] replace the protection of a kur
  if (order.replaces)
    return fail(Failure::badRequest, "issuer.upstream-update",
                "this registration authority cannot pass on key updates, since they need the "
                "protection of the end entity; ask for a new certificate by cr, or update at the "
                "CA itself");
  message::PKIBody asked;
  asked.type = BodyType::ir;
  if (!order.original.empty()) asked = TRY(message::parse_message(order.original)).body;
  const BodyType kind = kind_of(upstream, asked.type);
  if (upstream.possession == Possession::kept)
    return kept_request(kind, std::move(asked), order, index);
  return vouched_request(kind, order);
}

namespace {

// RFC 9483 §4.1.1 [MAY] the profile that is asked for; nullopt: none.
std::optional<message::InfoTypeAndValue> profile_for(const Upstream& upstream,
                                                     const CertificateOrder& order) {
  const std::string& named = upstream.cert_profile;
  if (named.empty()) return std::nullopt;
  if (named == enrol::kCertProfileAsAsked) {
    const auto asked = message::parse_message(order.original);
    const auto* item =
        asked ? message::find(asked->header.general_info, message::it::certProfile) : nullptr;
    return item != nullptr ? std::optional(*item) : std::nullopt;
  }
  return message::make_info(
      message::it::certProfile,
      message::Texts{{named == enrol::kCertProfileOfRa ? order.profile : named}});
}

}  // namespace

// RFC 9810 §5.1.1.3, §5.2.8.1: an RA that changed a request may show the CA what it was.
// OrigPKIMessageValue ::= PKIMessages
std::vector<message::InfoTypeAndValue> info_for(const Upstream& upstream,
                                                const CertificateOrder& order) {
  std::vector<message::InfoTypeAndValue> out;
  if (upstream.confirming == Confirming::implicit)
    out.push_back(message::make_info(message::it::implicitConfirm, message::NullValue{}));
  if (auto profile = profile_for(upstream, order)) out.push_back(*std::move(profile));
  if (upstream.originals == Originals::not_shown || order.original.empty()) return out;
  der::Writer w;
  // [MUST] exactly one
  w.sequence([&](der::Writer& s) { s.raw(order.original); });
  out.push_back({message::it::origPKIMessage, std::move(w).take()});
  return out;
}

Bytes digest_of(const message::PKIBody& body) {
  message::PKIMessage m;
  m.body = body;
  return crypto::sha256(message::encode_header_and_body(m));
}

}  // namespace countersign::issuer
