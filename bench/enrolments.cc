// What an enrolment costs the server: real programs over loopback, P-256, signature-protected
// (ir → ip → certConf → pkiConf), each durable before it is answered. Printed as a table, with the
// server's CPU as a multiple of the public-key operations that it cannot avoid, timed in the same
// run.   bench_enrolments [--for SECONDS] [--total N]
#include <fmt/format.h>
#include <sys/times.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/os_clock.h"
#include "client/enrolment.h"
#include "client/protection.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "crypto/sign.h"
#include "support/process.h"
#include "transport/http/client.h"

namespace {

using namespace countersign;
using std::chrono::duration;
using std::chrono::steady_clock;

template <class T>
T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(result.error().code) + ": " + result.error().reply_text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

crypto::PrivateKey p256() { return crypto::PrivateKey::generate(*crypto::key_spec("p256")); }

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
    return must(protection_.seal(std::move(request), {}, load_.clock.now(), load_.entropy));
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

double thread_cpu_microseconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

struct PublicKeyCost {
  double sign = 0, verify = 0;  // microseconds of CPU
};

// While all cores do the same: a core is slower when its neighbour is busy, as under load.
PublicKeyCost public_key_cost() {
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

double server_cpu_microseconds(int process) {
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

double server_megabytes(int process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

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
  server.stop();
  std::ofstream(shop.at("vendor.pem")) << client::to_pem({vendor.certificate});
  const auto added = shop.countersignd(
      {"trust", "add", "--data", server.data(), "--names", "any", shop.at("vendor.pem")});
  if (added.exit != 0) throw std::runtime_error(added.err);
  server.start();
  const int process = server.process_id();

  const auto identity = [&](std::size_t i) {
    const auto key = p256();
    const Bytes der = vendor.certify("device-" + std::to_string(i), key.public_key(),
                                     static_cast<Byte>(i + 1), {});
    return client::SigningIdentity{key, {must(x509::parse_certificate(der)), {}}};
  };

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
      devices.push_back(std::make_unique<Device>(load, identity(i)));
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
