#include "console/page.h"

#include <boost/url/url.hpp>
#include <charconv>

namespace countersign::console {
namespace {

std::string link_to(const ports::WebRequest& request, const std::string& after) {
  boost::urls::url url;
  url.set_path(request.path);
  for (const auto& [name, value] : request.query)
    if (name != kAfter.name) url.params().append({name, value});
  url.params().append({"after", after});
  return "<" + std::string(url.encoded_target()) + ">; rel=\"next\"";
}

}  // namespace

ports::WebResponse page_response(const Call& call, boost::json::array items,
                                 const std::optional<std::string>& next) {
  boost::json::object body{{"items", std::move(items)}, {"next", nullptr}};
  if (!next) return json_response(200, body);
  const std::string after = to_hex(view(*next));
  body["next"] = after;
  return json_response(200, body, {{"Link", link_to(call.request, after)}});
}

Outcome<std::optional<std::string>> page_start(const Call& call) {
  if (!call.query.has("after")) return std::nullopt;
  const std::string after = call.query.text("after");
  Bytes start;
  if (!from_hex(after, start) || start.empty())
    return refuse({"?after", after, "what `next` of the page before holds"});
  return std::string(text(start));
}

std::size_t page_limit(const Call& call) {
  return static_cast<std::size_t>(call.query.integer("limit", kUsualPage));
}

std::string to_text(const Place& place) { return std::to_string(place.before) + ":" + place.tag; }

Outcome<Place> place_from(const std::string& text) {
  Place place;
  const auto colon = std::min(text.find(':'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, place.before);
  constexpr std::size_t kMost = 1'000'000'000;
  if (error != std::errc{} || end != text.data() + colon || colon == text.size() ||
      place.before < 1 || place.before > kMost)
    return refuse({"?after", to_hex(view(text)), "what `next` of the page before holds"});
  place.tag = text.substr(colon + 1);
  return place;
}

std::unexpected<Problem> place_lost() {
  return refuse(410, "console.page",
                "the list has changed too much since the page before: begin again without `after`");
}

}  // namespace countersign::console
