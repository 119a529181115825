// What an enrolment costs the server: real programs over loopback, P-256, signature-protected
// (ir → ip → certConf → pkiConf), each durable before it is answered. Printed as a table, with the
// server's CPU as a multiple of the public-key operations that it cannot avoid, timed in the same
// run.   bench_enrolments [--for SECONDS] [--total N]
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "client/enrolment.h"
#include "client/protection.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "measure.h"
#include "transport/http/client.h"

namespace {

using namespace countersign;
using namespace countersign::bench;
using std::chrono::duration;
using std::chrono::steady_clock;

// ---- the load: devices on one loop, each enrolling again and again over its own connection. They
// look at answers only as far as they must, so that the server has the machine's cores.

struct Load {
  explicit Load(std::string to) : url(std::move(to)) {}

  boost::asio::io_context loop;
  const std::string url;
  const OsClock clock;
  crypto::OsEntropy entropy;
  steady_clock::time_point until;
  std::size_t most = 0;
  std::size_t begun = 0;
  std::vector<double> milliseconds;  // one an enrolment
};

class Device {
 public:
  Device(Load& load, const client::SigningIdentity& identity)
      : load_(load),
        http_(load.loop),
        subject_(identity.certificate.leaf.subject),
        protection_(identity) {}

  void enrol() {
    if (steady_clock::now() >= load_.until || load_.begun == load_.most) return;
    ++load_.begun;
    if (ready_.empty()) prepare(1);
    begun_ = steady_clock::now();
    First first = std::move(ready_.back());
    ready_.pop_back();
    transaction_ = std::move(first.transaction);
    send(std::move(first.octets));
  }

  // Makes keys and first messages before the clock runs.
  void prepare(std::size_t count) {
    client::CertificateWish wish;
    wish.subject = subject_;
    while (ready_.size() < count) {
      First first{TransactionId{random_octets()}, {}};
      auto body = must(client::certificate_request(BodyType::ir, wish, p256(), load_.clock.now()));
      first.octets = sealed(std::move(body), first.transaction, std::nullopt);
      ready_.push_back(std::move(first));
    }
  }

 private:
  using BodyType = message::BodyType;

  Bytes random_octets() {
    Bytes octets(16);
    must(load_.entropy.fill(octets));
    return octets;
  }

  struct First {
    TransactionId transaction;
    Bytes octets;
  };

  Bytes sealed(message::PKIBody body, const TransactionId& id, std::optional<Nonce> server_nonce) {
    message::PKIMessage request;
    request.header.transaction_id = id;
    request.header.sender_nonce = Nonce{random_octets()};
    request.header.recip_nonce = std::move(server_nonce);
    request.body = std::move(body);
    return must(protection_.seal(std::move(request), load_.clock.now(), load_.entropy));
  }

  void send(Bytes octets) {
    http_.exchange({load_.url, {}}, std::move(octets), Seconds{30}, [this](Result<Bytes> reply) {
      answered(must(message::parse_message(must(std::move(reply)))));
    });
  }

  void answered(const message::PKIMessage& reply) {
    if (reply.body.type == BodyType::ip)
      return confirm(std::get<message::CertRepMessage>(reply.body.content),
                     reply.header.sender_nonce);
    if (const auto* refused = std::get_if<message::ErrorMsgContent>(&reply.body.content))
      throw std::runtime_error("refused: " + refused->status.status_string.at(0));
    if (reply.body.type != BodyType::pkiconf) throw std::runtime_error("not confirmed");
    load_.milliseconds.push_back(
        duration<double, std::milli>(steady_clock::now() - begun_).count());
    enrol();
  }

  void confirm(const message::CertRepMessage& issued, std::optional<Nonce> nonce) {
    const auto& pair = issued.response.at(0).certified_key_pair;
    if (!pair) throw std::runtime_error("no certificate");
    message::CertStatus status;
    status.cert_req_id = issued.response[0].cert_req_id;
    status.cert_hash = crypto::sha256(std::get<message::CMPCertificate>(pair->cert_or_enc_cert));
    send(sealed({BodyType::certConf, message::CertConfirmContent{std::move(status)}}, transaction_,
                std::move(nonce)));
  }

  Load& load_;
  transport::http::HttpClient http_;
  const x509::Name subject_;
  client::Protection protection_;
  TransactionId transaction_;
  std::vector<First> ready_;
  steady_clock::time_point begun_;
};

// ---- what is measured

double percentile(std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

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
    load.milliseconds.reserve(200'000);
    std::vector<std::unique_ptr<Device>> devices;
    for (std::size_t i = 0; i < clients; ++i)
      devices.push_back(std::make_unique<Device>(load, device_of(vendor, i)));
    // As many as a fast server could take, within bounds.
    const double likely = std::min(seconds * 2500, 20'000.0);
    for (auto& device : devices) device->prepare(static_cast<std::size_t>(likely) / clients);
    const double cpu = server_cpu_microseconds(process);
    const auto begun = steady_clock::now();
    load.until = begun + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
    for (auto& device : devices) device->enrol();
    while (load.milliseconds.size() < load.begun) load.loop.run_one();
    const double took = duration<double>(steady_clock::now() - begun).count();
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
