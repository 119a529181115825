#include "server/authorities.h"

#include <gtest/gtest.h>

namespace countersign::server {
namespace {

using State = ports::Health::State;

struct Case {
  const char* sentence;
  std::vector<std::string> list;
  std::map<std::string, State> states;
  const char* updated;  // null: no key update
  const char* chosen;   // or the code of the error
};
class Choice : public testing::TestWithParam<Case> {};

TEST_P(Choice, OfTheAuthority) {
  AuthoritiesInUse others;
  for (const auto& [name, state] : GetParam().states) {
    ports::Health health;
    health.state = state;
    others.emplace(name, AuthorityInUse{std::make_shared<const Publications>(), nullptr, nullptr,
                                        nullptr, [health] { return health; }});
  }
  enrol::RaProfile profile;
  profile.authorities = GetParam().list;
  const std::string updated = GetParam().updated == nullptr ? "" : GetParam().updated;
  const auto chosen =
      choose_authority(&others, profile, GetParam().updated == nullptr ? nullptr : &updated);
  EXPECT_EQ(chosen ? *chosen : std::string(chosen.error().code), GetParam().chosen);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Choice,
    testing::Values(
        Case{"no_list_is_our_own", {}, {}, nullptr, ""},
        Case{"the_first_that_is_well",
             {"a", "b"},
             {{"a", State::well}, {"b", State::well}},
             nullptr,
             "a"},
        Case{"not_one_that_rests",
             {"a", "b"},
             {{"a", State::resting}, {"b", State::well}},
             nullptr,
             "b"},
        Case{"not_one_that_is_full",
             {"a", "b"},
             {{"a", State::full}, {"b", State::well}},
             nullptr,
             "b"},
        Case{"our_own_by_its_name", {"a", "default"}, {{"a", State::resting}}, nullptr, ""},
        Case{"one_that_rests_if_all_do",
             {"a", "b"},
             {{"a", State::full}, {"b", State::resting}},
             nullptr,
             "b"},
        Case{"none_if_all_are_full", {"a"}, {{"a", State::full}}, nullptr, "server.authority-full"},
        Case{"not_one_that_issued_as_many_as_it_may",
             {"a", "b"},
             {{"a", State::spent}, {"b", State::well}},
             nullptr,
             "b"},
        Case{"none_if_all_did", {"a"}, {{"a", State::spent}}, nullptr, "server.authority-spent"},
        Case{"none_for_an_update_either",
             {"a"},
             {{"a", State::spent}},
             "a",
             "server.authority-spent"},
        Case{"none_if_none_is_there",
             {"a", "b"},
             {{"b", State::unusable}},
             nullptr,
             "server.authority-unusable"},
        Case{"that_of_the_updated_certificate",
             {"a", "b"},
             {{"a", State::well}, {"b", State::resting}},
             "b",
             "b"},
        Case{"another_when_that_one_is_listed_no_more", {"a"}, {{"a", State::well}}, "b", "a"},
        Case{"our_own_for_what_it_issued", {"a", "default"}, {{"a", State::well}}, "", ""}),
    [](const auto& c) { return c.param.sentence; });

}  // namespace
}  // namespace countersign::server
