// What an enrolment costs the server: real programs over loopback, P-256, signature-protected
// (ir → ip → certConf → pkiConf), each durable before it is answered. Printed as a table, with the
// server's CPU as a multiple of the public-key operations that it cannot avoid, timed in the same
// run.   bench_enrolments [--for SECONDS] [--total N]
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "load.h"

namespace {

using namespace countersign;
using namespace countersign::bench;
// ---- what is measured

struct Options {
  double seconds = 5;
  std::size_t total = 0;
};

void run(const Options& options) {
  test::Workshop shop;
  const Vendor vendor;
  test::RunningServer server(shop);
  trust(shop, server, vendor);
  const int process = server.process_id();

  // An enrolment: ir and certConf verified, possession of the key verified; certificate, ip and
  // pkiConf signed. The vendor's signature on a device's certificate is verified once a device.
  const auto cost = public_key_cost();
  const double unavoidable = 3 * cost.verify + 3 * cost.sign;
  fmt::print(
      "P-256 with all cores busy: sign {:.1f} us, verify {:.1f} us; unavoidable {:.0f} us an "
      "enrolment\n",
      cost.sign, cost.verify, unavoidable);
  fmt::print("server at rest: {:.1f} MiB resident\n\n", server_megabytes(process));
  fmt::print("{:>7} {:>10} {:>12} {:>8} {:>8} {:>14} {:>12} {:>9}\n", "clients", "enrolments",
             "a second", "p50 ms", "p99 ms", "server CPU us", "/unavoidable", "RSS MiB");

  const auto measure = [&](std::size_t clients, double seconds, std::size_t most) {
    Load load(server.url() + "/.well-known/cmp");
    load.most = most;
    const auto devices = devices_on(load, vendor, clients, seconds);
    const double cpu = server_cpu_microseconds(process);
    const double took = run(load, devices, seconds);
    const double each = (server_cpu_microseconds(process) - cpu) / static_cast<double>(load.begun);
    std::ranges::sort(load.milliseconds);
    fmt::print("{:>7} {:>10} {:>12.0f} {:>8.2f} {:>8.2f} {:>14.0f} {:>12.2f} {:>9.1f}\n", clients,
               load.begun, static_cast<double>(load.begun) / took,
               percentile(load.milliseconds, 0.50), percentile(load.milliseconds, 0.99), each,
               each / unavoidable, server_megabytes(process));
    std::fflush(stdout);
  };
  constexpr std::size_t kNoLimit = 1'000'000;
  measure(64, 1, kNoLimit);  // warms up
  for (const std::size_t clients : {1, 8, 64}) measure(clients, options.seconds, kNoLimit);
  if (options.total > 0) measure(64, 3600, options.total);
  const auto again = public_key_cost();
  fmt::print("\nP-256 again after the load: sign {:.1f} us, verify {:.1f} us\n", again.sign,
             again.verify);
  if (server.stop() != 0) throw std::runtime_error("the server did not stop cleanly");
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--for") == 0)
      options.seconds = std::stod(argv[i + 1]);
    else if (std::strcmp(argv[i], "--total") == 0)
      options.total = std::stoul(argv[i + 1]);
    else
      throw std::invalid_argument(std::string("unknown option ") + argv[i]);
  }
  if (argc % 2 == 0) throw std::invalid_argument("use --for SECONDS and --total N");
  run(options);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_enrolments: {}\n", error.what());
  return 1;
}
