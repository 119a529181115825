// What the keys of the configuration say of a web service that is told or asked something: where,
// whom to trust there, and what it is shown.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "transport/http/client.h"

namespace countersign::app {

struct HookFiles {
  std::string key;    // "devices.webhook": the others are key_trust and key_token
  std::string url;    // https, or http to this very machine
  std::string trust;  // file; empty: the system's anchors
  std::string token;  // file; empty: none is sent
};
struct Hook {
  transport::http::HttpClientOptions options;
  Secret token;  // goes along as Authorization: Bearer; empty: none
};
// Errors: "config.webhook", "app.file".
Result<Hook> open_hook(const HookFiles& files);

}  // namespace countersign::app
