#include "console/json_text.h"

#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <vector>

namespace countersign::console {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostOctets = 128 * 1024;
constexpr std::size_t kMostDepth = 8;

// RFC 8259 §4 [SHOULD] names within an object are unique. The library's own handler lets the last
// of them win, and another reader of the same body may let the first.
struct UniqueNames {
  static constexpr std::size_t max_object_size = kMostOctets;
  static constexpr std::size_t max_array_size = kMostOctets;
  static constexpr std::size_t max_key_size = kMostOctets;
  static constexpr std::size_t max_string_size = kMostOctets;

  std::vector<std::set<std::string, std::less<>>> open = {};
  std::string name = {};
  std::string twice = {};

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view last, std::size_t size, json::error_code& error) {
    on_key_part(last, size, error);
    if (!open.back().insert(name).second) twice = name;
    name.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

json::parse_options limits() {
  json::parse_options options;
  options.max_depth = kMostDepth;
  return options;
}

// The text is JSON already.
std::string name_there_twice(std::string_view text) {
  json::basic_parser<UniqueNames> parser(limits());
  json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().twice;
}

}  // namespace

Outcome<json::object> parse_object(std::string_view text) {
  if (text.size() > kMostOctets)
    return refuse(413, "console.body-size",
                  "the body is larger than the 131072 octets allowed here: send less");
  json::error_code error;
  auto value = json::parse({text.data(), text.size()}, error, {}, limits());
  if (error)
    return refuse(400, "console.json",
                  "the body is no JSON that is taken here (" + error.message() +
                      "): send one object, at most 8 levels deep");
  if (!value.is_object())
    return refuse(400, "console.json", "the body must be one JSON object: put it in braces");
  if (const auto twice = name_there_twice(text); !twice.empty())
    return refuse(400, "console.json",
                  "the name \"" + twice + "\" is there twice in one object: send it once");
  return std::move(value.as_object());
}

}  // namespace countersign::console
