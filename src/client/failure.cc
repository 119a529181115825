#include "client/failure.h"

#include <array>

namespace countersign::client {
namespace {

struct Row {
  std::string_view prefix;
  Exit exit;
};
// The first that fits counts; what no row names concerns protection or trust.
constexpr std::array kExits{
    Row{"client.usage", Exit::usage},
    Row{"client.invitation", Exit::usage},
    Row{"transport.url", Exit::usage},
    Row{"transport.unsupported-scheme", Exit::usage},
    Row{"transport.timeout", Exit::waiting},
    Row{"transport.tls-untrusted", Exit::distrust},
    Row{"transport.tls-expired", Exit::distrust},
    Row{"transport.tls-not-yet-valid", Exit::distrust},
    Row{"transport.tls-name", Exit::distrust},
    Row{"crypto.tls-", Exit::local},
    Row{"transport.", Exit::transport},
    Row{"client.not-cmp", Exit::transport},
    Row{"client.refused", Exit::refused},
    Row{"client.still-waiting", Exit::waiting},
    Row{"client.file", Exit::local},
    Row{"client.key", Exit::local},
    Row{"client.journal", Exit::local},
};

}  // namespace

Exit exit_for(std::string_view code) noexcept {
  for (const Row& row : kExits)
    if (code.starts_with(row.prefix)) return row.exit;
  return Exit::distrust;
}

Error recoded(Error error, std::string_view code, std::string_view what) {
  if (error.code != code)
    error.detail = std::string(error.code) + (error.detail.empty() ? "" : ": " + error.detail);
  error.code = code;
  if (!what.empty()) error.reply_text = std::string(what) + ": " + error.reply_text;
  return error;
}

}  // namespace countersign::client
