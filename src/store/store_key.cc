#include "store/store_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crypto/seal.h"
#include "store/file_handle.h"

namespace countersign::store {
namespace {

constexpr std::size_t kHexSize = 2 * crypto::kStoreKeySize;

std::unexpected<Error> unreadable(const std::string& path, int error) {
  return fail(Failure::systemFailure, "store.key-unreadable",
              "the store key " + path + " cannot be read: " + std::strerror(error));
}

Result<Secret> decode(View content, const std::string& path) {
  if (content.size() == crypto::kStoreKeySize) return Secret(content);
  std::string_view hex = text(content);
  while (!hex.empty() && (hex.back() == '\n' || hex.back() == '\r')) hex.remove_suffix(1);
  Bytes key;
  key.reserve(kHexSize);
  if (hex.size() == kHexSize && from_hex(hex, key)) return Secret(std::move(key));
  wipe(key);
  return fail(Failure::systemFailure, "store.key-size",
              "the store key " + path +
                  " must hold 32 octets or 64 hexadecimal digits; restore it "
                  "from a backup, since without it nothing that is sealed can be opened");
}

Result<Secret> read_key(const FileHandle& file, const std::string& path) {
  std::array<Byte, kHexSize + 8> buffer{};
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got = ::read(file.get(), buffer.data() + have, buffer.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  Result<Secret> key = decode(View(buffer.data(), have), path);
  wipe(buffer);
  return key;
}

Result<> check_mode(const FileHandle& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return unreadable(path, errno);
  if ((status.st_mode & 077) == 0) return {};
  return fail(Failure::systemFailure, "store.key-permissions",
              "others can read the store key; run: chmod 600 " + path);
}

Result<> write_key(const FileHandle& file, const std::string& folder, const Secret& key) {
  std::string hex = to_hex(key.expose()) + '\n';
  const Result<> written = file.write_all(view(hex));
  wipe({reinterpret_cast<Byte*>(hex.data()), hex.size()});
  TRY(Result<>(written));
  TRY(file.sync());
  return sync_folder(folder);
}

}  // namespace

std::string credentials_directory() {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder == nullptr ? std::string() : std::string(folder);
}

Result<StoreKey> read_store_key(const std::string& folder, const std::string& credentials) {
  if (!credentials.empty()) {
    std::string path = credentials + "/" + kStoreKeyCredential;
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno != ENOENT) return unreadable(path, errno);
    if (file) {
      Secret key = TRY(read_key(file, path));
      return StoreKey{std::move(key), StoreKey::Source::credential, std::move(path)};
    }
  }
  std::string path = folder + "/" + kStoreKeyFile;
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT)
    return fail(Failure::systemFailure, "store.key-missing",
                "there is no store key at " + path +
                    "; restore it from a backup, or, for a new "
                    "authority, make one with init");
  if (!file) return unreadable(path, errno);
  TRY(check_mode(file, path));
  Secret key = TRY(read_key(file, path));
  return StoreKey{std::move(key), StoreKey::Source::file, std::move(path)};
}

namespace {

Result<StoreKey> create_key(const std::string& folder, const char* name, Entropy& entropy) {
  Bytes octets(crypto::kStoreKeySize);
  TRY(entropy.fill(octets));
  Secret key(std::move(octets));
  std::string path = folder + "/" + name;
  const FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST)
    return fail(Failure::systemFailure, "store.key-exists",
                "there is a store key at " + path + " already; it is not replaced");
  if (!file) return file_error("make the store key " + path, errno);
  if (Result<> written = write_key(file, folder, key); !written) {
    ::unlink(path.c_str());
    return std::unexpected(std::move(written).error());
  }
  return StoreKey{std::move(key), StoreKey::Source::file, std::move(path)};
}

}  // namespace

Result<StoreKey> create_store_key(const std::string& folder, Entropy& entropy) {
  return create_key(folder, kStoreKeyFile, entropy);
}

Result<StoreKey> create_next_store_key(const std::string& folder, Entropy& entropy) {
  TRY(drop_next_store_key(folder));
  return create_key(folder, kNextStoreKeyFile, entropy);
}

Result<std::optional<StoreKey>> read_next_store_key(const std::string& folder) {
  std::string path = folder + "/" + kNextStoreKeyFile;
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::optional<StoreKey>();
  if (!file) return unreadable(path, errno);
  TRY(check_mode(file, path));
  Secret key = TRY(read_key(file, path));
  return std::optional(StoreKey{std::move(key), StoreKey::Source::file, std::move(path)});
}

Result<> adopt_next_store_key(const std::string& folder) {
  const std::string next = folder + "/" + kNextStoreKeyFile, key = folder + "/" + kStoreKeyFile;
  if (::rename(next.c_str(), key.c_str()) != 0 && errno != ENOENT)
    return file_error("replace the store key " + key, errno);
  return sync_folder(folder);
}

Result<> drop_next_store_key(const std::string& folder) {
  const std::string next = folder + "/" + kNextStoreKeyFile;
  if (::unlink(next.c_str()) != 0 && errno != ENOENT) return file_error("remove " + next, errno);
  return sync_folder(folder);
}

}  // namespace countersign::store
