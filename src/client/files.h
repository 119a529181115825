// The client's files. Nothing else in this layer touches the disk.
//
// A file is replaced whole: written beside itself as <path>.new, synced, renamed, and its folder
// synced. A reader sees the old content or the new, also after a power failure. A symbolic link is
// followed, so that the link stays.
// Errors: client.file-missing, client.file-read, client.file-write, client.file-folder,
// client.file-busy, all with a sentence that names the file.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace countersign::client {

inline constexpr std::size_t kLargestFile = 16 << 20;

enum class Access { secret, open };  // 0600, or 0644 less the umask

Result<Bytes> read_file(const std::string& path);
Result<Secret> read_first_line(const std::string& path);  // "-" is standard input
Result<> write_file(const std::string& path, View content, Access access);
bool file_exists(const std::string& path) noexcept;
Result<> remove_file(const std::string& path);  // no error if there is none
// Keeps the present file as <path>.old, too; no error if there is none.
Result<> keep_old(const std::string& path);
// Whether write_file could succeed: the folder is there and takes files.
Result<> check_writable(const std::string& path);

Result<> make_folder(const std::string& path);  // 0700; no error if it is there
// The folder and the files in it; it has no folders of its own.
Result<> remove_folder(const std::string& path);
Result<> move_folder(const std::string& from, const std::string& to);  // `to` is not there

// One process at a time works in a folder; given up when this goes, or the process does.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::string& path);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int handle) noexcept : handle_(handle) {}
  int handle_;
};

}  // namespace countersign::client
