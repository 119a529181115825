#include "client/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace countersign::client {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(std::string_view code, const std::string& path,
                              std::string_view action, int reason) {
  return fail(Failure::systemFailure, code,
              path + ": cannot " + std::string(action) + ": " + std::strerror(reason));
}

class Handle {
 public:
  explicit Handle(int fd) noexcept : fd_(fd) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  bool good() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<> sync_folder(const std::string& folder) {
  const Handle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.good() || ::fsync(handle.get()) != 0)
    return failed("client.file-write", folder, "sync the folder", errno);
  return {};
}

Result<Bytes> read_all(int fd, const std::string& path) {
  Bytes out;
  Byte block[16384];
  for (;;) {
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("client.file-read", path, "read", errno);
    if (got == 0) break;
    append(out, View(block, static_cast<std::size_t>(got)));
    if (out.size() > kLargestFile) return failed("client.file-read", path, "read", EFBIG);
  }
  wipe(block);
  return out;
}

Result<> write_all(int fd, View content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("client.file-write", path, "write", errno);
    content = content.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

// Where a write really goes.
std::string resolved(const std::string& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const auto target = fs::weakly_canonical(path, error);
  return error ? path : target.string();
}

Result<> write_new(const std::string& path, View content, Access access) {
  ::unlink(path.c_str());
  const Handle handle(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             access == Access::secret ? 0600 : 0644));
  if (!handle.good()) return failed("client.file-write", path, "create", errno);
  TRY(write_all(handle.get(), content, path));
  if (::fsync(handle.get()) != 0) return failed("client.file-write", path, "sync", errno);
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path) {
  const Handle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle.good())
    return failed(errno == ENOENT ? "client.file-missing" : "client.file-read", path, "open",
                  errno);
  return read_all(handle.get(), path);
}

Result<Secret> read_first_line(const std::string& path) {
  Bytes all = path == "-" ? TRY(read_all(STDIN_FILENO, "standard input")) : TRY(read_file(path));
  const auto end = text(all).find_first_of("\r\n");
  Secret line(View(all).first(end == std::string_view::npos ? all.size() : end));
  wipe(all);
  return line;
}

Result<> write_file(const std::string& path, View content, Access access) {
  const std::string target = resolved(path);
  const std::string fresh = target + ".new";
  if (auto written = write_new(fresh, content, access); !written) {
    ::unlink(fresh.c_str());
    return written;
  }
  if (::rename(fresh.c_str(), target.c_str()) != 0)
    return failed("client.file-write", path, "replace", errno);
  return sync_folder(folder_of(target));
}

bool file_exists(const std::string& path) noexcept {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

Result<> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return failed("client.file-write", path, "remove", errno);
  return sync_folder(folder_of(path));
}

Result<> keep_old(const std::string& path) {
  const std::string target = resolved(path);
  if (!file_exists(target)) return {};
  const std::string fresh = target + ".old.new";
  ::unlink(fresh.c_str());
  if (::link(target.c_str(), fresh.c_str()) != 0 ||
      ::rename(fresh.c_str(), (target + ".old").c_str()) != 0)
    return failed("client.file-write", path, "keep the old file as .old", errno);
  // rename() of two links to the same file does nothing and leaves both.
  ::unlink(fresh.c_str());
  return sync_folder(folder_of(target));
}

Result<> check_writable(const std::string& path) {
  const std::string target = resolved(path);
  struct stat info{};
  if (::stat(target.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    return failed("client.file-folder", path, "write", EISDIR);
  const std::string folder = folder_of(target);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return failed("client.file-folder", path, "write into its folder", errno);
  return {};
}

Result<> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("client.file-folder", path, "make the folder", errno);
  return sync_folder(folder_of(path));
}

Result<> remove_folder(const std::string& path) {
  if (!file_exists(path)) return {};
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return failed("client.file-write", path, "remove", error.value());
  return sync_folder(folder_of(path));
}

Result<> move_folder(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return failed("client.file-write", to, "make", errno);
  return sync_folder(folder_of(to));
}

Result<FolderLock> FolderLock::take(const std::string& path) {
  const int handle = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return failed("client.file-folder", path, "open", errno);
  FolderLock lock(handle);
  struct stat info{};
  // A folder without links was removed by the process that held it until now.
  if (::flock(handle, LOCK_EX | LOCK_NB) != 0 || ::fstat(handle, &info) != 0 || info.st_nlink == 0)
    return fail(Failure::systemUnavail, "client.file-busy",
                path + ": another countersign is at work on it; wait until it has ended");
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : handle_(other.handle_) { other.handle_ = -1; }

FolderLock::~FolderLock() {
  if (handle_ >= 0) ::close(handle_);
}

}  // namespace countersign::client
