// What the device registry costs: one look-up of a secret and a device, and one enrolment of a
// device that must be known (ir → ip → certConf → pkiConf over loopback, P-256), with a thousand
// devices in the store and with many, beside 100,000 secrets.   bench_devices [--devices N]
// [--rounds N]
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <future>
#include <random>

#include "client/enrolment.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "measure.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_key.h"
#include "transport/http/client.h"

namespace {

using namespace countersign;
using namespace countersign::bench;
using message::BodyType;
using std::chrono::duration;
using std::chrono::steady_clock;

constexpr std::size_t kFew = 1000;
constexpr std::size_t kSecrets = 100'000;
constexpr std::size_t kStep = 10'000;

std::string serial(std::size_t number) { return fmt::format("SN-{:08}", number); }

std::unique_ptr<store::sqlite::SqliteStore> open_store(const std::string& folder,
                                                       crypto::OsEntropy& entropy) {
  auto key = must(store::read_store_key(folder, {}));
  return must(store::sqlite::SqliteStore::open({.file = folder + "/countersign.db",
                                                .store_key = std::move(key.key),
                                                .entropy = entropy,
                                                .opened_at = OsClock().now()}));
}

// Through one commit for all that wait: many ask at the same time.
void add_secrets(store::sqlite::SqliteStore& to, std::size_t count) {
  constexpr std::size_t kThreads = 64;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < count; i += kThreads) {
        enrol::CredentialRecord record;
        record.reference = fmt::format("ref-{:08}", i);
        record.secret = Secret(view(record.reference));
        record.names = "self";
        record.uses_left = 1;
        record.uses_granted = 1;
        must(to.add_credential(record));
      }
    });
  for (auto& thread : threads) thread.join();
}

void add_devices(store::sqlite::SqliteStore& to, std::size_t from, std::size_t end) {
  while (from < end) {
    std::vector<ports::Ledger::DeviceChange> changes;
    for (; from < end && changes.size() < kStep; ++from) {
      enrol::DeviceRecord device;
      device.serial = serial(from);
      device.group = fmt::format("line{}", from % 50);
      device.hostname = fmt::format("u{}.example.com", from);
      device.attributes = {{"site", "north"}};
      changes.push_back({std::move(device)});
    }
    must(to.change_devices(changes, {}));
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Of the quietest fifth: a disk that others write to, too, only adds.
template <class Once>
double best_median(std::size_t rounds, Once once) {
  constexpr std::size_t kBlocks = 5;
  double best = 0;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    std::vector<double> times;
    for (std::size_t i = 0; i < std::max<std::size_t>(rounds / kBlocks, 1); ++i)
      times.push_back(once());
    const double here = median(std::move(times));
    if (block == 0 || here < best) best = here;
  }
  return best;
}

// Microseconds, of random ones: the pages that they need are as likely in memory as in service.
double lookup_time(store::sqlite::SqliteStore& in, std::size_t devices, std::size_t rounds) {
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): the same ones each time
  std::vector<double> times;
  for (std::size_t i = 0; i < rounds; ++i) {
    ports::Lookup lookup;
    lookup.reference = fmt::format("ref-{:08}", random() % kSecrets);
    lookup.devices = {serial(random() % devices)};
    const auto begun = steady_clock::now();
    in.load(std::move(lookup), [](Result<ports::Snapshot> found) {
      const auto snapshot = must(std::move(found));
      if (!snapshot.credential || snapshot.devices.size() != 1) std::abort();
    });
    times.push_back(duration<double, std::micro>(steady_clock::now() - begun).count());
  }
  return median(std::move(times));
}

class Client {
 public:
  Client(std::string url, const client::SigningIdentity& identity)
      : url_(std::move(url)), http_(loop_), protection_(identity) {}

  // Milliseconds of one enrolment.
  double enrol(const std::string& device) {
    client::CertificateWish wish;
    wish.subject = must(x509::name_from_text("CN=unit,serialNumber=" + device));
    auto body = must(client::certificate_request(BodyType::ir, wish, p256(), clock_.now()));
    id_ = TransactionId{random_octets()};
    const auto begun = steady_clock::now();
    const auto granted = ask(std::move(body), std::nullopt);
    const auto& pair =
        std::get<message::CertRepMessage>(granted.body.content).response.at(0).certified_key_pair;
    if (!pair) throw std::runtime_error("no certificate");
    message::CertStatus status;
    status.cert_hash = crypto::sha256(std::get<message::CMPCertificate>(pair->cert_or_enc_cert));
    status.cert_req_id = RequestId{0};
    message::PKIBody confirmation{BodyType::certConf,
                                  message::CertConfirmContent{std::move(status)}};
    const auto confirmed = ask(std::move(confirmation), granted.header.sender_nonce);
    if (confirmed.body.type != BodyType::pkiconf) throw std::runtime_error("not confirmed");
    return duration<double, std::milli>(steady_clock::now() - begun).count();
  }

