// Strict DER, one TLV at a time, over borrowed octets.
//
// A Reader is a view of the content of one constructed value (or of a whole input) and moves
// forward. It owns nothing: the input must outlive it and everything it returns. It refuses
// indefinite and non-minimal lengths, tag numbers above 30, lengths past the end, and whatever
// passes the Limits. It does not check what it hands out raw (any()) below the outer TLV.
//
//   Parsed<PollReq> read_poll_req(Reader& in) {
//     Reader entry = TRY(in.read(Tag::sequence));
//     const auto id = TRY_AT(entry, "certReqId", entry.small_integer());
//     TRY(entry.finish());                          // trailing octets are an error, always
//     return PollReq{id};
//   }
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "der/fault.h"
#include "der/oid.h"
#include "der/tag.h"

namespace countersign::der {

struct Limits {
  std::size_t bytes = 1 << 20;  // of the whole input
  unsigned depth = 40;          // of nested TLVs that are opened; `nested` messages count too
  std::size_t items = 1000;     // of any one list
};

// Shared by all Readers of one parse: where it began, its limits, and the path of a fault.
class Context {
 public:
  explicit Context(View input, Limits limits = {}) : start_(input.data()), limits_(limits) {}
  const Limits& limits() const noexcept { return limits_; }
  std::uint32_t offset(const Byte* at) const noexcept {
    return static_cast<std::uint32_t>(at - start_);
  }
  // Called while a fault unwinds, innermost first; see TRY_AT.
  void unwind(std::string_view field);
  void unwind(std::string_view field, std::size_t index);
  const std::string& path() const noexcept { return path_; }  // body.ir[0].certReq

 private:
  const Byte* start_;
  Limits limits_;
  std::string path_;
};

// GeneralizedTime; X.690 §11.7: a fraction has no trailing zeros.
struct Timestamp {
  Time time{};
  std::string fraction = {};  // its digits; empty: none
};

// A BIT STRING: unused is 0-7, the bits that it counts are 0.
struct BitString {
  Bytes octets;
  Byte unused = 0;
  friend bool operator==(const BitString&, const BitString&) = default;
};

struct Tlv {
  Tag tag{};
  View content;
  View whole;  // tag, length and content as they arrived
};

class Reader {
 public:
  Reader(View input, Context& context) noexcept : Reader(input, context, context.limits().depth) {}

  bool at_end() const noexcept { return cur_ == end_; }
  // The next tag; only when not at_end().
  bool next_is(Tag tag) const noexcept { return cur_ != end_ && *cur_ == static_cast<Byte>(tag); }
  View rest() const noexcept { return {cur_, end_}; }
  Context& context() const noexcept { return *context_; }

  // Any TLV, opened no further than its own tag and length.
  Parsed<Tlv> any() noexcept;
  Parsed<Tlv> any(Tag expected) noexcept;
  // Any TLV, checked all the way down (tags, lengths, primitive forms of the universal types)
  // within the depth that is left: for parts that are kept as octets. Gives the whole TLV.
  Parsed<View> well_formed() noexcept;
  Parsed<View> well_formed(Tag expected) noexcept;
  // The inside of a constructed TLV.
  Parsed<Reader> read(Tag constructed) noexcept;
  // A Reader over a TLV's content, one level down.
  Parsed<Reader> open(View content) const noexcept;
  Parsed<> finish() const noexcept;
  // Counts list entries against Limits::items.
  Parsed<> count(std::size_t items) const noexcept;

  // Values. The tag argument is for IMPLICIT tagging.
  Parsed<bool> boolean(Tag tag = Tag::boolean) noexcept;
  Parsed<std::int64_t> small_integer(Tag tag = Tag::integer) noexcept;
  // Two's complement, shortest form, as it stands; at least one octet.
  Parsed<View> integer(Tag tag = Tag::integer) noexcept;
  Parsed<View> octets(Tag tag = Tag::octet_string) noexcept;
  Parsed<BitString> bits(Tag tag = Tag::bit_string);
  // Any BIT STRING as its content octets, the first of which counts the unused bits; no copy.
  Parsed<View> bit_content(Tag tag = Tag::bit_string) noexcept;
  // A BIT STRING whose bits are whole octets, without a copy.
  Parsed<View> bit_octets(Tag tag = Tag::bit_string) noexcept;
  Parsed<Oid> oid(Tag tag = Tag::oid) noexcept;
  Parsed<> null(Tag tag = Tag::null) noexcept;
  Parsed<std::string> utf8(Tag tag = Tag::utf8_string);
  // RFC 5280 §4.1.2.5.2 form only: YYYYMMDDHHMMSSZ.
  Parsed<Time> generalized_time(Tag tag = Tag::generalized_time) noexcept;
  // The same, with the fraction of a second that DER allows.
  Parsed<Timestamp> timestamp(Tag tag = Tag::generalized_time);
  Parsed<Time> utc_time() noexcept;

  Fault fault(Code code) const noexcept {
    return {code, Failure::badDataFormat, context_->offset(cur_)};
  }
  std::unexpected<Fault> refuse(Code code) const noexcept { return std::unexpected(fault(code)); }

 private:
  Reader(View input, Context& context, unsigned depth) noexcept
      : cur_(input.data()), end_(input.data() + input.size()), context_(&context), depth_(depth) {}
  std::unexpected<Fault> refuse_at(Code code, const Byte* at) const noexcept {
    return std::unexpected(Fault{code, Failure::badDataFormat, context_->offset(at)});
  }

  const Byte* cur_;
  const Byte* end_;
  Context* context_;
  unsigned depth_;  // levels that may still be opened
};

// Checks that `der` is one well-formed DER TLV all the way down, with the whole depth to spend.
// Where a Reader is at hand, well_formed() counts what has been opened already.
Parsed<> check_well_formed(View der, Context& context);

bool valid_utf8(View octets) noexcept;

}  // namespace countersign::der

// TRY that adds the field's name to the path while a fault unwinds. Costs nothing on success.
#define COUNTERSIGN_TRY_AT_(name, reader, field, ...) \
  __extension__({                                     \
    auto name = (__VA_ARGS__);                        \
    if (!name) [[unlikely]] {                         \
      (reader).context().unwind field;                \
      return std::unexpected(name.error());           \
    }                                                 \
    *std::move(name);                                 \
  })
#define TRY_AT(reader, field, ...) \
  COUNTERSIGN_TRY_AT_(COUNTERSIGN_NAME_(try_result_, __COUNTER__), reader, (field), __VA_ARGS__)
// The same for an entry of a list: field[index].
#define TRY_ITEM(reader, field, index, ...)                                                \
  COUNTERSIGN_TRY_AT_(COUNTERSIGN_NAME_(try_result_, __COUNTER__), reader, (field, index), \
                      __VA_ARGS__)
