// What each kind of operation costs the server: its CPU beside the public-key operations that it
// cannot avoid, timed in the same run; a certificate in a message of 100 beside one alone; and what
// a thousand transactions that wait cost while they wait. Real programs over loopback, P-256.
//   bench_operations [--rounds N]
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <functional>

#include "client/enrolment.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "measure.h"
#include "message/info_type.h"
#include "protect/protection_table.h"
#include "transport/http/client.h"

namespace {

using namespace countersign;
using namespace countersign::bench;
using message::BodyType;
using message::PKIMessage;

constexpr std::size_t kMany = 100;
constexpr std::size_t kWaiting = 1000;

// One conversation after another, over one connection.
class Talk {
 public:
  explicit Talk(std::string url) : url_(std::move(url)), http_(loop_) {}

  // Under a new transaction, or as the next message of the last one.
  void begin() {
    id_ = TransactionId{random_octets()};
    server_nonce_.reset();
  }
  PKIMessage ask(client::Protection& by, message::PKIBody body,
                 std::vector<message::InfoTypeAndValue> info = {}) {
    return send(sealed(by, std::move(body), std::move(info)));
  }
  PKIMessage message(message::PKIBody body, std::vector<message::InfoTypeAndValue> info = {}) {
    PKIMessage m;
    m.header.transaction_id = id_;
    m.header.sender_nonce = Nonce{random_octets()};
    m.header.recip_nonce = server_nonce_;
    m.header.general_info = std::move(info);
    m.body = std::move(body);
    return m;
  }
  Bytes sealed(client::Protection& by, message::PKIBody body,
               std::vector<message::InfoTypeAndValue> info) {
    return must(by.seal(message(std::move(body), std::move(info)), clock_.now(), entropy_));
  }
  PKIMessage send(Bytes octets) {
    std::optional<Bytes> reply;
    http_.exchange({url_, {}}, std::move(octets), Seconds{120},
                   [&](Result<Bytes> got) { reply = must(std::move(got)); });
    loop_.restart();
    while (!reply) loop_.run_one();
    PKIMessage m = must(message::parse_message(*reply));
    if (const auto* refused = std::get_if<message::ErrorMsgContent>(&m.body.content))
      if (refused->status.status != message::PKIStatus::waiting)
        throw std::runtime_error("refused: " + refused->status.status_string.at(0));
    server_nonce_ = m.header.sender_nonce;
    return m;
  }
  // certConf for everything that an answer granted.
  void confirm(client::Protection& by, const PKIMessage& answer) {
    message::CertConfirmContent list;
    for (const auto& r : std::get<message::CertRepMessage>(answer.body.content).response) {
      message::CertStatus status;
      status.cert_req_id = r.cert_req_id;
      status.cert_hash = crypto::sha256(certificate_in(r));
      list.push_back(std::move(status));
    }
    if (ask(by, {BodyType::certConf, std::move(list)}).body.type != BodyType::pkiconf)
      throw std::runtime_error("not confirmed");
  }
  static const Bytes& certificate_in(const message::CertResponse& r) {
    if (!r.certified_key_pair) throw std::runtime_error("no certificate");
    return std::get<message::CMPCertificate>(r.certified_key_pair->cert_or_enc_cert);
  }
  static x509::Certificate granted(const PKIMessage& answer) {
    const auto& content = std::get<message::CertRepMessage>(answer.body.content);
    return must(x509::parse_certificate(certificate_in(content.response.at(0))));
  }

  Time now() const { return clock_.now(); }
  crypto::OsEntropy& entropy() { return entropy_; }

 private:
  Bytes random_octets() {
    Bytes octets(16);
    must(entropy_.fill(octets));
    return octets;
  }

  const std::string url_;
  boost::asio::io_context loop_;
  transport::http::HttpClient http_;
  const OsClock clock_;
  crypto::OsEntropy entropy_;
  TransactionId id_;
  std::optional<Nonce> server_nonce_;
};

message::PKIBody request(const Talk& talk, BodyType type, const x509::Name& subject,
                         const crypto::PrivateKey& key) {
  client::CertificateWish wish;
  wish.subject = subject;
  return must(client::certificate_request(type, wish, key, talk.now()));
}

message::PKIBody requests(const Talk& talk, const x509::Name& subject,
                          const crypto::PrivateKey& key, std::size_t count) {
  crmf::CertReqMessages list;
  for (std::size_t i = 0; i < count; ++i) {
    client::CertificateWish wish;
    wish.subject = subject;
    auto body = must(client::certificate_request(BodyType::ir, wish, key, talk.now()));
    auto one = std::get<crmf::CertReqMessages>(body.content).front();
    one.cert_req.cert_req_id = RequestId{static_cast<std::int64_t>(i)};
    const auto algorithm = key.default_signature_algorithm();
    auto& proof = std::get<crmf::POPOSigningKey>(*one.popo);
    one.cert_req_der.clear();
    proof.signature = {must(crypto::sign(key, algorithm, crmf::encode_cert_req(one))), 0};
    list.push_back(std::move(one));
  }
  return {BodyType::ir, std::move(list)};
}

// ---- what is measured

struct Bench {
  Talk& talk;
  int process;
  std::size_t rounds;
  PublicKeyCost cost;

