#include "der/reader.h"

#include <gtest/gtest.h>

namespace countersign::der {
namespace {

Bytes hex(std::string_view digits) {
  Bytes out;
  EXPECT_TRUE(from_hex(digits, out)) << digits;
  return out;
}

// Reads one value with `read` and says what came of it: "ok" or the code and its offset.
template <class Read>
std::string outcome(std::string_view digits, Read&& read) {
  const Bytes input = hex(digits);
  Context context(input);
  Reader in(input, context);
  const auto value = read(in);
  if (value) return "ok";
  return std::string(name(value.error().code)) + " at " + std::to_string(value.error().offset);
}

struct Case {
  const char* sentence;
  const char* input;
  const char* outcome;
};

template <class Read, std::size_t N>
void check(const Case (&cases)[N], Read&& read) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(outcome(c.input, read), c.outcome);
  }
}

const std::string k128(2 * 128, '0');

TEST(Reader, TagAndLength) {
  constexpr Case kCases[] = {
      {"an empty value", "0500", "ok"},
      {"nothing at all", "", "der.truncated at 0"},
      {"a tag alone", "05", "der.truncated at 1"},
      {"an indefinite length", "30800000", "der.length-form at 1"},
      {"a high tag number", "1f810100", "der.tag at 0"},
      {"a long length of zero", "048100", "der.length-form at 1"},
      {"a long length below 128", "04817f", "der.length-form at 1"},
      {"a leading zero in the length", "04820080", "der.length-form at 1"},
      {"five length octets", "04850100000000", "der.length-form at 1"},
      {"a reserved length", "04ff", "der.length-form at 1"},
      {"length octets that are missing", "048201", "der.truncated at 2"},
      {"content that is missing", "040200", "der.truncated at 0"},
      {"a length of 4 GiB", "0484ffffffff00", "der.truncated at 0"},
  };
  check(kCases, [](Reader& in) { return in.any(); });
  EXPECT_EQ(outcome("048180" + k128, [](Reader& in) { return in.any(); }), "ok");
}

TEST(Reader, ATlvKnowsItsParts) {
  const Bytes input = hex("0403aabbcc0500");
  Context context(input);
  Reader in(input, context);
  const auto first = in.any();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->tag, Tag::octet_string);
  EXPECT_EQ(to_hex(first->content), "aabbcc");
  EXPECT_EQ(to_hex(first->whole), "0403aabbcc");
  EXPECT_EQ(to_hex(in.rest()), "0500");
  EXPECT_TRUE(in.next_is(Tag::null));
  EXPECT_FALSE(in.finish());
  ASSERT_TRUE(in.null());
  EXPECT_TRUE(in.at_end());
  EXPECT_TRUE(in.finish());
  EXPECT_FALSE(in.next_is(Tag::null));
}

TEST(Reader, ARefusedValueIsNotConsumed) {
  const Bytes input = hex("020100");
  Context context(input);
  Reader in(input, context);
  EXPECT_FALSE(in.any(Tag::octet_string));
  EXPECT_EQ(in.rest().size(), 3U);
}

TEST(Reader, ExpectedTags) {
  constexpr Case kCases[] = {
      {"another tag", "0500", "der.tag at 0"},
      {"the end instead", "", "der.truncated at 0"},
      {"the same number, primitive", "1000", "der.tag at 0"},
      {"the tag", "3000", "ok"},
  };
  check(kCases, [](Reader& in) { return in.read(Tag::sequence); });
}

TEST(Reader, TrailingOctetsAreRefusedWhereTheyBegin) {
  const Bytes input = hex("300405000500");
  Context context(input);
  Reader in(input, context);
  auto inside = in.read(Tag::sequence);
  ASSERT_TRUE(inside && inside->null());
  const auto end = inside->finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::trailing);
  EXPECT_EQ(end.error().offset, 4U);
  EXPECT_EQ(end.error().failure, Failure::badDataFormat);
}

TEST(Reader, Booleans) {
  constexpr Case kCases[] = {
      {"true", "0101ff", "ok"},
      {"false", "010100", "ok"},
      {"another octet", "010101", "der.boolean at 0"},
      {"no octet", "0100", "der.boolean at 0"},
      {"two octets", "0102ffff", "der.boolean at 0"},
  };
  check(kCases, [](Reader& in) { return in.boolean(); });
}

TEST(Reader, Integers) {
  constexpr Case kCases[] = {
      {"zero", "020100", "ok"},
      {"no octet", "0200", "der.integer at 0"},
      {"a needless 00", "02020001", "der.integer at 0"},
      {"a needed 00", "02020080", "ok"},
      {"a needless FF", "0202ff80", "der.integer at 0"},
      {"a needed FF", "0202ff7f", "ok"},
      {"eight octets", "02087fffffffffffffff", "ok"},
      {"nine octets", "0209008000000000000000", "der.integer-range at 2"},
  };
  check(kCases, [](Reader& in) { return in.small_integer(); });
}

