#include "app/countersignd/config_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

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
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(Failure::systemFailure, "app.file",
                path + ", which " + std::string(key) + " names, cannot be read");
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace countersign::app
