// DER out, front to back, into one growing buffer. Closures nest, so a length cannot be forgotten.
//
//   Writer w;
//   w.sequence([&](Writer& s) { s.integer(1); s.octets(nonce); });
//   Bytes der = std::move(w).take();
#pragma once

#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "der/oid.h"
#include "der/reader.h"
#include "der/tag.h"

namespace countersign::der {

class Writer {
 public:
  Writer() = default;
  explicit Writer(std::size_t expected_size) { out_.reserve(expected_size); }

  template <class Inside>
  void element(Tag tag, Inside&& inside) {
    const std::size_t start = begin(tag);
    inside(*this);
    end(start);
  }
  template <class Inside>
  void sequence(Inside&& inside) {
    element(Tag::sequence, std::forward<Inside>(inside));
  }
  // SET with the elements as written: for a SET of one, or for elements already in order.
  template <class Inside>
  void set(Inside&& inside) {
    element(Tag::set, std::forward<Inside>(inside));
  }
  // [n] EXPLICIT, or [n] IMPLICIT over a constructed type.
  template <class Inside>
  void tagged(unsigned n, Inside&& inside) {
    element(context(n), std::forward<Inside>(inside));
  }

  void raw(View der) { append(out_, der); }  // one or more complete TLVs
  void primitive(Tag tag, View content);
  void boolean(bool value, Tag tag = Tag::boolean);
  void integer(std::int64_t value, Tag tag = Tag::integer);
  // Two's complement content as Reader::integer gives it.
  void integer_octets(View content, Tag tag = Tag::integer) { primitive(tag, content); }
  // A magnitude: leading zeros are dropped and a sign octet added where needed.
  void unsigned_integer(View magnitude, Tag tag = Tag::integer);
  void octets(View content, Tag tag = Tag::octet_string) { primitive(tag, content); }
  void bits(const BitString& bits, Tag tag = Tag::bit_string);
  void bit_octets(View content, Tag tag = Tag::bit_string);
  void oid(const Oid& oid, Tag tag = Tag::oid) { primitive(tag, oid.content()); }
  void null(Tag tag = Tag::null) { primitive(tag, {}); }
  void utf8(std::string_view text, Tag tag = Tag::utf8_string) { primitive(tag, view(text)); }
  void generalized_time(Time t, Tag tag = Tag::generalized_time);
  void timestamp(Time t, std::string_view fraction);  // digits of it, or empty
  // RFC 5280 §4.1.2.5 [MUST] UTCTime through 2049, GeneralizedTime after.
  void x509_time(Time t);

  const Bytes& bytes() const noexcept { return out_; }
  std::size_t size() const noexcept { return out_.size(); }
  Bytes take() && { return std::move(out_); }

 private:
  std::size_t begin(Tag tag);
  void end(std::size_t start);
  void bit_content(View octets, Byte unused, Tag tag);

  Bytes out_;
};

}  // namespace countersign::der
