// What a request to a Web asks for, judged by its head alone, before a body is read. Internal to
// transport/http.
#pragma once

#include <string_view>
#include <variant>

#include "ports/web.h"
#include "transport/http/rules.h"

namespace countersign::transport::http {

// The headers that only a Web hears of. Borrows from the message that was read. A header that may
// be there several times is joined by whoever fills this in.
struct WebHead {
  std::string authorization;
  std::string if_match;
  std::string if_none_match;
  std::string idempotency_key;
  std::string accept;
  std::string_view repeated;  // the name of one that may be there once, and is there twice
};

// All but body, peer, certificate and transport; or why not.
std::variant<ports::WebRequest, Refusal> judge_web(const RequestHead& head, WebHead more);

}  // namespace countersign::transport::http
