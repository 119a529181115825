// Long answers in pages: `?limit=` and `?after=`, which holds what the page before has ended with
// and means nothing to anybody else. A page is {"items": […], "next": "…"}; next is null on the
// last one, and else stands in the Link header too (RFC 8288).
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "console/route.h"

namespace countersign::console {

inline constexpr std::size_t kUsualPage = 100;
inline constexpr Field kLimit{.name = "limit",
                              .type = Type::integer,
                              .need = Need::optional,
                              .meaning = "how many at most; 100 unless given",
                              .most = 1000};
inline constexpr Field kAfter{.name = "after",
                              .need = Need::optional,
                              .meaning = "what `next` of the page before holds",
                              .most = 2048};
inline constexpr std::array<Field, 2> kPaging = {kLimit, kAfter};

// `next`: what to go on after; nullopt on the last page.
ports::WebResponse page_response(const Call& call, boost::json::array items,
                                 const std::optional<std::string>& next);

// What the page before has ended with; nullopt: this is the first. 400 "console.value".
Outcome<std::optional<std::string>> page_start(const Call& call);
std::size_t page_limit(const Call& call);

// A page of all there is, in the order of their keys, which are unique.
template <class Record, class KeyOf, class ToJson>
Outcome<ports::WebResponse> page_by_key(const Call& call, std::vector<Record> all, KeyOf key_of,
                                        ToJson to_json) {
  const auto start = TRY(page_start(call));
  std::ranges::sort(all, {}, key_of);
  auto at = start ? std::ranges::upper_bound(all, *start, {}, key_of) : all.begin();
  boost::json::array items;
  std::optional<std::string> last;
  for (; at != all.end() && items.size() < page_limit(call); ++at) {
    items.push_back(to_json(*at));
    last = key_of(*at);
  }
  return page_response(call, std::move(items), at == all.end() ? std::nullopt : last);
}

// A page of what is listed newest first, and grows while pages are read: the place where the page
// before has ended is looked for from where it was, so that what comes new pushes nothing onto a
// second page. 410 "console.page" where more has come than is looked through, or it has gone.
// `fetch(skip, most)` gives a Result of records; `tag_of` what tells a record from others.
template <class Fetch, class TagOf, class ToJson>
Outcome<ports::WebResponse> page_by_place(const Call& call, Fetch fetch, TagOf tag_of,
                                          ToJson to_json);

// Where a page by place begins: how many come before, and the tag of the last of these.
struct Place {
  std::size_t before = 0;
  std::string tag;
};
std::string to_text(const Place& place);
Outcome<Place> place_from(const std::string& text);
std::unexpected<Problem> place_lost();

// How many come before now.
template <class Fetch, class TagOf>
Outcome<std::size_t> find_place(const Place& place, Fetch& fetch, TagOf& tag_of) {
  constexpr std::size_t kStep = 1000;
  constexpr std::size_t kMostNew = 10'000;
  for (std::size_t skip = place.before; skip < place.before + kMostNew; skip += kStep) {
    const auto some = TRY(fetch(skip, kStep));
    for (std::size_t i = 0; i < some.size(); ++i)
      if (tag_of(some[i]) == place.tag) return skip + i + 1;
    if (some.size() < kStep) break;
  }
  return place_lost();
}

template <class Fetch, class TagOf, class ToJson>
Outcome<ports::WebResponse> page_by_place(const Call& call, Fetch fetch, TagOf tag_of,
                                          ToJson to_json) {
  const std::size_t limit = page_limit(call);
  const auto start = TRY(page_start(call));
  const Place place = start ? TRY(place_from(*start)) : Place{};
  // With the one before the page, which tells whether it is still where it was; and one more,
  // which tells whether another page follows.
  const std::size_t ahead = start ? 1 : 0;
  auto some = TRY(fetch(place.before - ahead, ahead + limit + 1));
  std::size_t before = place.before;
  if (start && !some.empty() && tag_of(some.front()) == place.tag) {
    some.erase(some.begin());
  } else if (start) {
    before = TRY(find_place(place, fetch, tag_of));
    some = TRY(fetch(before, limit + 1));
  }
  boost::json::array items;
  for (std::size_t i = 0; i < std::min(limit, some.size()); ++i) items.push_back(to_json(some[i]));
  std::optional<std::string> next;
  if (some.size() > limit) next = to_text(Place{before + limit, tag_of(some[limit - 1])});
  return page_response(call, std::move(items), next);
}

}  // namespace countersign::console
