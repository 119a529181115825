// InfoTypeAndValue by type: what may stand in generalInfo, genm and genp. RFC 9810 §5.3.19 and
// §5.1.1. One row of kInfoTypes each; types that are not in the table are kept as octets.
#pragma once

#include <array>

#include "message/message.h"

namespace countersign::message {

namespace it {
inline constexpr auto caProtEncCert = der::Oid::of("1.3.6.1.5.5.7.4.1");
inline constexpr auto signKeyPairTypes = der::Oid::of("1.3.6.1.5.5.7.4.2");
inline constexpr auto encKeyPairTypes = der::Oid::of("1.3.6.1.5.5.7.4.3");
inline constexpr auto preferredSymmAlg = der::Oid::of("1.3.6.1.5.5.7.4.4");
inline constexpr auto caKeyUpdateInfo = der::Oid::of("1.3.6.1.5.5.7.4.5");
inline constexpr auto currentCRL = der::Oid::of("1.3.6.1.5.5.7.4.6");
inline constexpr auto unsupportedOIDs = der::Oid::of("1.3.6.1.5.5.7.4.7");
inline constexpr auto keyPairParamReq = der::Oid::of("1.3.6.1.5.5.7.4.10");
inline constexpr auto keyPairParamRep = der::Oid::of("1.3.6.1.5.5.7.4.11");
inline constexpr auto revPassphrase = der::Oid::of("1.3.6.1.5.5.7.4.12");
inline constexpr auto implicitConfirm = der::Oid::of("1.3.6.1.5.5.7.4.13");
inline constexpr auto confirmWaitTime = der::Oid::of("1.3.6.1.5.5.7.4.14");
inline constexpr auto origPKIMessage = der::Oid::of("1.3.6.1.5.5.7.4.15");
inline constexpr auto suppLangTags = der::Oid::of("1.3.6.1.5.5.7.4.16");
inline constexpr auto caCerts = der::Oid::of("1.3.6.1.5.5.7.4.17");
inline constexpr auto rootCaKeyUpdate = der::Oid::of("1.3.6.1.5.5.7.4.18");
inline constexpr auto certReqTemplate = der::Oid::of("1.3.6.1.5.5.7.4.19");
inline constexpr auto rootCaCert = der::Oid::of("1.3.6.1.5.5.7.4.20");
inline constexpr auto certProfile = der::Oid::of("1.3.6.1.5.5.7.4.21");
inline constexpr auto crlStatusList = der::Oid::of("1.3.6.1.5.5.7.4.22");
inline constexpr auto crls = der::Oid::of("1.3.6.1.5.5.7.4.23");
inline constexpr auto kemCiphertextInfo = der::Oid::of("1.3.6.1.5.5.7.4.24");
}  // namespace it

struct CertReqTemplateContent {
  crmf::CertTemplate cert_template;
  std::vector<crmf::Attribute> key_spec;
  friend bool operator==(const CertReqTemplateContent&, const CertReqTemplateContent&) = default;
};
struct CRLStatus {
  struct DistributionPointName {
    Bytes der;
    friend bool operator==(const DistributionPointName&, const DistributionPointName&) = default;
  };
  std::variant<DistributionPointName, std::vector<x509::GeneralName>> source;  // [0] | [1]
  std::optional<crmf::TimeChoice> this_update;
  friend bool operator==(const CRLStatus&, const CRLStatus&) = default;
};
struct KemCiphertextInfo {
  der::AlgorithmIdentifier kem;
  Bytes ct;
  friend bool operator==(const KemCiphertextInfo&, const KemCiphertextInfo&) = default;
};

// The shapes that values have. `Absent`: no value at all.
struct Absent {
  friend bool operator==(const Absent&, const Absent&) = default;
};
struct NullValue {
  friend bool operator==(const NullValue&, const NullValue&) = default;
};
struct OneCertificate {
  CMPCertificate certificate;
  friend bool operator==(const OneCertificate&, const OneCertificate&) = default;
};
struct Certificates {
  std::vector<CMPCertificate> certificates;
  friend bool operator==(const Certificates&, const Certificates&) = default;
};
struct OneCrl {
  CertificateList crl;
  friend bool operator==(const OneCrl&, const OneCrl&) = default;
};
struct Crls {
  std::vector<CertificateList> crls;
  friend bool operator==(const Crls&, const Crls&) = default;
};
struct Algorithms {
  std::vector<der::AlgorithmIdentifier> algorithms;
  friend bool operator==(const Algorithms&, const Algorithms&) = default;
};
struct Oids {
  std::vector<der::Oid> oids;
  friend bool operator==(const Oids&, const Oids&) = default;
};
struct Texts {
  std::vector<std::string> texts;
  friend bool operator==(const Texts&, const Texts&) = default;
};
struct CrlStatuses {
  std::vector<CRLStatus> statuses;
  friend bool operator==(const CrlStatuses&, const CrlStatuses&) = default;
};
struct OrigMessages {
  std::vector<PKIMessage> messages;
};

using InfoValue =
    std::variant<Absent, NullValue, OneCertificate, Certificates, OneCrl, Crls,
                 der::AlgorithmIdentifier, Algorithms, der::Oid, Oids, Texts, Time,
                 crmf::EncryptedKey, CAKeyUpdAnnContent, RootCaKeyUpdateContent,
                 CertReqTemplateContent, CrlStatuses, KemCiphertextInfo, OrigMessages>;

struct InfoType {
  der::Oid id;
  std::string_view name;  // "caCerts"
  der::Parsed<InfoValue> (*read)(der::Reader& in);
  std::string_view section;  // "RFC 9810 §5.3.19.14"
};
// In the order of the standard (id-it 1 … 24).
extern const std::array<InfoType, 22> kInfoTypes;
const InfoType* find_info_type(const der::Oid& id) noexcept;

// The typed value; an unknown type is Failure::badRequest, code "message.unknown-info-type".
Result<InfoValue> decode(const InfoTypeAndValue& item);
InfoTypeAndValue make_info(const der::Oid& type, const InfoValue& value);
const InfoTypeAndValue* find(const std::vector<InfoTypeAndValue>& items,
                             const der::Oid& type) noexcept;

}  // namespace countersign::message
