#include "der/reader.h"

#include <algorithm>

#include "base/ascii.h"

namespace countersign::der {
namespace {

bool two_digits(const Byte* at, int& out) noexcept {
  if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') return false;
  out = (at[0] - '0') * 10 + (at[1] - '0');
  return true;
}

std::optional<Time> read_time(View text, bool four_digit_year) noexcept {
  const std::size_t year_digits = four_digit_year ? 4 : 2;
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  const Byte* at = text.data();
  CivilTime c;
  int century = 0;
  if (!two_digits(at, c.year)) return std::nullopt;
  if (four_digit_year) {
    century = c.year;
    if (!two_digits(at + 2, c.year)) return std::nullopt;
    c.year += century * 100;
  } else {
    c.year += c.year < 50 ? 2000 : 1900;  // RFC 5280 §4.1.2.5.1
  }
  at += year_digits;
  if (!two_digits(at, c.month) || !two_digits(at + 2, c.day) || !two_digits(at + 4, c.hour) ||
      !two_digits(at + 6, c.minute) || !two_digits(at + 8, c.second))
    return std::nullopt;
  return from_civil(c);
}

}  // namespace

void Context::unwind(std::string_view field) {
  const bool joins = !path_.empty() && path_.front() != '[';
  path_ = std::string(field) + (joins ? "." : "") + path_;
}

void Context::unwind(std::string_view field, std::size_t index) {
  unwind(std::string(field) + '[' + std::to_string(index) + ']');
}

Parsed<Tlv> Reader::any() noexcept {
  const Byte* const start = cur_;
  if (start == end_) return refuse_at(Code::truncated, start);
  const auto tag = static_cast<Tag>(*start);
  if ((*start & 0x1f) == 0x1f) return refuse_at(Code::tag, start);
  const Byte* at = start + 1;
  if (at == end_) return refuse_at(Code::truncated, at);
  std::size_t length = *at++;
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7f;
    // X.690 §10.1: definite, in the fewest octets. Four octets are more than any limit.
    if (octets == 0 || octets > 4) return refuse_at(Code::length_form, at - 1);
    if (static_cast<std::size_t>(end_ - at) < octets) return refuse_at(Code::truncated, at);
    if (*at == 0) return refuse_at(Code::length_form, at - 1);
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | *at++;
    if (length < 0x80) return refuse_at(Code::length_form, at - 1 - octets);
  }
  if (static_cast<std::size_t>(end_ - at) < length) return refuse_at(Code::truncated, start);
  cur_ = at + length;
  return Tlv{tag, {at, length}, {start, cur_}};
}

Parsed<Tlv> Reader::any(Tag expected) noexcept {
  if (cur_ == end_) return refuse_at(Code::truncated, cur_);
  if (*cur_ != static_cast<Byte>(expected)) return refuse_at(Code::tag, cur_);
  return any();
}

Parsed<Reader> Reader::open(View content) const noexcept {
  if (depth_ == 0) return refuse_at(Code::too_deep, content.data());
  return Reader(content, *context_, depth_ - 1);
}

Parsed<Reader> Reader::read(Tag constructed) noexcept {
  return open(TRY(any(constructed)).content);
}

Parsed<> Reader::finish() const noexcept {
  if (cur_ != end_) return refuse(Code::trailing);
  return {};
}

Parsed<> Reader::count(std::size_t items) const noexcept {
  if (items > context_->limits().items) return refuse(Code::too_many);
  return {};
}

Parsed<bool> Reader::boolean(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  if (tlv.content.size() != 1 || (tlv.content[0] != 0 && tlv.content[0] != 0xff))
    return refuse_at(Code::boolean, tlv.whole.data());
  return tlv.content[0] != 0;
}

Parsed<View> Reader::integer(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  const View c = tlv.content;
  if (c.empty()) return refuse_at(Code::integer, tlv.whole.data());
  if (c.size() > 1 && ((c[0] == 0 && c[1] < 0x80) || (c[0] == 0xff && c[1] >= 0x80)))
    return refuse_at(Code::integer, tlv.whole.data());
  return c;
}

Parsed<std::int64_t> Reader::small_integer(Tag tag) noexcept {
  const View c = TRY(integer(tag));
  if (c.size() > 8) return refuse_at(Code::integer_range, c.data());
  std::uint64_t value = (c[0] & 0x80) != 0 ? ~0ULL : 0;
  for (const Byte b : c) value = value << 8 | b;
  return static_cast<std::int64_t>(value);
}

Parsed<View> Reader::octets(Tag tag) noexcept { return TRY(any(tag)).content; }

Parsed<View> Reader::bit_octets(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  if (tlv.content.empty() || tlv.content[0] != 0)
    return refuse_at(Code::bit_string, tlv.whole.data());
  return tlv.content.subspan(1);
}

Parsed<BitString> Reader::bits(Tag tag) {
  const View c = TRY(bit_content(tag));
  return BitString{copy(c.subspan(1)), c[0]};
}

Parsed<View> Reader::bit_content(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  const View c = tlv.content;
  if (c.empty() || c[0] > 7 || (c.size() == 1 && c[0] != 0))
    return refuse_at(Code::bit_string, tlv.whole.data());
  // X.690 §11.2.1: the unused bits are 0.
  if (c[0] != 0 && (c.back() & ((1U << c[0]) - 1)) != 0)
    return refuse_at(Code::bit_string, tlv.whole.data());
  return c;
}

