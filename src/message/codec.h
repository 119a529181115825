// What the files of message share with each other: one read_ and one write per type of the module.
#pragma once

#include "der/list.h"
#include "message/message.h"

namespace countersign::message {

// status.cc
der::Parsed<PKIFreeText> read_free_text(der::Reader& in);
der::Parsed<PKIStatus> read_status(der::Reader& in);
der::Parsed<PKIStatusInfo> read_status_info(der::Reader& in);
void write_free_text(der::Writer& w, const PKIFreeText& value);
void write(der::Writer& w, PKIStatus value);
void write(der::Writer& w, const PKIStatusInfo& value);

// header.cc: in two parts, because a header that is broken further on still says who sent it
der::Parsed<> read_parties(der::Reader& seq, PKIHeader& out);
der::Parsed<> read_options(der::Reader& seq, PKIHeader& out);
der::Parsed<PKIHeader> read_header(der::Reader& in);
void write(der::Writer& w, const PKIHeader& value);

// certificate.cc: outer TLVs only, x509 opens them
der::Parsed<CMPCertificate> read_certificate(der::Reader& in);
der::Parsed<std::vector<CMPCertificate>> read_certificates(der::Reader& in);  // SIZE (1..MAX)
void write_certificates(der::Writer& w, const std::vector<CMPCertificate>& value);

// response.cc
der::Parsed<CertifiedKeyPair> read_certified_key_pair(der::Reader& in);
der::Parsed<CertRepMessage> read_cert_rep_message(der::Reader& in);
void write(der::Writer& w, const CertifiedKeyPair& value);
void write(der::Writer& w, const CertRepMessage& value);

// pop_challenge.cc
der::Parsed<POPODecKeyChallContent> read_challenges(der::Reader& in);
der::Parsed<POPODecKeyRespContent> read_challenge_answers(der::Reader& in);
void write(der::Writer& w, const POPODecKeyChallContent& value);
void write(der::Writer& w, const POPODecKeyRespContent& value);

// key_recovery.cc
der::Parsed<KeyRecRepContent> read_key_recovery(der::Reader& in);
void write(der::Writer& w, const KeyRecRepContent& value);

// revocation.cc
der::Parsed<RevReqContent> read_revocation_request(der::Reader& in);
der::Parsed<RevRepContent> read_revocation_response(der::Reader& in);
void write(der::Writer& w, const RevReqContent& value);
void write(der::Writer& w, const RevRepContent& value);

// announcement.cc
der::Parsed<CAKeyUpdAnnContent> read_ca_key_update_v2(der::Reader& in);
der::Parsed<RootCaKeyUpdateContent> read_root_ca_key_update(der::Reader& in);
der::Parsed<CAKeyUpdContent> read_ca_key_update(der::Reader& in);
der::Parsed<CertAnnContent> read_certificate_announcement(der::Reader& in);
der::Parsed<RevAnnContent> read_revocation_announcement(der::Reader& in);
der::Parsed<CRLAnnContent> read_crl_announcement(der::Reader& in);
void write(der::Writer& w, const CAKeyUpdAnnContent& value);
void write(der::Writer& w, const RootCaKeyUpdateContent& value);
void write(der::Writer& w, const CAKeyUpdContent& value);
void write(der::Writer& w, const CertAnnContent& value);
void write(der::Writer& w, const RevAnnContent& value);
void write(der::Writer& w, const CRLAnnContent& value);

// general.cc
der::Parsed<std::vector<InfoTypeAndValue>> read_info_list(der::Reader& in, der::ListSize size);
der::Parsed<InfoMsgContent> read_general_message(der::Reader& in);
void write_info_list(der::Writer& w, const std::vector<InfoTypeAndValue>& value);
void write(der::Writer& w, const InfoMsgContent& value);

// error.cc
der::Parsed<ErrorMsgContent> read_error(der::Reader& in);
void write(der::Writer& w, const ErrorMsgContent& value);

// confirmation.cc
der::Parsed<CertConfirmContent> read_certificate_confirmation(der::Reader& in);
der::Parsed<PKIConfirmContent> read_confirmation(der::Reader& in);
void write(der::Writer& w, const CertConfirmContent& value);
void write(der::Writer& w, const PKIConfirmContent& value);

// polling.cc
der::Parsed<PollReqContent> read_poll_request(der::Reader& in);
der::Parsed<PollRepContent> read_poll_response(der::Reader& in);
void write(der::Writer& w, const PollReqContent& value);
void write(der::Writer& w, const PollRepContent& value);

// message.cc
der::Parsed<PKIBody> read_body(der::Reader& in);
der::Parsed<PKIMessage> read_message(der::Reader& in);
der::Parsed<std::vector<PKIMessage>> read_messages(der::Reader& in);  // SIZE (1..MAX)
der::Parsed<NestedMessageContent> read_nested(der::Reader& in);
void write(der::Writer& w, const PKIBody& value);
void write(der::Writer& w, const PKIMessage& value);
void write_messages(der::Writer& w, const std::vector<PKIMessage>& value);
void write(der::Writer& w, const NestedMessageContent& value);

}  // namespace countersign::message
