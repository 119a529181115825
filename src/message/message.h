// CMP messages as plain values. RFC 9810 §5, module PKIXCMP-2023 (EXPLICIT TAGS).
//
// parse_message is the one door for octets from a peer. Everything is owned; empty vectors stand
// for absent SIZE (1..MAX) lists. What a signature or MAC covers is kept as it arrived
// (`header_and_body`), never re-encoded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/failure.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "crmf/crmf.h"
#include "der/algorithm.h"
#include "x509/csr.h"
#include "x509/name.h"

namespace countersign::message {

using CMPCertificate = Bytes;   // one DER Certificate; opened by x509 when it is needed
using CertificateList = Bytes;  // one DER CRL
using PKIFreeText = std::vector<std::string>;

// ---- header, RFC 9810 §5.1.1
struct InfoTypeAndValue {
  der::Oid type;
  Bytes value;  // one TLV, or empty when absent; typed by info_type.h
  friend bool operator==(const InfoTypeAndValue&, const InfoTypeAndValue&) = default;
};

struct PKIHeader {
  std::int64_t pvno = 2;  // cmp1999(1), cmp2000(2), cmp2021(3)
  x509::GeneralName sender;
  x509::GeneralName recipient;
  std::optional<Time> message_time;
  std::string message_time_fraction = {};  // digits of a second; says nothing to us
  std::optional<der::AlgorithmIdentifier> protection_alg;
  std::optional<Bytes> sender_kid;
  std::optional<Bytes> recip_kid;
  std::optional<TransactionId> transaction_id;
  std::optional<Nonce> sender_nonce;
  std::optional<Nonce> recip_nonce;
  PKIFreeText free_text;
  std::vector<InfoTypeAndValue> general_info;
  friend bool operator==(const PKIHeader&, const PKIHeader&) = default;
};

// ---- status, §5.2.3
enum class PKIStatus : std::int64_t {
  accepted,
  grantedWithMods,
  rejection,
  waiting,
  revocationWarning,
  revocationNotification,
  keyUpdateWarning
};
struct PKIStatusInfo {
  PKIStatus status = PKIStatus::accepted;
  PKIFreeText status_string;
  std::optional<der::BitString> fail_info;
  friend bool operator==(const PKIStatusInfo&, const PKIStatusInfo&) = default;
};
der::BitString failure_bits(Failure failure);
// All named bits that are set, unknown ones left out.
std::vector<Failure> failures(const der::BitString& bits);
PKIStatusInfo rejection(Failure failure, std::string sentence);

// ---- certificate responses, §5.3.4
struct EncryptedCert {
  crmf::EncryptedKey value;
  friend bool operator==(const EncryptedCert&, const EncryptedCert&) = default;
};
using CertOrEncCert = std::variant<CMPCertificate, EncryptedCert>;  // [0] | [1]
struct CertifiedKeyPair {
  CertOrEncCert cert_or_enc_cert;
  std::optional<crmf::EncryptedKey> private_key;
  std::optional<crmf::PKIPublicationInfo> publication_info;
  friend bool operator==(const CertifiedKeyPair&, const CertifiedKeyPair&) = default;
};
struct CertResponse {
  RequestId cert_req_id;
  PKIStatusInfo status;
  std::optional<CertifiedKeyPair> certified_key_pair;
  std::optional<Bytes> rsp_info;
  friend bool operator==(const CertResponse&, const CertResponse&) = default;
};
struct CertRepMessage {
  std::vector<CMPCertificate> ca_pubs;
  std::vector<CertResponse> response;
  friend bool operator==(const CertRepMessage&, const CertRepMessage&) = default;
};

// ---- the other bodies, §5.3
struct Challenge {
  std::optional<der::AlgorithmIdentifier> owf;
  Bytes witness;
  Bytes challenge;
  std::optional<crmf::EnvelopedData> encrypted_rand;
  friend bool operator==(const Challenge&, const Challenge&) = default;
};
using POPODecKeyChallContent = std::vector<Challenge>;
struct POPODecKeyRespContent {
  std::vector<Bytes> integers;  // INTEGER content octets
  friend bool operator==(const POPODecKeyRespContent&, const POPODecKeyRespContent&) = default;
};
struct KeyRecRepContent {
  PKIStatusInfo status;
  std::optional<CMPCertificate> new_sig_cert;
  std::vector<CMPCertificate> ca_certs;
  std::vector<CertifiedKeyPair> key_pair_hist;
  friend bool operator==(const KeyRecRepContent&, const KeyRecRepContent&) = default;
};
struct RevDetails {
  crmf::CertTemplate cert_details;
  x509::Extensions crl_entry_details;
  friend bool operator==(const RevDetails&, const RevDetails&) = default;
};
using RevReqContent = std::vector<RevDetails>;
struct RevRepContent {
  std::vector<PKIStatusInfo> status;  // SIZE (1..MAX)
  std::vector<crmf::CertId> rev_certs;
  std::vector<CertificateList> crls;
  friend bool operator==(const RevRepContent&, const RevRepContent&) = default;
};
struct CAKeyUpdAnnContent {
  CMPCertificate old_with_new, new_with_old, new_with_new;
  friend bool operator==(const CAKeyUpdAnnContent&, const CAKeyUpdAnnContent&) = default;
};
struct RootCaKeyUpdateContent {
  CMPCertificate new_with_new;
  std::optional<CMPCertificate> new_with_old, old_with_new;
  friend bool operator==(const RootCaKeyUpdateContent&, const RootCaKeyUpdateContent&) = default;
};
using CAKeyUpdContent = std::variant<CAKeyUpdAnnContent, RootCaKeyUpdateContent>;
struct CertAnnContent {
  CMPCertificate certificate;
  friend bool operator==(const CertAnnContent&, const CertAnnContent&) = default;
};
struct RevAnnContent {
  PKIStatus status = PKIStatus::revocationNotification;
  crmf::CertId cert_id;
  Time will_be_revoked_at{};
  Time bad_since_date{};
  x509::Extensions crl_details;
  friend bool operator==(const RevAnnContent&, const RevAnnContent&) = default;
};
struct CRLAnnContent {
  std::vector<CertificateList> crls;
  friend bool operator==(const CRLAnnContent&, const CRLAnnContent&) = default;
};
struct PKIConfirmContent {
  friend bool operator==(const PKIConfirmContent&, const PKIConfirmContent&) = default;
};
struct InfoMsgContent {  // GenMsgContent and GenRepContent
  std::vector<InfoTypeAndValue> items;
  friend bool operator==(const InfoMsgContent&, const InfoMsgContent&) = default;
};
struct ErrorMsgContent {
  PKIStatusInfo status;
  std::optional<Bytes> error_code;  // INTEGER content octets
  PKIFreeText error_details;
  friend bool operator==(const ErrorMsgContent&, const ErrorMsgContent&) = default;
};
struct CertStatus {
  Bytes cert_hash;
  RequestId cert_req_id;
  std::optional<PKIStatusInfo> status_info;
  std::optional<der::AlgorithmIdentifier> hash_alg;  // [0], pvno 3
  friend bool operator==(const CertStatus&, const CertStatus&) = default;
};
using CertConfirmContent = std::vector<CertStatus>;
struct PollReq {
  RequestId cert_req_id;
  friend bool operator==(const PollReq&, const PollReq&) = default;
};
using PollReqContent = std::vector<PollReq>;
struct PollRep {
  RequestId cert_req_id;
  std::int64_t check_after = 0;  // seconds
  PKIFreeText reason;
  friend bool operator==(const PollRep&, const PollRep&) = default;
};
using PollRepContent = std::vector<PollRep>;

struct PKIMessage;
// Its special members are defaulted below, where PKIMessage is complete: the variant of bodies
// needs them before that.
struct NestedMessageContent {
  std::vector<PKIMessage> messages;  // SIZE (1..MAX)

