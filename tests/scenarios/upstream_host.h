// The issuer of a registration authority against the server machine as its CA, with a clock that is
// only told, a store in memory and a wire that loses, doubles and spoils what the test says.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "crypto/digest.h"
#include "issuer/software_signer.h"
#include "issuer/upstream_cmp/forwarder.h"
#include "issuer/upstream_cmp/upstream_cmp.h"
#include "message/info_type.h"
#include "scenarios/driver.h"
#include "support/certificates.h"
#include "support/device.h"

namespace countersign::test {

class MemoryStore final : public ports::Store {
 public:
  void load(ports::Lookup lookup, Done<ports::Snapshot> done) override {
    ports::Snapshot out;
    const auto at = orders.find(*lookup.order);
    if (at != orders.end()) out.order = at->second;
    done(std::move(out));
  }
  void commit(ports::Commit commit, Done<ports::Committed> done) override {
    for (auto& order : commit.orders) orders[order.id] = std::move(order);
    done(ports::Committed{});
  }
  void claim(ports::Due, Seconds, Done<std::vector<enrol::TransactionRecord>> done) override {
    done(std::vector<enrol::TransactionRecord>{});
  }
  void claim_orders(enrol::OrderKind kind, ports::Due due, Seconds,
                    Done<std::vector<enrol::OrderRecord>> done) override {
    std::vector<enrol::OrderRecord> out;
    for (const auto& [id, order] : orders)
      if (order.kind == kind && order.due && *order.due <= due.now) out.push_back(order);
    done(std::move(out));
  }
  ports::Load pressure() const noexcept override { return {}; }

  std::map<std::string, enrol::OrderRecord> orders;
};

// What the wire does to one exchange.
enum class Wire {
  carries,
  refuses,
  loses_request,
  loses_reply,
  spoils_reply,
  sends_old_reply,
  answers_404,  // with no CMP message, as does the next
  answers_500
};

class FakeWire final : public ports::Transport {
 public:
  explicit FakeWire(std::function<Bytes(View)> to) : server(std::move(to)) {}
  void exchange(const ports::Target& target, Bytes request, Seconds, Done<Bytes> done) override {
    sent.push_back(request);
    urls.push_back(target.url);
    const Wire does = next.empty() ? Wire::carries : next.front();
    if (!next.empty()) next.erase(next.begin());
    const auto broken = [&](std::string_view code) {
      done(fail(Failure::systemUnavail, code, "it is only a test"));
    };
    if (does == Wire::refuses) return broken("transport.refused");
    if (does == Wire::loses_request) return broken("transport.timeout");
    if (does == Wire::answers_404 || does == Wire::answers_500)
      return done(fail(Failure::systemUnavail, "transport.http-status", "it is only a test",
                       does == Wire::answers_404 ? "404" : "500"));
    Bytes reply = server(request);
    std::swap(reply, last_);
    if (does == Wire::loses_reply) return broken("transport.closed");
    if (does == Wire::sends_old_reply) return done(std::move(reply));
    reply = last_;
    if (does == Wire::spoils_reply) reply[reply.size() / 2] ^= 1;
    done(std::move(reply));
  }
  std::vector<Wire> next;
  std::vector<Bytes> sent;
  std::vector<std::string> urls;

  std::function<Bytes(View)> server;

