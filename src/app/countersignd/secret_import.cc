// countersignd secret import FILE: a secret for each row of a CSV file, which the row has, or which
// is made here and printed or delivered.

#include <algorithm>
#include <array>
#include <iostream>
#include <set>

#include "app/common/terminal.h"
#include "app/countersignd/authority_files.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/delivery.h"
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
    Column{"secret", &SecretOptions::source},
    Column{"names", &SecretOptions::names},
    Column{"profile", &SecretOptions::profile},
    Column{"cmp_profile", &SecretOptions::cmp_profile},
    Column{"uses", &SecretOptions::uses},
    Column{"begins", &SecretOptions::begins},
    Column{"expires", &SecretOptions::expires},
    Column{"note", &SecretOptions::note},
    Column{"networks", &SecretOptions::networks},
    Column{"subscriber", &SecretOptions::subscriber},
    Column{"deliver", &SecretOptions::deliver},
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
      out.*c.field = c.field == &SecretOptions::source ? "pass:" + at->second : at->second;
  return out;
}

// Of what is delivered, and what is taken in, nothing is shown.
Result<NewSecret> make_row(const Host& host, const enrol::Catalogue& catalogue,
                           const SecretOptions& options, const std::set<std::string>& taken) {
  auto fresh = TRY(make_secret(host, catalogue, options));
  if (taken.contains(fresh.record.reference))
    return fail(Failure::systemFailure, "store.reference-exists",
                "there is a secret with the reference " + fresh.record.reference + " already");
  if (fresh.shown.empty() && !options.deliver.empty())
    return fail(Failure::systemFailure, "app.deliver-chosen",
                "only secrets that are made here are delivered; leave secret or deliver empty");
  return fresh;
}

struct GoodRow {
  NewSecret fresh;
  std::string address;  // empty: it is printed
  std::size_t line = 0;
};
struct Read {
  std::vector<GoodRow> good;
  std::size_t broken = 0;
};

void tell_broken(std::size_t line, const std::string& why) {
  print(Stream::err, harmless("line " + std::to_string(line) + ": " + why) + "\n");
}

Result<Read> read_rows(const Host& host, ports::Ledger& ledger, const server::CsvTable& table,
                       const SecretOptions& standard) {
  const auto catalogue = TRY(catalogue_of(ledger));
  std::set<std::string> taken;
  for (const auto& r : TRY(ledger.credentials())) taken.insert(r.reference);
  Read out;
  for (const server::CsvRow& row : table.rows) {
    std::string wrong = row.wrong;
    if (wrong.empty()) {
      const SecretOptions options = options_of(row, standard);
      if (auto fresh = make_row(host, *catalogue, options, taken)) {
        taken.insert(fresh->record.reference);
        out.good.push_back({std::move(*fresh), options.deliver, row.line});
      } else {
        wrong = fresh.error().reply_text;
      }
    }
    if (wrong.empty()) continue;
    ++out.broken;
    tell_broken(row.line, wrong);
  }
  return out;
}

// What came of the rows that were good.
struct Imported {
  std::vector<NewSecret> shown;  // and kept
  std::size_t taken_in = 0, delivered = 0, undelivered = 0;
  Result<> end = {};  // why it did not go on

  std::size_t kept() const { return shown.size() + taken_in + delivered; }
};

std::unexpected<Error> stopped(std::size_t line, std::size_t kept) {
  return fail(Failure::systemFailure, "app.csv-undelivered",
              "the secret of line " + std::to_string(line) +
                  " was not delivered, and is not kept; the " + std::to_string(kept) +
                  " before it are. Import the rest from a file without these, or give "
                  "--skip-broken to go on where a delivery fails");
}

// Row by row: what was delivered cannot be called back, so each is kept as soon as it is.
Imported import_rows(ports::Ledger& ledger, std::vector<GoodRow> rows, const server::Config& config,
                     const SecretOptions& options) {
  Imported out;
  for (auto& [fresh, address, line] : rows) {
    auto row = added_row(fresh.record);
    if (!address.empty()) {
      const auto delivered = deliver(config, fresh.record, fresh.shown, address);
      if (!delivered) {
        tell_broken(line, delivered.error().reply_text);
        ++out.undelivered;
        if (options.skip_broken) continue;
        out.end = stopped(line, out.kept());
        return out;
      }
      row.detail += ", delivered to " + address;
    }
    out.end = ledger.add_credential(fresh.record, {row});
    if (!out.end && !address.empty())
      tell_broken(line, "the secret was delivered, and is not kept: " + out.end.error().reply_text);
    if (!out.end) return out;
    if (!address.empty())
      ++out.delivered;
    else if (fresh.shown.empty())
      ++out.taken_in;
    else
      out.shown.push_back(std::move(fresh));
  }
  return out;
}

std::string summary(const Imported& imported, std::size_t broken) {
  std::string out = "imported " + std::to_string(imported.kept()) + " secrets";
  if (imported.delivered > 0) out += ", delivered " + std::to_string(imported.delivered);
  broken += imported.undelivered;
  if (broken > 0) out += ", left out " + std::to_string(broken);
  return out + "\n";
}

Result<int> import_all(const Host& host, const SecretOptions& options) {
  const Bytes content = TRY(client::read_file(options.file));
  const auto table =
      TRY(server::read_csv({reinterpret_cast<const char*>(content.data()), content.size()}));
  TRY(check_columns(table));
  auto data = TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, options.config));
  auto read = TRY(read_rows(host, *data.store, table, options));
  if (read.broken > 0 && !options.skip_broken)
    return fail(Failure::systemFailure, "app.csv-broken",
                std::to_string(read.broken) + " of " + std::to_string(table.rows.size()) +
                    " rows are broken, so none was imported; mend them, or give --skip-broken to "
                    "import the others");
  // Where they are written to, and that there is who delivers, is found out before any is stored.
  if (!options.out.empty()) TRY(client::check_writable(options.out));
  if (std::ranges::any_of(read.good, [](const GoodRow& row) { return !row.address.empty(); }))
    TRY(check_deliverer(config));
  const Imported imported = import_rows(*data.store, std::move(read.good), config, options);
  // Also where it stopped: those that are kept are shown nowhere else.
  const bool nothing_to_show = imported.shown.empty() && imported.kept() > 0;
  if (!nothing_to_show) TRY(write_csv(as_csv(imported.shown, config), options));
  TRY(imported.end);
  print(Stream::err, summary(imported, read.broken));
  return kDone;
}

}  // namespace

int run_secret_import(const Host& host, const SecretOptions& options) {
  const auto done = import_all(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