TEST(Reader, IntegerValues) {
  constexpr struct {
    const char* input;
    std::int64_t value;
  } kValues[] = {
      {"020100", 0},
      {"02017f", 127},
      {"02020080", 128},
      {"020180", -128},
      {"0202ff7f", -129},
      {"0201ff", -1},
      {"02020100", 256},
      {"020300ffff", 65535},
      {"02087fffffffffffffff", INT64_MAX},
      {"02088000000000000000", INT64_MIN},
  };
  for (const auto& v : kValues) {
    SCOPED_TRACE(v.input);
    const Bytes input = hex(v.input);
    Context context(input);
    Reader in(input, context);
    EXPECT_EQ(in.small_integer(), v.value);
  }
}

TEST(Reader, BitStrings) {
  constexpr Case kCases[] = {
      {"no bits", "030100", "ok"},
      {"three bits", "030205a0", "ok"},
      {"no count", "0300", "der.bit-string at 0"},
      {"a count of 8", "03020800", "der.bit-string at 0"},
      {"a count without bits", "030101", "der.bit-string at 0"},
      {"an unused bit that is 1", "030205a1", "der.bit-string at 0"},
  };
  check(kCases, [](Reader& in) { return in.bits(); });
  constexpr Case kOctets[] = {
      {"whole octets", "030200a0", "ok"},
      {"a part of an octet", "030205a0", "der.bit-string at 0"},
      {"no count", "0300", "der.bit-string at 0"},
  };
  check(kOctets, [](Reader& in) { return in.bit_octets(); });
}

TEST(Reader, ObjectIdentifiers) {
  constexpr Case kCases[] = {
      {"2.5.4.3", "0603550403", "ok"},
      {"no octet", "0600", "der.oid at 0"},
      {"an arc that does not end", "06025581", "der.oid at 0"},
      {"an arc with a leading 80", "0603558001", "der.oid at 0"},
  };
  check(kCases, [](Reader& in) { return in.oid(); });
}

TEST(Reader, NullAndUtf8) {
  EXPECT_EQ(outcome("0500", [](Reader& in) { return in.null(); }), "ok");
  EXPECT_EQ(outcome("050100", [](Reader& in) { return in.null(); }), "der.trailing at 2");
  EXPECT_EQ(outcome("0c03e282ac", [](Reader& in) { return in.utf8(); }), "ok");
  EXPECT_EQ(outcome("0c02e282", [](Reader& in) { return in.utf8(); }), "der.string at 0");
}

TEST(Reader, ValidUtf8) {
  for (const char* good :
       {"", "41", "c3a9", "e282ac", "f09f9880", "ed9fbf", "ee8080", "f48fbfbf"}) {
    SCOPED_TRACE(good);
    EXPECT_TRUE(valid_utf8(hex(good)));
  }
  for (const char* wrong : {"80", "c0af", "c1bf", "c3", "c341", "e08080", "e282", "eda080",
                            "edbfbf", "f0808080", "f4908080", "f5808080", "ff", "f09f98"}) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(valid_utf8(hex(wrong)));
  }
}

std::string time_outcome(Tag tag, std::string_view text) {
  Bytes input = {static_cast<Byte>(tag), static_cast<Byte>(text.size())};
  append(input, view(text));
  Context context(input);
  Reader in(input, context);
  const auto time = tag == Tag::utc_time ? in.utc_time() : in.generalized_time();
  return time ? to_iso(*time) : std::string(name(time.error().code));
}

TEST(Reader, Times) {
  EXPECT_EQ(time_outcome(Tag::utc_time, "500101000000Z"), "1950-01-01T00:00:00Z");
  EXPECT_EQ(time_outcome(Tag::utc_time, "491231235959Z"), "2049-12-31T23:59:59Z");
  EXPECT_EQ(time_outcome(Tag::generalized_time, "99991231235959Z"), "9999-12-31T23:59:59Z");
  EXPECT_EQ(time_outcome(Tag::generalized_time, "20240229000000Z"), "2024-02-29T00:00:00Z");
  for (const char* wrong : {"2401010000Z", "240101000000", "240101000000+0000", "241301000000Z",
                            "240230000000Z", "240101240000Z", "240101000060Z", "2401010000-0Z", ""})
    EXPECT_EQ(time_outcome(Tag::utc_time, wrong), "der.time-format") << wrong;
  for (const char* wrong :
       {"20240101000000", "20240101000000.5Z", "20240101000000+0100", "202401010000Z",
        "20230229000000Z", "2024010100000 Z", "-0240101000000Z"})
    EXPECT_EQ(time_outcome(Tag::generalized_time, wrong), "der.time-format") << wrong;
}