  // `verify` and `sign`: how often the server cannot do without, for one of `units`; `more`:
  // microseconds of other primitives.
  void operator()(std::string_view name, double verify, double sign, std::size_t units,
                  const std::function<void()>& once, double more = 0) const {
    for (std::size_t i = 0; i < 10; ++i) once();
    const std::size_t times = std::max<std::size_t>(1, rounds / units);
    const double begun = server_cpu_microseconds(process);
    for (std::size_t i = 0; i < times; ++i) once();
    const double each =
        (server_cpu_microseconds(process) - begun) / static_cast<double>(times * units);
    const double unavoidable = verify * cost.verify + sign * cost.sign + more;
    fmt::print("{:<48} {:>6} {:>10.0f} {:>12.0f} {:>8.2f}\n", name, times * units, each,
               unavoidable, each / unavoidable);
    std::fflush(stdout);
  }
};

void measure_enrolments(const Bench& bench, const client::SigningIdentity& device,
                        const client::SharedSecret& secret) {
  Talk& talk = bench.talk;
  const auto& subject = device.certificate.leaf.subject;
  const auto key = p256();
  client::Protection by_signature(device);
  client::Protection by_mac({secret.reference, secret.secret.clone(), secret.choice});
  const double begun = thread_cpu_microseconds();
  must(by_mac.begin(talk.entropy()));
  const double derivation = thread_cpu_microseconds() - begun;
  const auto implicit = client::general_info({}, client::Confirmation::implicit);
  bench("ir, certConf; signed", 3, 3, 1, [&] {
    talk.begin();
    const auto ip = talk.ask(by_signature, request(talk, BodyType::ir, subject, key));
    talk.confirm(by_signature, ip);
  });
  bench("ir, implicitly confirmed; signed", 2, 2, 1, [&] {
    talk.begin();
    (void)talk.ask(by_signature, request(talk, BodyType::ir, subject, key), implicit);
  });
  // The parameters are those of the transaction: their key is derived once.
  bench(
      "ir, certConf; PasswordBasedMac", 1, 1, 1,
      [&] {
        talk.begin();
        must(by_mac.begin(talk.entropy()));
        const auto ip = talk.ask(by_mac, request(talk, BodyType::ir, subject, key));
        talk.confirm(by_mac, ip);
      },
      derivation);
  client::CertificateWish wish;
  wish.subject = subject;
  const Bytes csr = must(client::make_csr(wish, key));
  bench("p10cr, certConf; signed", 3, 3, 1, [&] {
    talk.begin();
    talk.confirm(by_signature, talk.ask(by_signature, must(client::pkcs10_request(csr))));
  });
  bench("one of 100 in one ir, certConf; signed", 1 + 2.0 / kMany, 1 + 2.0 / kMany, kMany, [&] {
    talk.begin();
    talk.confirm(by_signature, talk.ask(by_signature, requests(talk, subject, key, kMany)));
  });
}

// The certificate that a device updates again and again, and revokes at last.
void measure_life(const Bench& bench, const client::SigningIdentity& device) {
  Talk& talk = bench.talk;
  const auto& subject = device.certificate.leaf.subject;
  const auto enrolled = [&](client::Protection& by, BodyType type, const crypto::PrivateKey& key) {
    talk.begin();
    const auto reply = talk.ask(by, request(talk, type, subject, key));
    talk.confirm(by, reply);
    return client::SigningIdentity{key, {Talk::granted(reply), {}}};
  };
  client::Protection by_vendor(device);
  client::SigningIdentity present = enrolled(by_vendor, BodyType::ir, p256());
  bench("kur, certConf; signed by the old one", 3, 3, 1, [&] {
    client::Protection by(present);
    present = enrolled(by, BodyType::kur, p256());
  });
  client::Protection by(present);
  bench("genm caCerts; signed", 1, 1, 1, [&] {
    talk.begin();
    (void)talk.ask(
        by, client::information_request({message::InfoTypeAndValue{message::it::caCerts, {}}}));
  });
  std::vector<client::SigningIdentity> all;
  for (std::size_t i = 0; i < bench.rounds / 4 + 10; ++i)
    all.push_back(enrolled(by_vendor, BodyType::ir, p256()));
  Bench fewer = bench;
  fewer.rounds = bench.rounds / 4;
  fewer("rr, and the CRL anew; signed by the certificate", 1, 2, 1, [&] {
    const client::SigningIdentity mine = std::move(all.back());
    all.pop_back();
    client::Protection own(mine);
    talk.begin();
    (void)talk.ask(own, client::revocation_request(
                            {mine.certificate.leaf.issuer, mine.certificate.leaf.serial}, 4));
  });
}

// RFC 9483 §5.2.2.2: an RA's batch. All in it are of one device, which changes nothing here.
void measure_batch(const Bench& bench, const client::SigningIdentity& ra,
                   const client::SigningIdentity& device) {
  Talk& talk = bench.talk;
  const auto key = p256();
  client::Protection by_ra(ra), by_device(device);
  const auto implicit = client::general_info({}, client::Confirmation::implicit);
  bench("one of 100 in a nested message; all signed", 2 + 1.0 / kMany, 2 + 1.0 / kMany, kMany, [&] {
    message::NestedMessageContent batch;
    for (std::size_t i = 0; i < kMany; ++i) {
      talk.begin();
      const Bytes one = talk.sealed(
          by_device, request(talk, BodyType::ir, device.certificate.leaf.subject, key), implicit);
      batch.messages.push_back(must(message::parse_message(one)));
    }
    talk.begin();
    (void)talk.ask(by_ra, {BodyType::nested, std::move(batch)});
  });
}

void measure_waiting(const Bench& bench, const client::SigningIdentity& device) {
  Talk& talk = bench.talk;
  const auto key = p256();
  client::Protection by(device);
  const auto waits = client::general_info("tls-client", client::Confirmation::explicit_);
  const auto ask = [&] {
    talk.begin();
    (void)talk.ask(by, request(talk, BodyType::ir, device.certificate.leaf.subject, key), waits);
  };
  const double empty = server_megabytes(bench.process);
  for (std::size_t i = 0; i < kWaiting; ++i) ask();
  const double full = server_megabytes(bench.process);
  bench("pollReq while it waits; signed", 1, 1, 1,
        [&] { (void)talk.ask(by, {BodyType::pollReq, message::PollReqContent{{RequestId{0}}}}); });
  const double begun = server_cpu_microseconds(bench.process);
  std::this_thread::sleep_for(std::chrono::seconds{10});
  const double idle = (server_cpu_microseconds(bench.process) - begun) / 10;
  fmt::print(
      "\n{} transactions wait for an officer: resident {:.1f} MiB before, {:.1f} after; the server "
      "uses {:.0f} us of CPU a second\n",
      kWaiting, empty, full, idle);
}

constexpr const char* kConfig =
    "[approval]\ntemplates = [\"tls-client\"]\n[cmp]\nduplicate_keys = \"allow\"\n";

void run(std::size_t rounds) {
  test::Workshop shop;
  const Vendor vendor;
  test::RunningServer server(shop, kConfig);
  trust(shop, server, vendor);
  const auto device = device_of(vendor, 1);
  const auto ra = device_of(vendor, 2);
  std::ofstream(shop.at("ra.pem")) << client::to_pem({ra.certificate.leaf.der});
  const auto added = shop.countersignd(
      {"trust", "add", "--data", server.data(), "--ra", "--names", "any", shop.at("ra.pem")});
  if (added.exit != 0) throw std::runtime_error(added.err);
  std::this_thread::sleep_for(std::chrono::seconds{2});  // the server hears of it

  Talk talk(server.url() + "/.well-known/cmp");
  const Bench bench{talk, server.process_id(), rounds, public_key_cost()};
  fmt::print("P-256 with all cores busy: sign {:.1f} us, verify {:.1f} us\n\n", bench.cost.sign,
             bench.cost.verify);
  fmt::print("{:<48} {:>6} {:>10} {:>12} {:>8}\n", "operation", "times", "CPU us", "unavoidable",
             "ratio");
  const client::SharedSecret secret{server.reference(), Secret(to_bytes(server.secret())),
                                    protect::MacChoice::password_based_mac};
  measure_enrolments(bench, device, secret);
  measure_life(bench, device);
  measure_batch(bench, ra, device);
  measure_waiting(bench, device);
  if (server.stop() != 0) throw std::runtime_error("the server did not stop cleanly");
}

}  // namespace

int main(int argc, char** argv) try {
  std::size_t rounds = 1000;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rounds") != 0 || i + 1 == argc)
      throw std::invalid_argument("use --rounds N");
    rounds = std::stoul(argv[++i]);
  }
  run(rounds);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_operations: {}\n", error.what());
  return 1;
}