  NestedMessageContent();
  explicit NestedMessageContent(std::vector<PKIMessage> inner);
  NestedMessageContent(const NestedMessageContent&);
  NestedMessageContent(NestedMessageContent&&) noexcept;
  NestedMessageContent& operator=(const NestedMessageContent&);
  NestedMessageContent& operator=(NestedMessageContent&&) noexcept;
  ~NestedMessageContent();
};

// ---- body, §5.1.2: the enumerators are the tags
enum class BodyType : Byte {
  ir,
  ip,
  cr,
  cp,
  p10cr,
  popdecc,
  popdecr,
  kur,
  kup,
  krr,
  krp,
  rr,
  rp,
  ccr,
  ccp,
  ckuann,
  cann,
  rann,
  crlann,
  pkiconf,
  nested,
  genm,
  genp,
  error,
  certConf,
  pollReq,
  pollRep
};
inline constexpr int kBodyTypes = 27;
std::string_view name(BodyType type) noexcept;  // "certConf"

using BodyContent =
    std::variant<crmf::CertReqMessages, CertRepMessage, x509::CertificationRequest,
                 POPODecKeyChallContent, POPODecKeyRespContent, KeyRecRepContent, RevReqContent,
                 RevRepContent, CAKeyUpdContent, CertAnnContent, RevAnnContent, CRLAnnContent,
                 PKIConfirmContent, NestedMessageContent, InfoMsgContent, ErrorMsgContent,
                 CertConfirmContent, PollReqContent, PollRepContent>;
struct PKIBody {
  BodyType type = BodyType::pkiconf;
  BodyContent content = PKIConfirmContent{};
};

// ---- message, §5.1
struct PKIMessage {
  PKIHeader header;
  PKIBody body;
  std::optional<der::BitString> protection;
  std::vector<CMPCertificate> extra_certs;
  // Header and body TLVs as they arrived, one after the other; empty in a message being built.
  Bytes header_and_body;
};

inline NestedMessageContent::NestedMessageContent() = default;
inline NestedMessageContent::NestedMessageContent(std::vector<PKIMessage> inner)
    : messages(std::move(inner)) {}
inline NestedMessageContent::NestedMessageContent(const NestedMessageContent&) = default;
inline NestedMessageContent::NestedMessageContent(NestedMessageContent&&) noexcept = default;
inline NestedMessageContent& NestedMessageContent::operator=(const NestedMessageContent&) = default;
inline NestedMessageContent& NestedMessageContent::operator=(NestedMessageContent&&) noexcept =
    default;
inline NestedMessageContent::~NestedMessageContent() = default;

// DER of ProtectedPart ::= SEQUENCE { header, body } (§5.1.3), from `header_and_body` when that is
// there, else encoded.
Bytes protected_part(const PKIMessage& message);
// SEQUENCE { header, body } around octets that are encoded already.
Bytes protected_part(View header_and_body);

// Exactly one message; trailing octets are an error. The Error has the path, offset and code:
// "body.ir[0].certReq.certTemplate.validity at 212: der.time-format".
Result<PKIMessage> parse_message(View der, const der::Limits& limits = {});
// Writes header_and_body as it is when it is not empty.
Bytes encode(const PKIMessage& message);
// Header and body TLVs of a message being built: protect signs these and fills header_and_body.
Bytes encode_header_and_body(const PKIMessage& message);

// Header alone, as far as it can be read, from a message whose body does not parse: an error
// reply can then still name the transaction.
std::optional<PKIHeader> salvage_header(View der);

}  // namespace countersign::message
