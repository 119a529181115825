// The certificate request message format as plain values. RFC 4211, module PKIXCRMF-2009
// (IMPLICIT TAGS; a tagged CHOICE is explicit all the same).
//
// No behaviour here: what parses is well formed, nothing more. Empty vectors stand for absent
// SIZE (1..MAX) lists.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "der/algorithm.h"
#include "x509/extension.h"
#include "x509/name.h"

namespace countersign::crmf {

// Time ::= CHOICE { utcTime, generalTime }: which one is kept, for the same bytes again.
struct TimeChoice {
  Time value{};
  bool generalized = false;
  friend bool operator==(const TimeChoice&, const TimeChoice&) = default;
};

struct OptionalValidity {
  std::optional<TimeChoice> not_before, not_after;  // at least one
  friend bool operator==(const OptionalValidity&, const OptionalValidity&) = default;
};

struct CertTemplate {
  std::optional<std::int64_t> version;
  std::optional<Bytes> serial_number;  // INTEGER content octets
  std::optional<der::AlgorithmIdentifier> signing_alg;
  std::optional<x509::Name> issuer;
  std::optional<OptionalValidity> validity;
  std::optional<x509::Name> subject;
  std::optional<Bytes> public_key;  // a whole SubjectPublicKeyInfo, tagged SEQUENCE
  std::optional<der::BitString> issuer_uid, subject_uid;
  x509::Extensions extensions;
  friend bool operator==(const CertTemplate&, const CertTemplate&) = default;
};

// SingleAttribute / AttributeTypeAndValue: controls, regInfo. Unknown ones are kept.
struct Attribute {
  der::Oid type;
  Bytes value;  // one TLV
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct CertId {
  x509::GeneralName issuer;
  Bytes serial_number;  // INTEGER content octets
  friend bool operator==(const CertId&, const CertId&) = default;
};

struct PKMACValue {
  der::AlgorithmIdentifier alg_id;
  der::BitString value;
  friend bool operator==(const PKMACValue&, const PKMACValue&) = default;
};

struct POPOSigningKeyInput {
  std::variant<x509::GeneralName, PKMACValue> auth_info;  // sender [0] | publicKeyMAC
  Bytes public_key;                                       // SubjectPublicKeyInfo
  friend bool operator==(const POPOSigningKeyInput&, const POPOSigningKeyInput&) = default;
};

struct POPOSigningKey {
  std::optional<POPOSigningKeyInput> popo_sk_input;
  der::AlgorithmIdentifier algorithm_identifier;
  der::BitString signature;
  friend bool operator==(const POPOSigningKey&, const POPOSigningKey&) = default;
};

struct EncryptedValue {  // deprecated, pvno 2
  std::optional<der::AlgorithmIdentifier> intended_alg, symm_alg;
  std::optional<der::BitString> enc_symm_key;
  std::optional<der::AlgorithmIdentifier> key_alg;
  std::optional<Bytes> value_hint;
  der::BitString enc_value;
  friend bool operator==(const EncryptedValue&, const EncryptedValue&) = default;
};
// EnvelopedData kept as octets: a whole TLV tagged SEQUENCE, checked to be well formed.
struct EnvelopedData {
  Bytes der;
  friend bool operator==(const EnvelopedData&, const EnvelopedData&) = default;
};
using EncryptedKey = std::variant<EncryptedValue, EnvelopedData>;

enum class SubsequentMessage : std::int64_t { encrCert = 0, challengeResp = 1 };
struct ThisMessage {
  der::BitString value;
  friend bool operator==(const ThisMessage&, const ThisMessage&) = default;
};
struct DhMac {
  der::BitString value;
  friend bool operator==(const DhMac&, const DhMac&) = default;
};
struct AgreeMac {
  PKMACValue value;
  friend bool operator==(const AgreeMac&, const AgreeMac&) = default;
};
using POPOPrivKey = std::variant<ThisMessage, SubsequentMessage, DhMac, AgreeMac, EnvelopedData>;

struct RaVerified {
  friend bool operator==(const RaVerified&, const RaVerified&) = default;
};
struct KeyEncipherment {
  POPOPrivKey value;
  friend bool operator==(const KeyEncipherment&, const KeyEncipherment&) = default;
};
struct KeyAgreement {
  POPOPrivKey value;
  friend bool operator==(const KeyAgreement&, const KeyAgreement&) = default;
};
using ProofOfPossession = std::variant<RaVerified, POPOSigningKey, KeyEncipherment, KeyAgreement>;

struct CertRequest {
  RequestId cert_req_id;
  CertTemplate cert_template;
  std::vector<Attribute> controls;
  friend bool operator==(const CertRequest&, const CertRequest&) = default;
};

struct CertReqMsg {
  CertRequest cert_req;
  std::optional<ProofOfPossession> popo;
  std::vector<Attribute> reg_info;
  Bytes cert_req_der;  // as received: what a POP signature covers. Filled by read and by
                       // encode_cert_req.
};
using CertReqMessages = std::vector<CertReqMsg>;

struct PKIPublicationInfo {
  struct SinglePubInfo {
    std::int64_t pub_method = 0;  // dontCare(0), x500(1), web(2), ldap(3)
    std::optional<x509::GeneralName> pub_location;
    friend bool operator==(const SinglePubInfo&, const SinglePubInfo&) = default;
  };
  std::int64_t action = 0;  // dontPublish(0), pleasePublish(1)
  std::vector<SinglePubInfo> pub_infos;
  friend bool operator==(const PKIPublicationInfo&, const PKIPublicationInfo&) = default;
};

namespace oids {
inline constexpr auto reg_token = der::Oid::of("1.3.6.1.5.5.7.5.1.1");
inline constexpr auto authenticator = der::Oid::of("1.3.6.1.5.5.7.5.1.2");
inline constexpr auto pki_publication_info = der::Oid::of("1.3.6.1.5.5.7.5.1.3");
inline constexpr auto pki_archive_options = der::Oid::of("1.3.6.1.5.5.7.5.1.4");
inline constexpr auto old_cert_id = der::Oid::of("1.3.6.1.5.5.7.5.1.5");
inline constexpr auto protocol_encr_key = der::Oid::of("1.3.6.1.5.5.7.5.1.6");
inline constexpr auto alt_cert_template = der::Oid::of("1.3.6.1.5.5.7.5.1.7");
inline constexpr auto alg_id = der::Oid::of("1.3.6.1.5.5.7.5.1.11");
inline constexpr auto rsa_key_len = der::Oid::of("1.3.6.1.5.5.7.5.1.12");
inline constexpr auto utf8_pairs = der::Oid::of("1.3.6.1.5.5.7.5.2.1");
inline constexpr auto cert_req = der::Oid::of("1.3.6.1.5.5.7.5.2.2");
}  // namespace oids

// Codec (crmf/*.cc). read_* consume one value from the Reader; `tag` is for IMPLICIT tagging.
der::Parsed<CertTemplate> read_cert_template(der::Reader& in, der::Tag tag = der::Tag::sequence);
der::Parsed<CertReqMessages> read_cert_req_messages(der::Reader& in);
der::Parsed<CertRequest> read_cert_request(der::Reader& in);
der::Parsed<CertId> read_cert_id(der::Reader& in, der::Tag tag = der::Tag::sequence);
der::Parsed<EncryptedKey> read_encrypted_key(der::Reader& in);
der::Parsed<EnvelopedData> read_enveloped_data(der::Reader& in, der::Tag tag = der::Tag::sequence);
der::Parsed<PKIPublicationInfo> read_publication_info(der::Reader& in);
der::Parsed<PKMACValue> read_pk_mac_value(der::Reader& in, der::Tag tag = der::Tag::sequence);
der::Parsed<std::vector<Attribute>> read_controls(der::Reader& in);
der::Parsed<TimeChoice> read_time_choice(der::Reader& in);

void write(der::Writer& w, const CertTemplate& value, der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const CertRequest& value);
void write(der::Writer& w, const CertReqMsg& value);  // writes cert_req_der when it is not empty
void write(der::Writer& w, const CertReqMessages& value);
void write(der::Writer& w, const CertId& value, der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const EncryptedKey& value);
void write(der::Writer& w, const EnvelopedData& value, der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const PKIPublicationInfo& value);
void write(der::Writer& w, const PKMACValue& value, der::Tag tag = der::Tag::sequence);
void write(der::Writer& w, const std::vector<Attribute>& value);
void write(der::Writer& w, const TimeChoice& value);
Bytes encode(const CertRequest& value);
// Fills cert_req_der from cert_req, for a signature to be made over it.
View encode_cert_req(CertReqMsg& msg);
// What the signature covers when poposkInput is present: tagged SEQUENCE (RFC 4211 §4.1).
Bytes encode(const POPOSigningKeyInput& value);

const Attribute* find(const std::vector<Attribute>& attributes, const der::Oid& type) noexcept;

}  // namespace countersign::crmf
