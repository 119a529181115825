// Whether files say something else than they did. For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "crypto/digest.h"

namespace countersign::app {

class FileStamps {
 public:
  explicit FileStamps(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  // Since the last call; the first time too, if there is any file. What is no file is no change.
  // They are read where their time or size is another.
  bool changed() {
    std::vector<Stamp> now;
    for (const auto& path : paths_) {
      std::error_code missing;
      now.emplace_back(std::filesystem::last_write_time(path, missing),
                       std::filesystem::file_size(path, missing));
    }
    if (std::exchange(stamps_, now) == now) return false;
    auto digest = digest_of_all();
    return std::exchange(digest_, digest) != digest;
  }
  const std::vector<std::string>& paths() const noexcept { return paths_; }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;

  Bytes digest_of_all() const {
    crypto::Hasher all(crypto::Digest::sha256);
    for (const auto& path : paths_) {
      std::ifstream in(path, std::ios::binary);
      const Secret content(Bytes(std::istreambuf_iterator<char>(in), {}));
      all.update(crypto::sha256(content.expose()));
    }
    return all.finish();
  }

  std::vector<std::string> paths_;
  std::vector<Stamp> stamps_;
  Bytes digest_;
};

}  // namespace countersign::app