 private:
  Bytes last_;
};

struct WaitedClock final : Clock {
  Time now() const noexcept override { return at; }
  Time at = kStart;
};

class Upstream : public testing::Test {
 protected:
  Upstream() {
    auto credential = make_credential({"ra-1", "the secret that makes an RA", {}, "any"});
    credential.profile = "ra";
    ca_.add_credential(std::move(credential));
    ra_ = register_with("p384");
    open();
  }
  // The certificate of a registration authority, from the CA.
  Bytes register_with(const std::string& key) {
    Credentials who;
    who.reference = "ra-1";
    who.secret = Secret(to_bytes("the secret that makes an RA"));
    Device device(std::move(who));
    message::PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, static_cast<Byte>(key.back()))};
    m.header.sender_nonce = Nonce{Bytes(16, 0x43)};
    m.header.general_info = {
        message::make_info(message::it::implicitConfirm, message::NullValue{})};
    m.body = {message::BodyType::ir,
              crmf::CertReqMessages{Device::request(0, "CN=RA 1", key_of(key))}};
    const auto reply = device.open(ca_.handle(device.seal(std::move(m), kStart), kStart), kStart);
    const auto& response =
        std::get<message::CertRepMessage>(reply.value().body.content).response.at(0);
    return std::get<Bytes>(response.certified_key_pair.value().cert_or_enc_cert);
  }
  static Result<issuer::Upstream> upstream_with(const Bytes& ra, const std::string& key) {
    return issuer::make_upstream({"http://one", "http://two"}, {ra, authority().issuing.der},
                                 issuer::make_software_signer(crypto::PrivateKey(key_of(key))),
                                 {authority().issuing.der, authority().root.der});
  }

  // As a process starts: what was in memory is gone.
  void open(const std::function<void(issuer::Upstream&)>& adjust = {}) {
    tasks_.clear();
    issuer_.reset();
    auto upstream = upstream_with(ra_, "p384");
    if (adjust) adjust(*upstream);
    issuer_ = std::make_unique<issuer::UpstreamCmp>(
        std::move(upstream).value(),
        issuer::UpstreamWorld{
            store_, wire_, clock_, entropy_,
            [this](std::chrono::milliseconds delay, std::move_only_function<void()> then) {
              const auto seconds = std::chrono::ceil<Seconds>(delay);
              tasks_.emplace(clock_.at + seconds, std::move(then));
            },
            [this](const ports::OrderKey&, transaction::Answer answer, Done<> done) {
              late_.push_back(std::move(answer));
              if (transaction_is_known_) return done({});
              done(fail(Failure::badRequest, "server.no-transaction", "none"));
            },
            [this](const ports::OrderKey&, const std::string& what, const Error& error) {
              complaints_.push_back(std::string(error.code) + ": " + what);
            }});
  }
  // Everything that is to happen within that time.
  void pass(Seconds time) {
    const Time end = clock_.at + time;
    while (!tasks_.empty() && tasks_.begin()->first <= end) {
      clock_.at = std::max(clock_.at, tasks_.begin()->first);
      auto task = std::move(tasks_.extract(tasks_.begin()).mapped());
      ca_.run_due(clock_.at);
      task();
    }
    clock_.at = end;
    ca_.run_due(clock_.at);
  }
  static ports::OrderKey key() {
    return {"order-1", "default", "secret:device-7", TransactionId{Bytes(16, 0x11)}, 0};
  }
  transaction::CertificateOrder order() const {
    transaction::CertificateOrder out;
    out.profile = "device";
    out.subject = x509::common_name("device-7");
    out.spki = copy(key_of("p256").public_key().spki());
    out.validity = {kStart, kStart + Seconds{86400}};
    out.original = original_;
    return out;
  }
  // In a word, or the code of a refusal; empty while nothing came.
  static std::string word(const std::optional<Result<transaction::Answer>>& said) {
    if (!said) return "";
    if (!*said) return "!" + std::string(said->error().code);
    return word(**said);
  }
  static std::string word(const transaction::Answer& a) {
    if (const auto* refused = std::get_if<transaction::Refused>(&a))
      return std::string(refused->error.code) + " " + std::string(name(refused->error.failure));
    if (std::holds_alternative<transaction::Issued>(a)) return "issued";
    if (std::holds_alternative<transaction::Pending>(a)) return "pending";
    return std::holds_alternative<transaction::Revoked>(a) ? "revoked" : "informed";
  }
  std::string ask(Seconds wait = Seconds{0}) {
    said_.reset();
    issuer_->issue(key(), order(), clock_.at,
                   [this](Result<transaction::Answer> a) { said_ = std::move(a); });
    pass(wait);
    return word(said_);
  }
  std::string settle(ports::Settlement settlement, Seconds wait = Seconds{0}) {
    std::optional<Result<ports::Heard>> done;
    issuer_->settle(key(), settlement, clock_.at,
                    [&](Result<ports::Heard> r) { done = std::move(r); });
    pass(wait);
    if (!done) return "";
    if (!*done) return std::string(done->error().code);
    return **done == ports::Heard::now ? "ok" : "later";
  }
  void due(Seconds wait = Seconds{20}) {
    constexpr Seconds kLease{60};
    store_.claim_orders(enrol::OrderKind::upstream, {clock_.at}, kLease,
                        [this](const Result<std::vector<enrol::OrderRecord>>& due) {
                          for (const auto& record : *due) issuer_->resume(record);
                        });
    pass(wait);
  }
  // "valid CN=device-7" of the CA's certificates but for the RA's own.
  std::string at_ca() const {
    std::string out;
    for (const auto& c : ca_.certificates())
      if (c.subject != "CN=RA 1") out += std::string(enrol::name(c.status)) + " " + c.subject + ";";
    return out;
  }

  WaitedClock clock_;
  CountingEntropy entropy_{21};
  ScriptedIssuer scripted_;
  ServerSetting setting_;
  MachineServer ca_{setting_, scripted_};
  FakeWire wire_{[this](View request) { return ca_.handle(request, clock_.at); }};
  MemoryStore store_;
  Bytes ra_;
  bool transaction_is_known_ = true;
  Bytes original_;  // the message that the order came by
  std::optional<Result<transaction::Answer>> said_;
  std::vector<transaction::Answer> late_;
  std::vector<std::string> complaints_;
  std::unique_ptr<issuer::UpstreamCmp> issuer_;
  std::multimap<Time, std::move_only_function<void()>> tasks_;
};

}  // namespace countersign::test
