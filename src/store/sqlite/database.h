// The one thin layer over the SQLite C interface: a connection, its prepared statements, a row.
//
// SQL is a literal of static storage, prepared once per connection and found again by its address;
// values are only ever bound. A Database and its statements are used by one thread at a time. A Row
// is a view: valid inside the callback that gets it. Every value is copied out.
//
// Errors: store.full, store.io, store.busy (a lock was not had in time), store.conflict (a UNIQUE
// or CHECK constraint), store.corrupt, store.open, store.internal.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace countersign::store::sqlite {

using Patience = std::chrono::milliseconds;

class Row {
 public:
  explicit Row(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  bool null(int column) const noexcept;
  std::int64_t integer(int column) const noexcept;
  std::string text(int column) const;
  View octets(int column) const noexcept;  // until the callback returns
  Bytes blob(int column) const { return copy(octets(column)); }
  Time time_at(int column) const noexcept { return from_unix(integer(column)); }
  std::optional<std::int64_t> maybe_integer(int column) const noexcept;
  std::optional<Time> maybe_time(int column) const noexcept;

 private:
  sqlite3_stmt* statement_;
};

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  // Binds the values in order, runs, and calls `on_row` for each row. It returns nothing, or
  // Result<> to stop at an error.
  template <class OnRow, class... Values>
  Result<> each(OnRow&& on_row, const Values&... values) {
    TRY(start(values...));
    Result<> outcome = rows(on_row);
    release();
    return outcome;
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  template <class... Values>
  Result<> start(const Values&... values) {
    bound_ = 0;
    ok_ = true;
    (bind(values), ...);
    return started();
  }
  template <class OnRow>
  Result<> rows(OnRow& on_row) {
    while (TRY(step())) {
      const Row row(statement_.get());
      if constexpr (std::is_void_v<std::invoke_result_t<OnRow&, const Row&>>)
        on_row(row);
      else
        TRY(on_row(row));
    }
    return {};
  }

  void bind(View value) noexcept;
  void bind(std::string_view value) noexcept;
  void bind(std::int64_t value) noexcept;
  void bind(std::nullopt_t) noexcept;
  void bind(const std::string& value) noexcept { bind(std::string_view(value)); }
  void bind(const Bytes& value) noexcept { bind(View(value)); }
  void bind(Time value) noexcept { bind(std::int64_t{to_unix(value)}); }
  template <class Tag>
  void bind(const OctetId<Tag>& value) noexcept {
    bind(View(value.octets));
  }
  template <class T>
  void bind(const std::optional<T>& value) noexcept {
    if (value)
      bind(*value);
    else
      bind(std::nullopt);
  }

  Result<> started();
  Result<bool> step();  // true: there is a row
  void release() noexcept;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  bool ok_ = true;
};

class Database {
 public:
  enum class Access { read, write };
  // Write: makes the file (mode 0600) when it is missing. `patience` is how long to wait for a lock
  // that another connection holds.
  static Result<Database> open(const std::string& file, Access access, Patience patience);

  // Several statements without values.
  Result<> execute(const char* sql);

  template <class... Values>
  Result<> run(const char* sql, const Values&... values) {
    return TRY(prepared(sql))->each([](const Row&) {}, values...);
  }
  // The number of rows changed.
  template <class... Values>
  Result<int> change(const char* sql, const Values&... values) {
    TRY(run(sql, values...));
    return changed();
  }
  template <class OnRow, class... Values>
  Result<> each(const char* sql, OnRow&& on_row, const Values&... values) {
    return TRY(prepared(sql))->each(on_row, values...);
  }
  // The first column of the first row; nullopt when there is none or it is NULL.
  template <class... Values>
  Result<std::optional<std::int64_t>> number(const char* sql, const Values&... values) {
    std::optional<std::int64_t> found;
    TRY(each(sql, [&](const Row& row) { found = row.maybe_integer(0); }, values...));
    return found;
  }

  // SQLite itself ends a transaction on some failures.
  bool in_transaction() const noexcept;

 private:
  struct Close {
    void operator()(sqlite3* connection) const noexcept;
  };
  explicit Database(sqlite3* connection) noexcept : connection_(connection) {}
  int changed() const noexcept;
  Result<Statement*> prepared(const char* sql);

  std::unique_ptr<int> lock_tries_;  // at one address: the connection has it
  std::unique_ptr<sqlite3, Close> connection_;
  std::unordered_map<const char*, Statement> statements_;  // gone before the connection
};

// The database itself failed: nothing more can be done in this transaction.
bool database_failed(const Error& error) noexcept;

}  // namespace countersign::store::sqlite
