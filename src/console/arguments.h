// The members of a request's body and the parameters of its query: what the table says may be
// there, and what was there. An Arguments holds nothing but fields of its table, each of its type.
//
// A body is JSON (RFC 8259) in UTF-8: one object, at most 128 KiB and 8 levels deep, no name twice
// in an object. Problems: 400 "console.json" and "console.value", which names every value that
// cannot be taken.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "console/problem.h"
#include "enrol/object.h"

namespace countersign::console {

enum class Type : Byte {
  text,      // one line
  lines,     // text with line ends, such as PEM
  integer,   // from least to most
  uses,      // an integer from 1, or "any"
  flag,      // true or false
  time,      // "2026-11-21T09:45:17Z" or "2026-11-21"
  expiry,    // a time to come, or a duration from now: "24h", "30d"
  settings,  // an object whose members are texts, integers, flags and lists of texts
  list,      // of texts, a hundred at most in a body; in no query
  object,    // of a form that its meaning tells; in answers only
  objects,   // a list of those; in answers only
};
enum class Need : Byte { required, optional };

struct Field {
  std::string_view name;
  Type type = Type::text;
  Need need = Need::required;  // of an answer's: optional ones may be null
  std::string_view meaning;
  std::string_view one_of = {};  // "a|b|c": the values that a text can have; empty: any
  std::int64_t least = 1;        // of an integer's value, or a text's octets
  std::int64_t most = 256;
  std::optional<enrol::ObjectKind> of_kind = {};  // whose fields a `settings` may hold
};

class Arguments {
 public:
  Arguments() = default;

  bool has(std::string_view name) const { return values_.contains(name); }
  std::string text(std::string_view name, std::string_view otherwise = {}) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  enrol::Fields settings(std::string_view name) const;
  // Nullopt: any number.
  std::optional<std::int64_t> uses(std::string_view name, std::int64_t otherwise) const;
  // Also of an expiry, which a duration counts from `now`.
  std::optional<Time> time(std::string_view name, Time now) const;

 private:
  friend Outcome<Arguments> read_body(View, std::span<const Field>, Time);
  friend Outcome<Arguments> read_query(const ports::TextPairs&, std::span<const Field>, Time);
  explicit Arguments(boost::json::object values) : values_(std::move(values)) {}
  boost::json::object values_;
};

// No octets are an empty object.
Outcome<Arguments> read_body(View octets, std::span<const Field> fields, Time now);
Outcome<Arguments> read_query(const ports::TextPairs& query, std::span<const Field> fields,
                              Time now);

// What may stand for a field, in words: "one of revoked, held", "an integer from 1 to 1000".
std::string allowed(const Field& field);
// The values of `one_of`.
std::vector<std::string> choices(std::string_view one_of);

}  // namespace countersign::console
