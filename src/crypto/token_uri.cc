#include "crypto/token_uri.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"

namespace countersign::crypto {
namespace {

// RFC 7512 §2.3: pk11-pattr. Those that name the library choose nothing: there is one module.
constexpr std::array<std::string_view, 13> kAttributes = {"token",
                                                          "serial",
                                                          "manufacturer",
                                                          "model",
                                                          "object",
                                                          "id",
                                                          "type",
                                                          "slot-id",
                                                          "slot-manufacturer",
                                                          "slot-description",
                                                          "library-manufacturer",
                                                          "library-version",
                                                          "library-description"};

std::unexpected<Error> refuse(const std::string& what) {
  return fail(Failure::systemFailure, "crypto.token-uri",
              "this URI does not name a key in a token: " + what);
}

bool is_hex(char c) noexcept {
  return ascii::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 7512 §2.3: pk11-pchar = unreserved / pk11-res-avail / "&" / pct-encoded
bool is_value(std::string_view value) noexcept {
  constexpr std::string_view kPlain = "-._~:[]@!$'()*+,=&/";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '%') {
      if (i + 2 >= value.size() || !is_hex(value[i + 1]) || !is_hex(value[i + 2])) return false;
      i += 2;
      continue;
    }
    if (!ascii::is_alphanumeric(c) && kPlain.find(c) == std::string_view::npos) return false;
  }
  return !value.empty();
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    const auto at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::unexpected<Error> refuse_query(std::string_view name) {
  if (name == "pin-value" || name == "pin-source")
    return refuse(std::string(name) +
                  " has no place in it; write the PIN into a file of its own, and "
                  "name that as the key's password");
  if (name == "module-path" || name == "module-name")
    return refuse(std::string(name) +
                  " has no place in it; the module is code that is loaded, and is "
                  "named by pkcs11.module in the configuration file alone");
  return refuse("leave out " + std::string(name));
}

// RFC 7512 §2.3: an attribute may not come twice.
Result<std::vector<std::string_view>> names_in(std::string_view path) {
  std::vector<std::string_view> seen;
  for (const std::string_view part : parts_of(path, ';')) {
    const auto equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (std::ranges::find(kAttributes, name) == kAttributes.end())
      return refuse_query(name.empty() ? "an empty attribute" : name);
    if (std::ranges::find(seen, name) != seen.end())
      return refuse("it has the attribute " + std::string(name) + " twice");
    if (equals == std::string_view::npos || !is_value(part.substr(equals + 1)))
      return refuse("it has no value, or one that must be percent-encoded, at " +
                    std::string(name));
    if (name == "type" && part.substr(equals + 1) != "private")
      return refuse("it is for another kind of object than a private key; leave type out");
    seen.push_back(name);
  }
  return seen;
}

std::string token_in(std::string_view path) {
  auto parts = parts_of(path, ';');
  std::erase_if(parts, [](std::string_view part) {
    return part.starts_with("object=") || part.starts_with("id=") || part.starts_with("type=");
  });
  std::ranges::sort(parts);
  std::string out;
  for (const std::string_view part : parts) out.append(out.empty() ? "" : ";").append(part);
  return out;
}

}  // namespace

Result<TokenUri> TokenUri::parse(std::string_view text) {
  constexpr std::size_t kLongest = 2048;
  if (!is_token_uri(text) || text.size() > kLongest)
    return refuse("it begins with pkcs11: and is at most 2048 octets long");
  const std::string_view all = text.substr(text.find(':') + 1);
  const auto question = all.find('?');
  if (question != std::string_view::npos) {
    const std::string_view query = all.substr(question + 1);
    return refuse_query(query.substr(0, query.find_first_of("=&")));
  }
  const auto seen = TRY(names_in(all));
  const auto has = [&](std::string_view name) {
    return std::ranges::find(seen, name) != seen.end();
  };
  if (!has("token") && !has("serial"))
    return refuse("say which token it is in, by token=LABEL or serial=…");
  if (!has("object") && !has("id")) return refuse("say which key it is, by object=LABEL or id=…");
  std::string whole(text);
  return TokenUri(whole, has("type") ? whole : whole + ";type=private", token_in(all));
}

Result<> check_key_place(std::string_view file_or_uri) {
  if (is_token_uri(file_or_uri)) TRY(TokenUri::parse(file_or_uri));
  return {};
}

}  // namespace countersign::crypto
