#include "server/object_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/administration.h"

namespace countersign::server {
namespace {

using enrol::ObjectKind;
using enrol::ObjectRecord;
using testing::HasSubstr;

TEST(ObjectFile, ReadsWhatItWrites) {
  const std::vector<ObjectRecord> objects = {
      {ObjectKind::certificate_template,
       "line.1",
       0,
       true,
       {{"validity", "90d"},
        {"keys", std::vector<std::string>{"p256", "rsa"}},
        {"min_rsa_bits", std::int64_t{3072}},
        {"san_required", true},
        {"summary", "says \"so\" \\ and\nmore ''' \"\"\" = 1\n[operator.x]"}},
       {},
       {}},
      {ObjectKind::ra_profile, "off", 0, false, {}, {}, {}},
      {ObjectKind::cmp_profile,
       "line1",
       0,
       true,
       {{"kur.same_key", "refuse"}, {"kur.again", "warn"}, {"implicit_confirm", false}},
       {},
       {}},
  };
  const std::string text = write_objects(objects);
  const auto read = read_objects(text, "file");
  ASSERT_TRUE(read) << read.error().reply_text << "\n" << text;
  EXPECT_TRUE(changes_between(objects, *read, Missing::remove).empty()) << text;
}

TEST(ObjectFile, NamesTheLineOfWhatIsWrong) {
  const auto says = [](std::string_view toml) {
    const auto read = read_objects(toml, "f.toml");
    return read ? std::string("fine")
                : std::string(read.error().code) + ' ' + read.error().reply_text;
  };
  EXPECT_THAT(says("[ra_profile.a]\ntemplate = \n"), HasSubstr("config.syntax f.toml:2"));
  EXPECT_THAT(says("\n[ra_profil.a]\n"), HasSubstr("config.unknown-key f.toml:2"));
  EXPECT_THAT(says("[ra_profil.a]\n"), HasSubstr("[ra_profile.NAME]"));
  EXPECT_THAT(says("[ra_profile.a]\nx = 1.5\n"),
              HasSubstr("config.value f.toml:2: ra_profile.a.x"));
  EXPECT_THAT(says("[ra_profile.a]\nenabled = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(says("ra_profile = 1\n"), HasSubstr("config.unknown-key"));
}

TEST(Changes, AreThoseThatAreNeeded) {
  const ObjectRecord a{ObjectKind::ra_profile, "a", 3, true, {{"summary", "x"}}, "me", {}};
  ObjectRecord same = a;
  same.version = 0;
  EXPECT_TRUE(changes_between({{a}}, {{same}}, Missing::remove).empty());
  ObjectRecord other = same;
  other.fields["summary"] = "y";
  auto changes = changes_between({{a}}, {{other}}, Missing::remove);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].object.version, 3) << "what it must still be of";
  EXPECT_EQ(difference(&a, &changes[0].object), "summary: \"x\" -> \"y\"");
  changes = changes_between({{a}}, {}, Missing::remove);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].action, enrol::ObjectAction::remove);
  EXPECT_TRUE(changes_between({{a}}, {}, Missing::keep).empty());
}

}  // namespace
}  // namespace countersign::server
