// The issuer of a registration authority against the server machine as its CA, with a clock that is
// only told, a store in memory and a wire that loses, doubles and spoils what the test says.
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
namespace {

using std::chrono::milliseconds;
using transaction::Answer;

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
  void claim_orders(ports::Due due, Seconds, Done<std::vector<enrol::OrderRecord>> done) override {
    std::vector<enrol::OrderRecord> out;
    for (const auto& [id, order] : orders)
      if (order.due && *order.due <= due.now) out.push_back(order);
    done(std::move(out));
  }
  ports::Load pressure() const noexcept override { return {}; }

  std::map<std::string, enrol::OrderRecord> orders;
};

// What the wire does to one exchange.
enum class Wire { carries, refuses, loses_request, loses_reply, spoils_reply, sends_old_reply };

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
    Credentials who;
    who.reference = "ra-1";
    who.secret = Secret(to_bytes("the secret that makes an RA"));
    Device device(std::move(who));
    message::PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, 0x42)};
    m.header.sender_nonce = Nonce{Bytes(16, 0x43)};
    m.header.general_info = {
        message::make_info(message::it::implicitConfirm, message::NullValue{})};
    m.body = {message::BodyType::ir,
              crmf::CertReqMessages{Device::request(0, "CN=RA 1", key_of("p384"))}};
    const auto reply = device.open(ca_.handle(device.seal(std::move(m), kStart), kStart), kStart);
    const auto& response =
        std::get<message::CertRepMessage>(reply.value().body.content).response.at(0);
    ra_ = std::get<Bytes>(response.certified_key_pair.value().cert_or_enc_cert);
    open();
  }

  // As a process starts: what was in memory is gone.
  void open() {
    tasks_.clear();
    issuer_.reset();
    auto upstream =
        issuer::make_upstream({"http://one", "http://two"}, {ra_, authority().issuing.der},
                              issuer::make_software_signer(crypto::PrivateKey(key_of("p384"))),
                              {authority().issuing.der, authority().root.der});
    issuer_ = std::make_unique<issuer::UpstreamCmp>(
        std::move(upstream).value(),
        issuer::UpstreamWorld{
            store_, wire_, clock_, entropy_,
            [this](milliseconds delay, std::move_only_function<void()> then) {
              const auto seconds = std::chrono::ceil<Seconds>(delay);
              tasks_.emplace(clock_.at + seconds, std::move(then));
            },
            [this](const ports::OrderKey&, Answer answer, Done<> done) {
              late_.push_back(std::move(answer));
              if (transaction_is_known_) return done({});
              done(fail(Failure::badRequest, "server.no-transaction", "none"));
            },
            [this](const ports::OrderKey&, const std::string&, const Error& error) {
              complaints_.emplace_back(error.code);
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
  static transaction::CertificateOrder order() {
    transaction::CertificateOrder out;
    out.profile = "device";
    out.subject = x509::common_name("device-7");
    out.spki = copy(key_of("p256").public_key().spki());
    out.validity = {kStart, kStart + Seconds{86400}};
    return out;
  }
  // In a word, or the code of a refusal; empty while nothing came.
  static std::string word(const std::optional<Result<Answer>>& said) {
    if (!said) return "";
    if (!*said) return "!" + std::string(said->error().code);
    return word(**said);
  }
  static std::string word(const Answer& a) {
    if (const auto* refused = std::get_if<transaction::Refused>(&a))
      return std::string(refused->error.code) + " " + std::string(name(refused->error.failure));
    if (std::holds_alternative<transaction::Issued>(a)) return "issued";
    if (std::holds_alternative<transaction::Pending>(a)) return "pending";
    return std::holds_alternative<transaction::Revoked>(a) ? "revoked" : "informed";
  }
  std::string ask(Seconds wait = Seconds{0}) {
    said_.reset();
    issuer_->issue(key(), order(), clock_.at, [this](Result<Answer> a) { said_ = std::move(a); });
    pass(wait);
    return word(said_);
  }
  std::string settle(ports::Settlement settlement, Seconds wait = Seconds{0}) {
    std::optional<Result<>> done;
    issuer_->settle(key(), settlement, clock_.at, [&](Result<> r) { done = std::move(r); });
    pass(wait);
    if (!done) return "";
    return *done ? "ok" : std::string(done->error().code);
  }
  void due(Seconds wait = Seconds{20}) {
    issuer_->run_due();
    pass(wait);
  }
  // "valid CN=device-7" of the CA's certificates but for the RA's own.
  std::string at_ca() const {
    std::string out;
    for (const auto& c : ca_.certificates())
      if (c.der != ra_) out += std::string(enrol::name(c.status)) + " " + c.subject + ";";
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
  std::optional<Result<Answer>> said_;
  std::vector<Answer> late_;
  std::vector<std::string> complaints_;
  std::unique_ptr<issuer::UpstreamCmp> issuer_;
  std::multimap<Time, std::move_only_function<void()>> tasks_;
};

TEST_F(Upstream, grants_and_confirms_at_the_ca_what_was_confirmed_here) {
  ASSERT_EQ(ask(), "issued");
  EXPECT_EQ(at_ca(), "unconfirmed CN=device-7;");
  const auto& issued = std::get<transaction::Issued>(**said_);
  EXPECT_EQ(issued.chain, std::vector<Bytes>{authority().issuing.der});
  EXPECT_EQ(issued.root, authority().root.der);
  const auto first = message::parse_message(wire_.sent.at(0)).value();
  EXPECT_TRUE(std::holds_alternative<crmf::RaVerified>(
      *std::get<crmf::CertReqMessages>(first.body.content).at(0).popo));
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok") << "asked twice";
  EXPECT_EQ(wire_.sent.size(), 2u);
}

TEST_F(Upstream, a_rejection_goes_up_too_and_survives_a_restart) {
  ASSERT_EQ(ask(), "issued");
  wire_.next = {Wire::loses_request};
  EXPECT_EQ(settle(ports::Settlement::rejected), "ok") << "it is stored";
  open();
  due(Seconds{0});
  EXPECT_EQ(at_ca(), "unconfirmed CN=device-7;") << "not due yet";
  clock_.at += Seconds{60};
  due();
  EXPECT_EQ(at_ca(), "revoked CN=device-7;");
}

TEST_F(Upstream, a_retry_sends_the_same_octets_and_nothing_is_issued_twice) {
  wire_.next = {Wire::loses_request, Wire::loses_reply, Wire::carries};
  EXPECT_EQ(ask(Seconds{10}), "issued");
  ASSERT_EQ(wire_.sent.size(), 3u);
  EXPECT_EQ(wire_.sent[0], wire_.sent[1]);
  EXPECT_EQ(wire_.sent[0], wire_.sent[2]);
  EXPECT_EQ(at_ca(), "unconfirmed CN=device-7;");
}

TEST_F(Upstream, the_same_order_after_a_crash_goes_on_with_the_same_octets) {
  wire_.next = {Wire::loses_reply};
  EXPECT_EQ(ask(), "") << "under way";
  open();
  EXPECT_EQ(ask(), "issued");
  ASSERT_EQ(wire_.sent.size(), 2u);
  EXPECT_EQ(wire_.sent[0], wire_.sent[1]);
  open();
  EXPECT_EQ(ask(), "issued") << "from the memo";
  EXPECT_EQ(wire_.sent.size(), 2u);
}

TEST_F(Upstream, another_endpoint_is_tried_and_stayed_with) {
  wire_.next = {Wire::refuses};
  ASSERT_EQ(ask(Seconds{5}), "issued");
  ASSERT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(wire_.urls, (std::vector<std::string>{"http://one", "http://two", "http://two"}));
}

TEST(UpstreamEndpoints, one_that_fails_rests_and_is_tried_again_by_one_message) {
  issuer::Endpoints endpoints({"a", "b"}, Seconds{30});
  const auto url = [&](long long at) { return endpoints.choose(kStart + Seconds{at}).url; };
  EXPECT_EQ(url(0), "a");
  for (int i = 0; i < 3; ++i) endpoints.failed("a", kStart);
  EXPECT_EQ(url(29), "b");
  EXPECT_EQ(url(30), "a") << "tried";
  EXPECT_EQ(url(31), "b") << "by one";
  endpoints.answered("a");
  EXPECT_EQ(url(32), "a");
  for (int i = 0; i < 3; ++i) endpoints.failed("a", kStart + Seconds{40});
  for (int i = 0; i < 3; ++i) endpoints.failed("b", kStart + Seconds{41});
  EXPECT_EQ(url(42), "a") << "all rest: the one that has rested longest";
}

TEST_F(Upstream, one_that_was_never_reached_is_told_so_in_time) {
  wire_.next.assign(20, Wire::refuses);
  EXPECT_EQ(ask(Seconds{30}), "issuer.upstream-unreachable systemUnavail");
  EXPECT_EQ(at_ca(), "");
}

TEST_F(Upstream, one_that_may_have_been_reached_is_waited_for) {
  wire_.next.assign(20, Wire::loses_reply);
  EXPECT_EQ(ask(Seconds{30}), "pending");
  wire_.next.clear();
  clock_.at += Seconds{60};
  due();
  ASSERT_EQ(late_.size(), 1u);
  EXPECT_EQ(word(late_[0]), "issued");
}

TEST_F(Upstream, a_certificate_that_nobody_wants_any_more_is_rejected) {
  wire_.next.assign(20, Wire::loses_reply);
  EXPECT_EQ(ask(Seconds{30}), "pending");
  wire_.next.clear();
  transaction_is_known_ = false;
  clock_.at += Seconds{60};
  due();
  EXPECT_EQ(at_ca(), "revoked CN=device-7;");
}

TEST_F(Upstream, waiting_is_relayed_and_polled_for) {
  scripted_.ahead[0] = {IssuerSays::Kind::pending, {}, {}, Seconds{60}};
  EXPECT_EQ(ask(), "pending");
  scripted_.ahead.clear();
  const auto id = message::parse_message(wire_.sent.at(0))->header.transaction_id.value();
  ca_.advance("certificate:" + to_hex(crypto::sha256(ra_)), id,
              transaction::AnswerArrived{0, scripted_.late(0, {}, clock_.at)}, clock_.at);
  clock_.at += Seconds{90};
  due();
  ASSERT_EQ(late_.size(), 1u);
  EXPECT_EQ(word(late_[0]), "issued");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
}

TEST_F(Upstream, its_reason_is_kept) {
  scripted_.ahead[0] = {IssuerSays::Kind::refused, Failure::badCertTemplate, "scripted.no", {}};
  EXPECT_EQ(ask(), "issuer.upstream-refused badCertTemplate");
  EXPECT_EQ(std::get<transaction::Refused>(**said_).error.reply_text, "the issuer refuses");
}

TEST_F(Upstream, an_answer_that_proves_nothing_is_refused_clearly) {
  wire_.next = {Wire::spoils_reply};
  EXPECT_EQ(ask(), "issuer.upstream-answer systemFailure");
}

TEST_F(Upstream, an_answer_to_another_message_is_refused_clearly) {
  ASSERT_EQ(ask(), "issued");
  wire_.next = {Wire::sends_old_reply};
  EXPECT_EQ(settle(ports::Settlement::accepted), "issuer.upstream-answer");
}

TEST_F(Upstream, a_key_update_is_never_replaced) {
  auto update = order();
  update.replaces = Bytes{0x05};
  issuer_->issue(key(), update, clock_.at, [this](Result<Answer> a) { said_ = std::move(a); });
  pass(Seconds{0});
  EXPECT_EQ(word(said_), "issuer.upstream-update badRequest");
  EXPECT_TRUE(wire_.sent.empty());
}

TEST_F(Upstream, revokes_on_behalf) {
  ASSERT_EQ(ask(), "issued");
  ASSERT_EQ(settle(ports::Settlement::accepted), "ok");
  const Bytes serial = std::get<transaction::Issued>(**said_).serial;
  auto revoke = [&](const std::string& id) {
    auto which = key();
    which.id = id;
    issuer_->revoke(which, {serial, 1, {}}, clock_.at,
                    [this](Result<Answer> a) { said_ = std::move(a); });
    pass(Seconds{0});
    return word(said_);
  };
  EXPECT_EQ(revoke("order-2"), "revoked");
  EXPECT_EQ(at_ca(), "revoked CN=device-7;");
  EXPECT_EQ(revoke("order-3"), "revoked") << "it is what was wanted";
}

// ---- batches
using message::BodyType;
using message::PKIMessage;

class Batches : public Upstream {
 protected:
  Batches() {
    wire_.server = [this](View request) { return answer_to(request); };
  }
  static PKIMessage request(Byte id) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, id)};
    m.header.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(0x80 + id))};
    m.body = {BodyType::genm, message::InfoMsgContent{}};
    return m;
  }
  // A pkiconf for each inner message but those of `lost`, and one that nobody asked for.
  Bytes answer_to(View octets) {
    const PKIMessage asked = message::parse_message(octets).value();
    PKIMessage reply;
    reply.header.transaction_id = asked.header.transaction_id;
    reply.header.sender_nonce = Nonce{Bytes(16, 0x77)};
    reply.header.recip_nonce = asked.header.sender_nonce;
    if (wrong_nonce_) reply.header.recip_nonce = Nonce{Bytes(16, 0x66)};
    message::NestedMessageContent content;
    for (const auto& m : std::get<message::NestedMessageContent>(asked.body.content).messages) {
      if (m.header.transaction_id == lost_) continue;
      PKIMessage one;
      one.header.transaction_id = m.header.transaction_id;
      one.header.recip_nonce = m.header.sender_nonce;
      content.messages.push_back(std::move(one));
    }
    content.messages.push_back(request(0x55));
    reply.body = {BodyType::nested, std::move(content)};
    if (refuses_) {
      message::ErrorMsgContent error;
      error.status = message::rejection(Failure::notAuthorized, "you are no RA");
      reply.body = {BodyType::error, std::move(error)};
    }
    const auto& ca = authority();
    reply.header.sender = x509::directory_name(ca.cmp.subject);
    reply.header.sender_kid = ca.cmp.subject_key_identifier();
    reply.header.message_time = clock_.at;
    reply.extra_certs = {ca.cmp.der, ca.issuing.der};
    Bytes tbs = protect::prepare_signature(reply, ca.cmp_signer->algorithm());
    protect::attach_signature(reply, sign_now(*ca.cmp_signer, std::move(tbs)));
    return message::encode(reply);
  }
  // What each of them got: "pkiconf" of its own transaction, or a code.
  std::vector<std::string> send(const std::vector<Byte>& ids) {
    issuer::Forwarder forwarder(issuer_->upstream(), issuer_->world(), issuer_->endpoints());
    std::vector<std::string> got(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
      forwarder.forward(request(ids[i]), ports::Relay::How::batched, [&, i](Result<Bytes> reply) {
        if (!reply) {
          got[i] = std::string(reply.error().code) + " " + std::string(name(reply.error().failure));
          return;
        }
        const auto m = message::parse_message(*reply).value();
        got[i] = m.header.transaction_id == TransactionId{Bytes(16, ids[i])}
                     ? std::string(message::name(m.body.type))
                     : "another's";
      });
    pass(Seconds{30});
    return got;
  }

  TransactionId lost_;
  bool wrong_nonce_ = false, refuses_ = false;
  using Words = std::vector<std::string>;
};

