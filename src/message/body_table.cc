#include "message/body_table.h"

#include "message/codec.h"

namespace countersign::message {
namespace {

using der::Parsed;
using der::Reader;
using der::Writer;

// CertificationRequest ::= SEQUENCE { … }                                       RFC 2986 §4.2
Parsed<x509::CertificationRequest> read_csr(Reader& in) { return x509::read_csr(in); }
void write(Writer& w, const x509::CertificationRequest& csr) { w.raw(csr.der); }

template <auto Read>
Parsed<BodyContent> read_as(Reader& in) {
  auto content = Read(in);
  if (!content) return std::unexpected(content.error());
  return Parsed<BodyContent>(std::in_place, *std::move(content));
}

template <class Content>
void write_as(Writer& w, const BodyContent& content) {
  write(w, std::get<Content>(content));
}

template <auto Read, class Content>
constexpr BodyRow row(BodyType type, std::string_view name, std::string_view section) {
  return {type, name, read_as<Read>, write_as<Content>, section};
}

constexpr auto kRequest = row<crmf::read_cert_req_messages, crmf::CertReqMessages>;
constexpr auto kResponse = row<read_cert_rep_message, CertRepMessage>;
constexpr auto kGeneral = row<read_general_message, InfoMsgContent>;

}  // namespace

// PKIBody ::= CHOICE { ir [0] CertReqMessages, … pollRep [26] PollRepContent }   RFC 9810 §5.1.2
constexpr std::array<BodyRow, kBodyTypes> kBodyTable = {
    kRequest(BodyType::ir, "ir", "RFC 9810 §5.3.1"),
    kResponse(BodyType::ip, "ip", "RFC 9810 §5.3.2"),
    kRequest(BodyType::cr, "cr", "RFC 9810 §5.3.3"),
    kResponse(BodyType::cp, "cp", "RFC 9810 §5.3.4"),
    row<read_csr, x509::CertificationRequest>(BodyType::p10cr, "p10cr", "RFC 9810 §5.3.3"),
    row<read_challenges, POPODecKeyChallContent>(BodyType::popdecc, "popdecc",
                                                 "RFC 9810 §5.2.8.3.3"),
    row<read_challenge_answers, POPODecKeyRespContent>(BodyType::popdecr, "popdecr",
                                                       "RFC 9810 §5.2.8.3.3"),
    kRequest(BodyType::kur, "kur", "RFC 9810 §5.3.5"),
    kResponse(BodyType::kup, "kup", "RFC 9810 §5.3.6"),
    kRequest(BodyType::krr, "krr", "RFC 9810 §5.3.7"),
    row<read_key_recovery, KeyRecRepContent>(BodyType::krp, "krp", "RFC 9810 §5.3.8"),
    row<read_revocation_request, RevReqContent>(BodyType::rr, "rr", "RFC 9810 §5.3.9"),
    row<read_revocation_response, RevRepContent>(BodyType::rp, "rp", "RFC 9810 §5.3.10"),
    kRequest(BodyType::ccr, "ccr", "RFC 9810 §5.3.11"),
    kResponse(BodyType::ccp, "ccp", "RFC 9810 §5.3.12"),
    row<read_ca_key_update, CAKeyUpdContent>(BodyType::ckuann, "ckuann", "RFC 9810 §5.3.13"),
    row<read_certificate_announcement, CertAnnContent>(BodyType::cann, "cann", "RFC 9810 §5.3.14"),
    row<read_revocation_announcement, RevAnnContent>(BodyType::rann, "rann", "RFC 9810 §5.3.15"),
    row<read_crl_announcement, CRLAnnContent>(BodyType::crlann, "crlann", "RFC 9810 §5.3.16"),
    row<read_confirmation, PKIConfirmContent>(BodyType::pkiconf, "pkiconf", "RFC 9810 §5.3.17"),
    row<read_nested, NestedMessageContent>(BodyType::nested, "nested", "RFC 9810 §5.1.3.5"),
    kGeneral(BodyType::genm, "genm", "RFC 9810 §5.3.19"),
    kGeneral(BodyType::genp, "genp", "RFC 9810 §5.3.20"),
    row<read_error, ErrorMsgContent>(BodyType::error, "error", "RFC 9810 §5.3.21"),
    row<read_certificate_confirmation, CertConfirmContent>(BodyType::certConf, "certConf",
                                                           "RFC 9810 §5.3.18"),
    row<read_poll_request, PollReqContent>(BodyType::pollReq, "pollReq", "RFC 9810 §5.3.22"),
    row<read_poll_response, PollRepContent>(BodyType::pollRep, "pollRep", "RFC 9810 §5.3.22"),
};

namespace {

constexpr bool in_order_of_tags() {
  for (std::size_t tag = 0; tag < kBodyTable.size(); ++tag)
    if (static_cast<std::size_t>(kBodyTable[tag].type) != tag) return false;
  return true;
}
static_assert(in_order_of_tags());

}  // namespace

std::string_view name(BodyType type) noexcept {
  return kBodyTable[static_cast<std::size_t>(type)].name;
}

}  // namespace countersign::message
