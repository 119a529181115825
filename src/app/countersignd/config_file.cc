#include "app/countersignd/config_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "client/files.h"

namespace countersign::app {

Result<server::Config> load_config(const std::string& data, const std::string& named) {
  server::Config config;
  const std::string implied = (std::filesystem::path(data) / "config.toml").string();
  const std::string& path = named.empty() ? implied : named;
  std::ifstream in(path);
  if (in) {
    const std::string toml{std::istreambuf_iterator<char>(in), {}};
    TRY(server::read_config(config, toml, path));
  } else if (!named.empty()) {
    return fail(Failure::systemFailure, "config.file", path + " cannot be read");
  }
  return config;
}

Result<Bytes> read_named_file(std::string_view key, const std::string& path) {
  auto content = client::read_file(path);
  if (content) return content;
  return fail(Failure::systemFailure, "app.file",
              path + ", which " + std::string(key) + " names, cannot be read",
              content.error().reply_text);
}

Result<Secret> read_secret_line(std::string_view key, const std::string& path) {
  const Secret file(TRY(read_named_file(key, path)));
  const std::string_view all = text(file.expose());
  return Secret(view(all.substr(0, all.find_first_of("\r\n"))));
}

Result<Secret> read_token(std::string_view key, const std::string& path) {
  const Secret line = TRY(read_secret_line(key, path));
  const std::string_view all = text(line.expose());
  const std::string_view token = all.substr(0, all.find_last_not_of(" \t") + 1);
  if (!token.empty()) return Secret(view(token));
  return fail(Failure::systemFailure, "app.token-empty",
              "the first line of the file is empty, and should be a token: " + path + ", which " +
                  std::string(key) + " names");
}

}  // namespace countersign::app
