// Errands from end to end against a CA in process, with the client dying at every step of the way.
#include "client/errand.h"

#include <gtest/gtest.h>

#include "client/fake_ca_for_test.h"
#include "client/scratch_for_test.h"

namespace countersign::client {
namespace {

class ErrandTest : public testing::Test {
 protected:
  Errand enrolment(const std::string& secret = "s", const std::string& subject = "me") {
    Errand errand;
    errand.journal = scratch_.at("k.pending");
    errand.command = {{"command", "enroll"}, {"--subject", subject}};
    errand.places = Places{scratch_.at("c"), scratch_.at("r"), {}, {}};
    errand.prepare = [=, this](Errand::Resuming resuming,
                               const Journal*) -> Result<Errand::Prepared> {
      const auto key = resuming == Errand::Resuming::yes
                           ? TRY(load_key(scratch_.at("k"), {}))
                           : TRY(load_or_make_key(scratch_.at("k"), {}, {}));
      CertificateWish wish{x509::common_name(subject), {}, {}, {}};
      return prepared(secret, message::BodyType::ir, wish, key);
    };
    return errand;
  }

  // The key is replaced together with the certificate.
  Errand renewal() {
    Errand errand;
    errand.journal = scratch_.at("k.pending");
    errand.command = {{"command", "renew"}};
    errand.places =
        Places{scratch_.at("c"), {}, scratch_.at("k"), scratch_.at("k.pending/key.pem")};
    errand.prepare = [this](Errand::Resuming resuming,
                            const Journal* journal) -> Result<Errand::Prepared> {
      if (resuming == Errand::Resuming::no)
        TRY(save_key(journal->key_path(), TRY(generate_key("p256")), {}));
      CertificateWish wish{x509::common_name("me"), {}, {}, {}};
      return prepared("s", message::BodyType::kur, wish, TRY(load_key(journal->key_path(), {})));
    };
    return errand;
  }

  // The key comes with the certificate.
  Errand central() {
    Errand errand = enrolment();
    errand.places = Places{scratch_.at("c"), scratch_.at("r"), scratch_.at("k"),
                           scratch_.at("k.pending/key.pem")};
    errand.prepare = [this](Errand::Resuming, const Journal* journal) -> Result<Errand::Prepared> {
      const CertificateWish wish{x509::common_name("me"), {}, {}, {}};
      Parties parties{Protection(SharedSecret{"ref", Secret(view("s")), {}}), {}, {}, {}, {}};
      parties.trust.anchors_from_mac = true;
      parties.expectation = {std::nullopt, wish.subject, {}};
      parties.keep_key = [path = journal->key_path()](const crypto::PrivateKey& key) {
        return save_key(path, key, {});
      };
      return Errand::Prepared{
          std::move(parties), [=, this]() -> Result<Request> {
            return Request{central_key_request(message::BodyType::ir, wish, {}, clock_.now()), {}};
          }};
    };
    return errand;
  }

  Result<Errand::Prepared> prepared(const std::string& secret, message::BodyType type,
                                    const CertificateWish& wish, const crypto::PrivateKey& key) {
    Parties parties{Protection(SharedSecret{"ref", Secret(view(secret)), {}}), {}, {}, {}, {}};
    parties.patience = patience_;
    parties.trust.anchors_from_mac = type == message::BodyType::ir;
    if (type == message::BodyType::kur) parties.trust.anchor_list = {ca_->root};
    parties.expectation = {key.public_key(), wish.subject, wish.alternative_names};
    return Errand::Prepared{std::move(parties), [=, this]() -> Result<Request> {
                              return Request{
                                  TRY(certificate_request(type, wish, key, clock_.now())), {}};
                            }};
  }

  // nullopt: the client died.
  std::optional<Result<Outcome>> run(Errand errand, bool close = true) {
    std::optional<Result<Outcome>> result;
    const auto run = std::make_shared<ErrandRun>(
        std::move(errand), ErrandRun::World{clock_, entropy_, [this](const std::string& text) {
                                              said_ += text + "\n";
                                            }});
    run->travel({*ca_, timer_, clock_, {"http://ca", {}}, Seconds{60}, {}},
                [&](Result<Outcome> outcome) { result = std::move(outcome); });
    if (result && *result && close) {
      EXPECT_TRUE(run->close());
    }
    return result;
  }

  void expect_pair() {
    const auto key = load_key(scratch_.at("k"), {});
    const auto certificate = load_certificates(scratch_.at("c"));
    ASSERT_TRUE(key && certificate);
    EXPECT_TRUE(certifies(certificate->leaf, key->public_key()));
  }
  // No mismatch at any instant: a gap is allowed.
  void expect_no_mismatch() {
    if (file_exists(scratch_.at("k")) && file_exists(scratch_.at("c"))) expect_pair();
  }

