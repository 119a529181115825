#include "enrol/lint.h"

#include <gmock/gmock.h>

#include "enrol/lint_for_test.h"
#include "enrol/template.h"

namespace countersign::enrol {
namespace {

using namespace test;
namespace oid = x509::oids;

TEST(Lint, every_rule_has_cases_that_break_it_and_cases_that_do_not) {
  seen_codes.clear();
  all_subject_cases();
  all_name_cases();
  all_extension_cases();
  all_set_cases();
  for (const LintRule& rule : lint_rules())
    EXPECT_TRUE(seen_codes.contains(std::string(rule.code))) << rule.code << " was never broken";
}

TEST(Lint, sets_that_are_not_asked_for_find_nothing) {
  Order order = good();
  order.subject = name("CN=printer_1");
  replace(order, x509::make_subject_alt_name(sans({"dns:printer_1", "ip:10.0.0.1"}), false));
  order.validity.not_after = order.validity.not_before + Seconds{825 * 86400LL};
  EXPECT_THAT(lint(order, kBase), testing::IsEmpty());
  EXPECT_EQ(codes(order, kCabf), (std::set<std::string>{"lint.dns-underscore", "lint.internal-name",
                                                        "lint.reserved-ip", "lint.validity-long"}));
}

TEST(Lint, a_finding_names_the_value_and_comes_once_for_each) {
  Order order = good();
  replace(order, x509::make_subject_alt_name(sans({"dns:a.example", "dns:*.org", "dns:*"}), false));
  const auto found = lint(order, kBase);
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].level, Finding::Level::error);
  EXPECT_THAT(found[0].what, testing::EndsWith(": dns:*.org"));
  EXPECT_THAT(found[1].what, testing::EndsWith(": dns:*"));
}

TEST(Lint, levels_are_those_of_the_standard) {
  for (const LintRule& rule : lint_rules()) {
    EXPECT_TRUE(rule.code.starts_with("lint.")) << rule.code;
    EXPECT_FALSE(rule.source.empty()) << rule.code;
  }
  Order order = good();
  extension(order, oid::key_usage).critical = false;
  ASSERT_EQ(lint(order, kBase).size(), 1);
  EXPECT_EQ(lint(order, kBase)[0].level, Finding::Level::warning);
}

TEST(Lint, what_the_built_in_templates_grant_has_no_finding) {
  for (const Template& t : built_in_templates())
    for (const char* kind : {"p256", "rsa2048", "ed25519", "ml-dsa-44"})
      for (const bool subject : {true, false}) {
        crmf::CertTemplate asked;
        if (subject) asked.subject = name("CN=device-7,O=Example,C=DE");
        asked.public_key = spki(kind);
        const bool mail = t.name == "smime";
        if (t.san_kinds != 0)
          asked.extensions.push_back(x509::make_subject_alt_name(
              sans({mail ? "email:a@example.org" : "dns:a.example.org"}), false));
        const auto order = grant(t, asked, kNow, Seconds{300});
        if (!subject && t.subject_required) continue;
        ASSERT_TRUE(order) << t.name << " " << order.error().reply_text;
        EXPECT_EQ(codes(*order, kBase), std::set<std::string>{}) << t.name << " " << kind;
      }
}

}  // namespace
}  // namespace countersign::enrol
