// The store key: 32 random octets that open what the vault sealed. It lies in the data folder as
// `store.key` (hexadecimal, mode 0600), or comes from systemd as the credential
// `countersign-store-key`, which goes first. A key beside the data protects backups of the database
// alone; it does not protect against whoever can read the folder.
//
// Where it is replaced, the next one lies beside it as `store.key.new` until the database is sealed
// with that; sqlite/key_change.h tells which of the two fits.
//
// Errors: store.key-missing, store.key-exists, store.key-permissions, store.key-size,
// store.key-unreadable, store.full, and what Entropy reports.
#pragma once

#include <optional>
#include <string>

#include "base/ports.h"
#include "base/secret.h"

namespace countersign::store {

inline constexpr const char* kStoreKeyFile = "store.key";
inline constexpr const char* kNextStoreKeyFile = "store.key.new";
inline constexpr const char* kStoreKeyCredential = "countersign-store-key";

struct StoreKey {
  enum class Source { file, credential };
  Secret key;
  Source source = Source::file;
  std::string path;
};

// $CREDENTIALS_DIRECTORY; empty when the process was not given any.
std::string credentials_directory();

// From the credential when `credentials` is not empty and holds it, else from the file. Either may
// hold 32 octets as they are, or 64 hexadecimal digits. A file that group or others may read is
// refused; for a credential systemd sees to that.
Result<StoreKey> read_store_key(const std::string& folder, const std::string& credentials);

// Makes the file, synced with its folder before this returns. Never replaces one.
Result<StoreKey> create_store_key(const std::string& folder, Entropy& entropy);

// The next one, as durable; takes the place of one that was left behind.
Result<StoreKey> create_next_store_key(const std::string& folder, Entropy& entropy);
Result<std::optional<StoreKey>> read_next_store_key(const std::string& folder);
// The next one becomes the one, or goes. Nothing where there is none.
Result<> adopt_next_store_key(const std::string& folder);
Result<> drop_next_store_key(const std::string& folder);

}  // namespace countersign::store
