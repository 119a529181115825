#include "transaction/codec.h"

#include <gtest/gtest.h>

#include "der/writer.h"
#include "support/conversation.h"

namespace countersign::transaction {
namespace {

using test::Conversation;
using test::issued;

Request request(RequestState state) { return {RequestId{7}, std::move(state), {}, {}}; }

std::vector<std::pair<const char*, RequestState>> states() {
  const Error refusal{Failure::badPOP, "pop.signature", "sign it with the key", "detail"};
  return {
      {"asked, undecided", Asked{Seconds{60}, false}},
      {"asked, pending", Asked{Seconds{86400}, true}},
      {"answered: issued", Answered{issued(1)}},
      {"answered: refused", Answered{Refused{refusal}}},
      {"answered: revoked", Answered{Revoked{{0x00, 0xff}}}},
      {"answered: informed of nothing", Answered{Informed{}}},
      {"answered: informed",
       Answered{Informed{{message::make_info(message::it::caCerts,
                                             message::Certificates{{test::root_certificate()}}),
                          {message::it::currentCRL, {}}}}}},
      {"delivered", Delivered{issued(2).serial, issued(2).certificate}},
      {"settled: accepted", Settled{Outcome::accepted}},
      {"settled: rejected", Settled{Outcome::rejected}},
      {"settled: refused", Settled{Outcome::refused}},
      {"settled: lapsed", Settled{Outcome::lapsed}},
      {"settled: done", Settled{Outcome::done}},
  };
}

std::optional<StoredCertificate> find(View serial) {
  const auto known = issued(serial.empty() ? Byte{0} : serial[0]);
  return StoredCertificate{known.certificate, known.chain, known.root};
}

// As decode and restore leave it.
Transaction through_the_store(const Transaction& t) {
  auto decoded = decode(encode(t));
  EXPECT_TRUE(decoded) << decoded.error().detail;
  EXPECT_TRUE(restore(*decoded, find));
  return *decoded;
}

TEST(Codec, every_state_of_a_request_comes_back) {
  for (const auto& [sentence, state] : states()) {
    Transaction t;
    t.requests.push_back(request(state));
    const auto back = through_the_store(t);
    ASSERT_EQ(back.requests.size(), 1u) << sentence;
    EXPECT_EQ(back.requests[0].id, RequestId{7}) << sentence;
    EXPECT_EQ(back.requests[0].state.index(), state.index()) << sentence;
    EXPECT_EQ(encode(back), encode(t)) << sentence;
    EXPECT_EQ(phase(back), phase(t)) << sentence;
  }
}

TEST(Codec, asked_and_settled_keep_what_they_hold) {
  Transaction t;
  t.requests = {request(Asked{Seconds{77}, true}), request(Settled{Outcome::lapsed})};
  const auto back = through_the_store(t);
  EXPECT_EQ(std::get<Asked>(back.requests[0].state), (Asked{Seconds{77}, true}));
  EXPECT_EQ(std::get<Settled>(back.requests[1].state).outcome, Outcome::lapsed);
}

TEST(Codec, a_refusal_keeps_its_failure_and_its_sentence) {
  Transaction t;
  t.requests.push_back(
      request(Answered{Refused{{Failure::badPOP, "pop.signature", "sign it", "x"}}}));
  const auto back = through_the_store(t);
  const auto& error = std::get<Refused>(std::get<Answered>(back.requests[0].state).answer).error;
  EXPECT_EQ(error.failure, Failure::badPOP);
  EXPECT_EQ(error.reply_text, "sign it");
}

TEST(Codec, certificates_are_put_back_by_their_serials) {
  Transaction t;
  t.requests = {request(Answered{issued(1)}), request(Delivered{{2}, {}})};
  const auto back = through_the_store(t);
  const auto& answer = std::get<Issued>(std::get<Answered>(back.requests[0].state).answer);
  EXPECT_EQ(answer.certificate, issued(1).certificate);
  EXPECT_EQ(answer.chain, issued(1).chain);
  EXPECT_EQ(answer.root, issued(1).root);
  EXPECT_EQ(std::get<Delivered>(back.requests[1].state).certificate, issued(2).certificate);
}

TEST(Codec, a_serial_that_the_store_does_not_know_is_transaction_state) {
  for (const auto& state : {RequestState{Answered{issued(1)}}, RequestState{Delivered{{1}, {}}}}) {
    Transaction t;
    t.requests.push_back(request(state));
    const auto restored = restore(t, [](View) { return std::optional<StoredCertificate>(); });
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, "transaction.state");
    EXPECT_EQ(restored.error().failure, Failure::systemFailure);
  }
}

TEST(Codec, every_field_comes_back) {
  Transaction t;
  t.initial = message::BodyType::kur;
  t.pvno = 3;
  t.last_nonce = Nonce{Bytes(16, 1)};
  t.original_nonce = Nonce{Bytes(64, 2)};
  t.origin = RequestDigest{Bytes(32, 3)};
  t.confirm_by = test::kStart;
  t.give_up_at = test::kStart + Seconds{1};
  t.signer_certificate = Bytes{0x30, 0x00};
  t.key_reply = RequestDigest{Bytes(32, 4)};
  t.requests.push_back({RequestId{-1}, Asked{}, Bytes{0x05}, "validity cut to 825 days – ü",
                        "tls-server", Bytes{0x30, 0x00}, true, std::vector{Bytes{1, 2}, Bytes{3}},
                        "theirs", "SN-7"});
  for (unsigned flags = 0; flags < 8; ++flags) {
    t.implicit_wanted = (flags & 1) != 0;
    t.mac_protected = (flags & 2) != 0;
    t.uses_credential = (flags & 4) != 0;
    const auto back = through_the_store(t);
    EXPECT_EQ(back.initial, t.initial);
    EXPECT_EQ(back.pvno, 3);
    EXPECT_EQ(back.last_nonce, t.last_nonce);
    EXPECT_EQ(back.original_nonce, t.original_nonce);
    EXPECT_EQ(back.origin, t.origin);
    EXPECT_EQ(back.confirm_by, t.confirm_by);
    EXPECT_EQ(back.give_up_at, t.give_up_at);
    EXPECT_EQ(back.signer_certificate, t.signer_certificate);
    EXPECT_EQ(back.key_reply, t.key_reply);
    EXPECT_EQ(back.requests[0].private_key, t.requests[0].private_key);
    EXPECT_EQ(back.implicit_wanted, t.implicit_wanted);
    EXPECT_EQ(back.mac_protected, t.mac_protected);
    EXPECT_EQ(back.uses_credential, t.uses_credential);
    EXPECT_EQ(back.requests[0].id, kWholeMessage);
    EXPECT_EQ(back.requests[0].replaces, t.requests[0].replaces);
    EXPECT_EQ(back.requests[0].modifications, t.requests[0].modifications);
    EXPECT_EQ(back.requests[0].profile, "tls-server");
    EXPECT_TRUE(back.requests[0].updated_before);
    EXPECT_EQ(back.requests[0].tokens, t.requests[0].tokens);
    EXPECT_EQ(back.requests[0].authority, "theirs");
    EXPECT_EQ(back.requests[0].device, "SN-7");
  }
}

TEST(Codec, every_kind_of_first_message_comes_back) {
  for (const auto type :
       {message::BodyType::ir, message::BodyType::cr, message::BodyType::kur,
        message::BodyType::p10cr, message::BodyType::rr, message::BodyType::genm}) {
    Transaction t;
    t.initial = type;
    EXPECT_EQ(through_the_store(t).initial, type);
  }
}

std::string refusal(View state) {
  const auto decoded = decode(state);
  return decoded ? "read" : std::string(decoded.error().code);
}

TEST(Codec, the_state_of_another_version_is_refused) {
  Bytes state = encode(Transaction{});
  ASSERT_EQ((Bytes{state.begin() + 2, state.begin() + 5}), (Bytes{0x02, 0x01, 0x01})) << "version";
  EXPECT_EQ(refusal(state), "read");
  state[4] = 2;
  EXPECT_EQ(refusal(state), "transaction.state");
}

TEST(Codec, whatever_is_cut_or_continued_is_refused) {
  Transaction t;
  t.confirm_by = test::kStart;
  for (const auto& [sentence, state] : states()) t.requests.push_back(request(state));
  const Bytes whole = encode(t);
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(refusal(View(whole).first(n)), "transaction.state") << "first " << n << " octets";
  Bytes more = whole;
  more.push_back(0);
  EXPECT_EQ(refusal(more), "transaction.state");
}

TEST(Codec, numbers_out_of_range_are_refused) {
  const auto with = [](std::int64_t initial, unsigned tag, std::int64_t number) {
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      s.integer(1);
      s.integer(initial);
      s.integer(2);
      s.octets({});
      s.octets({});
      s.octets({});
      s.integer(0);
      s.sequence([&](der::Writer& list) {
        list.sequence([&](der::Writer& r) {
          r.integer(0);
          r.tagged(tag, [&](der::Writer& inside) {
            inside.integer(number);
            if (tag == 4) inside.utf8("why");
          });
        });
      });
    });
    return std::move(w).take();
  };
  EXPECT_EQ(refusal(with(0, 8, 4)), "read");
  EXPECT_EQ(refusal(with(27, 8, 4)), "transaction.state") << "no such body";
  EXPECT_EQ(refusal(with(-1, 8, 4)), "transaction.state") << "no such body";
  EXPECT_EQ(refusal(with(0, 8, 5)), "transaction.state") << "no such outcome";
  EXPECT_EQ(refusal(with(0, 8, -1)), "transaction.state") << "no such outcome";
  EXPECT_EQ(refusal(with(0, 4, 26)), "read");
  EXPECT_EQ(refusal(with(0, 4, 27)), "transaction.state") << "no such failure";
  EXPECT_EQ(refusal(with(0, 9, 0)), "transaction.state") << "no such state";
}

TEST(Codec, a_conversation_goes_on_from_the_stored_state) {
  Conversation c;
  const auto stored = [&c](const char* line) {
    const auto gives = c.does(line);
    c.state = through_the_store(c.state);
    return gives;
  };
  EXPECT_EQ(stored("ir 0 1"), "- | ask(0) ask(1)");
  EXPECT_EQ(stored("answer 0 pending"), "-");
  EXPECT_EQ(stored("answer 1 pending"), "ip 0:waiting 1:waiting");
  EXPECT_EQ(stored("answer 0 issued 1"), "- | issued(01) reserve");
  EXPECT_EQ(stored("pollReq 0 1"), "ip 0:accepted caPubs confirm-by=300");
  EXPECT_EQ(stored("certConf 0:accept"), "pkiconf | confirm(01) confirmed(01)");
  EXPECT_EQ(stored("answer 1 refused"), "- | refused(profile.key-too-short)");
  EXPECT_EQ(stored("pollReq 1"), "ip 1:rejection(badCertTemplate)");
}

}  // namespace
}  // namespace countersign::transaction
