#include "console/conditions.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/ascii.h"
#include "crypto/digest.h"

namespace countersign::console {
namespace {

constexpr std::size_t kTagOctets = 16;

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(separator, start), text.size());
    out.push_back(ascii::trimmed(text.substr(start, end - start)));
    start = end + 1;
  }
  return out;
}

// The tags of this program have no comma inside.
bool names_it(std::string_view list, std::string_view etag, bool weak_too) {
  for (std::string_view tag : parts_of(list, ',')) {
    if (weak_too && tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

struct Range {
  std::string_view type;
  double quality = 1;
};

Range range_of(std::string_view text) {
  const auto parts = parts_of(text, ';');
  Range range{parts.front()};
  for (const std::string_view parameter : parts)
    if (parameter.starts_with("q="))
      std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), range.quality);
  return range;
}

// How exactly a range names the type: 0 not at all.
int closeness(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  const auto slash = type.find('/');
  if (range.ends_with("/*") && range.substr(0, range.size() - 1) == type.substr(0, slash + 1))
    return 2;
  return range == "*/*" ? 1 : 0;
}

double quality_of(const std::vector<Range>& ranges, std::string_view type) {
  int closest = 0;
  double quality = 0;
  for (const Range& range : ranges)
    if (const int close = closeness(range.type, type); close > closest) {
      closest = close;
      quality = range.quality;
    }
  return quality;
}

}  // namespace

std::string etag_of(View content) {
  return "\"" + to_hex(View(crypto::sha256(content)).first(kTagOctets)) + "\"";
}

Outcome<> check_if_match(const ports::WebRequest& request, std::string_view etag) {
  // RFC 9110 §13.1.1 [MUST] the strong comparison
  if (request.if_match.empty() || names_it(request.if_match, etag, false)) return {};
  return refuse(412, "console.changed",
                "it is not as it was when you read it: read it again, and decide again");
}

bool is_known(const ports::WebRequest& request, std::string_view etag) {
  return !request.if_none_match.empty() && names_it(request.if_none_match, etag, true);
}

std::string_view preferred(std::string_view accept, std::span<const std::string_view> offered) {
  if (accept.empty()) return offered.front();
  std::vector<Range> ranges;
  for (const std::string_view part : parts_of(accept, ',')) ranges.push_back(range_of(part));
  std::string_view best;
  double most = 0;
  for (const std::string_view type : offered)
    if (const double quality = quality_of(ranges, type); quality > most) {
      best = type;
      most = quality;
    }
  return best;
}

}  // namespace countersign::console
