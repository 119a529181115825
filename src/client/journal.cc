#include "client/journal.h"

#include "client/failure.h"

namespace countersign::client {
namespace {

const Setting* find(const std::vector<Setting>& list, const std::string& option) {
  for (const auto& one : list)
    if (one.option == option) return &one;
  return nullptr;
}

std::string dropped(const std::string& folder) { return folder + ".done"; }

}  // namespace

std::string differences(const std::vector<Setting>& was, const std::vector<Setting>& is) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  for (const auto& [option, value] : was) {
    const Setting* now = find(is, option);
    if (now == nullptr || now->value != value) add(option + " was " + value);
  }
  for (const auto& [option, value] : is)
    if (find(was, option) == nullptr) add(option + " was not given");
  return out;
}

Result<Journal> Journal::open(const std::string& folder) {
  TRY(remove_folder(dropped(folder)));  // of one that was killed at it
  TRY(make_folder(folder));
  Journal journal(folder, TRY(FolderLock::take(folder)));
  if (!file_exists(journal.state_path())) return journal;
  Bytes content = TRY(read_file(journal.state_path()));
  journal.record_ = TRY(recode(parse_record(text(content)), "client.journal-format", folder));
  journal.found_ = true;
  return journal;
}

Result<> Journal::save() {
  TRY(write_file(state_path(), view(encode(record_)), Access::secret));
  found_ = true;
  return {};
}

Result<> Journal::drop() {
  TRY(remove_folder(dropped(folder_)));
  TRY(move_folder(folder_, dropped(folder_)));
  forget();
  return remove_folder(dropped(folder_));
}

void Journal::forget() {
  record_ = {};
  found_ = false;
}

}  // namespace countersign::client
