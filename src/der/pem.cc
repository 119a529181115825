#include "der/pem.h"

namespace countersign::der {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

int value_of(char c) noexcept {
  const auto at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string to_base64(View octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t left = octets.size() - i;
    const unsigned group = static_cast<unsigned>(octets[i]) << 16 |
                           (left > 1 ? static_cast<unsigned>(octets[i + 1]) << 8 : 0U) |
                           (left > 2 ? static_cast<unsigned>(octets[i + 2]) : 0U);
    out += kAlphabet[group >> 18];
    out += kAlphabet[group >> 12 & 63];
    out += left > 1 ? kAlphabet[group >> 6 & 63] : '=';
    out += left > 2 ? kAlphabet[group & 63] : '=';
  }
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  unsigned group = 0;
  int digits = 0;
  int padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ++padding;
    } else if (padding != 0 || value_of(c) < 0) {
      return std::nullopt;
    }
    group = group << 6 | static_cast<unsigned>(c == '=' ? 0 : value_of(c));
    if (++digits < 4) continue;
    if (padding > 2) return std::nullopt;
    out.push_back(static_cast<Byte>(group >> 16));
    if (padding < 2) out.push_back(static_cast<Byte>(group >> 8));
    if (padding < 1) out.push_back(static_cast<Byte>(group));
    group = 0;
    digits = 0;
  }
  if (digits != 0) return std::nullopt;
  return out;
}

std::string to_pem(std::string_view label, View der) {
  const std::string body = to_base64(der);
  std::string out(kBegin);
  out.append(label).append(kDashes).append("\n");
  for (std::size_t i = 0; i < body.size(); i += 64) out.append(body, i, 64).append("\n");
  out.append(kEnd).append(label).append(kDashes).append("\n");
  return out;
}

std::optional<std::vector<PemBlock>> from_pem(std::string_view text) {
  std::vector<PemBlock> blocks;
  while (true) {
    const auto begin = text.find(kBegin);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin + kBegin.size());
    const auto label_end = text.find(kDashes);
    if (label_end == std::string_view::npos) break;
    const std::string label(text.substr(0, label_end));
    text.remove_prefix(label_end + kDashes.size());
    const std::string closing = std::string(kEnd) + label + std::string(kDashes);
    const auto end = text.find(closing);
    if (end == std::string_view::npos) break;
    auto der = from_base64(text.substr(0, end));
    if (!der) break;
    blocks.push_back({label, std::move(*der)});
    text.remove_prefix(end + closing.size());
  }
  if (blocks.empty()) return std::nullopt;
  return blocks;
}

}  // namespace countersign::der
