#include "app/common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace countersign::app {

bool is_terminal(Stream stream) {
  return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

std::optional<std::size_t> width_of(Stream stream) {
  winsize size{};
  const int file = stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO;
  if (::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

Style::Style(Stream stream) {
  const char* none = std::getenv("NO_COLOR");
  coloured_ = is_terminal(stream) && (none == nullptr || *none == '\0');
}

std::string Style::wrapped(std::string_view code, std::string_view text) const {
  if (!coloured_) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void print(Stream stream, std::string_view text) {
  std::FILE* file = stream == Stream::out ? stdout : stderr;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

std::string harmless(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) c = '?';
  return out;
}

}  // namespace countersign::app