 private:
  Bytes random_octets() {
    Bytes octets(16);
    must(entropy_.fill(octets));
    return octets;
  }
  message::PKIMessage ask(message::PKIBody body, std::optional<Nonce> nonce) {
    message::PKIMessage request;
    request.header.transaction_id = id_;
    request.header.sender_nonce = Nonce{random_octets()};
    request.header.recip_nonce = std::move(nonce);
    request.body = std::move(body);
    std::optional<Bytes> reply;
    http_.exchange({url_, {}}, must(protection_.seal(std::move(request), clock_.now(), entropy_)),
                   Seconds{30}, [&](Result<Bytes> got) { reply = must(std::move(got)); });
    loop_.restart();
    while (!reply) loop_.run_one();
    auto message = must(message::parse_message(*reply));
    if (const auto* refused = std::get_if<message::ErrorMsgContent>(&message.body.content))
      throw std::runtime_error("refused: " + refused->status.status_string.at(0));
    return message;
  }

  const std::string url_;
  boost::asio::io_context loop_;
  transport::http::HttpClient http_;
  const OsClock clock_;
  crypto::OsEntropy entropy_;
  client::Protection protection_;
  TransactionId id_;
};

struct Times {
  double lookup = 0;     // microseconds
  double enrolment = 0;  // milliseconds
  double cpu = 0;        // of the server, microseconds an enrolment
};

void run(std::size_t many, std::size_t rounds) {
  test::Workshop shop;
  const Vendor vendor;
  test::RunningServer server(shop);
  trust(shop, server, vendor);
  crypto::OsEntropy entropy;
  const auto set = shop.countersignd(
      {"object", "set", "ra_profile", "device", "devices=must-be-known", "--data", server.data()});
  if (set.exit != 0) throw std::runtime_error(set.err);
  const auto identity = device_of(vendor, 1);
  std::mt19937_64 random(11);  // NOLINT(cert-msc51-cpp)

  fmt::print("{:>9} {:>9} {:>12} {:>14} {:>15}\n", "devices", "secrets", "look-up us",
             "enrolment ms", "server CPU us");
  const auto measure = [&](std::size_t from, std::size_t devices) {
    server.stop();
    Times times;
    {
      const auto store = open_store(server.data(), entropy);
      if (from == 0) add_secrets(*store, kSecrets);
      add_devices(*store, from, devices);
      lookup_time(*store, devices, rounds);  // warms up
      times.lookup = lookup_time(*store, devices, 20 * rounds);
    }
    ::sync();  // else what was filled in is written while the commits wait for the disk
    server.start();
    Client client(server.url() + "/.well-known/cmp/p/device", identity);
    for (std::size_t i = 0; i < rounds / 4; ++i) client.enrol(serial(random() % devices));
    const double cpu = server_cpu_microseconds(server.process_id());
    times.enrolment = best_median(rounds, [&] { return client.enrol(serial(random() % devices)); });
    times.cpu = (server_cpu_microseconds(server.process_id()) - cpu) / static_cast<double>(rounds);
    fmt::print("{:>9} {:>9} {:>12.2f} {:>14.3f} {:>15.0f}\n", devices, kSecrets, times.lookup,
               times.enrolment, times.cpu);
    std::fflush(stdout);
    return times;
  };
  const Times few = measure(0, kFew);
  const Times lots = measure(kFew, many);
  fmt::print("{:>9} {:>9} {:>12.2f} {:>14.3f} {:>15.2f}\n", "ratio", "", lots.lookup / few.lookup,
             lots.enrolment / few.enrolment, lots.cpu / few.cpu);
  if (server.stop() != 0) throw std::runtime_error("the server did not stop cleanly");
}

}  // namespace

int main(int argc, char** argv) try {
  std::size_t many = 1'000'000, rounds = 500;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--devices") == 0)
      many = std::stoul(argv[i + 1]);
    else if (std::strcmp(argv[i], "--rounds") == 0)
      rounds = std::stoul(argv[i + 1]);
    else
      throw std::invalid_argument(std::string("unknown option ") + argv[i]);
  }
  if (argc % 2 == 0) throw std::invalid_argument("use --devices N and --rounds N");
  run(many, rounds);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_devices: {}\n", error.what());
  return 1;
}
