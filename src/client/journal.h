// What a transaction needs to go on after this process has gone: kept beside the key, in the folder
// <key>.pending, until the results are in place.
//
//   state     the Record, replaced whole with every step, before the message of that step is sent
//   key.pem   a new key that has no place of its own yet (renew)
//
// All files are 0600. One process at a time holds a journal. Limits: a Record has no version but
// one; another is refused with a sentence.
// Errors: client.journal-format, client.journal-other, those of files.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/examine.h"
#include "client/files.h"
#include "transaction/client_machine.h"

namespace countersign::client {

// What the command line asked for, by option: the same again goes on with the same transaction.
struct Setting {
  std::string option;
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

enum class Stage : Byte {
  asking,     // there is no certificate yet
  kept,       // there is one, and certConf says so
  rejected,   // there was one, and certConf says that it is not wanted
  confirmed,  // done with the server; the results may be put in their places
};

struct Record {
  std::vector<Setting> command;
  Stage stage = Stage::asking;
  transaction::ClientTransaction transaction;
  Bytes pending;  // the message that waits for its answer; empty: none does
  std::optional<Kept> kept;
  std::string rejection;  // why it is not wanted
  std::vector<Bytes> responder_certificates;
  std::vector<std::string> messages;  // "ir", "ip", …: what was said so far
};

std::string encode(const Record& record);
Result<Record> parse_record(std::string_view text);

// What differs, as "--subject was CN=a"; empty if nothing does.
std::string differences(const std::vector<Setting>& was, const std::vector<Setting>& is);

class Journal {
 public:
  // `folder` is made. A Record that is there is read.
  static Result<Journal> open(const std::string& folder);

  bool has_record() const noexcept { return found_; }
  Record& record() noexcept { return record_; }
  const Record& record() const noexcept { return record_; }
  Result<> save();
  // All at once, by a rename: whenever it is cut off, the journal is there whole, or not at all.
  Result<> drop();
  void forget();  // begins anew: the record is empty, the folder stays

  std::string key_path() const { return folder_ + "/key.pem"; }
  const std::string& folder() const noexcept { return folder_; }

 private:
  Journal(std::string folder, FolderLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::string state_path() const { return folder_ + "/state"; }

  std::string folder_;
  FolderLock lock_;
  Record record_;
  bool found_ = false;
};

}  // namespace countersign::client
