// countersignd secret import FILE: a secret for each row of a CSV file.

#include <algorithm>
#include <array>
#include <iostream>
#include <set>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/knowledge.h"
#include "app/countersignd/secret.h"
#include "client/files.h"
#include "server/csv.h"

namespace countersign::app {
namespace {

struct Column {
  std::string_view name;
  std::string SecretOptions::* field;
};
constexpr std::array kColumns = {
    Column{"reference", &SecretOptions::reference},
    Column{"names", &SecretOptions::names},
    Column{"profile", &SecretOptions::profile},
    Column{"cmp_profile", &SecretOptions::cmp_profile},
    Column{"uses", &SecretOptions::uses},
    Column{"begins", &SecretOptions::begins},
    Column{"expires", &SecretOptions::expires},
    Column{"note", &SecretOptions::note},
    Column{"networks", &SecretOptions::networks},
};

Result<> check_columns(const server::CsvTable& table) {
  const auto is_known = [](const std::string& name) {
    return std::ranges::find(kColumns, name, &Column::name) != kColumns.end();
  };
  const auto unknown = std::ranges::find_if_not(table.names, is_known);
  if (unknown == table.names.end()) return {};
  std::string known;
  for (const Column& c : kColumns) (known += known.empty() ? "" : ", ") += c.name;
  return fail(Failure::systemFailure, "server.csv",
              "there is no column " + *unknown + "; there are " + known);
}

// What a row leaves empty is as the options of the command have it.
SecretOptions options_of(const server::CsvRow& row, const SecretOptions& standard) {
  SecretOptions out = standard;
  for (const Column& c : kColumns)
    if (const auto at = row.fields.find(c.name); at != row.fields.end() && !at->second.empty())
      out.*c.field = at->second;
  return out;
}

struct Read {
  std::vector<NewSecret> good;
  std::size_t broken = 0;
};

Result<Read> read_rows(const Host& host, ports::Ledger& ledger, const server::CsvTable& table,
                       const SecretOptions& standard) {
  const auto catalogue = TRY(catalogue_of(ledger));
  std::set<std::string> taken;
  for (const auto& r : TRY(ledger.credentials())) taken.insert(r.reference);
  Read out;
  for (const server::CsvRow& row : table.rows) {
    std::string wrong = row.wrong;
    if (wrong.empty()) {
      auto fresh = make_secret(host, *catalogue, options_of(row, standard));
      if (!fresh)
        wrong = fresh.error().reply_text;
      else if (!taken.insert(fresh->record.reference).second)
        wrong = "there is a secret with the reference " + fresh->record.reference + " already";
      else
        out.good.push_back(std::move(*fresh));
    }
    if (wrong.empty()) continue;
    ++out.broken;
    std::string told = "line " + std::to_string(row.line);
    told.append(": ").append(wrong);
    print(Stream::err, harmless(told) + "\n");
  }
  return out;
}

Result<int> import_all(const Host& host, const SecretOptions& options) {
  const Bytes content = TRY(client::read_file(options.file));
  const auto table =
      TRY(server::read_csv({reinterpret_cast<const char*>(content.data()), content.size()}));
  TRY(check_columns(table));
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, options.config));
  const auto read = TRY(read_rows(host, *data.store, table, options));
  if (read.broken > 0 && !options.skip_broken)
    return fail(Failure::systemFailure, "app.csv-broken",
                std::to_string(read.broken) + " of " + std::to_string(table.rows.size()) +
                    " rows are broken, so none was imported; mend them, or give --skip-broken to "
                    "import the others");
  // Where they are written to is found out before any of them is stored.
  if (!options.out.empty()) TRY(client::check_writable(options.out));
  for (const NewSecret& one : read.good)
    TRY(data.store->add_credential(one.record, {added_row(one.record)}));
  TRY(write_csv(as_csv(read.good, config), options));
  print(Stream::err, "imported " + std::to_string(read.good.size()) + " secrets" +
                         (read.broken > 0 ? ", left out " + std::to_string(read.broken) : "") +
                         "\n");
  return kDone;
}

}  // namespace

int run_secret_import(const Host& host, const SecretOptions& options) {
  const auto done = import_all(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