Parsed<Oid> Reader::oid(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  Oid oid;
  if (!Oid::from_content(tlv.content, oid)) return refuse_at(Code::oid, tlv.whole.data());
  return oid;
}

Parsed<> Reader::null(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  if (!tlv.content.empty()) return refuse_at(Code::trailing, tlv.content.data());
  return {};
}

Parsed<std::string> Reader::utf8(Tag tag) {
  const Tlv tlv = TRY(any(tag));
  if (!valid_utf8(tlv.content)) return refuse_at(Code::string, tlv.whole.data());
  return std::string(text(tlv.content));
}

Parsed<Time> Reader::generalized_time(Tag tag) noexcept {
  const Tlv tlv = TRY(any(tag));
  const auto time = read_time(tlv.content, true);
  if (!time) return refuse_at(Code::time_format, tlv.whole.data());
  return *time;
}

Parsed<Timestamp> Reader::timestamp(Tag tag) {
  const Tlv tlv = TRY(any(tag));
  const View content = tlv.content;
  constexpr std::size_t kSeconds = 14, kMostDigits = 9;  // YYYYMMDDHHMMSS
  if (content.size() <= kSeconds || content[kSeconds] != '.') {
    const auto time = read_time(content, true);
    if (!time) return refuse_at(Code::time_format, tlv.whole.data());
    return Timestamp{*time, {}};
  }
  const std::string_view digits = text(content).substr(kSeconds + 1, content.size() - kSeconds - 2);
  const bool good = !digits.empty() && digits.size() <= kMostDigits && digits.back() != '0' &&
                    std::ranges::all_of(digits, ascii::is_digit);
  Bytes whole = copy(content.first(kSeconds));
  whole.push_back(content.back());
  const auto time = read_time(whole, true);
  if (!good || !time) return refuse_at(Code::time_format, tlv.whole.data());
  return Timestamp{*time, std::string(digits)};
}

Parsed<Time> Reader::utc_time() noexcept {
  const Tlv tlv = TRY(any(Tag::utc_time));
  const auto time = read_time(tlv.content, false);
  if (!time) return refuse_at(Code::time_format, tlv.whole.data());
  return *time;
}

namespace {

// BER's end of contents, and SEQUENCE and SET in primitive form.
constexpr bool never_in_der(Tag tag) noexcept {
  const auto octet = static_cast<Byte>(tag);
  return octet == 0x00 || octet == 0x10 || octet == 0x11;
}

Parsed<> check_utf8(Reader& in) {
  const Fault here = in.fault(Code::string);
  if (!valid_utf8(TRY(in.any()).content)) return std::unexpected(here);
  return {};
}

Parsed<> check_primitive(Reader& in, Tag tag) {
  if (never_in_der(tag)) return in.refuse(Code::tag);
  switch (tag) {
    case Tag::boolean:
      (void)TRY(in.boolean());
      return {};
    case Tag::integer:
    case Tag::enumerated:
      TRY(in.integer(tag));
      return {};
    case Tag::bit_string:
      TRY(in.bit_content());
      return {};
    case Tag::oid:
      TRY(in.oid());
      return {};
    case Tag::null:
      TRY(in.null());
      return {};
    case Tag::utf8_string:
      return check_utf8(in);
    default:
      TRY(in.any());
      return {};
  }
}

Parsed<> check_all(Reader& in) {
  while (!in.at_end()) {
    const auto tag = static_cast<Tag>(in.rest().front());
    if (!is_constructed(tag)) {
      TRY(check_primitive(in, tag));
      continue;
    }
    // X.690 §10.2: strings are primitive in DER; so are the other universal types but SEQUENCE/SET.
    if ((static_cast<Byte>(tag) & 0xc0) == 0 && tag != Tag::sequence && tag != Tag::set)
      return in.refuse(Code::tag);
    Reader inside = TRY(in.read(tag));
    TRY(check_all(inside));
  }
  return {};
}

}  // namespace

Parsed<View> Reader::well_formed() noexcept {
  const View whole = TRY(any()).whole;
  Reader inside(whole, *context_, depth_);
  TRY(check_all(inside));
  return whole;
}

Parsed<View> Reader::well_formed(Tag expected) noexcept {
  if (cur_ == end_) return refuse_at(Code::truncated, cur_);
  if (*cur_ != static_cast<Byte>(expected)) return refuse_at(Code::tag, cur_);
  return well_formed();
}

Parsed<> check_well_formed(View der, Context& context) {
  Reader in(der, context);
  TRY(in.well_formed());
  return in.finish();
}

bool valid_utf8(View octets) noexcept {
  std::size_t i = 0;
  while (i < octets.size()) {
    const Byte first = octets[i];
    if (first < 0x80) {
      ++i;
      continue;
    }
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : -1;
    if (more < 0 || first > 0xf4 || octets.size() - i <= static_cast<std::size_t>(more))
      return false;
    std::uint32_t point = first & (0x3fU >> more);
    for (int k = 1; k <= more; ++k) {
      const Byte next = octets[i + static_cast<std::size_t>(k)];
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (point < kLeast[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      return false;
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

}  // namespace countersign::der
