// A load for the running server: devices on one loop, each enrolling again and again over its own
// connection. They look at answers only as far as they must, so that the server has the machine's
// cores.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

#include "client/enrolment.h"
#include "client/protection.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "measure.h"
#include "transport/http/client.h"

namespace countersign::bench {

struct Load {
  explicit Load(std::string to) : url(std::move(to)) {}

  boost::asio::io_context loop;
  const std::string url;
  const OsClock clock;
  crypto::OsEntropy entropy;
  std::chrono::steady_clock::time_point until;
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
    if (std::chrono::steady_clock::now() >= load_.until || load_.begun == load_.most) return;
    ++load_.begun;
    if (ready_.empty()) prepare(1);
    begun_ = std::chrono::steady_clock::now();
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
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun_)
            .count());
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
  std::chrono::steady_clock::time_point begun_;
};

using Devices = std::vector<std::unique_ptr<Device>>;

// With keys and first messages for as many as a fast server could take, within bounds.
inline Devices devices_on(Load& load, const Vendor& vendor, std::size_t clients, double seconds) {
  load.milliseconds.reserve(200'000);
  Devices out;
  for (std::size_t i = 0; i < clients; ++i)
    out.push_back(std::make_unique<Device>(load, device_of(vendor, i)));
  const double likely = std::min(seconds * 2500, 20'000.0);
  for (auto& device : out) device->prepare(static_cast<std::size_t>(likely) / clients);
  return out;
}

// Gives how many seconds it took.
inline double run(Load& load, const Devices& devices, double seconds) {
  const auto begun = std::chrono::steady_clock::now();
  load.until = begun + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  for (const auto& device : devices) device->enrol();
  while (load.milliseconds.size() < load.begun) load.loop.run_one();
  std::ranges::sort(load.milliseconds);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

inline double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace countersign::bench
