#include "transaction/replies.h"

#include <gtest/gtest.h>

#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using test::Conversation;

const message::CertRepMessage& certificates(const Conversation& c) {
  return std::get<message::CertRepMessage>(c.reply->body.content);
}

TEST(Replies, the_chain_goes_into_extra_certs_once_and_the_root_into_caPubs_of_an_ip) {
  Conversation c;
  c.does("ir 0 1");
  c.does("answer 0 issued 1");
  c.does("answer 1 issued 2");
  EXPECT_EQ(c.reply->extra_certs, test::issued(1).chain);
  EXPECT_EQ(certificates(c).ca_pubs, std::vector<Bytes>{test::root_certificate()});
}

TEST(Replies, what_goes_along_is_as_the_endpoint_has_it) {
  const auto chain = test::issued(1).chain;
  const Bytes root = test::root_certificate();
  auto chain_and_root = chain;
  chain_and_root.push_back(root);
  using message::Variant;
  struct Case {
    const char* what;
    const char* request;
    Rules rules;
    std::vector<Bytes> extra_certs;
    bool root_in_ca_pubs = false;
  };
  const auto rules = [](Variant variant, ExtraCerts extra_certs, CaPubs ca_pubs) {
    Rules out;
    out.variant = variant;
    out.extra_certs = extra_certs;
    out.ca_pubs = ca_pubs;
    return out;
  };
  const std::vector<Case> cases = {
      {"by itself", "ir 0", rules(Variant::general, ExtraCerts::chain, CaPubs::mac_only), chain,
       true},
      {"by itself, a cp", "cr 0", rules(Variant::general, ExtraCerts::chain, CaPubs::mac_only),
       chain},
      {"with the root", "cr 0", rules(Variant::general, ExtraCerts::chain_and_root, CaPubs::never),
       chain_and_root},
      {"for base stations the root goes along", "ir 0",
       rules(Variant::base_station, ExtraCerts::chain, CaPubs::never), chain_and_root},
      {"the signer alone", "ir 0", rules(Variant::general, ExtraCerts::signer, CaPubs::never), {}},
      {"nothing", "ir 0", rules(Variant::general, ExtraCerts::none, CaPubs::mac_only), {}, true},
      {"no root at all", "ir 0", rules(Variant::general, ExtraCerts::chain, CaPubs::never), chain},
      {"the root always", "cr 0", rules(Variant::general, ExtraCerts::chain, CaPubs::always), chain,
       true},
      {"always, but not in a lightweight cp", "cr 0",
       rules(Variant::lightweight, ExtraCerts::chain, CaPubs::always), chain},
      {"always, in a lightweight ip", "ir 0",
       rules(Variant::lightweight, ExtraCerts::chain, CaPubs::always), chain, true},
  };
  for (const Case& one : cases) {
    Conversation c;
    c.rules = one.rules;
    c.does(one.request);
    c.does("answer 0 issued 1");
    EXPECT_EQ(c.reply->extra_certs, one.extra_certs) << one.what;
    const auto expected = one.root_in_ca_pubs ? std::vector<Bytes>{root} : std::vector<Bytes>{};
    EXPECT_EQ(certificates(c).ca_pubs, expected) << one.what;
  }
}

TEST(Replies, a_certificate_is_the_one_that_was_issued_without_a_private_key) {
  Conversation c;
  c.does("ir 3");
  c.does("answer 0 issued 9");
  const auto& pair = *certificates(c).response.at(0).certified_key_pair;
  EXPECT_EQ(std::get<message::CMPCertificate>(pair.cert_or_enc_cert), test::issued(9).certificate);
  EXPECT_FALSE(pair.private_key);
}

// RFC 9483 §4.1.6. The reply that holds it is kept until certConf, so that is always awaited.
TEST(Replies, a_private_key_is_told_once_and_its_reply_is_forgotten_when_it_has_arrived) {
  for (const auto& [end, says] :
       {std::pair{"certConf 0:accept", "pkiconf | confirm(09) confirmed(09) forget-reply"},
        {"certConf 0:reject", "pkiconf | withdraw(09) rejected(09) give-back forget-reply"},
        {"error", "pkiconf | withdraw(09) rejected(09) give-back forget-reply"},
        {"elapse 300", "- | withdraw(09) lapsed(09,confirmation.late) give-back forget-reply"}}) {
    Conversation c;
    c.does("ir 0 implicit=yes");
    const std::string ip = c.does("answer 0 issued 9 private-key=yes");
    EXPECT_EQ(ip.find("implicitConfirm"), std::string::npos) << ip;
    const auto& pair = *certificates(c).response.at(0).certified_key_pair;
    ASSERT_TRUE(pair.private_key);
    EXPECT_TRUE(std::holds_alternative<crmf::EnvelopedData>(*pair.private_key));
    EXPECT_TRUE(c.state.requests.at(0).private_key.empty());
    EXPECT_TRUE(c.state.key_reply);
    EXPECT_EQ(c.does(end), says);
    EXPECT_FALSE(c.state.key_reply);
  }
}

