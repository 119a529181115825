// What the benchmarks of the running server share: devices that it trusts, what public-key
// operations cost on this machine, and what the server has used.
#pragma once

#include <sys/times.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/os_clock.h"
#include "client/protection.h"
#include "crypto/sign.h"
#include "support/process.h"

namespace countersign::bench {

template <class T>
T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(result.error().code) + ": " + result.error().reply_text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline crypto::PrivateKey p256() { return crypto::PrivateKey::generate(*crypto::key_spec("p256")); }

// ---- the devices' certificates: of a vendor that the server trusts

struct Vendor {
  crypto::PrivateKey key = p256();
  Bytes certificate;

  Bytes certify(const std::string& subject, const crypto::PublicKey& subject_key, Byte serial,
                x509::Extensions extensions) const {
    const Time now = OsClock().now();
    x509::CertificateFields fields;
    fields.serial = {1, serial};
    fields.signature_algorithm = key.default_signature_algorithm();
    fields.issuer = x509::common_name("Vendor");
    fields.subject = x509::common_name(subject);
    fields.validity = {now - Seconds{3600}, now + Seconds{86400}};
    fields.spki = copy(subject_key.spki());
    fields.extensions = std::move(extensions);
    const Bytes tbs = x509::encode_tbs(fields);
    return x509::join_signed(tbs, fields.signature_algorithm,
                             must(crypto::sign(key, fields.signature_algorithm, tbs)));
  }
  Vendor() {
    certificate =
        certify("Vendor", key.public_key(), 0, {x509::make_basic_constraints({true, {}})});
  }
};

// A device with a certificate of that vendor.
inline client::SigningIdentity device_of(const Vendor& vendor, std::size_t number) {
  const auto key = p256();
  const Bytes der = vendor.certify("device-" + std::to_string(number), key.public_key(),
                                   static_cast<Byte>(number + 1), {});
  return client::SigningIdentity{key, {must(x509::parse_certificate(der)), {}}};
}

// The server comes up again with the vendor as an anchor.
inline void trust(test::Workshop& shop, test::RunningServer& server, const Vendor& vendor,
                  const test::Words& more = {}) {
  server.stop();
  std::ofstream(shop.at("vendor.pem")) << client::to_pem({vendor.certificate});
  test::Words words{"trust", "add", "--data", server.data(), "--names", "any"};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(shop.at("vendor.pem"));
  const auto added = shop.countersignd(words);
  if (added.exit != 0) throw std::runtime_error(added.err);
  server.start();
}

inline double thread_cpu_microseconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

struct PublicKeyCost {
  double sign = 0, verify = 0;  // microseconds of CPU
};

// While all cores do the same: a core is slower when its neighbour is busy, as under load.
inline PublicKeyCost public_key_cost() {
  constexpr int kRounds = 4000;
  std::vector<PublicKeyCost> costs(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (auto& cost : costs)
    threads.emplace_back([&cost] {
      const auto key = p256();
      const auto algorithm = key.default_signature_algorithm();
      const Bytes text(500, 0x41);
      Bytes signature;
      double begun = thread_cpu_microseconds();
      for (int i = 0; i < kRounds; ++i) signature = must(crypto::sign(key, algorithm, text));
      cost.sign = (thread_cpu_microseconds() - begun) / kRounds;
      begun = thread_cpu_microseconds();
      for (int i = 0; i < kRounds; ++i)
        if (!crypto::verify(key.public_key(), algorithm, text, signature)) std::abort();
      cost.verify = (thread_cpu_microseconds() - begun) / kRounds;
    });
  for (auto& thread : threads) thread.join();
  PublicKeyCost mean;
  for (const auto& cost : costs) {
    mean.sign += cost.sign / static_cast<double>(costs.size());
    mean.verify += cost.verify / static_cast<double>(costs.size());
  }
  return mean;
}

inline double server_cpu_microseconds(int process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(in, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

inline double server_megabytes(int process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

}  // namespace countersign::bench
