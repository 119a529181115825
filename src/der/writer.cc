#include "der/writer.h"

#include <array>

namespace countersign::der {
namespace {

// Length octets, X.690 §10.1. Returns how many of `out` are used.
std::size_t encode_length(std::size_t length, std::array<Byte, 5>& out) {
  if (length < 0x80) {
    out[0] = static_cast<Byte>(length);
    return 1;
  }
  std::size_t octets = length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
  out[0] = static_cast<Byte>(0x80 | octets);
  for (std::size_t i = octets; i > 0; --i) {
    out[i] = static_cast<Byte>(length);
    length >>= 8;
  }
  return octets + 1;
}

}  // namespace

std::size_t Writer::begin(Tag tag) {
  out_.push_back(static_cast<Byte>(tag));
  out_.push_back(0);  // one length octet is a guess; end() makes room for more
  return out_.size();
}

void Writer::end(std::size_t start) {
  std::array<Byte, 5> length{};
  const std::size_t octets = encode_length(out_.size() - start, length);
  out_[start - 1] = length[0];
  if (octets > 1)
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), length.begin() + 1,
                length.begin() + static_cast<std::ptrdiff_t>(octets));
}

void Writer::primitive(Tag tag, View content) {
  std::array<Byte, 5> length{};
  const std::size_t octets = encode_length(content.size(), length);
  out_.push_back(static_cast<Byte>(tag));
  append(out_, View(length).first(octets));
  append(out_, content);
}

void Writer::boolean(bool value, Tag tag) {
  const Byte octet = value ? 0xff : 0;
  primitive(tag, {&octet, 1});
}

void Writer::integer(std::int64_t value, Tag tag) {
  std::array<Byte, 8> octets{};
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = 8; i > 0; --i) {
    octets[i - 1] = static_cast<Byte>(rest);
    rest >>= 8;
  }
  std::size_t skip = 0;
  const Byte sign = value < 0 ? 0xff : 0;
  while (skip < 7 && octets[skip] == sign && (octets[skip + 1] & 0x80) == (sign & 0x80)) ++skip;
  primitive(tag, View(octets).subspan(skip));
}

void Writer::unsigned_integer(View magnitude, Tag tag) {
  while (!magnitude.empty() && magnitude[0] == 0) magnitude = magnitude.subspan(1);
  if (magnitude.empty() || magnitude[0] >= 0x80) {
    Bytes padded;
    padded.reserve(magnitude.size() + 1);
    padded.push_back(0);
    append(padded, magnitude);
    primitive(tag, padded);
    return;
  }
  primitive(tag, magnitude);
}

void Writer::bits(const BitString& bits, Tag tag) { bit_content(bits.octets, bits.unused, tag); }

void Writer::bit_octets(View content, Tag tag) { bit_content(content, 0, tag); }

void Writer::bit_content(View octets, Byte unused, Tag tag) {
  std::array<Byte, 5> length{};
  const std::size_t length_octets = encode_length(octets.size() + 1, length);
  out_.push_back(static_cast<Byte>(tag));
  append(out_, View(length).first(length_octets));
  out_.push_back(unused);
  append(out_, octets);
}

namespace {

// YYYYMMDDHHMMSSZ; UTCTime is the same without the century.
using TimeText = std::array<Byte, 15>;
TimeText time_text(const CivilTime& c) {
  TimeText out{};
  const std::array<int, 7> pairs = {c.year / 100, c.year % 100, c.month, c.day,
                                    c.hour,       c.minute,     c.second};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out[2 * i] = static_cast<Byte>('0' + pairs[i] / 10 % 10);
    out[2 * i + 1] = static_cast<Byte>('0' + pairs[i] % 10);
  }
  out.back() = 'Z';
  return out;
}

}  // namespace

void Writer::generalized_time(Time t, Tag tag) { primitive(tag, time_text(to_civil(t))); }

void Writer::timestamp(Time t, std::string_view fraction) {
  const TimeText whole = time_text(to_civil(t));
  if (fraction.empty()) return primitive(Tag::generalized_time, whole);
  Bytes text = copy(View(whole).first(whole.size() - 1));
  text.push_back('.');
  append(text, view(fraction));
  text.push_back('Z');
  primitive(Tag::generalized_time, text);
}

void Writer::x509_time(Time t) {
  const CivilTime c = to_civil(t);
  const TimeText text = time_text(c);
  if (c.year < 1950 || c.year > 2049) return primitive(Tag::generalized_time, text);
  primitive(Tag::utc_time, View(text).subspan(2));
}

}  // namespace countersign::der
