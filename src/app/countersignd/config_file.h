// The configuration of a data folder, for `serve` and for commands that must agree with it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "server/config.h"

namespace countersign::app {

// The file that is named; else config.toml in the data folder, if it is there; else the defaults.
// "config.file" when the named one cannot be read, and what server::read_config says.
Result<server::Config> load_config(const std::string& data, const std::string& named);

// The file that a key of the configuration names. "app.file".
Result<Bytes> read_named_file(std::string_view key, const std::string& path);
// Its first line, without what ends it. "app.file".
Result<Secret> read_secret_line(std::string_view key, const std::string& path);
// The same, without blanks at its end: what goes along as Authorization: Bearer. "app.file",
// "app.token-empty".
Result<Secret> read_token(std::string_view key, const std::string& path);

}  // namespace countersign::app
