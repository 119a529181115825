// The label of an operation, as it may stand at the end of a URL: "initialization", "keyupdate", ….
// RFC 9483 §6.1, RFC 9811 §3.3. Empty where the operation has none.
#pragma once

#include <optional>
#include <string_view>

#include "message/message.h"

namespace countersign::message {

std::string_view operation_label(BodyType request) noexcept;
std::string_view operation_label(const InfoTypeAndValue& question) noexcept;

// The body that a label stands for; nullopt: it is none.
std::optional<BodyType> labelled_operation(std::string_view label) noexcept;

}  // namespace countersign::message
