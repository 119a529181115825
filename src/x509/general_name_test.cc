#include <gtest/gtest.h>

#include "x509/name.h"

namespace countersign::x509 {
namespace {

std::string outcome(std::string_view digits) {
  Bytes der;
  EXPECT_TRUE(from_hex(digits, der)) << digits;
  der::Context context(der);
  der::Reader in(der, context);
  const auto name = read_general_name(in);
  if (name) return in.at_end() && name->der == der ? to_text(*name) : "ok, but not all of it";
  return std::string(der::name(name.error().code)) + " at " + std::to_string(name.error().offset);
}

TEST(GeneralName, Form) {
  constexpr struct {
    const char* sentence;
    const char* der;
    const char* outcome;
  } kCases[] = {
      {"an otherName", "a00a06022a03a0040c026162", "other:#a00a06022a03a0040c026162"},
      {"a dNSName", "820161", "dns:a"},
      {"an rfc822Name", "8103614062", "email:a@b"},
      {"a URI", "8603613a62", "uri:a:b"},
      {"an IPv4 address", "8704c0000201", "ip:192.0.2.1"},
      {"an IPv6 address", "871020010db8000000000000000000000001", "ip:2001:db8::1"},
      {"a registeredID", "88022a03", "rid:1.2.3"},
      {"a directoryName", "a40e300c310a300806035504030c0161", "dn:CN=a"},
      {"the NULL-DN", "a4023000", "dn:NULL-DN"},
      {"an address of five octets", "8705c000020100", "der.value at 0"},
      {"a dNSName with an octet above 7F", "8201e9", "der.string at 0"},
      {"a control character", "8202610a", "dns:a\\0a"},
      {"a constructed dNSName", "a2020500", "der.tag at 0"},
      {"a primitive directoryName", "84023000", "der.tag at 0"},
      {"a directoryName with more behind it", "a40430003000", "der.trailing at 4"},
      {"an unknown alternative", "8900", "der.tag at 0"},
      {"a universal type", "0c0161", "der.tag at 0"},
      {"a registeredID that is none", "8800", "der.oid at 0"},
      {"an otherName without its value", "a00406022a03", "der.truncated at 6"},
      {"nothing", "", "der.truncated at 0"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(outcome(c.der), c.outcome);
  }
}

TEST(GeneralName, ListsAreNotEmpty) {
  const Bytes empty = {0x30, 0x00};
  der::Context context(empty);
  der::Reader in(empty, context);
  const auto names = read_general_names(in);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, der::Code::empty);
}

TEST(GeneralName, ListsComeBack) {
  const std::vector<GeneralName> names = {dns_name("a"), directory_name(common_name("b"))};
  der::Writer w;
  write(w, names);
  der::Context context(w.bytes());
  der::Reader in(w.bytes(), context);
  EXPECT_EQ(read_general_names(in), names);
}

TEST(GeneralName, TextFormsComeBack) {
  for (const char* text :
       {"dns:host.example", "dns:*.example", "ip:192.0.2.1", "ip:2001:db8::1", "email:a@b",
        "uri:https://host.example/x?y=z", "dn:CN=x,O=y", "rid:1.2.3", "dn:NULL-DN"}) {
    SCOPED_TRACE(text);
    const auto name = general_name_from_text(text);
    ASSERT_TRUE(name);
    EXPECT_EQ(to_text(*name), text);
    EXPECT_EQ(outcome(to_hex(name->der)), text);
  }
}

TEST(GeneralName, WithoutAPrefixItIsAnAddressOrAHost) {
  EXPECT_EQ(to_text(*general_name_from_text("192.0.2.1")), "ip:192.0.2.1");
  EXPECT_EQ(to_text(*general_name_from_text("2001:DB8:0::1")), "ip:2001:db8::1");
  EXPECT_EQ(to_text(*general_name_from_text("host.example")), "dns:host.example");
}

TEST(GeneralName, TextThatIsNone) {
  constexpr struct {
    const char* sentence;
    const char* text;
    const char* code;
  } kCases[] = {
      {"nothing", "", "general-name.value"},
      {"nothing behind the prefix", "dns:", "general-name.value"},
      {"no address", "ip:192.0.2.256", "general-name.value"},
      {"no OID", "rid:1.x", "general-name.value"},
      {"no mail address", "email:a", "general-name.value"},
      {"no URI", "uri:host", "general-name.value"},
      {"an accent in a host name", "dns:é.example", "general-name.value"},
      {"a space in a host name", "a b", "general-name.value"},
      {"a URL without its prefix", "https://host/", "general-name.value"},
      {"a directory name that is none", "dn:x", "name.syntax"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    const auto name = general_name_from_text(c.text);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().code, c.code);
  }
}

TEST(GeneralName, DirectoryNamesComeBack) {
  const Name name = common_name(std::string(200, 'a'));
  EXPECT_EQ(directory_name(directory_name(name)), name);
  EXPECT_EQ(directory_name(dns_name("a")), std::nullopt);
  EXPECT_EQ(directory_name(GeneralName{}), Name{});
}

}  // namespace
}  // namespace countersign::x509
