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

std::string_view operation_label(const PKIMessage& first) noexcept {
  const PKIMessage* m = &first;
  while (const auto* nested = std::get_if<NestedMessageContent>(&m->body.content)) {
    // RFC 9483 §6.1 [MUST] around one message, the label of that one's operation; §5.2.2.1: such a
    // message has its transactionID.
    const bool adds = nested->messages.size() == 1 &&
                      nested->messages.front().header.transaction_id == m->header.transaction_id;
    if (!adds) return operation_label(BodyType::nested);
    m = &nested->messages.front();
  }
  const auto* question = std::get_if<InfoMsgContent>(&m->body.content);
  if (m->body.type == BodyType::genm && question != nullptr && !question->items.empty())
    return operation_label(question->items.front());
  return operation_label(m->body.type);
}

std::optional<BodyType> labelled_operation(std::string_view label) noexcept {
  if (std::ranges::find(kQuestionLabels, label, &QuestionLabel::text) != kQuestionLabels.end())
    return BodyType::genm;
  const auto* at = std::ranges::find(kLabels, label, &Label::text);
  return at == kLabels.end() ? std::nullopt : std::optional(at->request);
}

}  // namespace countersign::message
