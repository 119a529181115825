// What a request asks of the thing it is about before it is answered (RFC 9110 §13), and in which
// form it wants the answer (§12.5.1).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "console/problem.h"

namespace countersign::console {

// Of what a GET gives: a strong one, the same for the same octets.
std::string etag_of(View content);

// 412 "console.changed" where If-Match is there and names another version.
Outcome<> check_if_match(const ports::WebRequest& request, std::string_view etag);
// If-None-Match names this version: 304.
bool is_known(const ports::WebRequest& request, std::string_view etag);

// Which of the offered media types `accept` likes best, of two liked the same the first; empty:
// none. No header likes all.
std::string_view preferred(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace countersign::console
