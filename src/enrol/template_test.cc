#include "enrol/template.h"

#include "enrol/grant_extensions.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
namespace oid = x509::oids;

constexpr Seconds kBackdate{300};

const Template& built_in(std::string_view name) {
  const Template* found = find_template(built_in_templates(), name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

// ---- validity
struct ValidityCase {
  const char* what;
  std::optional<long long> from, to;  // seconds from now
  long long granted_from, granted_to;
  const char* code = "ok";
  bool changed = false;
};
constexpr long long kDay = 86400;
const ValidityCase kValidityCases[] = {
    {"none asked for", {}, {}, -300, 365 * kDay},
    {"an end inside is honoured", {}, 30 * kDay, -300, 30 * kDay},
    {"both inside are honoured", 0, 30 * kDay, 0, 30 * kDay},
    {"a later beginning has the usual length", 10 * kDay, {}, 10 * kDay, 375 * kDay},
    {"an early beginning moves to the backdated now", -kDay, 30 * kDay, -300, 30 * kDay, "ok",
     true},
    {"a late end moves to the longest", {}, 9000 * kDay, -300, 825 * kDay, "ok", true},
    {"an end in the past is refused", {}, -1, 0, 0, "template.validity"},
    {"an end before the beginning is refused", 20 * kDay, 10 * kDay, 0, 0, "template.validity"},
    {"a beginning past the longest is refused", 826 * kDay, {}, 0, 0, "template.validity"},
};

TEST(Grant, validity) {
  for (const ValidityCase& c : kValidityCases) {
    SCOPED_TRACE(c.what);
    crmf::CertTemplate asked;
    asked.subject = name("CN=a");
    asked.public_key = spki("p256");
    if (c.from || c.to) asked.validity.emplace();
    if (c.from) asked.validity->not_before = crmf::TimeChoice{kNow + Seconds{*c.from}, false};
    if (c.to) asked.validity->not_after = crmf::TimeChoice{kNow + Seconds{*c.to}, false};
    const auto order = grant(built_in("device"), asked, kNow, kBackdate);
    EXPECT_EQ(code(order), c.code);
    if (!order) continue;
    EXPECT_EQ(order->validity.not_before - kNow, Seconds{c.granted_from});
    EXPECT_EQ(order->validity.not_after - kNow, Seconds{c.granted_to});
    EXPECT_EQ(!order->modifications.empty(), c.changed) << order->modifications;
  }
}

TEST(Modifications, are_bounded_and_end_at_a_whole_character) {
  Modifications changed;
  for (int i = 0; i < 200; ++i) changed.add("ä");
  EXPECT_LE(changed.text().size(), Modifications::kLongest + 4);
  EXPECT_TRUE(changed.text().ends_with(" …"));
  EXPECT_TRUE(der::valid_utf8(view(changed.text())));
}

TEST(Templates, six_are_built_in_and_device_is_among_them) {
  std::vector<std::string> names;
  for (const Template& t : built_in_templates()) names.push_back(t.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"tls-server", "tls-client", "device", "smime", "vpn", "ra"}));
  EXPECT_EQ(find_template(built_in_templates(), "Device"), nullptr);
}

TEST(Templates, a_pkcs10_stands_for_its_subject_key_and_extensions) {
  for (const char* kind : {"rsa", "p256", "ed25519", "ml-dsa-44", "slh-dsa-sha2-128f"}) {
    const auto csr = x509::parse_csr(read_vector("csr-" + std::string(kind) + ".der"));
    ASSERT_TRUE(csr) << kind;
    const auto order = grant(built_in("tls-server"), as_template(*csr), kNow, kBackdate);
    ASSERT_TRUE(order) << kind << order.error().reply_text;
    EXPECT_EQ(order->subject, csr->subject);
    EXPECT_EQ(order->spki, csr->spki);
    EXPECT_EQ(order->modifications, "");
    EXPECT_NE(x509::find(order->extensions, oid::subject_alt_name), nullptr);
  }
}

}  // namespace
}  // namespace countersign::enrol