TEST(Reader, ImplicitTagsStandForTheType) {
  const Bytes input = hex("800107810100");
  Context context(input);
  Reader in(input, context);
  EXPECT_EQ(in.small_integer(primitive_context(0)), 7);
  EXPECT_EQ(in.boolean(primitive_context(1)), false);
}

TEST(Reader, DepthIsLimited) {
  const Bytes input = hex("3004300230003000");
  Context context(input, {.depth = 2});
  Reader in(input, context);
  auto one = in.read(Tag::sequence);
  ASSERT_TRUE(one);
  auto two = one->read(Tag::sequence);
  ASSERT_TRUE(two);
  const auto three = two->read(Tag::sequence);
  ASSERT_FALSE(three);
  EXPECT_EQ(three.error().code, Code::too_deep);
  EXPECT_EQ(three.error().offset, 6U);
}

TEST(Reader, ItemsAreLimited) {
  const Bytes input;
  Context context(input, {.items = 3});
  const Reader in(input, context);
  EXPECT_TRUE(in.count(3));
  ASSERT_FALSE(in.count(4));
  EXPECT_EQ(in.count(4).error().code, Code::too_many);
}

Parsed<> read_inner(Reader& in) {
  Reader inner = TRY(in.read(Tag::sequence));
  for (std::size_t i = 0; !inner.at_end(); ++i) TRY_ITEM(in, "item", i, inner.boolean());
  return {};
}
Parsed<> read_outer(Reader& in) {
  Reader outer = TRY(in.read(Tag::sequence));
  TRY_AT(in, "inner", read_inner(outer));
  return outer.finish();
}

TEST(Reader, AFaultCarriesItsPathAndOffset) {
  const Bytes input =
      hex("3008"
          "3006"
          "0101ff"
          "010105");
  Context context(input);
  Reader in(input, context);
  const auto result = read_outer(in);
  ASSERT_FALSE(result);
  EXPECT_EQ(context.path(), "inner.item[1]");
  EXPECT_EQ(result.error().offset, 7U);
  EXPECT_EQ(result.error().code, Code::boolean);
}

TEST(Reader, APathHasNoDotBeforeAnIndex) {
  const Bytes input;
  Context context(input);
  context.unwind("value");
  context.unwind("", 2);
  context.unwind("names");
  EXPECT_EQ(context.path(), "names[2].value");
}

TEST(Reader, WellFormedAllTheWayDown) {
  constexpr Case kCases[] = {
      {"values of every kind", "301d0101ff0201050302010a04020000050006012a0c0141800100a0020500",
       "ok"},
      {"two values", "05000500", "der.trailing at 2"},
      {"nothing", "", "der.truncated at 0"},
      {"a wrong BOOLEAN inside", "30030101aa", "der.boolean at 2"},
      {"a long INTEGER inside", "300402020001", "der.integer at 2"},
      {"a wrong BIT STRING two levels down", "a0053003030101", "der.bit-string at 4"},
      {"a wrong OID inside", "30020600", "der.oid at 2"},
      {"wrong UTF-8 inside", "30030c01ff", "der.string at 2"},
      {"a constructed OCTET STRING", "240404020000", "der.tag at 0"},
      {"a primitive SEQUENCE", "1000", "der.tag at 0"},
      {"an end of contents", "30020000", "der.tag at 2"},
      {"a length past its parent", "30020405", "der.truncated at 2"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.sentence);
    const Bytes input = hex(c.input);
    Context context(input);
    const auto result = check_well_formed(input, context);
    EXPECT_EQ(result ? "ok"
                     : std::string(name(result.error().code)) + " at " +
                           std::to_string(result.error().offset),
              c.outcome);
  }
}

TEST(Reader, WellFormedCountsWhatIsOpenAlready) {
  Bytes input;
  for (int i = 0; i < 20; ++i) {
    Bytes outer = {0x30, static_cast<Byte>(input.size())};
    append(outer, input);
    input = outer;
  }
  Context fits(input, {.depth = 20});
  EXPECT_TRUE(check_well_formed(input, fits));
  Context context(input, {.depth = 19});
  ASSERT_FALSE(check_well_formed(input, context));
  EXPECT_EQ(check_well_formed(input, context).error().code, Code::too_deep);
}

TEST(Fault, EveryCodeHasANameAndASentence) {
  for (int i = 0; i <= static_cast<int>(Code::value); ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_TRUE(name(code).starts_with("der.")) << i;
    EXPECT_FALSE(sentence(code).empty()) << i;
  }
}

}  // namespace
}  // namespace countersign::der
