#include "store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace countersign::store {
namespace {

Result<> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail(Failure::systemFailure, "store.folder",
              "cannot make the data folder " + path + ": " + std::strerror(errno));
}

Result<> check_folder(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT)
      return fail(Failure::systemFailure, "store.folder-missing",
                  "there is no data folder " + path + "; make it with init");
    return fail(Failure::systemFailure, "store.folder",
                "cannot use the data folder " + path + ": " + std::strerror(errno));
  }
  if (!S_ISDIR(status.st_mode))
    return fail(Failure::systemFailure, "store.folder", path + " is not a folder");
  return {};
}

// The number that the holder wrote; empty while it is about to.
std::string holder(const FileHandle& file) {
  std::array<char, 32> buffer{};
  const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), 0);
  std::string pid(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid;
}

Result<FileHandle> lock(const std::string& folder) {
  const std::string path = folder + "/lock";
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file)
    return fail(Failure::systemFailure, "store.folder",
                "cannot write to the data folder " + folder + ": " + std::strerror(errno));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = holder(file);
    return fail(Failure::systemFailure, "store.in-use",
                "another server uses the data folder " + folder +
                    (pid.empty() ? std::string() : ": process " + pid) +
                    "; stop it, or give this one a folder of its own");
  }
  if (::ftruncate(file.get(), 0) != 0) return file_error("write " + path, errno);
  TRY(file.write_all(view(std::to_string(::getpid()) + "\n")));
  return file;
}

// A command that finds the key being replaced waits until it is.
Result<FileHandle> lock_key(const std::string& folder, Exclusive exclusive) {
  const std::string path = folder + "/store-key.lock";
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file)
    return fail(Failure::systemFailure, "store.folder",
                "cannot write to the data folder " + folder + ": " + std::strerror(errno));
  const int how = exclusive == Exclusive::alone ? LOCK_EX | LOCK_NB : LOCK_SH;
  int done = ::flock(file.get(), how);
  while (done != 0 && errno == EINTR) done = ::flock(file.get(), how);
  if (done == 0) return file;
  return fail(Failure::systemFailure, "store.in-use",
              "another command uses the data folder " + folder + "; wait until it has ended");
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::string& path, Exclusive exclusive, Missing missing) {
  if (missing == Missing::create) TRY(make_folder(path));
  TRY(check_folder(path));
  FileHandle server;
  if (exclusive != Exclusive::no) server = TRY(lock(path));
  return DataFolder(path, std::move(server), TRY(lock_key(path, exclusive)));
}

std::string DataFolder::file(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

}  // namespace countersign::store
