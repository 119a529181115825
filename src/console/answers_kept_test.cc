#include "console/answers_kept.h"

#include <gmock/gmock.h>

namespace countersign::console {
namespace {

const Time kNow = from_unix(1'800'000'000);
constexpr Seconds kDay{86400};

struct Fixture {
  AnswersKept kept;
  // "go on", the body of the answer before, or the code.
  std::string begin(const std::string& key, const std::string& body, Time now = kNow,
                    const std::string& by = "alice", const std::string& path = "/a") {
    const auto got =
        kept.begin({by, key}, {.method = "POST", .path = path, .body = to_bytes(body)}, now);
    if (!got) return std::string(got.error().code);
    return *got ? std::string(text((*got)->body)) : "go on";
  }
  void finish(const std::string& key, const std::string& answer, int status = 201) {
    kept.finish({"alice", key}, {status, "text/plain", to_bytes(answer), {}});
  }
};

TEST(AnswersKept, AreGivenAgainForTheSameRequest) {
  Fixture f;
  EXPECT_EQ(f.begin("k", "x"), "go on");
  f.finish("k", "done");
  EXPECT_EQ(f.begin("k", "x", kNow + kDay - Seconds{1}), "done");
}
TEST(AnswersKept, GoAfterADay) {
  Fixture f;
  f.begin("k", "x");
  f.finish("k", "done");
  EXPECT_EQ(f.begin("k", "x", kNow + kDay), "go on");
}
TEST(AnswersKept, AreNotGivenForAnotherRequest) {
  Fixture f;
  f.begin("k", "x");
  f.finish("k", "done");
  EXPECT_EQ(f.begin("k", "y"), "console.key-reused");
  EXPECT_EQ(f.begin("k", "x", kNow, "alice", "/b"), "console.key-reused");
}
TEST(AnswersKept, AreNotGivenToAnotherOperator) {
  Fixture f;
  f.begin("k", "x");
  f.finish("k", "done");
  EXPECT_EQ(f.begin("k", "x", kNow, "bob"), "go on");
}
TEST(AnswersKept, SayThatWorkIsUnderWay) {
  Fixture f;
  f.begin("k", "x");
  EXPECT_EQ(f.begin("k", "x"), "console.in-progress");
  EXPECT_EQ(f.begin("k", "x", kNow + Seconds{600}), "go on");  // it will never end
}
TEST(AnswersKept, DoNotHoldRefusals) {
  Fixture f;
  f.begin("k", "x");
  f.finish("k", "no", 400);
  EXPECT_EQ(f.begin("k", "y"), "go on");
}
TEST(AnswersKept, AreBounded) {
  Fixture f;
  for (int i = 0; i < 1025; ++i) {
    f.begin(std::to_string(i), "x");
    f.finish(std::to_string(i), "done");
  }
  EXPECT_EQ(f.begin("1024", "x"), "done");
  EXPECT_EQ(f.begin("0", "x"), "go on");
}
TEST(AnswersKept, TakeNoKeyWithoutEnd) {
  Fixture f;
  EXPECT_EQ(f.begin(std::string(256, 'k'), "x"), "console.idempotency-key");
}

}  // namespace
}  // namespace countersign::console
