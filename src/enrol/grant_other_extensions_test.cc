// What a template's rules for other extensions make of a request.
#include "enrol/template.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using x509::Extension;

const auto kTlsFeature = der::Oid::of("1.3.6.1.5.5.7.1.24");
const auto kTemplateName = der::Oid::of("1.3.6.1.4.1.311.20.2");
const auto kOther = der::Oid::of("1.2.3.4");
const Bytes kMustStaple = {0x30, 3, 2, 1, 5};
const Bytes kHello = {0x0c, 2, 'h', 'i'};

struct Case {
  const char* what;
  x509::Extensions asked = {};
  x509::Extensions kept = {};     // of the certificate that is updated
  x509::Extensions granted = {};  // of those with a rule
  const char* code = "ok";
  const char* says = "";
  Outside outside = Outside::drop;
};

const Extension kAlways{kTlsFeature, false, kMustStaple};

const Case kCases[] = {
    {.what = "what is fixed is always there", .granted = {kAlways}},
    {.what = "who asks for that very value is told nothing",
     .asked = {{kTlsFeature, false, kMustStaple}},
     .granted = {kAlways}},
    {.what = "another value is not to be had",
     .asked = {{kTlsFeature, false, {5, 0}}},
     .granted = {kAlways},
     .says = "1.3.6.1.5.5.7.1.24 of another value left out"},
    {.what = "and refused where the template says so",
     .asked = {{kTlsFeature, false, {5, 0}}},
     .code = "template.extension",
     .says = "it has the value of the template",
     .outside = Outside::refuse},
    {.what = "what may be asked for is granted as it is",
     .asked = {{kTemplateName, false, kHello}},
     .granted = {kAlways, {kTemplateName, false, kHello}}},
    {.what = "but never critical",
     .asked = {{kTemplateName, true, kHello}},
     .granted = {kAlways, {kTemplateName, false, kHello}},
     .says = "1.3.6.1.4.1.311.20.2 made not critical"},
    {.what = "an update keeps it",
     .kept = {{kTemplateName, false, kHello}, {kOther, false, kHello}},
     .granted = {kAlways, {kTemplateName, false, kHello}}},
    {.what = "or changes it",
     .asked = {{kTemplateName, false, {5, 0}}},
     .kept = {{kTemplateName, false, kHello}},
     .granted = {kAlways, {kTemplateName, false, {5, 0}}}},
    {.what = "what is no value is refused",
     .asked = {{kTemplateName, false, {0x0c, 9, 'h'}}},
     .code = "template.extension-malformed",
     .says = "one DER value"},
    {.what = "without a rule there is none",
     .asked = {{kOther, false, kHello}},
     .granted = {kAlways},
     .says = "extension 1.2.3.4 left out"},
    {.what = "and the sentence names those that there are",
     .asked = {{kOther, false, kHello}},
     .code = "template.extension",
     .says = "subjectAltName, 1.3.6.1.4.1.311.20.2 only",
     .outside = Outside::refuse},
};

TEST(Grant, other_extensions) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    Template t = *find_template(built_in_templates(), "device");
    t.extensions = *extension_rules(
        {"1.3.6.1.5.5.7.1.24 = fixed:3003020105", "1.3.6.1.4.1.311.20.2 = request"});
    t.outside = c.outside;
    crmf::CertTemplate asked;
    asked.subject = name("CN=device-7");
    asked.public_key = spki("p256");
    asked.extensions = c.asked;
    const auto order = grant(t, asked, *from_iso("2026-06-01"), Seconds{300}, c.kept);
    EXPECT_EQ(code(order), c.code);
    const std::string said = order ? order->modifications : order.error().reply_text;
    EXPECT_TRUE(said.contains(c.says) && (*c.says != '\0' || said.empty())) << said;
    if (!order) continue;
    x509::Extensions granted = order->extensions;
    std::erase_if(granted, [](const Extension& e) {
      return e.id == x509::oids::key_usage || e.id == x509::oids::ext_key_usage;
    });
    EXPECT_EQ(granted, c.granted);
  }
}

}  // namespace
}  // namespace countersign::enrol
