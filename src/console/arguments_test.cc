#include "console/arguments.h"

#include <gmock/gmock.h>

namespace countersign::console {
namespace {

const Time kNow = from_unix(1'800'000'000);

constexpr Field kFields[] = {
    {.name = "reason", .meaning = "", .one_of = "one|two"},
    {.name = "note", .need = Need::optional, .meaning = "", .most = 10},
    {.name = "pem", .type = Type::lines, .need = Need::optional, .meaning = "", .most = 40},
    {.name = "limit", .type = Type::integer, .need = Need::optional, .meaning = "", .most = 5},
    {.name = "uses", .type = Type::uses, .need = Need::optional, .meaning = "", .most = 9},
    {.name = "ra", .type = Type::flag, .need = Need::optional, .meaning = ""},
    {.name = "at", .type = Type::time, .need = Need::optional, .meaning = ""},
    {.name = "expires", .type = Type::expiry, .need = Need::optional, .meaning = ""},
};

// "" for good ones; else the code and what is wrong: "<code> <path>=<value> …".
template <class T>
std::string verdict(const Outcome<T>& got) {
  if (got) return "";
  std::string out(got.error().code);
  for (const Wrong& wrong : got.error().errors) {
    out.append(" ").append(wrong.path).append("=").append(wrong.value);
    EXPECT_NE(wrong.allowed, "");
  }
  return out;
}
std::string body(const std::string& text) { return verdict(read_body(view(text), kFields, kNow)); }

struct Case {
  const char* says;
  std::string body;
  std::string verdict;
};
const Case kCases[] = {
    {"what is needed", R"({"reason":"one"})", ""},
    {"all there is",
     R"({"reason":"two","note":"x","pem":"a\nb","limit":5,"uses":"any","ra":true,)"
     R"("at":"2026-11-21","expires":"24h"})",
     ""},
    {"a missing one", "{}", "console.value /reason="},
    {"no body at all", "", "console.value /reason="},
    {"an unknown name", R"({"reason":"one","colour":"red"})", "console.value /colour=red"},
    {"all that is wrong, at once", R"({"x":1,"note":2})", "console.value /x=1 /note=2 /reason="},
    {"another choice", R"({"reason":"three"})", "console.value /reason=three"},
    {"a number for a text", R"({"reason":1})", "console.value /reason=1"},
    {"null for a text", R"({"reason":null})", "console.value /reason=null"},
    {"an empty text", R"({"reason":"one","note":""})", "console.value /note="},
    {"a long text", R"({"reason":"one","note":"12345678901"})", "console.value /note=12345678901"},
    {"two lines where there is one", R"({"reason":"one","note":"a\nb"})",
     "console.value /note=a\nb"},
    {"an integer too large", R"({"reason":"one","limit":6})", "console.value /limit=6"},
    {"an integer too small", R"({"reason":"one","limit":0})", "console.value /limit=0"},
    {"a fraction", R"({"reason":"one","limit":1.5})", "console.value /limit=1.5E0"},
    {"a text for an integer", R"({"reason":"one","limit":"1"})", "console.value /limit=1"},
    {"a huge integer", R"({"reason":"one","limit":18446744073709551615})",
     "console.value /limit=18446744073709551615"},
    {"no uses", R"({"reason":"one","uses":0})", "console.value /uses=0"},
    {"another word for uses", R"({"reason":"one","uses":"many"})", "console.value /uses=many"},
    {"a text for a flag", R"({"reason":"one","ra":"true"})", "console.value /ra=true"},
    {"no time", R"({"reason":"one","at":"yesterday"})", "console.value /at=yesterday"},
    {"a duration that is none", R"({"reason":"one","expires":"soon"})",
     "console.value /expires=soon"},
    {"an end that is past", R"({"reason":"one","expires":"2020-01-01"})",
     "console.value /expires=2020-01-01"},
    {"a name with a slash and a tilde", R"({"reason":"one","a/b~c":1})",
     "console.value /a~1b~0c=1"},

    {"no JSON", "reason=one", "console.json"},
    {"half of it", R"({"reason":"one")", "console.json"},
    {"more behind it", R"({"reason":"one"} {})", "console.json"},
    {"a list", R"(["reason"])", "console.json"},
    {"a name that is there twice", R"({"reason":"one","reason":"two"})", "console.json"},
    {"the same, escaped", R"({"reason":"one","r\u0065ason":"two"})", "console.json"},
    {"one twice deep inside", R"({"reason":{"a":1,"a":2}})", "console.json"},
    {"the same name in two objects", R"({"reason":[{"a":1},{"a":2}]})",
     "console.value /reason=[{\"a\":1},{\"a\":2}]"},
    {"too deep", R"({"reason":[[[[[[[[[[1]]]]]]]]]]})", "console.json"},
    {"what is no UTF-8", "{\"reason\":\"\xff\"}", "console.json"},
    {"a comment", "{/**/\"reason\":\"one\"}", "console.json"},
    {"too much", "{\"note\":\"" + std::string(131'072, 'x') + "\"}", "console.body-size"},
};

TEST(Body, IsTakenOrRefusedByName) {
  for (const auto& c : kCases) EXPECT_EQ(body(c.body), c.verdict) << c.says;
}

TEST(Body, ShowsTheBeginningOfALongValueAlone) {
  std::string long_value;
  for (int i = 0; i < 60; ++i) long_value += "\xc3\xa4";
  const auto got = read_body(view("{\"reason\":\"" + long_value + "x\"}"), kFields, kNow);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().errors.at(0).value, long_value.substr(0, 100) + "…");
}

TEST(Body, GivesWhatWasThere) {
  const auto got = read_body(
      view(R"({"reason":"two","limit":3,"uses":7,"ra":true,"expires":"24h"})"), kFields, kNow);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->text("reason"), "two");
  EXPECT_EQ(got->text("note", "none"), "none");
  EXPECT_EQ(got->integer("limit", 1), 3);
  EXPECT_EQ(got->uses("uses", 1), 7);
  EXPECT_TRUE(got->flag("ra"));
  EXPECT_EQ(got->time("expires", kNow), kNow + Seconds{86400});
  EXPECT_EQ(got->time("at", kNow), std::nullopt);
}

TEST(Body, TellsAnyNumberFromNone) {
  const auto any = read_body(view(R"({"reason":"two","uses":"any"})"), kFields, kNow);
  EXPECT_EQ(any->uses("uses", 1), std::nullopt);
  const auto none = read_body(view(R"({"reason":"two"})"), kFields, kNow);
  EXPECT_EQ(none->uses("uses", 1), 1);
}

TEST(Query, IsReadByTheTypesOfItsFields) {
  const auto got =
      read_query({{"reason", "one"}, {"limit", "2"}, {"ra", "true"}, {"note", "7"}}, kFields, kNow);
  ASSERT_TRUE(got) << verdict(got);
  EXPECT_EQ(got->integer("limit", 1), 2);
  EXPECT_TRUE(got->flag("ra"));
  EXPECT_EQ(got->text("note"), "7");
}

TEST(Query, IsRefusedByName) {
  const auto query = [](const ports::TextPairs& pairs) {
    return verdict(read_query(pairs, kFields, kNow));
  };
  EXPECT_EQ(query({{"reason", "one"}, {"limit", "x"}}), "console.value ?limit=x");
  EXPECT_EQ(query({{"reason", "one"}, {"limit", "99999999999999999999"}}),
            "console.value ?limit=99999999999999999999");
  EXPECT_EQ(query({{"reason", "one"}, {"reason", "one"}}), "console.value ?reason=one");
  EXPECT_EQ(query({{"reason", "one"}, {"page", "2"}}), "console.value ?page=2");
}

}  // namespace
}  // namespace countersign::console
