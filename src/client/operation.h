// Where an operation's messages go. RFC 9483 §6.1.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::client {

// The path with that label (message/operation_label.h) behind it: of /.well-known/cmp or
// /.well-known/cmp/p/<name>, which an operation without a label is sent to. "client.usage" for any
// other path.
Result<std::string> labelled_path(std::string_view path, std::string_view label);

}  // namespace countersign::client
