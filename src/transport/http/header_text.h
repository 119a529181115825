// Small texts of HTTP: media types, dates, and what may be shown of what a peer sent.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::transport::http {

inline constexpr std::string_view kPkixcmp = "application/pkixcmp";
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// A Content-Type that carries a PKIMessage, whatever its case and parameters.
bool is_pkixcmp(std::string_view content_type) noexcept;

// At most `limit` characters, with '?' for whatever is not printable ASCII: safe in a log or on a
// terminal.
std::string printable(std::string_view text, std::size_t limit);

// RFC 9110 §5.6.7: Sun, 06 Nov 1994 08:49:37 GMT
std::string http_date(Time time);

}  // namespace countersign::transport::http
