// The data folder of one server, and the lock that keeps a second one off it.
//
// The server opens it with Exclusive::yes and holds `lock` in it by flock until the DataFolder
// goes; the kernel lets go of it when the process dies, however it dies. Admin commands open it
// with Exclusive::no and work beside a running server.
// Whoever opens it, in whatever way, may count on the store key until it goes: only
// Exclusive::alone replaces that, waits for nobody, and lets nobody in meanwhile.
//
// Errors: store.folder-missing, store.folder, store.in-use (names the process that holds it).
#pragma once

#include <string>

#include "store/file_handle.h"

namespace countersign::store {

enum class Exclusive {
  no,     // beside a server
  yes,    // the server; commands may come beside it
  alone,  // neither a server nor any command is there
};
enum class Missing { refuse, create };  // the folder is made with mode 0700, its parents are not

class DataFolder {
 public:
  static Result<DataFolder> open(const std::string& path, Exclusive exclusive,
                                 Missing missing = Missing::refuse);

  const std::string& path() const noexcept { return path_; }
  std::string file(std::string_view name) const;
  std::string database() const { return file("countersign.db"); }

 private:
  DataFolder(std::string path, FileHandle lock, FileHandle key_lock) noexcept
      : path_(std::move(path)), lock_(std::move(lock)), key_lock_(std::move(key_lock)) {}

  std::string path_;
  FileHandle lock_;      // empty unless exclusive
  FileHandle key_lock_;  // of the store key: shared, unless alone
};

}  // namespace countersign::store
