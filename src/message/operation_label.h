// The label of an operation, as it may stand at the end of a URL: "initialization", "keyupdate", ….
// RFC 9483 §6.1. Empty where the operation has none.
#pragma once

#include <string_view>

#include "message/message.h"

namespace countersign::message {

std::string_view operation_label(BodyType request) noexcept;
std::string_view operation_label(const InfoTypeAndValue& question) noexcept;

}  // namespace countersign::message
