// Messages that a registration authority passes on: where they go (RFC 9483 §6.1), and which of the
// answers it passes down (§3.5, §5.2).
#include "message/operation_label.h"
#include "scenarios/ra_host.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;
using ports::Relay;
using Words = std::vector<std::string>;

const x509::Certificate& cmp_signer() { return authority().cmp; }

class RaPassage : public WholeRa {
 protected:
  // What comes of passing that on: the type of the answer, or a code.
  std::string pass_on(const PKIMessage& m, Relay::How how = Relay::How::vouched_for,
                      const std::string& label = "") {
    std::string got = "nothing";
    relay_->forward({m, how, label}, [&](Result<Bytes> reply) {
      got = reply ? std::string(message::name(message::parse_message(*reply)->body.type))
                  : std::string(reply.error().code);
    });
    pass(Seconds{30});
    return got;
  }
  // A pkiconf to that one, signed by the CA.
  Bytes signed_answer(View octets, const std::vector<Bytes>& certificates) {
    const auto asked = message::parse_message(octets).value();
    PKIMessage reply;
    reply.header.transaction_id = asked.header.transaction_id;
    reply.header.recip_nonce = asked.header.sender_nonce;
    reply.header.sender = x509::directory_name(cmp_signer().subject);
    reply.header.sender_kid = cmp_signer().subject_key_identifier();
    reply.header.message_time = clock_.at;
    reply.body = message::PKIBody{};
    const auto& signer = *authority().cmp_signer;
    Bytes tbs = protect::prepare_signature(reply, signer.algorithm());
    protect::attach_signature(reply, sign_now(signer, std::move(tbs)));
    if (spoils_) reply.protection->octets.back() ^= 1;
    reply.extra_certs = certificates;
    return message::encode(reply);
  }
  void answer_signed(const std::vector<Bytes>& certificates) {
    wire_.server = [this, certificates](View v) { return signed_answer(v, certificates); };
  }
  // The CA's own answers, with one octet of their protection changed.
  void spoil_answers() {
    wire_.server = [this](View request) {
      auto m = message::parse_message(answer_to(request)).value();
      m.protection->octets.back() ^= 1;
      return message::encode(m);
    };
  }
  Words urls() {
    Words out;
    for (const auto& url : std::exchange(wire_.urls, {})) out.push_back(url.substr(10));
    return out;
  }

  bool spoils_ = false;
};

// RFC 9483 §6.1 [SHOULD], [MUST]
TEST_F(RaPassage, goes_to_the_endpoint_of_its_operation) {
  serve(server::Relaying::vouched,
        [](issuer::Upstream& u) { u.labels = issuer::Labels::appended; });
  const PKIMessage ip = WholeRa::ask(ir());
  ASSERT_EQ(said(ip), "ip accepted");
  ASSERT_EQ(said(WholeRa::ask(next(ip, confirmation(ip)))), "pkiconf");
  EXPECT_EQ(urls(), (Words{"/initialization", "/initialization"}));
  serve(server::Relaying::untouched,
        [](issuer::Upstream& u) { u.labels = issuer::Labels::appended; });
  const PKIMessage cp = WholeRa::ask(first({BodyType::p10cr, make_csr("CN=d", key_of("p256"))}));
  ASSERT_EQ(said(cp), "cp accepted");
  ASSERT_EQ(said(WholeRa::ask(next(cp, confirmation(cp)))), "pkiconf");
  EXPECT_EQ(urls(), (Words{"/pkcs10", "/pkcs10"}));
}

TEST_F(RaPassage, goes_there_also_in_a_batch_and_when_its_beginning_was_forgotten) {
  serve(server::Relaying::untouched,
        [](issuer::Upstream& u) { u.labels = issuer::Labels::appended; });
  answer_signed({cmp_signer().der});
  const PKIMessage question =
      first({BodyType::genm, message::InfoMsgContent{{{message::it::caCerts, {}}}}});
  (void)pass_on(question, Relay::How::untouched);
  (void)pass_on(question, Relay::How::batched);
  (void)pass_on(next(question, poll()), Relay::How::untouched);
  const PKIMessage late = first(poll());
  (void)pass_on(late, Relay::How::untouched, "keyupdate");
  (void)pass_on(late, Relay::How::untouched, "../secret");
  (void)pass_on(late, Relay::How::untouched);
  EXPECT_EQ(urls(), (Words{"/getcacerts", "/nested", "/getcacerts", "/keyupdate", "", ""}));
}

TEST_F(RaPassage, goes_to_the_url_as_it_is_unless_told) {
  answer_signed({cmp_signer().der});
  (void)pass_on(ir());
  EXPECT_EQ(urls(), Words{""});
}

