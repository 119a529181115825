#include "message/operation_label.h"

#include <algorithm>
#include <array>

#include "message/info_type.h"

namespace countersign::message {
namespace {

struct Label {
  BodyType request;
  std::string_view text;
};
constexpr std::array kLabels{
    Label{BodyType::ir, "initialization"}, Label{BodyType::cr, "certification"},
    Label{BodyType::kur, "keyupdate"},     Label{BodyType::p10cr, "pkcs10"},
    Label{BodyType::rr, "revocation"},     Label{BodyType::nested, "nested"},
};

struct QuestionLabel {
  der::Oid question;
  std::string_view text;
};
constexpr std::array kQuestionLabels{
    QuestionLabel{it::caCerts, "getcacerts"},
    QuestionLabel{it::rootCaCert, "getrootupdate"},
    QuestionLabel{it::certReqTemplate, "getcertreqtemplate"},
    QuestionLabel{it::crlStatusList, "getcrls"},
};

}  // namespace

std::string_view operation_label(BodyType request) noexcept {
  const auto* at = std::ranges::find(kLabels, request, &Label::request);
  return at == kLabels.end() ? std::string_view() : at->text;
}

std::string_view operation_label(const InfoTypeAndValue& question) noexcept {
  const auto* at = std::ranges::find(kQuestionLabels, question.type, &QuestionLabel::question);
  return at == kQuestionLabels.end() ? std::string_view() : at->text;
}

std::optional<BodyType> labelled_operation(std::string_view label) noexcept {
  if (std::ranges::find(kQuestionLabels, label, &QuestionLabel::text) != kQuestionLabels.end())
    return BodyType::genm;
  const auto* at = std::ranges::find(kLabels, label, &Label::text);
  return at == kLabels.end() ? std::nullopt : std::optional(at->request);
}

}  // namespace countersign::message
