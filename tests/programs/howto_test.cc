// Every page of docs/howto, as its reader would follow it: the commands in their order, by a shell
// in an empty folder.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "support/process.h"
#include "support/soft_token.h"

namespace countersign::test {
namespace {

// Free now; the pages have fixed ones.
int free_port() {
  const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(handle, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port");
  ::close(handle);
  return ntohs(address.sin_port);
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

// What stands between ```sh and ```.
std::string commands_of(const std::string& page) {
  std::istringstream in(page);
  std::string line, out;
  for (bool inside = false; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
      continue;
    }
    if (inside) out += line + "\n";
  }
  return out;
}

class HowTo : public testing::TestWithParam<const char*> {};

TEST_P(HowTo, CanBeFollowedToItsEnd) {
  if (GetParam() == std::string("tokens") && SoftToken::module() == nullptr)
    GTEST_SKIP() << SoftToken::kMissing;
  Workshop shop;
  const std::string page =
      read_file(std::string(COUNTERSIGN_SOURCE_DIR) + "/docs/howto/" + GetParam() + ".md");
  std::string script = commands_of(page);
  ASSERT_GT(script.size(), 200U);
  // `! command` of the page must fail; to a shell it may.
  replace_all(script, "\n! ", "\nrefused ");
  replace_all(script, "8829", std::to_string(free_port()));
  replace_all(script, "8830", std::to_string(free_port()));
  std::filesystem::create_directory(shop.at("desk"));
  const auto openssl = std::filesystem::path(COUNTERSIGN_OPENSSL).parent_path().string();
  std::ofstream(shop.at("page.sh"))
      << "set -euo pipefail\n"
      << "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
      << "export PATH='" << COUNTERSIGN_BIN_DIR << ":" << openssl << "':$PATH\n"
      << "refused() { if \"$@\"; then echo \"not refused: $*\" >&2; exit 9; fi; }\n"
      << "cd '" << shop.at("desk") << "'\n"
      << script;
  const Ran ran = shop.run({"/bin/bash", shop.at("page.sh")});
  EXPECT_EQ(ran.exit, 0) << ran.out << "\n" << ran.err;
}

INSTANTIATE_TEST_SUITE_P(Pages, HowTo,
                         testing::Values("factory", "known-devices", "base-stations",
                                         "approval-desk", "registration-authority", "other-ca",
                                         "several-cas", "customers", "tokens", "coming-from"),
                         [](const auto& page) {
                           std::string name = page.param;
                           replace_all(name, "-", "_");
                           return name;
                         });

}  // namespace
}  // namespace countersign::test
