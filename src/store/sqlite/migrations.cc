#include "store/sqlite/migrations.h"

namespace countersign::store::sqlite {
namespace {

// Times are whole seconds since 1970. Enumerations are the numbers of enrol/records.h. An index
// ends in the row's own number, so "the newest eight of this key" needs no other.
constexpr char kFirst[] = R"sql(
CREATE TABLE certificates (
  number          INTEGER PRIMARY KEY,
  serial          BLOB    NOT NULL UNIQUE,
  fingerprint     BLOB    NOT NULL,
  der             BLOB    NOT NULL,
  key_hash        BLOB    NOT NULL,
  key_id          BLOB    NOT NULL,
  subject         TEXT    NOT NULL,
  not_before      INTEGER NOT NULL,
  not_after       INTEGER NOT NULL,
  status          INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
  revoked_at      INTEGER,
  reason          INTEGER NOT NULL,
  invalidity_date INTEGER,
  profile         TEXT    NOT NULL,
  sender          TEXT    NOT NULL,
  reference       BLOB    NOT NULL,
  endpoint        TEXT,     -- of the transaction
  transaction_id  BLOB,
  request         BLOB,     -- digest of the message that asked; NULL: none did
  request_index   INTEGER NOT NULL,
  issued_at       INTEGER NOT NULL,
  UNIQUE (request, request_index)
) STRICT;
CREATE INDEX certificates_fingerprint ON certificates (fingerprint);
CREATE INDEX certificates_key_hash ON certificates (key_hash);
CREATE INDEX certificates_key_id ON certificates (key_id);
CREATE INDEX certificates_transaction ON certificates (transaction_id, endpoint)
  WHERE transaction_id IS NOT NULL;
CREATE INDEX certificates_revoked ON certificates (not_after) WHERE status >= 2;

CREATE TABLE transactions (
  number      INTEGER PRIMARY KEY,
  endpoint    TEXT    NOT NULL,
  id          BLOB    NOT NULL,
  sender      TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  state       BLOB    NOT NULL,
  wake_at     INTEGER,
  lease_until INTEGER,
  ends_at     INTEGER NOT NULL,
  UNIQUE (endpoint, id, sender)
) STRICT;
CREATE INDEX transactions_wake ON transactions (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX transactions_end ON transactions (ends_at);

CREATE TABLE replies (
  number  INTEGER PRIMARY KEY,
  digest  BLOB    NOT NULL UNIQUE,
  sealed  BLOB    NOT NULL,
  octets  INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX replies_expiry ON replies (expires, octets);

CREATE TABLE credentials (
  reference    BLOB    NOT NULL PRIMARY KEY,
  secret       BLOB    NOT NULL,  -- sealed
  made_by_us   INTEGER NOT NULL,
  profile      TEXT    NOT NULL,
  names        TEXT    NOT NULL,
  uses_left    INTEGER CHECK (uses_left >= 0),
  uses_granted INTEGER NOT NULL,
  expires      INTEGER,
  created      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trust (
  number      INTEGER PRIMARY KEY,
  fingerprint BLOB    NOT NULL UNIQUE,
  der         BLOB    NOT NULL,
  names       TEXT    NOT NULL,
  is_ra       INTEGER NOT NULL,
  created     INTEGER NOT NULL
) STRICT;

CREATE TABLE named_values (
  name   TEXT    NOT NULL PRIMARY KEY,
  value  BLOB    NOT NULL,
  sealed INTEGER NOT NULL
) STRICT;

CREATE TABLE generation (value INTEGER NOT NULL) STRICT;
INSERT INTO generation (value) VALUES (1);

-- One lane per opened store that wrote an audit row. Its head is how many rows it has, the hash of
-- the last, and a MAC over both. The census says how many lanes there are.
CREATE TABLE audit_lanes (
  number     INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL,
  started_at INTEGER NOT NULL,
  row_count  INTEGER NOT NULL,
  head       BLOB    NOT NULL,
  mac        BLOB    NOT NULL
) STRICT;
CREATE TABLE audit_census (lane_count INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE audit (
  number         INTEGER PRIMARY KEY,
  lane           INTEGER NOT NULL,
  sequence       INTEGER NOT NULL,
  at             INTEGER NOT NULL,
  event          TEXT    NOT NULL,
  transaction_id TEXT    NOT NULL,
  sender         TEXT    NOT NULL,
  subject        TEXT    NOT NULL,
  serial         TEXT    NOT NULL,
  code           TEXT    NOT NULL,
  detail         TEXT    NOT NULL,
  hash           BLOB    NOT NULL,
  UNIQUE (lane, sequence)
) STRICT;
)sql";

// An index over random values costs a page in every commit, so there are as few as can be. A
// certificate is found by its serial number; its key identifier is stored, and indexed, only where
// it is not the beginning of key_hash (crypto/keys.h); its transaction is named by the row's
// number, which may name another transaction once that one is gone: transaction_id tells.
constexpr char kFewerIndexes[] = R"sql(
DROP INDEX certificates_fingerprint;
DROP INDEX certificates_key_id;
DROP INDEX certificates_transaction;
ALTER TABLE certificates ADD COLUMN transaction_number INTEGER;
UPDATE certificates SET transaction_number = (
  SELECT t.number FROM transactions t WHERE t.endpoint = certificates.endpoint
  AND t.id = certificates.transaction_id AND t.sender = certificates.sender);
UPDATE certificates SET key_id = x'' WHERE key_id = substr(key_hash, 1, 20);
CREATE INDEX certificates_key_id ON certificates (key_id) WHERE key_id <> x'';
CREATE INDEX certificates_transaction ON certificates (transaction_number)
  WHERE transaction_number IS NOT NULL;
)sql";

constexpr char kOrders[] = R"sql(
CREATE TABLE orders (
  number         INTEGER PRIMARY KEY,
  id             TEXT    NOT NULL UNIQUE,
  endpoint       TEXT    NOT NULL,
  sender         TEXT    NOT NULL,
  transaction_id BLOB    NOT NULL,
  request_index  INTEGER NOT NULL,
  memo           BLOB    NOT NULL,
  due            INTEGER,
  lease_until    INTEGER,
  ends_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_due ON orders (due) WHERE due IS NOT NULL;
CREATE INDEX orders_end ON orders (ends_at);
)sql";

constexpr char kOrderKinds[] = R"sql(
ALTER TABLE orders ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
DROP INDEX orders_due;
CREATE INDEX orders_due ON orders (kind, due) WHERE due IS NOT NULL;
)sql";

// The serial number of the certificate that a key update made of it.
constexpr char kReplacements[] = "ALTER TABLE certificates ADD COLUMN replaced_by BLOB;";

constexpr char kTokens[] = R"sql(
CREATE TABLE tokens (
  digest       BLOB    NOT NULL PRIMARY KEY,
  kind         INTEGER NOT NULL,
  profile      TEXT    NOT NULL,
  names        TEXT    NOT NULL,
  uses_left    INTEGER CHECK (uses_left >= 0),
  uses_granted INTEGER NOT NULL,
  expires      INTEGER,
  created      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// What operators set, every version of it, and what credentials are bound to beside their names.
constexpr char kObjects[] = R"sql(
CREATE TABLE objects (
  kind    TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  version INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  fields  TEXT    NOT NULL,
  author  TEXT    NOT NULL,
  changed INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE object_history (
  kind    TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  version INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  fields  TEXT    NOT NULL,
  author  TEXT    NOT NULL,
  changed INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  PRIMARY KEY (kind, name, version)
) STRICT, WITHOUT ROWID;
ALTER TABLE credentials ADD COLUMN cmp_profile TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN begins INTEGER;
ALTER TABLE credentials ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE credentials ADD COLUMN author TEXT NOT NULL DEFAULT '';
)sql";

// Which authority issued a certificate, and whose memo an order has. Empty: the server's own.
constexpr char kAuthorities[] = R"sql(
ALTER TABLE certificates ADD COLUMN authority TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN authority TEXT NOT NULL DEFAULT '';
)sql";

// The device registry. Most devices are enrolled sooner or later: only the others are indexed by
// their state. An index ends in the primary key, so lists go on behind a serial number.
constexpr char kDevices[] = R"sql(
CREATE TABLE devices (
  serial           TEXT    NOT NULL PRIMARY KEY,
  version          INTEGER NOT NULL,
  state            INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  model            TEXT    NOT NULL,
  group_name       TEXT    NOT NULL,
  mac              TEXT    NOT NULL,
  hostname         TEXT    NOT NULL,
  attributes       TEXT    NOT NULL,
  profile          TEXT    NOT NULL,
  key_hash         BLOB    NOT NULL,
  certificate_hash BLOB    NOT NULL,
  note             TEXT    NOT NULL,
  author           TEXT    NOT NULL,
  created          INTEGER NOT NULL,
  enrolled         INTEGER,
  good_until       INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_group ON devices (group_name) WHERE group_name <> '';
CREATE INDEX devices_state ON devices (state) WHERE state <> 1;
ALTER TABLE certificates ADD COLUMN device TEXT;
)sql";

// Where a secret may be used from (with spaces between the networks), and what it was before its
// rotation.
constexpr char kNetworksAndRotation[] = R"sql(
ALTER TABLE credentials ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN former_secret BLOB;  -- sealed
ALTER TABLE credentials ADD COLUMN former_made_by_us INTEGER;
ALTER TABLE credentials ADD COLUMN former_until INTEGER;
CREATE INDEX credentials_former ON credentials (former_until) WHERE former_until IS NOT NULL;
)sql";

// Whose a secret is, and what was issued under it. And what named authorities issued when.
constexpr char kSubscribers[] = R"sql(
ALTER TABLE credentials ADD COLUMN subscriber TEXT NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN subscriber TEXT;
CREATE INDEX certificates_subscriber ON certificates (subscriber) WHERE subscriber IS NOT NULL;
CREATE INDEX certificates_authority ON certificates (authority, issued_at) WHERE authority <> '';
)sql";

// Whether a secret is a registration authority's.
constexpr char kSecretsOfRas[] = R"sql(
ALTER TABLE credentials ADD COLUMN is_ra INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr Migration kMigrations[] = {
    {1, kFirst},        {2, kFewerIndexes},
    {3, kOrders},       {4, kOrderKinds},
    {5, kReplacements}, {6, kTokens},
    {7, kObjects},      {8, kAuthorities},
    {9, kDevices},      {10, kNetworksAndRotation},
    {11, kSubscribers}, {12, kSecretsOfRas},
};

constexpr bool in_order(std::span<const Migration> steps) {
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].number != static_cast<int>(i) + 1) return false;
  return true;
}
static_assert(in_order(kMigrations));

}  // namespace

std::span<const Migration> migrations() noexcept { return kMigrations; }

Result<Migrated> migrate(Database& database, std::span<const Migration> steps) {
  TRY(database.execute(
      "CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY) STRICT"));
  const std::int64_t have =
      TRY(database.number("SELECT max(number) FROM schema_version")).value_or(0);
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (have > newest)
    return fail(Failure::systemFailure, "store.newer-version",
                "the database has schema version " + std::to_string(have) +
                    ", and this program knows up to " + std::to_string(newest) +
                    "; use the newer program, or restore a backup made before it");
  if (have == newest) return Migrated::no;
  for (const Migration& step : steps.subspan(static_cast<std::size_t>(have))) {
    TRY(database.execute(step.sql));
    TRY(database.run("INSERT INTO schema_version (number) VALUES (?)", std::int64_t{step.number}));
  }
  return have == 0 ? Migrated::from_nothing : Migrated::yes;
}

}  // namespace countersign::store::sqlite
