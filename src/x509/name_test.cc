#include "x509/name.h"

#include <gtest/gtest.h>

#include "x509/certificate.h"
#include "x509/vector_file.h"

namespace countersign::x509 {
namespace {

Name name_of(std::string_view text) {
  const auto name = name_from_text(text);
  EXPECT_TRUE(name) << text << ": " << (name ? "" : name.error().reply_text);
  return name.value_or(Name{});
}

Name name_of_hex(std::string_view digits) {
  Name name;
  EXPECT_TRUE(from_hex(digits, name.der)) << digits;
  return name;
}

// "ok", or code, path and offset of the fault.
std::string outcome(std::string_view digits) {
  const Bytes der = name_of_hex(digits).der;
  der::Context context(der);
  der::Reader in(der, context);
  const auto name = read_name(in);
  if (name) return in.at_end() && name->der == der ? "ok" : "ok, but not all of it";
  return std::string(der::name(name.error().code)) + ' ' + context.path() + " at " +
         std::to_string(name.error().offset);
}

TEST(Name, Form) {
  constexpr struct {
    const char* sentence;
    const char* der;
    const char* outcome;
  } kCases[] = {
      {"no name", "3000", "ok"},
      {"CN=a", "300c310a30080603550403 0c0161", "ok"},
      {"an empty SET", "30023100", "der.empty rdn[0] at 4"},
      {"a SEQUENCE for the SET", "30023000", "der.tag rdn[0] at 2"},
      {"no value", "3009310730050603550403", "der.truncated rdn[0].attribute[0].value at 11"},
      {"two values", "300e310c300a0603550403 0c01610500", "der.trailing rdn[0].attribute[0] at 14"},
      {"an empty type", "30093107300506000c0161", "der.oid rdn[0].attribute[0].type at 6"},
      {"wrong UTF-8", "300c310a30080603550403 0c01ff",
       "der.string rdn[0].attribute[0].value at 11"},
      {"half a BMPString character", "300c310a30080603550403 1e0141",
       "der.string rdn[0].attribute[0].value at 11"},
      {"ISO 8859-1 in a TeletexString", "300c310a30080603550403 1401e9", "ok"},
      {"'*' in a PrintableString (departure 1)", "300c310a30080603550403 13012a", "ok"},
      {"attributes in order", "30163114 3008060355040 30c0161 3008060355040a0c0161", "ok"},
      {"attributes out of order", "30163114 3008060355040a0c0161 3008060355040 30c0161",
       "der.order rdn[0] at 14"},
      {"the same attribute twice", "30163114 30080603550403 0c0161 30080603550403 0c0161",
       "der.duplicate rdn[0] at 14"},
      {"a SET where the name should be", "3100", "der.tag  at 0"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    std::string digits(c.der);
    std::erase(digits, ' ');
    EXPECT_EQ(outcome(digits), c.outcome);
  }
}

TEST(Name, TextFormsThatMeanTheSame) {
  constexpr struct {
    const char* sentence;
    const char* text;
    const char* printed;
  } kCases[] = {
      {"RFC 4514, the last RDN first", "CN=a,O=b", "CN=a,O=b"},
      {"the slash form, the first RDN first", "/O=b/CN=a", "CN=a,O=b"},
      {"spaces around separators", " CN = a , O = b ", "CN=a,O=b"},
      {"type names in any case", "cn=a,o=b", "CN=a,O=b"},
      {"long type names", "commonName=a,organizationName=b", "CN=a,O=b"},
      {"a dotted type that has a name", "2.5.4.3=a,OID.2.5.4.10=b", "CN=a,O=b"},
      {"a dotted type that has none", "1.2.3=a", "1.2.3=#0c0161"},
      {"a value as its DER", "CN=#0c0161", "CN=a"},
      {"a value that is no string", "CN=#0500", "CN=#0500"},
      {"an escaped comma", R"(O=a\, b)", R"(O=a\, b)"},
      {"an escaped comma as hex", R"(O=a\2cb)", R"(O=a\,b)"},
      {"UTF-8 as hex", R"(O=\C3\A9)", "O=é"},
      {"UTF-8 as it is", "O=é", "O=é"},
      {"a quoted value", R"(O="a, b",CN=c)", R"(O=a\, b,CN=c)"},
      {"an escaped quote in quotes", R"(O="a\"b")", R"(O=a\"b)"},
      {"escaped spaces at the ends", R"(CN=\ a\ )", R"(CN=\ a\ )"},
      {"a leading #", R"(CN=\#a)", R"(CN=\#a)"},
      {"a multi-valued RDN, printed from its end", "CN=b+OU=a,O=c", "OU=a+CN=b,O=c"},
      {"a multi-valued RDN in the slash form", "/O=c/OU=a+CN=b", "OU=a+CN=b,O=c"},
      {"an escaped slash", R"(/CN=a\/b)", "CN=a/b"},
      {"commas and quotes in the slash form", R"(/CN=a,"b")", R"(CN=a\,\"b\")"},
      {"an equals sign in a value", "CN=a=b", "CN=a=b"},
      {"a control character", R"(CN=a\0Ab)", R"(CN=a\0Ab)"},
      {"all short names",
       "CN=a,O=b,OU=c,C=DE,ST=d,L=e,SN=f,GN=g,serialNumber=1,emailAddress=x@y,DC=h,UID=i,title=j",
       "CN=a,O=b,OU=c,C=DE,ST=d,L=e,SN=f,GN=g,serialNumber=1,emailAddress=x@y,DC=h,UID=i,title=j"},
      {"no name", "NULL-DN", "NULL-DN"},
      {"no name in the slash form", "/", "NULL-DN"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    const Name name = name_of(c.text);
    EXPECT_EQ(outcome(to_hex(name.der)), "ok");
    EXPECT_EQ(to_text(name), c.printed);
    EXPECT_TRUE(same_name(name_of(c.printed), name));
  }
}

TEST(Name, TextThatIsNoName) {
  constexpr struct {
    const char* sentence;
    const char* text;
    const char* code;
  } kCases[] = {
      {"nothing", "", "name.syntax"},
      {"no equals sign", "first-device", "name.syntax"},
      {"a comma in a value", "O=a, b", "name.syntax"},
      {"an empty part", "CN=a,,O=b", "name.syntax"},
      {"a comma at the end", "CN=a,", "name.syntax"},
      {"a plus at the end", "CN=a+", "name.syntax"},
      {"an unknown type", "XYZ=a", "name.attribute-type"},
      {"no type", "=a", "name.attribute-type"},
      {"an empty value", "CN=", "name.value"},
      {"a backslash at the end", "CN=a\\", "name.escape"},
      {"a backslash before a letter", "CN=a\\xyz", "name.escape"},
      {"a quote that does not end", "CN=\"a", "name.syntax"},
      {"more behind a quote", "CN=\"a\"b", "name.syntax"},
      {"an unescaped semicolon", "CN=a;O=b", "name.syntax"},
      {"octets that are no UTF-8", "CN=\\FF", "name.value"},
      {"a country of three letters", "C=DEU", "name.value"},
      {"an underscore in a PrintableString", "serialNumber=a_b", "name.value"},
      {"an accent in an IA5String", "emailAddress=é@x", "name.value"},
      {"half a hex string", "CN=#0c016", "name.value"},
      {"a hex string that is no DER", "CN=#0c05", "name.value"},
      {"a hex string that is half a character", "CN=#1e0141", "der.string"},
      {"a URL in the slash form", "/CN=https://x", "name.syntax"},
      {"the same attribute twice in an RDN", "CN=a+CN=a", "name.syntax"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    const auto name = name_from_text(c.text);
    ASSERT_FALSE(name) << to_text(*name);
    EXPECT_EQ(name.error().code, c.code);
    EXPECT_FALSE(name.error().reply_text.empty());
  }
}

TEST(Name, StringTypesAreThoseOfTheAttribute) {
  EXPECT_EQ(to_hex(name_of("C=DE").der), "300d310b3009060355040613024445");
  EXPECT_EQ(to_hex(name_of("serialNumber=1").der), "300c310a30080603550405130131");
  EXPECT_EQ(to_hex(name_of("CN=a").der), "300c310a300806035504030c0161");
  EXPECT_EQ(to_hex(name_of("DC=a").der), "30133111300f060a0992268993f22c640119160161");
  EXPECT_EQ(common_name("a"), name_of("CN=a"));
}

TEST(Name, PrintsAsOpensslDoes) {
  for (const char* file : {"rsa", "ec", "ed25519", "name-multivalued", "name-escapes",
                           "name-all-types", "name-teletex", "name-bmp", "name-universal"}) {
    SCOPED_TRACE(file);
    const auto certificate = parse_certificate(vector(file));
    ASSERT_TRUE(certificate);
    const std::string expected = seen_by_openssl(file, "subject");
    EXPECT_EQ(to_text(certificate->subject), expected);
    EXPECT_TRUE(same_name(name_of(expected), certificate->subject));
  }
}

TEST(Name, IsEncodedAsOpensslDoes) {
  for (const char* file : {"rsa", "ec", "name-multivalued", "name-escapes", "name-all-types"}) {
    SCOPED_TRACE(file);
    const auto certificate = parse_certificate(vector(file));
    ASSERT_TRUE(certificate);
    EXPECT_EQ(name_of(seen_by_openssl(file, "subject")), certificate->subject);
  }
}

TEST(Name, SameName) {
  constexpr struct {
    const char* sentence;
    const char* a;
    const char* b;
    bool same;
  } kCases[] = {
      {"letters of another case", "CN=First Device,O=x", "CN=first DEVICE,O=X", true},
      {"more white space", R"(CN=\ a  b\ )", "CN=a b", true},
      {"another string type", "CN=#130141", "CN=a", true},
      {"a BMPString", "CN=#1e020041", "CN=a", true},
      {"the order inside of an RDN", "CN=a+OU=b", "OU=b+CN=a", true},
      {"a multi-valued RDN in another case", "CN=Z+CN=a", "CN=A+CN=z", true},
      {"white space inside of a word", "CN=ab", "CN=a b", false},
      {"the order of the RDNs", "CN=a,O=b", "O=b,CN=a", false},
      {"one RDN less", "CN=a,O=b", "CN=a", false},
      {"one RDN instead of two", "CN=a+O=b", "CN=a,O=b", false},
      {"another type", "CN=a", "OU=a", false},
      {"another value", "CN=a", "CN=b", false},
      {"an accent", "CN=e", "CN=é", false},
      {"no name", "NULL-DN", "NULL-DN", true},
      {"no name and a name", "NULL-DN", "CN=a", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(same_name(name_of(c.a), name_of(c.b)), c.same);
    EXPECT_EQ(same_name(name_of(c.b), name_of(c.a)), c.same);
  }
}

TEST(Name, AttributesOfAType) {
  const Name name = name_of("CN=b+CN=a,O=x,CN=c");
  EXPECT_EQ(attributes(name, der::Oid::of("2.5.4.3")), (std::vector<std::string>{"c", "a", "b"}));
  EXPECT_EQ(attributes(name, der::Oid::of("2.5.4.11")), std::vector<std::string>{});
}

TEST(Name, MalformedOctetsDoNotHurt) {
  for (const char* digits : {"", "30", "3005", "30023100", "3100", "300431020500"}) {
    SCOPED_TRACE(digits);
    const Name name = name_of_hex(digits);
    (void)to_text(name);
    EXPECT_TRUE(attributes(name, der::Oid::of("2.5.4.3")).empty());
    EXPECT_TRUE(same_name(name, name));
  }
}

}  // namespace
}  // namespace countersign::x509
