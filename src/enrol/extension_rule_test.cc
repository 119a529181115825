#include "enrol/extension_rule.h"

#include <gtest/gtest.h>

namespace countersign::enrol {
namespace {

TEST(ExtensionRules, areReadAndWritten) {
  const auto rules =
      extension_rules({"1.3.6.1.5.5.7.1.24=fixed: 3003020105", "  1.2.3.4  =  request "});
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ(to_text(rules->at(0)), "1.3.6.1.5.5.7.1.24 = fixed:3003020105");
  EXPECT_EQ(to_text(rules->at(1)), "1.2.3.4 = request");
  EXPECT_EQ(extension_rules({})->size(), 0U);
}

TEST(ExtensionRules, ofOtherFormsAreNone) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"no source", {"1.2.3.4"}},
      {"an unknown source", {"1.2.3.4 = device:note"}},
      {"no OID", {"tls = request"}},
      {"twice the same", {"1.2.3.4 = request", "1.2.3.4 = fixed:0500"}},
      {"no hexadecimal", {"1.2.3.4 = fixed:hello"}},
      {"nothing", {"1.2.3.4 = fixed:"}},
      {"half a value", {"1.2.3.4 = fixed:3003"}},
      {"a value and more", {"1.2.3.4 = fixed:05000500"}},
      {"one of X.509: keyUsage", {"2.5.29.15 = request"}},
      {"one of X.509: authorityInfoAccess", {"1.3.6.1.5.5.7.1.1 = request"}},
      {"too long", {"1.2.3.4 = fixed:04820FFD" + std::string(std::size_t{4093} * 2, '0')}},
  };
  for (const auto& [what, texts] : cases) EXPECT_FALSE(extension_rules(texts)) << what;
  EXPECT_TRUE(
      extension_rules({"1.2.3.4 = fixed:04820FFC" + std::string(std::size_t{4092} * 2, '0')}))
      << "4096 octets in all";
}

}  // namespace
}  // namespace countersign::enrol
