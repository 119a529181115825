// What a request asks for, judged by its head alone, before a body is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ports/responder.h"

namespace countersign::transport::http {

// Borrows from the message that was read.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  unsigned version = 11;  // 10 or 11
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view transfer_encoding;
  std::string_view expect;
  std::size_t hosts = 0;  // how many Host headers
};

struct Refusal {
  int status = 400;
  std::string sentence;         // what to change
  std::string_view allow = {};  // of a 405
};

using Verdict = std::variant<ports::Endpoint, ports::Document, Refusal>;

// What is wrong with the form of any request, whatever it asks for.
std::optional<Refusal> refuse_form(const RequestHead& head);

Verdict judge(const RequestHead& head, const ports::Site& site);

// The path of a request target, also of one in absolute form (RFC 9112 §3.2.2 [MUST]).
std::string_view path_of(std::string_view target) noexcept;
bool expects_continue(const RequestHead& head) noexcept;

}  // namespace countersign::transport::http
