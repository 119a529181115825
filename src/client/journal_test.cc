#include "client/journal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "client/scratch_for_test.h"

namespace countersign::client {
namespace {

Record full_record() {
  Record record;
  record.command = {{"command", "enroll"}, {"--subject", "CN=a\\b\nO=c"}};
  record.stage = Stage::kept;
  auto& t = record.transaction;
  t.phase = transaction::ClientPhase::awaiting_pkiconf;
  t.id.octets = Bytes(16, 1);
  t.initial = message::BodyType::kur;
  t.pvno = 3;
  t.request = kWholeMessage;
  t.delayed_nonce.octets = Bytes(16, 2);
  t.last_nonce.octets = Bytes(16, 3);
  t.server_nonce.octets = Bytes(16, 4);
  t.responder = x509::directory_name(x509::common_name("CA"));
  t.certificate = {5, 6};
  t.whole_message_waits = true;
  t.confirming = true;
  t.poll_at = from_unix(1'800'000'000);
  t.give_up_at = from_unix(1'900'000'000);
  record.pending = {7, 8, 9};
  record.kept = Kept{{5, 6}, {{1}, {2}}, {3}, {"subject is CN=x", "y"}, "so be it"};
  record.responder_certificates = {{4, 4}};
  record.messages = {"ir", "ip", "certConf"};
  return record;
}

TEST(Record, ReadsAsItWasWritten) {
  const std::string text = encode(full_record());
  const auto again = parse_record(text);
  ASSERT_TRUE(again) << again.error().reply_text;
  EXPECT_EQ(encode(*again), text);
  EXPECT_EQ(again->command, full_record().command);
  EXPECT_EQ(again->transaction.request, kWholeMessage);
  EXPECT_EQ(again->kept->chain.size(), 2U);
  EXPECT_EQ(again->transaction.responder, full_record().transaction.responder);
  EXPECT_EQ(again->transaction.poll_at, from_unix(1'800'000'000));
}

TEST(Record, EveryCutIsNoticed) {
  const std::string text = encode(full_record());
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    const auto cut = parse_record(std::string_view(text).substr(0, length));
    if (cut) {
      EXPECT_EQ(encode(*cut), text) << "cut at " << length;
    }
  }
}

TEST(Record, OfBeforeThereWasADelayedNonceIsRead) {
  for (const bool confirming : {false, true}) {
    Record record = full_record();
    record.transaction.confirming = confirming;
    std::string text = encode(record);
    text.replace(text.find("delayed-nonce"), 13, "original-nonce");
    const auto old = parse_record(text);
    ASSERT_TRUE(old) << old.error().reply_text;
    EXPECT_EQ(old->transaction.delayed_nonce.octets, confirming ? Bytes{} : Bytes(16, 2));
  }
}

TEST(Record, OfAnotherKindIsRefused) {
  std::string text = encode(full_record());
  text.replace(text.find("phase 4"), 7, "phase 9");
  EXPECT_EQ(parse_record(text).error().code, "client.journal-format");
  EXPECT_EQ(parse_record("countersign transaction 2\n").error().code, "client.journal-format");
  EXPECT_EQ(parse_record("").error().code, "client.journal-format");
}

TEST(Differences, NameTheOptionAndItsOldValue) {
  const std::vector<Setting> was{{"command", "enroll"}, {"--subject", "CN=a"}, {"--days", "3"}};
  EXPECT_EQ(differences(was, was), "");
  EXPECT_EQ(differences(was, {{"command", "enroll"}, {"--subject", "CN=b"}, {"--san", "x"}}),
            "--subject was CN=a, --days was 3, --san was not given");
}

TEST(Journal, IsFoundAgainAndGoesWithoutATrace) {
  const Scratch scratch;
  {
    auto journal = Journal::open(scratch.at("k.pending"));
    ASSERT_TRUE(journal);
    EXPECT_FALSE(journal->has_record());
    journal->record() = full_record();
    ASSERT_TRUE(journal->save());
  }
  auto journal = Journal::open(scratch.at("k.pending"));
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->has_record());
  EXPECT_EQ(journal->record().pending, full_record().pending);
  EXPECT_EQ(Journal::open(scratch.at("k.pending")).error().code, "client.file-busy");
  ASSERT_TRUE(journal->drop());
  EXPECT_EQ(scratch.entries(), 0U);
}

TEST(Journal, KilledWhileItGoesIsGone) {
  const Scratch scratch;
  {
    auto journal = Journal::open(scratch.at("k.pending"));
    ASSERT_TRUE(journal);
    journal->record() = full_record();
    ASSERT_TRUE(journal->save());
  }
  std::filesystem::rename(scratch.at("k.pending"), scratch.at("k.pending.done"));
  auto journal = Journal::open(scratch.at("k.pending"));
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->has_record());
  EXPECT_EQ(scratch.entries(), 1U) << "what was left of the other is gone";
  ASSERT_TRUE(journal->drop());
  EXPECT_EQ(scratch.entries(), 0U);
}

}  // namespace
}  // namespace countersign::client
