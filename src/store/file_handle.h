// A file descriptor that closes itself, and the few calls on it that must not be half done.
// Private to this folder. Errors: store.full for want of space, store.io for all else.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace countersign::store {

class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) noexcept : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() { close(); }

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int get() const noexcept { return descriptor_; }

  Result<> write_all(View octets) const;
  Result<> sync() const;

 private:
  void close() noexcept;
  int descriptor_ = -1;
};

// Makes the names in the folder durable.
Result<> sync_folder(const std::string& folder);

// `what` completes "cannot …"; `error` is an errno.
std::unexpected<Error> file_error(const std::string& what, int error);

}  // namespace countersign::store
