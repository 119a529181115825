// The label of an operation, as it may stand at the end of a URL: "initialization", "keyupdate", ….
// RFC 9483 §6.1, RFC 9811 §3.3. Empty where the operation has none.
#pragma once

#include <optional>
#include <string_view>

#include "message/message.h"

namespace countersign::message {

std::string_view operation_label(BodyType request) noexcept;
std::string_view operation_label(const InfoTypeAndValue& question) noexcept;
// Of a first message: by its body, a genm by its first question, a nested message by the one that
// it adds protection to, or as a batch. Messages that follow have that of their first.
std::string_view operation_label(const PKIMessage& first) noexcept;

// The body that a label stands for; nullopt: it is none.
std::optional<BodyType> labelled_operation(std::string_view label) noexcept;

}  // namespace countersign::message
