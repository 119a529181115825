// What a registration authority costs before its CA: both real programs over loopback, P-256,
// signature-protected, as bench_enrolments. The CA is measured alone first, then behind the RA; the
// RA's CPU is told as a multiple of the CA's alone with the RA's own signatures on top. So with
// certConf passed on to the CA (upstream.confirm = "forwarded"), with the CA confirming implicitly,
// and so under a shared secret (upstream.secret_file) instead of signatures.
//   bench_registration [--for SECONDS]
#include <fmt/format.h>

#include <cstring>

#include "load.h"

namespace {

using namespace countersign;
using namespace countersign::bench;

// Its certificate as a registration authority, in the CA's workshop.
void become_ra(test::Workshop& shop, test::RunningServer& ca) {
  const auto ran = [](const test::Ran& it) {
    if (it.exit != 0) throw std::runtime_error(it.err);
  };
  ran(shop.countersignd({"secret", "add", "--data", ca.data(), "--reference", "ra", "--profile",
                         "ra", "--names", "ra", "--secret", "pass:between-the-two-of-us"}));
  ran(shop.countersign({"enroll", ca.url(), "--reference", "ra", "--secret",
                        "pass:between-the-two-of-us", "--subject", "CN=ra", "--key",
                        shop.at("ra.key"), "--cert", shop.at("ra.pem"), "--trust",
                        ca.data() + "/root.pem"}));
  ran(shop.countersignd({"secret", "add", "--data", ca.data(), "--reference", "our-ra", "--ra",
                         "--names", "any", "--uses", "any", "--secret",
                         "pass:between-the-two-of-us"}));
  std::ofstream(shop.at("ra.secret")) << "between-the-two-of-us\n";
  std::ofstream(shop.at("ca.pem"))
      << test::read_file(ca.data() + "/issuing.pem") << test::read_file(ca.data() + "/root.pem");
}

struct Way {
  std::string name;
  std::string confirm;
  int messages;  // of its own to the CA, an enrolment
  bool by_secret = false;
};

std::string ra_config(const test::Workshop& shop, const test::RunningServer& ca, const Way& way) {
  return "[upstream]\nurl = \"" + ca.url() + "/.well-known/cmp\"\ncertificate = \"" +
         shop.at("ra.pem") + "\"\nkey = \"" + shop.at("ra.key") + "\"\nca = \"" +
         shop.at("ca.pem") + "\"\nconfirm = \"" + way.confirm + "\"\n" +
         (way.by_secret ? "reference = \"our-ra\"\nsecret_file = \"" + shop.at("ra.secret") + "\"\n"
                        : "");
}

struct Cost {  // an enrolment
  double ca = 0, ra = 0, milliseconds = 0;
};

// The CA has its CPU told of too, whoever is asked.
Cost measure(const std::string& url, int ca, int ra, const Vendor& vendor, std::size_t clients,
             double seconds) {
  Load load(url + "/.well-known/cmp");
  load.most = 1'000'000;
  const auto devices = devices_on(load, vendor, clients, seconds);
  const double ca_before = server_cpu_microseconds(ca);
  const double ra_before = ra > 0 ? server_cpu_microseconds(ra) : 0;
  run(load, devices, seconds);
  const auto each = static_cast<double>(load.begun);
  return {(server_cpu_microseconds(ca) - ca_before) / each,
          ra > 0 ? (server_cpu_microseconds(ra) - ra_before) / each : 0,
          percentile(load.milliseconds, 0.5)};
}

void compare(const Way& way, test::Workshop& ca_shop, test::RunningServer& ca, const Vendor& vendor,
             const PublicKeyCost& cost, double seconds) {
  test::Workshop ra_shop;
  test::RunningServer ra(ra_shop, ra_config(ca_shop, ca, way));
  trust(ra_shop, ra, vendor);
  // It signs its messages and verifies their answers; the rest it does as the CA does it alone.
  const double own = way.by_secret ? 0 : way.messages * (cost.sign + cost.verify);
  measure(ra.url(), ca.process_id(), ra.process_id(), vendor, 64, 1);  // warms up
  for (const std::size_t clients : {1, 8, 64}) {
    const Cost alone = measure(ca.url(), ca.process_id(), 0, vendor, clients, seconds);
    const Cost both = measure(ra.url(), ca.process_id(), ra.process_id(), vendor, clients, seconds);
    fmt::print("{:>9} {:>7} {:>14.0f} {:>14.0f} {:>10.0f} {:>22.2f} {:>9.2f} {:>9.2f}\n", way.name,
               clients, alone.ca, both.ca, both.ra, both.ra / (alone.ca + own), alone.milliseconds,
               both.milliseconds);
    std::fflush(stdout);
  }
}

void run(double seconds) {
  test::Workshop ca_shop;
  const Vendor vendor;
  test::RunningServer ca(ca_shop);
  trust(ca_shop, ca, vendor);
  become_ra(ca_shop, ca);
  const auto cost = public_key_cost();
  fmt::print("P-256 with all cores busy: sign {:.1f} us, verify {:.1f} us\n\n", cost.sign,
             cost.verify);
  fmt::print("{:>9} {:>7} {:>14} {:>14} {:>10} {:>22} {:>9} {:>9}\n", "way", "clients",
             "CA alone us", "CA behind us", "RA us", "RA/(CA alone + own)", "p50 ms", "p50 RA ms");
  for (const Way& way : {Way{"forwarded", "forwarded", 2}, Way{"implicit", "implicit", 1},
                         Way{"secret", "implicit", 1, true}})
    compare(way, ca_shop, ca, vendor, cost, seconds);
}

}  // namespace

int main(int argc, char** argv) try {
  double seconds = 5;
  if (argc == 3 && std::strcmp(argv[1], "--for") == 0)
    seconds = std::stod(argv[2]);
  else if (argc != 1)
    throw std::invalid_argument("use --for SECONDS");
  run(seconds);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_registration: {}\n", error.what());
  return 1;
}
