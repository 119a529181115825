// Files under tests/vectors: binary ones, and hexadecimal text in which '#' begins a comment.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace countersign::test {

struct Vector {
  std::string name;  // of the file, without the extension
  Bytes octets;
};

inline Bytes bytes_from_hex_text(std::string_view text) {
  std::string digits;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (!comment && c != ' ' && c != '\n') digits += c;
  }
  Bytes out;
  if (!from_hex(digits, out)) throw std::runtime_error("not hexadecimal: " + digits);
  return out;
}

inline Bytes read_vector(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return file.extension() == ".hex" ? bytes_from_hex_text(content) : to_bytes(content);
}

// All .der and .hex files of a folder of tests/vectors, by name.
inline std::vector<Vector> vectors_in(std::string_view folder) {
  std::vector<Vector> out;
  const auto path = std::filesystem::path(COUNTERSIGN_SOURCE_DIR) / "tests/vectors" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const auto extension = entry.path().extension();
    if (extension == ".der" || extension == ".hex")
      out.push_back({entry.path().stem().string(), read_vector(entry.path())});
  }
  std::ranges::sort(out, {}, &Vector::name);
  return out;
}

inline Bytes vector_named(std::string_view folder, std::string_view name) {
  for (Vector& vector : vectors_in(folder))
    if (vector.name == name) return std::move(vector.octets);
  throw std::runtime_error("no vector " + std::string(name));
}

}  // namespace countersign::test
