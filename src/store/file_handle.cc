#include "store/file_handle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace countersign::store {

void FileHandle::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

Result<> FileHandle::write_all(View octets) const {
  while (!octets.empty()) {
    const ssize_t written = ::write(descriptor_, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", errno);
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> FileHandle::sync() const {
  if (::fsync(descriptor_) != 0) return file_error("sync", errno);
  return {};
}

Result<> sync_folder(const std::string& folder) {
  const FileHandle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle) return file_error("open the folder " + folder, errno);
  return handle.sync();
}

std::unexpected<Error> file_error(const std::string& what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(Failure::systemUnavail, full ? "store.full" : "store.io",
              "cannot " + what + ": " + std::strerror(error));
}

}  // namespace countersign::store
