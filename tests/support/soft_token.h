// Tokens of SoftHSM in a folder of a test, for its own process and for its children: SOFTHSM2_CONF
// is set while this is there. Made while the test has one thread. The module reads it once a
// process: a test program that loads the module itself has one of these.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "crypto/token.h"

namespace countersign::test {

class SoftToken {
 public:
  static constexpr const char* kMissing = "SoftHSM, or pkcs11-provider, is not installed";
  // The module, or null where it, or what OpenSSL reaches it by, is not installed.
  static const char* module() {
    if (::access(crypto::TokenModule::default_provider().c_str(), R_OK) != 0) return nullptr;
    for (const char* path :
         {"/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"})
      if (::access(path, R_OK) == 0) return path;
    return nullptr;
  }

  // Debian 13's does, once it was: then what it read of its folder is all that it will ever see.
  // While nobody uses it.
  static bool stays_loaded() {
    if (void* once = ::dlopen(module(), RTLD_LAZY)) ::dlclose(once);
    void* still = ::dlopen(module(), RTLD_LAZY | RTLD_NOLOAD);
    if (still != nullptr) ::dlclose(still);
    return still != nullptr;
  }

  // One token of that label, its PIN 1234, in a folder of its own.
  explicit SoftToken(const std::string& label = "ra") {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "countersign-token-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "tokens");
    std::ofstream(folder_ / "softhsm2.conf")
        << "directories.tokendir = " << (folder_ / "tokens").string()
        << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    add(label);
  }
  ~SoftToken() {
    ::unsetenv("SOFTHSM2_CONF");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  void add(const std::string& label, const std::string& pin = "1234") const {
    run("softhsm2-util --init-token --free --label " + label + " --pin " + pin +
        " --so-pin 87654321");
  }
  // A key pair made in the token: "EC:prime256v1", "rsa:2048"; the id in hexadecimal.
  void key(const std::string& type, const std::string& label, const std::string& id,
           const std::string& token = "ra") const {
    tool(token, "--keypairgen --key-type " + type + " --label " + label + " --id " + id);
  }
  // SubjectPublicKeyInfo, DER.
  void read_public(const std::string& label, const std::string& file) const {
    tool("ra", "--read-object --type pubkey --label " + label + " --output-file " + file);
  }
  void remove_private(const std::string& label, const std::string& token = "ra") const {
    tool(token, "--delete-object --type privkey --label " + label);
  }
  void remove_public(const std::string& label, const std::string& token = "ra") const {
    tool(token, "--delete-object --type pubkey --label " + label);
  }
  // What is in all tokens now, and back to it.
  void keep() const {
    std::filesystem::copy(folder_ / "tokens", folder_ / "kept",
                          std::filesystem::copy_options::recursive);
  }
  void restore() const {
    std::filesystem::copy(folder_ / "kept", folder_ / "tokens",
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }

 private:
  static void tool(const std::string& token, const std::string& words) {
    run("pkcs11-tool --module " + std::string(module()) + " --login --pin 1234 --token-label " +
        token + " " + words);
  }
  static void run(const std::string& command) {
    if (std::system((command + " > /dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error("failed: " + command);
  }
  std::filesystem::path folder_;
};

// OpenSC's module that tells of every call on its way to SoftHSM; for children that are started
// while this is there.
class SpyModule {
 public:
  explicit SpyModule(const std::string& output) {
    std::error_code none;
    for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", none)) {
      const auto at = folder.path() / "pkcs11-spy.so";
      if (std::filesystem::exists(at, none)) module_ = at.string();
    }
    ::setenv("PKCS11SPY", SoftToken::module(), 1);
    ::setenv("PKCS11SPY_OUTPUT", output.c_str(), 1);
  }
  ~SpyModule() {
    ::unsetenv("PKCS11SPY");
    ::unsetenv("PKCS11SPY_OUTPUT");
  }
  SpyModule(const SpyModule&) = delete;
  SpyModule& operator=(const SpyModule&) = delete;
  const std::optional<std::string>& module() const noexcept { return module_; }

 private:
  std::optional<std::string> module_;
};

}  // namespace countersign::test
