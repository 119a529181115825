#include "der/writer.h"

#include <gtest/gtest.h>

#include "der/algorithm.h"

namespace countersign::der {
namespace {

template <class Write>
std::string written(Write&& write) {
  Writer w;
  write(w);
  return to_hex(w.bytes());
}

TEST(Writer, LengthsTakeTheFewestOctets) {
  constexpr struct {
    std::size_t length;
    const char* octets;
  } kCases[] = {
      {0, "00"},
      {1, "01"},
      {127, "7f"},
      {128, "8180"},
      {255, "81ff"},
      {256, "820100"},
      {65535, "82ffff"},
      {65536, "83010000"},
      {0xffffff, "83ffffff"},
      {0x1000000, "8401000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.length);
    const Bytes content(c.length, 0x5a);
    const std::string head = std::string("04") + c.octets;
    const auto starts = [&](const Bytes& der, std::string_view wanted) {
      return to_hex(View(der).first(wanted.size() / 2)) == wanted &&
             der.size() == wanted.size() / 2 + c.length;
    };
    Writer primitive;
    primitive.octets(content);
    EXPECT_TRUE(starts(primitive.bytes(), head));
    Writer nested;
    nested.element(Tag::octet_string, [&](Writer& s) { s.raw(content); });
    EXPECT_TRUE(starts(nested.bytes(), head));
    Context context(primitive.bytes(), {.bytes = 1 << 30});
    Reader in(primitive.bytes(), context);
    EXPECT_EQ(in.octets().value_or(View{}).size(), c.length);
  }
}

TEST(Writer, BitOctetsCountTheirFirstOctet) {
  EXPECT_EQ(written([](Writer& w) { w.bit_octets(Bytes{0xaa}); }), "030200aa");
  Writer w;
  w.bit_octets(Bytes(127, 0));
  EXPECT_EQ(to_hex(View(w.bytes()).first(4)), "03818000");
  EXPECT_EQ(w.size(), 3U + 128);
}

TEST(Writer, NestingIsClosedFromTheInside) {
  EXPECT_EQ(written([](Writer& w) {
              w.sequence([](Writer& s) {
                s.integer(1);
                s.set([](Writer& t) { t.null(); });
                s.tagged(2, [](Writer& t) { t.boolean(true); });
              });
            }),
            "300c02010131020500a2030101ff");
}

TEST(Writer, IntegersAreShortest) {
  constexpr struct {
    std::int64_t value;
    const char* der;
  } kCases[] = {
      {0, "020100"},
      {1, "020101"},
      {127, "02017f"},
      {128, "02020080"},
      {255, "020200ff"},
      {256, "02020100"},
      {-1, "0201ff"},
      {-128, "020180"},
      {-129, "0202ff7f"},
      {-256, "0202ff00"},
      {65535, "020300ffff"},
      {32767, "02027fff"},
      {INT64_MAX, "02087fffffffffffffff"},
      {INT64_MIN, "02088000000000000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.der);
    Writer w;
    w.integer(c.value);
    EXPECT_EQ(to_hex(w.bytes()), c.der);
    Context context(w.bytes());
    Reader in(w.bytes(), context);
    EXPECT_EQ(in.small_integer(), c.value);
  }
}

TEST(Writer, UnsignedIntegersGetASignOctetWhereNeeded) {
  const auto of = [](const Bytes& magnitude) {
    return written([&](Writer& w) { w.unsigned_integer(magnitude); });
  };
  EXPECT_EQ(of({}), "020100");
  EXPECT_EQ(of({0}), "020100");
  EXPECT_EQ(of({0, 0, 1}), "020101");
  EXPECT_EQ(of({0x7f}), "02017f");
  EXPECT_EQ(of({0x80}), "02020080");
  EXPECT_EQ(of({0, 0x80, 0}), "0203008000");
}

TEST(Writer, BitStringsKeepTheirUnusedBits) {
  EXPECT_EQ(written([](Writer& w) { w.bits({{0xa0}, 5}); }), "030205a0");
  EXPECT_EQ(written([](Writer& w) { w.bits({}); }), "030100");
}

TEST(Writer, TimesChangeTheirFormIn2050) {
  const auto of = [](const char* iso) {
    Writer w;
    w.x509_time(*from_iso(iso));
    const bool utc = w.bytes()[0] == static_cast<Byte>(Tag::utc_time);
    return (utc ? "UTC " : "Generalized ") + std::string(text(View(w.bytes()).subspan(2)));
  };
  EXPECT_EQ(of("2049-12-31T23:59:59Z"), "UTC 491231235959Z");
  EXPECT_EQ(of("2050-01-01T00:00:00Z"), "Generalized 20500101000000Z");
  EXPECT_EQ(of("1950-01-01T00:00:00Z"), "UTC 500101000000Z");
  EXPECT_EQ(of("1949-12-31T23:59:59Z"), "Generalized 19491231235959Z");
  EXPECT_EQ(of("9999-12-31T23:59:59Z"), "Generalized 99991231235959Z");
  EXPECT_EQ(written([](Writer& w) { w.generalized_time(from_unix(0), primitive_context(0)); }),
            "800f31393730303130313030303030305a");
}

TEST(Algorithm, RoundTrip) {
  for (const char* digits :
       {"300a06082a8648ce3d040302", "300d06092a864886f70d01010b0500", "300506032b6570"}) {
    SCOPED_TRACE(digits);
    Bytes der;
    ASSERT_TRUE(from_hex(digits, der));
    Context context(der);
    Reader in(der, context);
    const auto algorithm = read_algorithm(in);
    ASSERT_TRUE(algorithm);
    EXPECT_EQ(encode(*algorithm), der);
  }
}

TEST(Algorithm, Faults) {
  constexpr struct {
    const char* input;
    const char* code;
    const char* path;
  } kCases[] = {
      {"3000", "der.truncated", "algorithm"},
      {"30020500", "der.tag", "algorithm"},
      {"300706032b65700600", "der.oid", "parameters"},
      {"300906032b657005000500", "der.trailing", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.input);
    Bytes der;
    ASSERT_TRUE(from_hex(c.input, der));
    Context context(der);
    Reader in(der, context);
    const auto algorithm = read_algorithm(in);
    ASSERT_FALSE(algorithm);
    EXPECT_EQ(name(algorithm.error().code), c.code);
    EXPECT_EQ(context.path(), c.path);
  }
}

}  // namespace
}  // namespace countersign::der
