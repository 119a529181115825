#include "client/question.h"

#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "der/pem.h"
#include "x509/crl.h"

namespace countersign::client {
namespace {

namespace it = message::it;
using message::CRLStatus;
using message::InfoTypeAndValue;
using message::make_info;

Result<der::Oid> type_of(std::string_view name) {
  for (const auto& type : message::kInfoTypes)
    if (type.name == name) return type.id;
  der::Oid id;
  if (der::Oid::from_dotted(name, id)) return id;
  std::string known;
  for (const auto& type : message::kInfoTypes)
    known += (known.empty() ? "" : ", ") + std::string(type.name);
  return wrong_usage("--type is an OID or one of " + known);
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) out.emplace_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

Result<InfoTypeAndValue> about_root(const std::string& file, const std::vector<Bytes>& roots) {
  if (!file.empty())
    return make_info(it::rootCaCert,
                     message::OneCertificate{TRY(load_certificates(file)).leaf.der});
  if (roots.empty()) return InfoTypeAndValue{it::rootCaCert, {}};
  // RFC 9810 §5.3.19.15 [SHOULD] the present anchor
  return make_info(it::rootCaCert, message::OneCertificate{roots.front()});
}

// DistributionPoint, IssuingDistributionPoint ::= SEQUENCE {
//     distributionPoint       [0]     DistributionPointName OPTIONAL, … }
//                                                        RFC 5280 §4.2.1.13, §5.2.5
der::Parsed<CRLStatus::DistributionPointName> read_distribution_point(der::Reader& in) {
  der::Reader point = TRY(in.read(der::Tag::sequence));
  der::Reader name = TRY(point.read(der::context(0)));
  return CRLStatus::DistributionPointName{copy(TRY(name.any()).whole)};
}

der::Parsed<CRLStatus::DistributionPointName> issuing_distribution_point(View extension) {
  der::Context context(extension);
  der::Reader in(extension, context);
  return read_distribution_point(in);
}

// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
der::Parsed<CRLStatus::DistributionPointName> first_distribution_point(View extension) {
  der::Context context(extension);
  der::Reader outer(extension, context);
  der::Reader points = TRY(outer.read(der::Tag::sequence));
  return read_distribution_point(points);
}

// RFC 9483 §4.3.4 [MUST] the distribution point if it is known, else the issuer
CRLStatus status_of(const x509::Crl& crl) {
  CRLStatus out;
  out.source = std::vector{x509::directory_name(crl.fields.issuer)};
  const auto* named = x509::find(crl.fields.extensions, x509::oids::issuing_distribution_point);
  if (named != nullptr)
    if (auto point = issuing_distribution_point(named->value)) out.source = std::move(*point);
  const bool late = to_civil(crl.fields.this_update).year > 2049;
  out.this_update = crmf::TimeChoice{crl.fields.this_update, late};
  return out;
}

CRLStatus status_of(const x509::Certificate& certificate) {
  CRLStatus out;
  out.source = std::vector{x509::directory_name(certificate.issuer)};
  const auto* points = x509::find(certificate.extensions, x509::oids::crl_distribution_points);
  if (points == nullptr) return out;
  if (auto point = first_distribution_point(points->value)) out.source = std::move(*point);
  return out;
}

Result<CRLStatus> status_from_file(const std::string& file) {
  const Bytes content = TRY(read_file(file));
  if (const auto crl = x509::parse_crl(content)) return status_of(*crl);
  for (const auto& block : der::from_pem(text(content)).value_or(std::vector<der::PemBlock>{}))
    if (block.label == "X509 CRL")
      return status_of(TRY(recode(x509::parse_crl(block.der), "client.file-crl", file)));
  return status_of(TRY(load_certificates(file)).leaf);
}

Result<InfoTypeAndValue> about_crl(const std::string& value) {
  if (value.empty())
    return wrong_usage(
        "crlStatusList needs to know which CRL: crlStatusList=FILE with the CRL at hand or a "
        "certificate that names one, or crlStatusList=DN of its issuer");
  CRLStatus status;
  if (file_exists(value))
    status = TRY(status_from_file(value));
  else
    status.source = std::vector{x509::directory_name(
        TRY(recode(x509::name_from_text(value), "client.usage", "crlStatusList")))};
  return make_info(it::crlStatusList, message::CrlStatuses{{std::move(status)}});
}

Result<InfoTypeAndValue> about_key(const std::string& value) {
  der::Oid id;
  if (const auto kind = crypto::key_kind(value))
    id = crypto::key_algorithm(*kind).algorithm;
  else if (!der::Oid::from_dotted(value, id))
    return wrong_usage("keyPairParamReq needs an algorithm: keyPairParamReq=p256, or its OID");
  return make_info(it::keyPairParamReq, id);
}

std::string shown(const der::Oid& id) {
  const auto* type = message::find_info_type(id);
  return type == nullptr ? id.dotted() : std::string(type->name);
}

std::unexpected<Error> unfit(std::string what) {
  return fail(Failure::badRequest, "client.answer",
              "the server's answer does not fit the question: " + std::move(what));
}

der::Oid answer_type(const der::Oid& question) {
  if (question == it::rootCaCert) return it::rootCaKeyUpdate;
  if (question == it::crlStatusList) return it::crls;
  if (question == it::keyPairParamReq) return it::keyPairParamRep;
  return question;
}

using Questions = std::vector<const InfoTypeAndValue*>;

// Takes the question out that this answers; false: it answers none.
Result<bool> take_answered(Questions& open, const InfoTypeAndValue& answer) {
  const auto value = message::decode(answer);
  if (!value && message::find_info_type(answer.type) != nullptr)
    return unfit("the " + shown(answer.type) + " in it cannot be read");
  const auto* unknown =
      value && answer.type == it::unsupportedOIDs ? std::get_if<message::Oids>(&*value) : nullptr;
  const auto answered = [&](const InfoTypeAndValue* question) {
    if (unknown != nullptr &&
        std::ranges::find(unknown->oids, question->type) != unknown->oids.end())
      return true;
    return answer_type(question->type) == answer.type;
  };
  if (unknown != nullptr) return std::erase_if(open, answered) > 0;
  const auto at = std::ranges::find_if(open, answered);
  if (at == open.end()) return false;
  open.erase(at);
  return true;
}

}  // namespace

Result<> check_answers(const std::vector<InfoTypeAndValue>& questions,
                       const std::vector<InfoTypeAndValue>& answers) {
  if (answers.empty()) return unfit("it is empty");
  Questions open;
  for (const auto& question : questions) open.push_back(&question);
  for (const auto& answer : answers)
    if (!TRY(take_answered(open, answer)))
      return unfit(shown(answer.type) +
                   " was not asked for, or is there twice, and the question was " +
                   shown(questions.front().type));
  return {};
}

Result<InfoTypeAndValue> question_from_text(std::string_view text,
                                            const std::vector<Bytes>& roots) {
  const std::size_t equals = text.find('=');
  const der::Oid type = TRY(type_of(text.substr(0, equals)));
  const std::string value(equals == std::string_view::npos ? "" : text.substr(equals + 1));
  if (type == it::rootCaCert) return about_root(value, roots);
  if (type == it::crlStatusList) return about_crl(value);
  if (type == it::keyPairParamReq) return about_key(value);
  if (type == it::suppLangTags && !split(value).empty())
    return make_info(it::suppLangTags, message::Texts{split(value)});
  if (type == it::suppLangTags)
    return wrong_usage("suppLangTags needs languages, the best one first: suppLangTags=de,en");
  if (!value.empty())
    return wrong_usage(std::string(text.substr(0, equals)) + " takes no value; leave \"=" + value +
                       "\" out");
  return InfoTypeAndValue{type, {}};
}

}  // namespace countersign::client
