#include "server/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace countersign::server {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string(COUNTERSIGN_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Config, reference_is_current) {
  EXPECT_EQ(read("docs/configuration.md"), config_markdown())
      << "run: build/bin/countersignd config --markdown > docs/configuration.md";
}

TEST(Config, example_is_read_back_with_every_key_at_its_default) {
  std::string example = config_example();
  for (auto at = example.find("\n#"); at != std::string::npos; at = example.find("\n#", at + 1))
    if (example[at + 2] != ' ') example.erase(at + 1, 1);
  Config config;
  const auto done = read_config(config, example, "example");
  ASSERT_TRUE(done) << done.error().reply_text;
  for (const ConfigKey& key : config_keys())
    EXPECT_EQ(key.get(config), key.get(Config{})) << key.name;
}

TEST(Config, what_does_not_fit_is_refused_by_file_line_and_key) {
  struct Case {
    std::string toml, code, says;
  };
  const std::vector<Case> cases = {
      {"lisen = \"127.0.0.1:1\"", "config.unknown-key", "did you mean listen?"},
      {"[cmp]\nconfirm_wait = \"soon\"", "config.value", "file.toml:2: cmp.confirm_wait must be"},
      {"[cmp]\nunconfirmed = \"forget\"", "config.value", "\"revoke\", \"keep\" or \"alarm\""},
      {"threads = 1000", "config.value", "threads must be"},
      {"[http]\nbody_limit = \"much\"", "config.value", "http.body_limit must be"},
      {"[cmp]\naccept = \"hmac\"", "config.value", "cmp.accept must be a list of"},
      {"[cmp]\naccept = []", "config.value", "cmp.accept must be a list of"},
      {"[cmp]\naccept = [\"des-mac\"]", "config.value", "cmp.accept must be a list of"},
      {"[cmp]\naccept = [\"pbm\", \"pbm\"]", "config.value", "cmp.accept must be a list of"},
      {"[cmp]\naccept = [\"pbm\", 1]", "config.value", "cmp.accept must be a list of"},
      {"listen = ", "config.syntax", "file.toml:1"}};
  for (const Case& c : cases) {
    Config config;
    const auto done = read_config(config, c.toml, "file.toml");
    ASSERT_FALSE(done) << c.toml;
    EXPECT_EQ(done.error().code, c.code) << c.toml;
    EXPECT_NE(done.error().reply_text.find(c.says), std::string::npos) << done.error().reply_text;
  }
}

TEST(Config, sets_what_it_says) {
  Config config;
  ASSERT_TRUE(read_config(config,
                          "listen = \"[::1]:0\"\n[cmp]\nconfirm_wait = 90\nunconfirmed = \"keep\"\n"
                          "accept = [\"kmac\", \"signature\"]\n[kur]\nrevoke_old = true\n",
                          "file"));
  EXPECT_EQ(config.listen, "[::1]:0");
  EXPECT_EQ(config.cmp.rules.confirm_wait, Seconds{90});
  EXPECT_EQ(config.cmp.rules.unconfirmed, transaction::Unconfirmed::keep);
  EXPECT_TRUE(config.cmp.rules.kur_revoke_old);
  EXPECT_EQ(config.cmp.protection.accepted.to_string(), "10001");
}

}  // namespace
}  // namespace countersign::server