TEST_F(Batches, give_each_its_own_answer) {
  EXPECT_EQ(send({1, 2, 3}), (Words{"pkiconf", "pkiconf", "pkiconf"}));
  ASSERT_EQ(wire_.sent.size(), 1u);
  const auto outer = message::parse_message(wire_.sent[0]).value();
  EXPECT_EQ(std::get<message::NestedMessageContent>(outer.body.content).messages.size(), 3u);
}

TEST_F(Batches, say_which_answer_is_missing) {
  lost_ = TransactionId{Bytes(16, 2)};
  EXPECT_EQ(send({1, 2, 3}),
            (Words{"pkiconf", "issuer.upstream-missing systemUnavail", "pkiconf"}));
}

TEST_F(Batches, hold_one_message_of_a_transaction) {
  EXPECT_EQ(send({1, 1}), (Words{"pkiconf", "pkiconf"}));
  EXPECT_EQ(wire_.sent.size(), 2u);
}

TEST_F(Batches, tell_each_what_is_wrong_with_the_whole) {
  refuses_ = true;
  EXPECT_EQ(send({1, 2}), (Words{"issuer.upstream-refused notAuthorized",
                                 "issuer.upstream-refused notAuthorized"}));
  refuses_ = false;
  wrong_nonce_ = true;
  EXPECT_EQ(send({1}), (Words{"issuer.upstream-answer systemFailure"}));
}

TEST_F(Batches, are_sent_again_as_they_were) {
  wire_.next = {Wire::loses_reply};
  EXPECT_EQ(send({1}), (Words{"pkiconf"}));
  ASSERT_EQ(wire_.sent.size(), 2u);
  EXPECT_EQ(wire_.sent[0], wire_.sent[1]);
}

}  // namespace
}  // namespace countersign::test
