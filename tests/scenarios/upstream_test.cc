// The issuer of a registration authority: what it makes of a CA's answers, of their absence, and of
// its own death in between.
#include "scenarios/upstream_host.h"

namespace countersign::test {
namespace {

using transaction::Answer;

void implicitly(issuer::Upstream& upstream) { upstream.confirming = issuer::Confirming::implicit; }

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
  EXPECT_EQ(first.header.recipient, x509::directory_name(authority().issuing.subject));
  EXPECT_EQ(message::parse_message(wire_.sent.at(1))->header.recipient,
            x509::directory_name(authority().cmp.subject));
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

// RFC 9810 §5.1.1.1
TEST_F(Upstream, an_implicit_confirmation_saves_a_second_exchange) {
  open(implicitly);
  ASSERT_EQ(ask(), "issued");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok") << "asked twice";
  EXPECT_EQ(wire_.sent.size(), 1u);
}

TEST_F(Upstream, what_counts_as_confirmed_is_revoked_once_it_is_rejected) {
  open(implicitly);
  ASSERT_EQ(ask(), "issued");
  wire_.next = {Wire::loses_request};
  EXPECT_EQ(settle(ports::Settlement::rejected), "ok") << "it is stored";
  open(implicitly);
  clock_.at += Seconds{60};
  wire_.next = {Wire::loses_reply};
  due();
  EXPECT_EQ(at_ca(), "revoked CN=device-7;");
  ASSERT_EQ(wire_.sent.size(), 4u);
  EXPECT_EQ(message::parse_message(wire_.sent[1])->body.type, message::BodyType::rr);
  EXPECT_EQ(wire_.sent[1], wire_.sent[2]);
  EXPECT_EQ(wire_.sent[1], wire_.sent[3]);
  EXPECT_EQ(complaints_, (std::vector<std::string>{}));
}

TEST_F(Upstream, what_counts_as_confirmed_and_nobody_wants_any_more_is_revoked) {
  open(implicitly);
  wire_.next.assign(20, Wire::loses_reply);
  EXPECT_EQ(ask(Seconds{30}), "pending");
  wire_.next.clear();
  transaction_is_known_ = false;
  clock_.at += Seconds{60};
  due();
  EXPECT_EQ(at_ca(), "revoked CN=device-7;");
}

TEST_F(Upstream, says_which_certificate_stays_valid_where_the_ca_does_not_revoke) {
  open(implicitly);
  ASSERT_EQ(ask(), "issued");
  const Bytes serial = std::get<transaction::Issued>(**said_).serial;
  wire_.next = {Wire::refuses};
  EXPECT_EQ(settle(ports::Settlement::rejected), "ok") << "it is stored";
  open(implicitly);
  // Meanwhile this registration authority loses its rights there.
  ca_.revoke(x509::serial_of(ra_).value(), 1, clock_.at);
  clock_.at += Seconds{60};
  due();
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
  ASSERT_FALSE(complaints_.empty());
  EXPECT_EQ(complaints_.back(), "issuer.upstream-refuses-us: the upstream CA refused to revoke " +
                                    to_hex(serial) + ", which is not wanted here: revoke it there");
}

TEST_F(Upstream, a_ca_that_wants_a_certconf_gets_one) {
  ca_.want_certconf();
  open(implicitly);
  ASSERT_EQ(ask(), "issued");
  EXPECT_EQ(at_ca(), "unconfirmed CN=device-7;");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
  EXPECT_EQ(wire_.sent.size(), 2u);
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

// RFC 9483 §6.1
TEST_F(Upstream, all_messages_go_to_the_endpoint_of_their_operation) {
  open([](issuer::Upstream& u) { u.labels = issuer::Labels::appended; });
  ASSERT_EQ(ask(), "issued");
  ASSERT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(wire_.urls,
            (std::vector<std::string>{"http://one/initialization", "http://one/initialization"}));
}

TEST(UpstreamEndpoints, one_that_fails_rests_and_is_tried_again_by_one_message) {
  WaitedClock clock;
  issuer::Gate gate({}, clock);
  issuer::Endpoints endpoints({"a", "b"}, Seconds{30}, gate);
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

// The CA makes up its mind; the certificate comes by the second way in.
class WaitingUpstream : public Upstream {
 protected:
  void decided_later() {
    waits();
    is_decided();
  }
  void waits() {
    scripted_.ahead[0] = {IssuerSays::Kind::pending, {}, {}, Seconds{60}};
    EXPECT_EQ(ask(), "pending");
  }
  void is_decided() {
    scripted_.ahead.clear();
    const auto id = message::parse_message(wire_.sent.at(0))->header.transaction_id.value();
    ca_.advance("certificate:" + to_hex(crypto::sha256(ra_)), id,
                transaction::AnswerArrived{0, scripted_.late(0, {}, clock_.at)}, clock_.at);
    clock_.at += Seconds{90};
    due();
    ASSERT_EQ(late_.size(), 1u);
    EXPECT_EQ(word(late_[0]), "issued");
  }
  // What the file of its certificate says from now on.
  void gets_a_new_certificate() {
    ASSERT_TRUE(issuer_->use(upstream_with(next_, "p521").value()));
    pass(Seconds{0});
  }
  Bytes signer_of(std::size_t sent) const {
    return message::parse_message(wire_.sent.at(sent))->extra_certs.at(0);
  }
  const Bytes next_ = register_with("p521");
};

TEST_F(WaitingUpstream, is_polled_and_told_what_was_confirmed) {
  decided_later();
  EXPECT_EQ(at_ca(), "unconfirmed CN=device-7;");
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
}

// RFC 9483 §4.1.1 [MUST] certConf, and the polls before it, have the protection of the request
TEST_F(WaitingUpstream, ends_by_the_certificate_that_it_began_by) {
  waits();
  gets_a_new_certificate();
  is_decided();
  gets_a_new_certificate();  // the same
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  for (std::size_t i = 0; i < wire_.sent.size(); ++i) EXPECT_EQ(signer_of(i), ra_) << i;
  const auto so_far = wire_.sent.size();
  transaction::RevocationOrder order;
  order.serial = x509::serial_of(ca_.certificates().back().der).value();
  issuer_->revoke({"order-2", "default", "secret:device-7", TransactionId{Bytes(16, 0x12)}, 0},
                  order, clock_.at, [](const Result<transaction::Answer>&) {});
  pass(Seconds{0});
  ASSERT_GT(wire_.sent.size(), so_far);
  EXPECT_EQ(signer_of(so_far), next_) << "what begins now";
}

// Many a CA revokes a certificate when it is renewed. One that knows transactions by their ID goes
// on then; this one does not.
TEST_F(WaitingUpstream, goes_on_by_the_present_certificate_where_the_former_is_revoked) {
  waits();
  gets_a_new_certificate();
  ca_.revoke(x509::serial_of(ra_).value(), 4, clock_.at);
  clock_.at += Seconds{90};
  due();
  ASSERT_EQ(wire_.sent.size(), 3u);
  EXPECT_EQ(signer_of(1), ra_);
  EXPECT_EQ(signer_of(2), next_);
  const auto first = message::parse_message(wire_.sent[1]).value();
  const auto again = message::parse_message(wire_.sent[2]).value();
  EXPECT_EQ(again.body.content.index(), first.body.content.index());
  EXPECT_EQ(again.header.sender_nonce, first.header.sender_nonce);
  EXPECT_EQ(again.header.transaction_id, first.header.transaction_id);
  ASSERT_EQ(late_.size(), 1u);
  EXPECT_EQ(word(late_[0]).substr(0, 23), "issuer.upstream-refused");
}

TEST_F(WaitingUpstream, rejects_by_the_certificate_that_it_asked_by) {
  waits();
  is_decided();
  gets_a_new_certificate();
  EXPECT_EQ(settle(ports::Settlement::rejected), "ok");
  due();
  EXPECT_NE(at_ca().find("revoked CN=device-7;"), std::string::npos);
}

// RFC 9810 §5.3.22: the first answer says nothing of when to ask again, the next ones do.
TEST_F(WaitingUpstream, passes_on_when_to_ask_again) {
  scripted_.ahead[0] = {IssuerSays::Kind::pending, {}, {}, Seconds{90}};
  EXPECT_EQ(ask(), "pending");
  clock_.at += Seconds{2};
  due();
  ASSERT_EQ(late_.size(), 1u);
  ASSERT_EQ(word(late_[0]), "pending");
  EXPECT_EQ(std::get<transaction::Pending>(late_[0]).check_after, Seconds{90});
}

TEST_F(WaitingUpstream, confirms_implicitly_what_it_grants_late) {
  open(implicitly);
  decided_later();
  EXPECT_EQ(at_ca(), "valid CN=device-7;");
  const auto so_far = wire_.sent.size();
  EXPECT_EQ(settle(ports::Settlement::accepted), "ok");
  EXPECT_EQ(wire_.sent.size(), so_far);
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

// RFC 9810 §5.1.1.3
TEST_F(Upstream, shows_the_ca_the_message_that_it_was_asked_by) {
  ASSERT_EQ(ask(), "issued");
  const auto shown = [this](std::size_t index) {
    const auto m = message::parse_message(wire_.sent.at(index)).value();
    const auto* item = message::find(m.header.general_info, message::it::origPKIMessage);
    return item == nullptr ? Bytes{} : item->value;
  };
  EXPECT_TRUE(shown(0).empty()) << "there is none";

  message::PKIMessage original;
  original.header.sender = x509::directory_name(x509::common_name("device-7"));
  original.header.transaction_id = TransactionId{Bytes(16, 0x77)};
  original.body = {message::BodyType::ir,
                   crmf::CertReqMessages{Device::request(0, "CN=device-7", key_of("p256"))}};
  original_ = message::encode(original);
  store_.orders.clear();
  ASSERT_EQ(ask(), "issued");
  EXPECT_TRUE(shown(1).empty());
  open([](issuer::Upstream& u) { u.originals = issuer::Originals::shown; });
  store_.orders.clear();
  ASSERT_EQ(ask(), "issued");
  der::Writer w;
  w.sequence([&](der::Writer& s) { s.raw(original_); });
  EXPECT_EQ(shown(2), std::move(w).take());
  std::string noted;
  for (const auto& row : ca_.audit())
    if (row.event == "original") noted = row.detail;
  EXPECT_EQ(noted, "transactionID 77777777777777777777777777777777 of dn:CN=device-7");
}

// RFC 9483 §4.1.1
TEST_F(Upstream, names_the_certificate_profile_that_it_was_told_to) {
  message::PKIMessage original;
  original.header.sender = x509::directory_name(x509::common_name("device-7"));
  original.header.general_info = {
      message::make_info(message::it::certProfile, message::Texts{{"asked for"}})};
  original.body = {message::BodyType::ir,
                   crmf::CertReqMessages{Device::request(0, "CN=device-7", key_of("p256"))}};
  const Bytes with_name = message::encode(original);
  original.header.general_info.clear();
  const Bytes without = message::encode(original);
  const auto named = [this](std::string cert_profile, const Bytes& asked) -> std::string {
    open([&](issuer::Upstream& u) { u.cert_profile = std::move(cert_profile); });
    store_.orders.clear();
    original_ = asked;
    wire_.sent.clear();
    (void)ask();
    const auto m = message::parse_message(wire_.sent.at(0)).value();
    const auto* item = message::find(m.header.general_info, message::it::certProfile);
    if (item == nullptr) return "none";
    const auto value = message::decode(*item);
    return std::get<message::Texts>(value.value()).texts.at(0);
  };
  EXPECT_EQ(named("", with_name), "none");
  EXPECT_EQ(named("as_asked", with_name), "asked for");
  EXPECT_EQ(named("as_asked", without), "none");
  EXPECT_EQ(named("as_asked", {}), "none");
  EXPECT_EQ(named("ra_profile", with_name), "device");
  EXPECT_EQ(named("tls-server", with_name), "tls-server");
}

// RFC 9810 §5.1.1.3 [MUST] exactly one
TEST_F(Upstream, a_ca_takes_one_original_message_alone) {
  ASSERT_EQ(ask(), "issued");
  const auto says = [this](std::size_t originals, Byte id) {
    auto m = message::parse_message(wire_.sent.at(0)).value();
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      for (std::size_t i = 0; i < originals; ++i) s.raw(wire_.sent.at(0));
    });
    m.header.transaction_id = TransactionId{Bytes(16, id)};
    m.header.general_info.push_back({message::it::origPKIMessage, std::move(w).take()});
    m.header_and_body.clear();
    m.protection.reset();
    const auto& signer = *issuer_->upstream().ra->signer;
    Bytes tbs = protect::prepare_signature(m, signer.algorithm());
    protect::attach_signature(m, sign_now(signer, std::move(tbs)));
    const auto reply = message::parse_message(ca_.handle(message::encode(m), clock_.at)).value();
    const auto* error = std::get_if<message::ErrorMsgContent>(&reply.body.content);
    return error == nullptr ? std::string(message::name(reply.body.type))
                            : error->error_details.at(0);
  };
  EXPECT_EQ(says(1, 0x61), "ip");
  EXPECT_EQ(says(2, 0x62), "transaction.original");
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
  ca_.revoke(x509::serial_of(ra_).value(), 1, clock_.at);
  EXPECT_EQ(revoke("order-4"), "issuer.upstream-refuses-us systemFailure")
      << "not the one asked about";
}

}  // namespace
}  // namespace countersign::test