// ---- RFC 9483 §3.5 [MUST] also of responses that are passed down
TEST_F(RaPassage, a_signed_answer_is_verified_wherever_its_certificate_comes_from) {
  const Words refused{"issuer.upstream-answer"};
  const auto got = [&] { return Words{pass_on(ir())}; };
  answer_signed({});
  EXPECT_EQ(got(), refused) << "nobody knows who signed it";
  answer_signed({cmp_signer().der});
  EXPECT_EQ(got(), Words{"pkiconf"});
  answer_signed({});
  EXPECT_EQ(got(), Words{"pkiconf"}) << "by the certificate of the answer before";
  spoils_ = true;
  EXPECT_EQ(got(), refused);
  spoils_ = false;
  serve(server::Relaying::vouched);
  EXPECT_EQ(got(), refused) << "forgotten by a new start";
  serve(server::Relaying::vouched, [](issuer::Upstream& u) { u.signers = {cmp_signer().der}; });
  EXPECT_EQ(got(), Words{"pkiconf"}) << "configured";
  spoils_ = true;
  EXPECT_EQ(got(), refused);
}

TEST_F(RaPassage, an_answer_under_a_mac_is_verified_by_the_secret_of_its_requester) {
  serve(server::Relaying::vouched);
  EXPECT_EQ(said(WholeRa::ask(ir())), "ip accepted");
  spoil_answers();
  EXPECT_EQ(said(WholeRa::ask(ir())), "error rejection systemFailure");
  EXPECT_EQ(host_->store().certificates({})->size(), 1u) << "nor is its certificate noted";
  wire_.server = [this](View request) { return answer_to(request); };
  const PKIMessage by_device = message::parse_message(Device({}).seal(ir(), clock_.at)).value();
  EXPECT_EQ(pass_on(by_device), "issuer.upstream-answer") << "no MAC for who used none";
  EXPECT_EQ(pass_on(by_device, Relay::How::untouched), "ip") << "for its requester to verify";
}

// RFC 9483 §3.6.4
TEST_F(RaPassage, an_error_without_protection_is_for_its_requester_to_judge) {
  BodyType type = BodyType::error;
  wire_.server = [&](View request) {
    PKIMessage m;
    m.header = message::parse_message(request)->header;
    m.header.protection_alg.reset();
    m.body = {BodyType::error, message::ErrorMsgContent{}};
    if (type != BodyType::error) m.body = message::PKIBody{};
    return message::encode(m);
  };
  EXPECT_EQ(pass_on(ir()), "error");
  EXPECT_EQ(pass_on(ir(), Relay::How::batched), "issuer.upstream-answer") << "one to us is not";
  type = BodyType::pkiconf;
  EXPECT_EQ(pass_on(ir()), "issuer.upstream-answer");
}

// RFC 4211 §6.1: by who issues, so that none is used twice.
TEST_F(RaPassage, leaves_tokens_to_the_ca_of_what_it_passes_on) {
  const auto require = [this] {
    host_->change([](auto& profile) { profile.tokens = enrol::TokenPolicy::require; });
  };
  serve(server::Relaying::vouched);
  require();
  EXPECT_EQ(said(WholeRa::ask(ir())), "ip accepted");
  serve(server::Relaying::updates);
  require();
  EXPECT_EQ(said(WholeRa::ask(ir())), "ip rejection notAuthorized");
}

// RFC 9483 §3.5 [SHOULD] the status of the certificate that protects a response
TEST_F(RaPassage, an_answer_of_a_revoked_signer_is_not_passed_down) {
  answer_signed({cmp_signer().der});
  const auto use = [this](std::vector<x509::RevokedEntry> revoked, Seconds lasts) {
    std::optional<Bytes> list;
    issuer::make_crl({std::move(revoked), 1, clock_.at, clock_.at + lasts}, authority().issuing,
                     *authority().issuing_signer,
                     [&](Result<Bytes> made) { list = std::move(made).value(); });
    EXPECT_TRUE(issuer_->use_lists({&*list, 1}));
  };
  constexpr Seconds kDay{86400};
  use({}, kDay);
  EXPECT_EQ(pass_on(ir()), "pkiconf");
  use({{cmp_signer().serial, clock_.at, 1, {}}}, kDay);
  EXPECT_EQ(pass_on(ir()), "issuer.upstream-answer");
  use({}, Seconds{1});
  pass(Seconds{2});
  EXPECT_EQ(pass_on(ir()), "issuer.upstream-answer") << "a list that has expired";
  const Bytes no_list = to_bytes("no list");
  EXPECT_EQ(issuer_->use_lists({&no_list, 1}).error().code, "crypto.crl-format");
  EXPECT_TRUE(issuer_->use_lists({}));
  EXPECT_EQ(pass_on(ir()), "pkiconf") << "without lists nobody is looked up";
}

}  // namespace
}  // namespace countersign::test
