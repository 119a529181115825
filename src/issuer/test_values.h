// For the tests of this folder: plain entropy, orders, and the openssl command as a second opinion.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "crypto/keys.h"
#include "der/pem.h"
#include "issuer/authority.h"
#include "issuer/local_ca.h"
#include "issuer/software_signer.h"

namespace countersign::issuer::test {

inline const Time kNow = *from_iso("2026-06-01T12:00:00Z");

// Counts upwards: two serial numbers differ, and a test can tell them.
struct CountingEntropy final : Entropy {
  Result<> fill(std::span<Byte> out) noexcept override {
    for (Byte& octet : out) octet = next++;
    return {};
  }
  Byte next = 0x80;
};
struct BrokenEntropy final : Entropy {
  Result<> fill(std::span<Byte>) noexcept override {
    return fail(Failure::systemFailure, "test.entropy", "none left");
  }
};
struct ConstantEntropy final : Entropy {
  explicit ConstantEntropy(Byte value) : octet(value) {}
  Result<> fill(std::span<Byte> out) noexcept override {
    for (Byte& at : out) at = octet;
    return {};
  }
  Byte octet;
};

template <class T>
std::string code(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().code);
}

// What a callback got, when it was called in place.
template <class T>
struct Got {
  std::optional<Result<T>> result;
  Done<T> done() {
    return [this](Result<T> value) { result = std::move(value); };
  }
};

struct Leaf {
  crypto::PrivateKey key;
  transaction::CertificateOrder order;
};
inline Leaf leaf(const std::string& kind = "p256") {
  auto key = crypto::PrivateKey::generate(*crypto::key_spec(kind));
  transaction::CertificateOrder order;
  order.profile = "device";
  order.subject = x509::common_name("device-7");
  order.spki = copy(key.public_key().spki());
  order.extensions = {
      x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature})),
      x509::make_ext_key_usage({x509::oids::kp_client_auth, x509::oids::kp_server_auth}),
      x509::make_subject_alt_name({x509::dns_name("device-7.example")}, false)};
  order.validity = {kNow - Seconds{300}, kNow + Seconds{365LL * 86400}};
  return {std::move(key), std::move(order)};
}

inline Result<std::unique_ptr<LocalCa>> open_ca(const NewAuthority& authority, Entropy& entropy) {
  return LocalCa::create(
      {authority.issuing_certificate, authority.root_certificate, "http://ca.example:8829"},
      TRY(open_software_signer(authority.issuing_key)), entropy);
}

inline Result<transaction::Issued> issue(LocalCa& ca, const transaction::CertificateOrder& order,
                                         Time now = kNow) {
  Got<transaction::Answer> got;
  ca.issue({}, order, now, got.done());
  return std::get<transaction::Issued>(TRY(std::move(*got.result)));
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "issuer-XXXXXX").string();
    EXPECT_NE(mkdtemp(made.data()), nullptr);
    path_ = made;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, View content) const {
    const std::string file = (path_ / name).string();
    std::ofstream(file, std::ios::binary) << text(content);
    return file;
  }
  std::string write_pem(const std::string& name, std::string_view label, View der) const {
    return write(name, view(der::to_pem(label, der)));
  }

 private:
  std::filesystem::path path_;
};

// Both outputs of `openssl ARGUMENTS`, and its exit status in the last line.
inline std::string openssl(const std::string& arguments) {
  const std::string command =
      std::string(COUNTERSIGN_OPENSSL) + ' ' + arguments + " 2>&1; echo status $?";
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> part{};
  while (const std::size_t n = fread(part.data(), 1, part.size(), pipe)) out.append(part.data(), n);
  pclose(pipe);
  return out;
}
inline bool good(const std::string& output) { return output.ends_with("status 0\n"); }

}  // namespace countersign::issuer::test
