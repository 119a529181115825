// The info types of RFC 9810 and how each value is read. Absent values never come here.
#include "message/codec.h"
#include "message/info_type.h"

namespace countersign::message {
namespace {

using der::context;
using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Tag;

// A reader of one shape as a reader of the variant.
template <auto Read>
Parsed<InfoValue> as_value(Reader& in) {
  auto value = Read(in);
  if (!value) return std::unexpected(value.error());
  return Parsed<InfoValue>(std::in_place, *std::move(value));
}

Parsed<NullValue> read_null(Reader& in) {
  TRY(in.null());
  return NullValue{};
}
Parsed<OneCertificate> read_one_certificate(Reader& in) {
  return OneCertificate{TRY(read_certificate(in))};
}
Parsed<Certificates> read_some_certificates(Reader& in) {
  return Certificates{TRY(read_certificates(in))};
}
Parsed<OneCrl> read_one_crl(Reader& in) { return OneCrl{TRY(read_certificate(in))}; }
Parsed<Crls> read_crls(Reader& in) { return Crls{TRY(read_certificates(in))}; }
Parsed<der::AlgorithmIdentifier> read_algorithm(Reader& in) { return der::read_algorithm(in); }
Parsed<Algorithms> read_algorithms(Reader& in) {
  return Algorithms{TRY(read_list(in, ListSize::one_or_more, read_algorithm))};
}
Parsed<der::Oid> read_oid(Reader& in) { return in.oid(); }
Parsed<Oids> read_oids(Reader& in) {
  return Oids{TRY(read_list(in, ListSize::one_or_more, read_oid))};
}
Parsed<Texts> read_texts(Reader& in) { return Texts{TRY(read_free_text(in))}; }
Parsed<Time> read_time(Reader& in) { return in.generalized_time(); }

// CertReqTemplateContent ::= SEQUENCE {
//     certTemplate           CertTemplate,
//     keySpec                Controls OPTIONAL }                           RFC 9810 §5.3.19.16
Parsed<CertReqTemplateContent> read_template(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CertReqTemplateContent out;
  out.cert_template = TRY_AT(seq, "certTemplate", crmf::read_cert_template(seq));
  if (!seq.at_end()) out.key_spec = TRY_AT(seq, "keySpec", crmf::read_controls(seq));
  TRY(seq.finish());
  return out;
}

// DistributionPointName ::= CHOICE {
//     fullName                [0] GeneralNames,
//     nameRelativeToCRLIssuer [1] RelativeDistinguishedName }              RFC 5280 §4.2.1.13
Parsed<CRLStatus::DistributionPointName> read_distribution_point_name(Reader& in) {
  const Tag tag = in.next_is(context(1)) ? context(1) : context(0);
  return CRLStatus::DistributionPointName{copy(TRY(in.well_formed(tag)))};
}

Parsed<std::vector<x509::GeneralName>> read_issuer(Reader& in) {
  return x509::read_general_names(in);
}

// CRLStatus ::= SEQUENCE { source CRLSource, thisUpdate Time OPTIONAL }
// CRLSource ::= CHOICE {
//     dpn          [0] DistributionPointName,
//     issuer       [1] GeneralNames }                                      RFC 9810 §5.3.19.17
Parsed<CRLStatus> read_crl_status(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  CRLStatus out;
  if (seq.next_is(context(1)))
    out.source = TRY_AT(seq, "source.issuer", read_tagged(seq, 1, read_issuer));
  else
    out.source = TRY_AT(seq, "source.dpn", read_tagged(seq, 0, read_distribution_point_name));
  if (!seq.at_end()) out.this_update = TRY_AT(seq, "thisUpdate", crmf::read_time_choice(seq));
  TRY(seq.finish());
  return out;
}

Parsed<CrlStatuses> read_crl_statuses(Reader& in) {
  return CrlStatuses{TRY(read_list(in, ListSize::one_or_more, read_crl_status))};
}

// KemCiphertextInfo ::= SEQUENCE { kem AlgorithmIdentifier, ct OCTET STRING } RFC 9810 §5.1.1.5
Parsed<KemCiphertextInfo> read_kem_ciphertext(Reader& in) {
  Reader seq = TRY(in.read(Tag::sequence));
  KemCiphertextInfo out;
  out.kem = TRY_AT(seq, "kem", der::read_algorithm(seq));
  out.ct = copy(TRY_AT(seq, "ct", seq.octets()));
  TRY(seq.finish());
  return out;
}

Parsed<OrigMessages> read_orig_messages(Reader& in) { return OrigMessages{TRY(read_messages(in))}; }

}  // namespace

// SupportedInfoSet                                                          RFC 9810 Appendix G
constexpr std::array<InfoType, 22> kInfoTypes = {{
    {it::caProtEncCert, "caProtEncCert", as_value<read_one_certificate>, "RFC 9810 §5.3.19.1"},
    {it::signKeyPairTypes, "signKeyPairTypes", as_value<read_algorithms>, "RFC 9810 §5.3.19.2"},
    {it::encKeyPairTypes, "encKeyPairTypes", as_value<read_algorithms>, "RFC 9810 §5.3.19.3"},
    {it::preferredSymmAlg, "preferredSymmAlg", as_value<read_algorithm>, "RFC 9810 §5.3.19.4"},
    {it::caKeyUpdateInfo, "caKeyUpdateInfo", as_value<read_ca_key_update_v2>, "RFC 9810 §5.3.19.5"},
    {it::currentCRL, "currentCRL", as_value<read_one_crl>, "RFC 9810 §5.3.19.6"},
    {it::unsupportedOIDs, "unsupportedOIDs", as_value<read_oids>, "RFC 9810 §5.3.19.7"},
    {it::keyPairParamReq, "keyPairParamReq", as_value<read_oid>, "RFC 9810 §5.3.19.8"},
    {it::keyPairParamRep, "keyPairParamRep", as_value<read_algorithm>, "RFC 9810 §5.3.19.8"},
    {it::revPassphrase, "revPassphrase", as_value<crmf::read_encrypted_key>, "RFC 9810 §5.3.19.9"},
    {it::implicitConfirm, "implicitConfirm", as_value<read_null>, "RFC 9810 §5.1.1.1"},
    {it::confirmWaitTime, "confirmWaitTime", as_value<read_time>, "RFC 9810 §5.1.1.2"},
    {it::origPKIMessage, "origPKIMessage", as_value<read_orig_messages>, "RFC 9810 §5.1.1.3"},
    {it::suppLangTags, "suppLangTags", as_value<read_texts>, "RFC 9810 §5.3.19.13"},
    {it::caCerts, "caCerts", as_value<read_some_certificates>, "RFC 9810 §5.3.19.14"},
    {it::rootCaKeyUpdate, "rootCaKeyUpdate", as_value<read_root_ca_key_update>,
     "RFC 9810 §5.3.19.15"},
    {it::certReqTemplate, "certReqTemplate", as_value<read_template>, "RFC 9810 §5.3.19.16"},
    {it::rootCaCert, "rootCaCert", as_value<read_one_certificate>, "RFC 9810 §5.3.19.15"},
    {it::certProfile, "certProfile", as_value<read_texts>, "RFC 9810 §5.1.1.4"},
    {it::crlStatusList, "crlStatusList", as_value<read_crl_statuses>, "RFC 9810 §5.3.19.17"},
    {it::crls, "crls", as_value<read_crls>, "RFC 9810 §5.3.19.17"},
    {it::kemCiphertextInfo, "kemCiphertextInfo", as_value<read_kem_ciphertext>,
     "RFC 9810 §5.3.19.18"},
}};

namespace {

constexpr bool in_order() {
  for (std::size_t i = 1; i < kInfoTypes.size(); ++i)
    if (!(kInfoTypes[i - 1].id < kInfoTypes[i].id)) return false;
  return true;
}
static_assert(in_order());

}  // namespace

const InfoType* find_info_type(const der::Oid& id) noexcept {
  for (const InfoType& row : kInfoTypes)
    if (row.id == id) return &row;
  return nullptr;
}

}  // namespace countersign::message
