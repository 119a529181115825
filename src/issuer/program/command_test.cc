// Real programs: a shell, and what it runs.
#include "issuer/program/command.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace countersign::issuer {
namespace {

struct Case {
  const char* sentence;
  std::string script;
  std::string answer;  // or the code of the error
  std::string question = R"({"operation":"issue","days":7,"list":[1]})";
  Seconds limit{20};
};
class Programs : public testing::TestWithParam<Case> {};

Result<std::string> run(const Case& c) {
  ::setenv("COUNTERSIGN_TEST_SECRET", "ours", 1);  // what no program may see
  boost::asio::io_context loop;
  Command command(loop.get_executor(), "/bin/sh", {"-c", c.script});
  std::optional<Result<std::string>> heard;
  command.ask(c.question, c.limit, [&](Result<std::string> answer) { heard = std::move(answer); });
  loop.run();
  return heard ? std::move(*heard) : fail(Failure::systemFailure, "test.silent", "it said nothing");
}

TEST_P(Programs, AreHeard) {
  const auto heard = run(GetParam());
  EXPECT_EQ(heard ? *heard : std::string(heard.error().code), GetParam().answer);
}

// A pipe holds 64 KiB.
std::string long_question() { return R"({"text":")" + std::string(1 << 20, 'x') + R"("})"; }

INSTANTIATE_TEST_SUITE_P(
    Of, Programs,
    testing::Values(
        Case{"the_answer_is_what_they_print", "printf yes", "yes"},
        Case{"the_question_is_on_their_input", "cat",
             R"({"operation":"issue","days":7,"list":[1]})"},
        Case{"its_fields_are_in_their_environment",
             "printf '%s %s [%s]' \"$COUNTERSIGN_OPERATION\" \"$COUNTERSIGN_DAYS\" "
             "\"${COUNTERSIGN_LIST-}\"",
             "issue 7 []"},
        Case{"a_long_field_is_not", "printf '%s' \"${COUNTERSIGN_TEXT-none}\"", "none",
             long_question()},
        Case{"nothing_else_of_ours_is", "printf '%s' \"${COUNTERSIGN_TEST_SECRET-none}\"", "none"},
        Case{"75_is_later", "exit 75", R"({"pending": 60})"},
        Case{"65_is_a_refusal_with_its_reason", "printf no >&2; exit 65", R"({"refused":"no"})"},
        Case{"another_code_is_a_failure", "printf yes; exit 3", "issuer.program-failed"},
        Case{"a_signal_is_a_failure", "kill -9 $$", "issuer.program-failed"},
        Case{"a_long_question_is_read_whole", "wc -c | tr -d ' \\n'",
             std::to_string(long_question().size()), long_question()},
        Case{"one_that_does_not_read_it_is_heard", "exec <&-; printf yes", "yes", long_question()},
        Case{"one_that_ends_before_it_is_asked_is_heard", "exit 75", R"({"pending": 60})",
             long_question()},
        Case{"too_much_is_cut", "head -c 3000000 /dev/zero | tr '\\0' x",
             std::string(1 << 20, 'x')},
        Case{"one_that_takes_too_long_is_ended", "sleep 600", "issuer.program-time", "{}",
             Seconds{1}}),
    [](const auto& c) { return c.param.sentence; });

TEST(Programs, ThatAreNotThereAreAFailure) {
  boost::asio::io_context loop;
  Command command(loop.get_executor(), "/no/such/program", {});
  std::string code;
  command.ask("{}", Seconds{5},
              [&](const Result<std::string>& answer) { code = answer ? "" : answer.error().code; });
  loop.run();
  EXPECT_EQ(code, "issuer.program-failed");
}

TEST(Programs, ThatAreEndedTakeWhatTheyStartedAlong) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("countersign-sleeper-" + std::to_string(::getpid()));
  const Case hanging{"", "sleep 600 & echo $! > " + file.string() + "; wait", "", "{}", Seconds{1}};
  const auto heard = run(hanging);
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().code, "issuer.program-time");
  int sleeper = 0;
  std::ifstream(file) >> sleeper;
  std::filesystem::remove(file);
  ASSERT_GT(sleeper, 1);
  std::string state = "gone";  // or a zombie that nobody has waited for yet
  for (int tries = 0; tries < 100; ++tries) {
    std::ifstream status("/proc/" + std::to_string(sleeper) + "/stat");
    std::string id, name;
    state = "gone";
    status >> id >> name >> state;
    if (state == "gone" || state == "Z") break;
    ::usleep(20'000);
  }
  EXPECT_TRUE(state == "gone" || state == "Z") << state;
}

}  // namespace
}  // namespace countersign::issuer
