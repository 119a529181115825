// What must hold of two machines over a link that loses, doubles and delays. RFC 9810 §5.3.22,
// RFC 9483 §4.4; the server answers the same octets by the same octets.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>

#include "properties/pair.h"
#include "support/certificates.h"
#include "support/wording.h"

namespace countersign::test {
namespace {

using enrol::CertificateStatus;
using Kind = IssuerSays::Kind;

IssuerSays says(Kind kind, Seconds check_after = Seconds{60}) {
  IssuerSays out;
  out.kind = kind;
  out.check_after = check_after;
  return out;
}

rc::Gen<Fault> any_fault() {
  return rc::gen::apply(
      [](int lost, int doubled, int stray, std::size_t number) {
        Fault out;
        out.request_lost = lost == 0;
        out.reply_lost = lost == 1;
        out.doubled = doubled == 0;
        if (stray == 0) out.stray = number;
        return out;
      },
      rc::gen::inRange(0, 4), rc::gen::inRange(0, 3), rc::gen::inRange(0, 3),
      rc::gen::inRange<std::size_t>(0, 16));
}

rc::Gen<PairScript> any_script() {
  return rc::gen::apply(
      [](std::vector<Fault> faults, int first, int later, int delay, bool implicit, bool rejects,
         int unconfirmed) {
        PairScript out;
        out.faults = std::move(faults);
        out.first = says(static_cast<Kind>(first));
        if (first == 2 && later < 2) out.later = {Seconds{delay}, says(static_cast<Kind>(later))};
        out.implicit = implicit;
        out.client_rejects = rejects;
        out.attempts = 5;
        out.rules.unconfirmed = static_cast<transaction::Unconfirmed>(unconfirmed);
        return out;
      },
      rc::gen::container<std::vector<Fault>>(any_fault()), rc::gen::inRange(0, 3),
      rc::gen::inRange(0, 3), rc::gen::inRange(0, 5000), rc::gen::arbitrary<bool>(),
      rc::gen::arbitrary<bool>(), rc::gen::inRange(0, 3));
}

message::PKIBody enrolment() {
  return {message::BodyType::ir,
          crmf::CertReqMessages{Device::request(0, "CN=device-7", key_of("p256"))}};
}

const enrol::CertificateRecord* record(Pair& pair, View certificate) {
  for (const auto& c : pair.server().certificates())
    if (equal(c.der, certificate)) return &c;
  return nullptr;
}

bool holds(const message::PKIMessage& m, const Bytes& certificate) {
  const auto* content = std::get_if<message::CertRepMessage>(&m.body.content);
  if (content == nullptr) return false;
  for (const auto& r : content->response)
    if (r.certified_key_pair &&
        std::get<Bytes>(r.certified_key_pair->cert_or_enc_cert) == certificate)
      return true;
  return false;
}

// rapidcheck prints what falsified; GoogleTest must hear of it.
template <class Property>
void check(const char* sentence, Property property) {
  EXPECT_TRUE(rc::check(sentence, property));
}

TEST(Pair, one_request_never_has_two_certificates) {
  check("one request never has two certificates", [] {
    Pair pair(*any_script());
    (void)pair.run(enrolment());
    pair.let_time_pass();
    RC_ASSERT(pair.server().certificates().size() <= 1u);
    RC_ASSERT(pair.issuer().made() == pair.server().certificates().size());
    RC_ASSERT(pair.broken == std::vector<std::string>{});
  });
}

TEST(Pair, what_the_client_keeps_the_server_has_as_valid) {
  check("what the client keeps, the server has as valid", [] {
    auto script = *any_script();
    Pair pair(script);
    const auto end = pair.run(enrolment());
    pair.let_time_pass();
    if (end.seen) RC_ASSERT(record(pair, *end.seen) != nullptr);
    if (end.kept) RC_ASSERT(record(pair, *end.kept)->status == CertificateStatus::valid);
    const bool rejected = end.seen && script.client_rejects && end.words == "completed";
    // Implicitly confirmed, it is for the client to revoke.
    if (rejected) RC_ASSERT(record(pair, *end.seen)->status == CertificateStatus::revoked);
  });
}

TEST(Pair, in_the_end_every_certificate_is_confirmed_or_withdrawn_and_the_use_accounted_for) {
  check("every certificate is confirmed or withdrawn in the end", [] {
    Pair pair(*any_script());
    const auto end = pair.run(enrolment());
    pair.let_time_pass();
    bool valid = false;
    for (const auto& c : pair.server().certificates()) {
      RC_ASSERT(c.status != CertificateStatus::unconfirmed);
      valid = valid || c.status == CertificateStatus::valid;
    }
    RC_ASSERT(*pair.server().credential("device-7")->uses_left == (valid ? 0 : 1));
  });
}

TEST(Pair, a_certificate_that_was_sent_is_fetched_by_sending_the_same_again) {
  check("a certificate that was sent is fetched by sending the same again", [] {
    Pair pair(*any_script());
    (void)pair.run(enrolment());
    pair.let_time_pass();
    RC_PRE(!pair.server().certificates().empty());
    const auto again = pair.resend_first();
    RC_ASSERT(again.has_value());
    // One that the issuer made later is fetched by pollReq; its first answer stays `waiting`.
    const bool waited = in_words(again->body) == "ip 0:waiting";
    RC_ASSERT(waited || holds(*again, pair.server().certificates().front().der));
    pair.server().forget_replies();
    const auto late = pair.resend_first();
    RC_ASSERT(late.has_value());
    RC_ASSERT(in_words(late->body) == "error rejection(badRequest)");
    RC_ASSERT(pair.server().certificates().size() == 1u);
  });
}

TEST(Pair, the_client_ends_within_its_patience) {
  check("the client ends in a definite state within its patience", [] {
    const auto script = *any_script();
    Pair pair(script);
    const auto end = pair.run(enrolment());
    const std::set<std::string> known = {"completed", "transport", "client.still-waiting",
                                         "client.refused", "client.subject"};
    RC_ASSERT(known.contains(end.words));
    // Back-off of 5 attempts is 31 s for each message that the patience lets begin.
    RC_ASSERT(end.took <= script.patience + Seconds{4 * 31});
  });
}

TEST(Pair, without_faults_it_ends_as_the_issuer_says) {
  const auto ends = [](PairScript script) {
    Pair pair(std::move(script));
    const auto end = pair.run(enrolment());
    EXPECT_EQ(pair.broken, std::vector<std::string>{});
    return end.words + (end.kept ? " kept" : "");
  };
  PairScript issued, refused, later, never, implicit;
  refused.first = says(Kind::refused);
  later.first = never.first = says(Kind::pending);
  later.later = {Seconds{1000}, says(Kind::issued)};
  implicit.implicit = true;
  EXPECT_EQ(ends(issued), "completed kept");
  EXPECT_EQ(ends(refused), "client.refused");
  EXPECT_EQ(ends(later), "completed kept");
  EXPECT_EQ(ends(never), "client.still-waiting");
  EXPECT_EQ(ends(implicit), "completed kept");
}

TEST(Pair, a_week_of_polling_takes_milliseconds) {
  PairScript script;
  script.first = says(Kind::pending, Seconds{3600});
  script.later = {Seconds{7LL * 86400}, says(Kind::issued)};
  script.patience = Seconds{8LL * 86400};
  Pair pair(script);
  const auto body = enrolment();
  const auto begun = std::chrono::steady_clock::now();
  const auto end = pair.run(body);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(end.words, "completed");
  EXPECT_GE(end.took, Seconds{7LL * 86400});
  EXPECT_LT(took, std::chrono::seconds(2)) << "under sanitizers, on a busy machine";
  RecordProperty("milliseconds", static_cast<int>(took / std::chrono::milliseconds(1)));
}

}  // namespace
}  // namespace countersign::test
