// Every file beside this one, before every driver.
#include <gtest/gtest.h>

#include "scenarios/runner.h"

namespace countersign::test {

void PrintTo(const Script& script, std::ostream* out) { *out << script.comment; }

namespace {

struct Stage {
  const char* name;
  MakeDriver make;
};
void PrintTo(const Stage& stage, std::ostream* out) { *out << stage.name; }

constexpr std::array kStages = {Stage{"machines", machines_driver},
                                Stage{"in_process", in_process_driver},
                                Stage{"sockets", sockets_driver}};

class Scenario : public testing::TestWithParam<std::tuple<Script, Stage>> {};

TEST_P(Scenario, happens_as_written) {
  const auto& [script, stage] = GetParam();
  const auto complaints = Runner(script, stage.make).play();
  for (const auto& what : complaints)
    ADD_FAILURE() << "tests/scenarios/" << script.name << ".scenario, " << what;
}

std::string name_of(const testing::TestParamInfo<std::tuple<Script, Stage>>& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(All, Scenario,
                         testing::Combine(testing::ValuesIn(all_scripts()),
                                          testing::ValuesIn(kStages)),
                         name_of);

TEST(Scenarios, are_at_least_thirty) { EXPECT_GE(all_scripts().size(), 30u); }

}  // namespace
}  // namespace countersign::test
