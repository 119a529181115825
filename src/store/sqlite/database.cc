#include "store/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "store/file_handle.h"

namespace countersign::store::sqlite {
namespace {

constexpr int kPollMilliseconds = 2;

struct Meaning {
  int primary;
  Failure failure;
  std::string_view code;
  const char* sentence;
};
constexpr Meaning kMeanings[] = {
    {SQLITE_FULL, Failure::systemUnavail, "store.full",
     "the server has no space left to store anything; try again later"},
    {SQLITE_IOERR, Failure::systemUnavail, "store.io",
     "the server cannot reach its storage; try again later"},
    {SQLITE_BUSY, Failure::systemUnavail, "store.busy",
     "the server is busy; send the same message again in a few seconds"},
    {SQLITE_LOCKED, Failure::systemUnavail, "store.busy",
     "the server is busy; send the same message again in a few seconds"},
    {SQLITE_CONSTRAINT, Failure::systemUnavail, "store.conflict",
     "another message changed the same records; send the same message again"},
    {SQLITE_CORRUPT, Failure::systemFailure, "store.corrupt",
     "the server's database is damaged; its operator must restore it"},
    {SQLITE_NOTADB, Failure::systemFailure, "store.corrupt",
     "the server's database is damaged; its operator must restore it"},
    {SQLITE_CANTOPEN, Failure::systemFailure, "store.open", "the server cannot open its database"},
    {SQLITE_PERM, Failure::systemFailure, "store.open", "the server cannot open its database"},
    {SQLITE_READONLY, Failure::systemFailure, "store.open",
     "the server may not write to its database"},
};
constexpr Meaning kInternal{0, Failure::systemFailure, "store.internal",
                            "the server's database failed"};

const Meaning& meaning(sqlite3* connection, int code) {
  const int primary = code & 0xff;
  const int system = sqlite3_system_errno(connection);
  if (primary == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT)) return kMeanings[0];
  for (const Meaning& known : kMeanings)
    if (known.primary == primary) return known;
  return kInternal;
}

std::unexpected<Error> database_error(sqlite3* connection, const char* during) {
  const int code = sqlite3_extended_errcode(connection);
  const Meaning& known = meaning(connection, code);
  return fail(
      known.failure, known.code, known.sentence,
      std::string(sqlite3_errmsg(connection)) + " (" + std::to_string(code) + ") in: " + during);
}

// SQLite's own handler sleeps up to 100 ms, and a busy server is faster than that: whoever waits
// beside it would starve.
int wait_for_lock(void* most, int tries) {
  if (tries >= *static_cast<const int*>(most)) return 0;
  sqlite3_sleep(kPollMilliseconds);
  return 1;
}

// With mode 0600, which SQLite then gives its other files too.
Result<> make_file(const std::string& file) {
  const FileHandle made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made && errno == EEXIST) return {};
  if (!made) return file_error("make " + file, errno);
  const std::size_t slash = file.rfind('/');
  return sync_folder(slash == std::string::npos ? "." : file.substr(0, slash + 1));
}

constexpr char kPragmas[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;";
constexpr char kWritePragmas[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA wal_autocheckpoint = 8000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA cache_size = -8000;";

}  // namespace

// ---- Row

bool Row::null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Row::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

View Row::octets(int column) const noexcept {
  const void* const data = sqlite3_column_blob(statement_, column);
  return {static_cast<const Byte*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Row::text(int column) const { return std::string(countersign::text(octets(column))); }

std::optional<std::int64_t> Row::maybe_integer(int column) const noexcept {
  if (null(column)) return std::nullopt;
  return integer(column);
}

std::optional<Time> Row::maybe_time(int column) const noexcept {
  if (null(column)) return std::nullopt;
  return time_at(column);
}

// ---- Statement

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::bind(View value) noexcept {
  // A null pointer would bind NULL.
  const void* const data = value.empty() ? static_cast<const void*>("") : value.data();
  ok_ &= sqlite3_bind_blob64(statement_.get(), ++bound_, data, value.size(), SQLITE_STATIC) ==
         SQLITE_OK;
}

void Statement::bind(std::string_view value) noexcept {
  const char* const data = value.empty() ? "" : value.data();
  ok_ &= sqlite3_bind_text64(statement_.get(), ++bound_, data, value.size(), SQLITE_STATIC,
                             SQLITE_UTF8) == SQLITE_OK;
}

void Statement::bind(std::int64_t value) noexcept {
  ok_ &= sqlite3_bind_int64(statement_.get(), ++bound_, value) == SQLITE_OK;
}

void Statement::bind(std::nullopt_t) noexcept {
  ok_ &= sqlite3_bind_null(statement_.get(), ++bound_) == SQLITE_OK;
}

Result<> Statement::started() {
  if (ok_ && bound_ == sqlite3_bind_parameter_count(statement_.get())) return {};
  release();
  return fail(Failure::systemFailure, "store.internal", kInternal.sentence,
              std::string("values do not fit: ") + sqlite3_sql(statement_.get()));
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_error(sqlite3_db_handle(statement_.get()), sqlite3_sql(statement_.get()));
}

void Statement::release() noexcept {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

// ---- Database

void Database::Close::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

Result<Database> Database::open(const std::string& file, Access access, Patience patience) {
  if (access == Access::write) TRY(make_file(file));
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (raw == nullptr) throw std::bad_alloc();
  Database database(raw);
  if (opened != SQLITE_OK) return database_error(raw, file.c_str());
  sqlite3_extended_result_codes(raw, 1);
  database.lock_tries_ =
      std::make_unique<int>(static_cast<int>(patience.count() / kPollMilliseconds));
  sqlite3_busy_handler(raw, wait_for_lock, database.lock_tries_.get());
  TRY(database.execute(kPragmas));
  TRY(database.execute(access == Access::write ? kWritePragmas : "PRAGMA query_only = ON;"));
  return database;
}

Result<> Database::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return database_error(connection_.get(), sql);
}

Result<Statement*> Database::prepared(const char* sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
      SQLITE_OK)
    return database_error(connection_.get(), sql);
  return &statements_.emplace(sql, Statement(raw)).first->second;
}

int Database::changed() const noexcept { return sqlite3_changes(connection_.get()); }

bool Database::in_transaction() const noexcept {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

bool database_failed(const Error& error) noexcept {
  constexpr std::array kCodes = {"store.full", "store.io",      "store.busy",
                                 "store.open", "store.corrupt", "store.internal"};
  for (const std::string_view code : kCodes)
    if (error.code == code) return true;
  return false;
}

}  // namespace countersign::store::sqlite
