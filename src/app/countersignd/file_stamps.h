// Whether files are others than they were. For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace countersign::app {

class FileStamps {
 public:
  explicit FileStamps(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  // Since the last call; the first time too, if there is any file. What is no file is no change.
  bool changed() {
    std::vector<Stamp> now;
    for (const auto& path : paths_) {
      std::error_code missing;
      now.emplace_back(std::filesystem::last_write_time(path, missing),
                       std::filesystem::file_size(path, missing));
    }
    return std::exchange(stamps_, now) != now;
  }
  const std::vector<std::string>& paths() const noexcept { return paths_; }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;
  std::vector<std::string> paths_;
  std::vector<Stamp> stamps_;
};

}  // namespace countersign::app
