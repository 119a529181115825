#include "transaction/phase_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace countersign::transaction {
namespace {

constexpr const char* kFile = COUNTERSIGN_SOURCE_DIR "/docs/phases.md";

std::string document() {
  return "# What each message means, by the phase of its transaction\n"
         "\n"
         "A transaction is fresh before its first message, confirming while a certificate that was "
         "delivered awaits its certConf, waiting while a request has no answer or its answer was "
         "not fetched, and ended after that; where two are true, confirming comes first. A nested "
         "message is opened before: what is inside goes through this table.\n"
         "\n" +
         phase_table_markdown();
}

// COUNTERSIGN_WRITE_GOLDEN=1 build/dev/bin/transaction_test --gtest_filter='PhaseTable.*'
TEST(PhaseTable, is_the_one_in_the_documents) {
  if (std::getenv("COUNTERSIGN_WRITE_GOLDEN") != nullptr) std::ofstream(kFile) << document();
  std::ifstream in(kFile);
  const std::string written{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(written, document())
      << "docs/phases.md and the table differ. If the table is right, write the file anew:\n"
         "  COUNTERSIGN_WRITE_GOLDEN=1 transaction_test --gtest_filter='PhaseTable.*'";
}

TEST(PhaseTable, names_every_body_once) {
  const std::string table = phase_table_markdown();
  for (int b = 0; b < message::kBodyTypes; ++b) {
    const std::string row = "| " + std::string(name(static_cast<message::BodyType>(b))) + " |";
    EXPECT_NE(table.find(row), std::string::npos) << row;
    EXPECT_EQ(table.find(row), table.rfind(row)) << row;
  }
}

TEST(PhaseTable, only_first_messages_begin_and_none_begins_twice) {
  for (int b = 0; b < message::kBodyTypes; ++b) {
    const auto type = static_cast<message::BodyType>(b);
    for (const auto p : {Phase::waiting, Phase::confirming, Phase::ended}) {
      EXPECT_NE(action(p, type), Action::begin) << name(type);
      EXPECT_EQ(action(p, type) == Action::in_use, action(Phase::fresh, type) == Action::begin)
          << name(type);
    }
  }
}

TEST(PhaseTable, what_only_servers_send_is_never_taken) {
  using enum message::BodyType;
  for (const auto type : {ip, cp, popdecc, kup, krp, rp, ccp, genp, pollRep})
    for (std::size_t p = 0; p < kPhases; ++p)
      EXPECT_EQ(action(static_cast<Phase>(p), type), Action::not_ours) << name(type);
}

}  // namespace
}  // namespace countersign::transaction
