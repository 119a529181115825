// PEM (RFC 7468): blocks of base64 between BEGIN and END lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace countersign::der {

struct PemBlock {
  std::string label;  // "CERTIFICATE"
  Bytes der;
};

std::string to_pem(std::string_view label, View der);
// Every block of the text in order; text between blocks is skipped; a malformed block ends the
// list (nullopt if it is the first).
std::optional<std::vector<PemBlock>> from_pem(std::string_view text);

std::string to_base64(View octets);
// White space is skipped; nullopt on anything else that is no base64.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace countersign::der