  FixedClock clock_;
  FakeTimer timer_{clock_};
  crypto::OsEntropy entropy_;
  Scratch scratch_;
  std::optional<FakeCa> ca_{std::in_place, clock_};
  std::string said_;
  Seconds patience_{3600};
};

TEST_F(ErrandTest, EnrolsAndCleansUp) {
  const auto result = run(enrolment());
  ASSERT_TRUE(result && *result) << (result ? result->error().reply_text : "");
  EXPECT_EQ((*result)->messages, (std::vector<std::string>{"ir", "ip", "certConf", "pkiconf"}));
  expect_pair();
  EXPECT_EQ(load_anchor_list(scratch_.at("r")).value().front(), ca_->root);
  EXPECT_EQ(scratch_.entries(), 3U);
}

TEST_F(ErrandTest, SendsTheSameAgainWhenTheTransportFails) {
  ca_->broken = 3;
  const auto result = run(enrolment());
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(ca_->issued, 1);
  EXPECT_EQ(ca_->exchanges, 5);
}

TEST_F(ErrandTest, GoesOnAfterADeathAtEveryExchange) {
  for (const auto loss : {FakeCa::Loss::request, FakeCa::Loss::answer})
    for (int at = 1; at <= 2; ++at) {
      ca_.emplace(clock_);
      ca_->loss = loss;
      ca_->lose_at = at;
      EXPECT_FALSE(run(enrolment())) << "it died";
      EXPECT_FALSE(file_exists(scratch_.at("c"))) << "not before it is confirmed";
      const auto result = run(enrolment());
      ASSERT_TRUE(result && *result) << (result ? result->error().reply_text : "died again");
      EXPECT_TRUE((*result)->resumed);
      EXPECT_EQ(ca_->issued, 1) << "one certificate, whatever is lost";
      EXPECT_EQ(ca_->confirmed, 1);
      expect_pair();
      std::filesystem::remove(scratch_.at("c"));
      std::filesystem::remove(scratch_.at("k"));
    }
}

// The server forgets the key with certConf: whenever the client dies, it must have it by then.
TEST_F(ErrandTest, AKeyThatTheServerMadeIsNeverLost) {
  for (const auto loss : {FakeCa::Loss::none, FakeCa::Loss::request, FakeCa::Loss::answer})
    for (int at = 1; at <= 2; ++at) {
      ca_.emplace(clock_);
      ca_->loss = loss;
      ca_->lose_at = at;
      if (loss != FakeCa::Loss::none) {
        EXPECT_FALSE(run(central())) << "it died";
        EXPECT_FALSE(file_exists(scratch_.at("c"))) << "not before it is confirmed";
      }
      const auto result = run(central());
      ASSERT_TRUE(result && *result) << (result ? result->error().reply_text : "died again");
      EXPECT_EQ(ca_->issued, 1) << "one certificate, whatever is lost";
      EXPECT_EQ(ca_->confirmed, 1);
      expect_pair();
      EXPECT_FALSE(file_exists(scratch_.at("k.pending")));
      std::filesystem::remove(scratch_.at("c"));
      std::filesystem::remove(scratch_.at("k"));
    }
}

TEST_F(ErrandTest, AKeyThatTheServerMadeForAnotherCertificateIsRejected) {
  ca_->wrong_key = true;
  const auto result = run(central());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, "client.certificate-rejected");
  EXPECT_EQ(ca_->confirmed, 1) << "certConf told so";
  EXPECT_FALSE(file_exists(scratch_.at("k")));
  EXPECT_FALSE(file_exists(scratch_.at("k.pending")));
}

TEST_F(ErrandTest, ADeathBeforeTheJournalGoesChangesNothing) {
  ASSERT_TRUE(run(enrolment(), false));
  const int exchanges = ca_->exchanges;
  const auto again = run(enrolment());
  ASSERT_TRUE(again && *again);
  EXPECT_EQ(ca_->exchanges, exchanges) << "nothing is left to ask";
  expect_pair();
  EXPECT_FALSE(file_exists(scratch_.at("k.pending")));
}

TEST_F(ErrandTest, ARenewalReplacesKeyAndCertificateTogether) {
  ASSERT_TRUE(run(enrolment()));
  const auto before = load_certificates(scratch_.at("c")).value().leaf.der;
  for (int at = 0; at <= 2; ++at) {
    ca_->lose_at = ca_->exchanges + at;
    ca_->loss = FakeCa::Loss::answer;
    if (at > 0) {
      EXPECT_FALSE(run(renewal())) << "it died";
    }
    expect_pair();
    const auto result = run(renewal());
    ASSERT_TRUE(result && *result) << (result ? result->error().reply_text : "");
    expect_pair();
  }
  EXPECT_NE(load_certificates(scratch_.at("c")).value().leaf.der, before);
  EXPECT_TRUE(file_exists(scratch_.at("k.old")) && file_exists(scratch_.at("c.old")));
}

TEST_F(ErrandTest, AnInstallationThatWasCutShortIsFinished) {
  ASSERT_TRUE(run(enrolment()));
  ASSERT_TRUE(run(renewal(), false));  // died before the journal went
  const Bytes key = read_file(scratch_.at("k")).value();
  const Bytes certificate = read_file(scratch_.at("c")).value();
  const Bytes old_key = read_file(scratch_.at("k.old")).value();
  const Bytes old_certificate = read_file(scratch_.at("c.old")).value();
  struct Cut {
    std::string after;
    Bytes key;
    std::optional<Bytes> certificate;
  };
  const Cut cuts[] = {{"nothing", old_key, old_certificate},
                      {"the old certificate went", old_key, std::nullopt},
                      {"the key came", key, std::nullopt},
                      {"the certificate came", key, certificate}};
  for (const auto& cut : cuts) {
    ASSERT_TRUE(write_file(scratch_.at("k"), cut.key, Access::secret));
    ASSERT_TRUE(remove_file(scratch_.at("c")));
    if (cut.certificate) {
      ASSERT_TRUE(write_file(scratch_.at("c"), *cut.certificate, Access::open));
    }
    expect_no_mismatch();
    const auto result = run(renewal(), false);
    ASSERT_TRUE(result && *result) << cut.after;
    EXPECT_EQ(read_file(scratch_.at("k")).value(), key) << cut.after;
    EXPECT_EQ(read_file(scratch_.at("c")).value(), certificate) << cut.after;
    EXPECT_EQ(read_file(scratch_.at("k.old")).value(), old_key) << cut.after;
    EXPECT_EQ(read_file(scratch_.at("c.old")).value(), old_certificate) << cut.after;
  }
}

TEST_F(ErrandTest, WaitsForAsLongAsItHasPatienceAndGoesOnLater) {
  ca_->waits = 3;
  ASSERT_TRUE(run(enrolment()).value());
  expect_pair();
  std::filesystem::remove(scratch_.at("c"));
  ca_->waits = 3;
  patience_ = Seconds{30};
  const auto tired = run(enrolment());
  ASSERT_TRUE(tired && !*tired);
  EXPECT_EQ(tired->error().code, "client.still-waiting");
  const int issued = ca_->issued;
  ca_->waits = 1;
  const auto result = run(enrolment());
  ASSERT_TRUE(result && *result) << result->error().reply_text;
  EXPECT_EQ((*result)->messages.front(), "ir") << "one transaction, not two";
  EXPECT_EQ(ca_->issued, issued + 1);
  expect_pair();
}

TEST_F(ErrandTest, OtherOptionsAreNotMistakenForTheSame) {
  ca_->lose_at = 1;
  ca_->loss = FakeCa::Loss::answer;
  EXPECT_FALSE(run(enrolment()));
  const auto other = run(enrolment("s", "somebody else"));
  ASSERT_TRUE(other && !*other);
  EXPECT_EQ(other->error().code, "client.journal-other");
  EXPECT_NE(other->error().reply_text.find("--subject was me"), std::string::npos);
  Errand anew = enrolment("s", "somebody else");
  anew.start_over = StartOver::yes;
  const auto result = run(std::move(anew));
  ASSERT_TRUE(result && *result);
  expect_pair();
}

TEST_F(ErrandTest, AWrongSecretCanBeCorrected) {
  ca_->secret = "right";
  const auto wrong = run(enrolment("wrong"));
  ASSERT_TRUE(wrong && !*wrong);
  EXPECT_EQ(wrong->error().code, "protect.mac-mismatch");
  const auto right = run(enrolment("right"));
  ASSERT_TRUE(right && *right) << (right ? right->error().reply_text : "");
  expect_pair();
}

TEST_F(ErrandTest, ARefusalEndsItAndLeavesNothingPending) {
  ca_->refuse = true;
  const auto result = run(enrolment());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, "client.refused");
  EXPECT_EQ(result->error().reply_text, "no (badCertTemplate)");
  EXPECT_FALSE(file_exists(scratch_.at("k.pending")));
  EXPECT_FALSE(file_exists(scratch_.at("c")));
}

TEST_F(ErrandTest, ACertificateForAnotherKeyIsRejectedAtTheServer) {
  ca_->wrong_key = true;
  const auto result = run(enrolment());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, "client.certificate-rejected");
  EXPECT_EQ(ca_->confirmed, 1) << "certConf told so";
  EXPECT_FALSE(file_exists(scratch_.at("c")));
  EXPECT_FALSE(file_exists(scratch_.at("k.pending")));
}

TEST_F(ErrandTest, WithoutAWritableFolderNothingIsSent) {
  Errand errand = enrolment();
  errand.places->certificate = scratch_.at("no/c");
  const auto result = run(std::move(errand));
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, "client.file-folder");
  EXPECT_EQ(ca_->exchanges, 0);
  EXPECT_EQ(scratch_.entries(), 0U);
}

}  // namespace
}  // namespace countersign::client
