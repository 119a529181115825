#include "client/failure.h"

#include <gtest/gtest.h>

namespace countersign::client {
namespace {

struct Case {
  std::string_view code;
  Exit exit;
};

TEST(Exit, FollowsFromTheCode) {
  const Case cases[] = {
      {"client.usage", Exit::usage},
      {"transport.url", Exit::usage},
      {"transport.refused", Exit::transport},
      {"transport.http-status", Exit::transport},
      {"transport.tls-alert", Exit::transport},
      {"transport.tls-untrusted", Exit::distrust},
      {"crypto.tls-key", Exit::local},
      {"client.not-cmp", Exit::transport},
      {"transport.timeout", Exit::waiting},
      {"client.still-waiting", Exit::waiting},
      {"client.refused", Exit::refused},
      {"protect.mac-mismatch", Exit::distrust},
      {"protect.responder-not-entitled", Exit::distrust},
      {"client.certificate-key", Exit::distrust},
      {"client.recip-nonce", Exit::distrust},
      {"client.file-missing", Exit::local},
      {"client.key-passphrase", Exit::local},
      {"client.journal-other", Exit::local},
  };
  for (const auto& [code, exit] : cases) EXPECT_EQ(exit_for(code), exit) << code;
}

TEST(Recoded, KeepsTheFirstCodeInTheDetail) {
  const Error error = recoded({Failure::badDataFormat, "x509.name", "no such attribute", "at 3"},
                              "client.usage", "--subject");
  EXPECT_EQ(error.code, "client.usage");
  EXPECT_EQ(error.reply_text, "--subject: no such attribute");
  EXPECT_EQ(error.detail, "x509.name: at 3");
}

}  // namespace
}  // namespace countersign::client