TEST(Replies, a_private_key_waits_with_its_request_and_goes_when_that_is_refused) {
  Conversation c;
  c.does("ir 0");
  c.does("answer 0 pending private-key=yes");
  EXPECT_FALSE(c.state.requests.at(0).private_key.empty());
  c.does("answer 0 issued 9");
  c.does("pollReq 0");
  EXPECT_TRUE(certificates(c).response.at(0).certified_key_pair->private_key);
  Conversation refused;
  refused.does("ir 0");
  refused.does("answer 0 pending private-key=yes");
  refused.does("answer 0 refused");
  EXPECT_TRUE(refused.state.requests.at(0).private_key.empty());
}

// RFC 9810 §5.3.4: accepted has a certificate and no failInfo; rejection and waiting have none.
TEST(Replies, only_what_was_accepted_has_a_certificate) {
  Conversation c;
  c.does("ir 0 1 2");
  c.does("answer 0 issued 1");
  c.does("answer 1 refused");
  c.does("answer 2 pending");
  const auto& responses = certificates(c).response;
  EXPECT_TRUE(responses.at(0).certified_key_pair);
  EXPECT_FALSE(responses.at(0).status.fail_info);
  EXPECT_FALSE(responses.at(1).certified_key_pair);
  EXPECT_EQ(responses.at(1).status.status_string, message::PKIFreeText{"use a longer key"});
  EXPECT_FALSE(responses.at(2).certified_key_pair);
  EXPECT_FALSE(responses.at(2).status.fail_info);
}

TEST(Replies, what_differs_from_the_wish_is_said_in_words) {
  Conversation c;
  c.does("ir 0 modified=shorter");
  c.does("answer 0 issued 1");
  EXPECT_EQ(certificates(c).response.at(0).status.status_string, message::PKIFreeText{"shorter"});
}

// RFC 9810 §5.2.3
TEST(Replies, a_second_update_is_told_by_keyUpdateWarning) {
  Conversation c;
  EXPECT_EQ(c.does("kur 0 replaces=05 again=yes modified=shorter"), "- | ask(0)");
  EXPECT_EQ(c.does("answer 0 issued 1"),
            "kup 0:keyUpdateWarning confirm-by=300 | issued(01) reserve");
  EXPECT_EQ(certificates(c).response.at(0).status.status_string,
            (message::PKIFreeText{"this certificate was updated before", "shorter"}));
  EXPECT_TRUE(certificates(c).response.at(0).certified_key_pair);
}

TEST(Replies, a_refusal_never_tells_what_is_for_the_log) {
  Conversation c;
  c.does("ir 0");
  c.does("answer 0 refused");
  EXPECT_EQ(certificates(c).response.at(0).status.status_string,
            message::PKIFreeText{"use a longer key"})
      << "and not its detail";
}

// What changes nothing is made anew when it is asked for again; the rest is kept as it was sent.
TEST(Replies, pollRep_and_a_genp_at_once_change_no_state) {
  const auto changes = [](const std::vector<const char*>& lines) {
    Conversation c;
    for (const char* line : lines) c.does(line);
    return c.reply->changes_state;
  };
  EXPECT_TRUE(changes({"ir 0", "answer 0 issued 1"}));
  EXPECT_TRUE(changes({"ir 0", "answer 0 pending"}));
  EXPECT_FALSE(changes({"ir 0", "answer 0 pending", "pollReq 0"}));
  EXPECT_FALSE(changes({"genm", "answer 0 informed"}));
  EXPECT_TRUE(changes({"genm", "answer 0 pending"}));
  EXPECT_TRUE(changes({"genm", "answer 0 pending", "answer 0 informed", "pollReq -1"}));
  EXPECT_TRUE(changes({"rr 1", "answer 0 revoked"}));
  EXPECT_TRUE(changes({"ir 0", "answer 0 issued 1", "certConf 0:accept"}));
}

TEST(Replies, nothing_is_said_for_a_transaction_without_requests) {
  Transaction empty;
  std::vector<Effect> effects;
  const Rules rules;
  EXPECT_FALSE(make_response(empty, effects, {rules, {}, {}, false}, test::kStart));
}

TEST(Replies, a_poll_of_what_no_longer_waits_is_told_a_day) {
  Transaction t;
  t.requests.push_back({RequestId{0}, Settled{}, {}, {}});
  const auto reply = make_poll_rep(t, {{RequestId{0}}});
  EXPECT_EQ(test::in_words(reply.body), "pollRep 0:check-after=86400");
}

TEST(Replies, an_rp_says_what_was_done) {
  const struct {
    int reason;
    const char* says;
  } cases[] = {{0, "revoked"}, {1, "revoked"}, {6, "on hold"}, {8, "released"}};
  for (const auto& c : cases) {
    Transaction t;
    t.initial = message::BodyType::rr;
    t.requests.push_back({RequestId{0}, Answered{Revoked{{0x05}, c.reason}}, {}, {}});
    const Rules rules;
    const Facts facts{rules, {}, {}};
    std::vector<Effect> effects;
    const auto reply = make_response(t, effects, facts, test::kStart);
    ASSERT_TRUE(reply);
    const auto& rp = std::get<message::RevRepContent>(reply->body.content);
    EXPECT_EQ(rp.status.at(0).status_string, message::PKIFreeText{c.says}) << c.reason;
  }
}

}  // namespace
}  // namespace countersign::transaction
