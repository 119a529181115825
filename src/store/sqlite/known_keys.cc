#include "store/sqlite/known_keys.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "store/sqlite/certificates.h"

namespace countersign::store::sqlite {
namespace {

constexpr std::size_t kKeysPerEnrolment = 7;
constexpr std::size_t kFewestKeys = kKeysPerEnrolment * 75'000;
constexpr std::size_t kBitsPerKey = 16;
constexpr int kBitsSet = 5;  // all in one word: one cache line a question

constexpr char kCount[] =
    "SELECT (SELECT count(*) FROM certificates) * 4 + (SELECT count(*) FROM transactions) + "
    "(SELECT count(*) FROM replies)";
constexpr char kCertificateKeys[] = "SELECT serial, key_hash, key_id, request FROM certificates";

}  // namespace

KnownKeys::KnownKeys(std::size_t keys) : words_(std::bit_ceil(keys * kBitsPerKey / 64)) {}

Result<std::unique_ptr<KnownKeys>> KnownKeys::of(Database& database) {
  const auto keys = static_cast<std::size_t>(TRY(database.number(kCount)).value_or(0));
  std::unique_ptr<KnownKeys> known(new KnownKeys(std::max(2 * keys, kFewestKeys)));
  TRY(database.each(kCertificateKeys, [&](const Row& row) {
    known->add(Kind::serial, row.octets(0));
    known->add(Kind::key_hash, row.octets(1));
    known->add(Kind::key_id, stored_key_id(row.octets(2), row.octets(1)));
    if (!row.null(3)) known->add(Kind::digest, row.octets(3));
  }));
  TRY(database.each("SELECT digest FROM replies",
                    [&](const Row& row) { known->add(Kind::digest, row.octets(0)); }));
  TRY(database.each("SELECT id FROM transactions",
                    [&](const Row& row) { known->add(Kind::transaction, row.octets(0)); }));
  return known;
}

KnownKeys::Place KnownKeys::place(Kind kind, View key) const noexcept {
  // Fibonacci hashing spreads what std::hash gave; the high bits choose the word.
  const std::uint64_t hash =
      (std::hash<std::string_view>{}(text(key)) ^ static_cast<std::uint64_t>(kind)) *
      0x9e3779b97f4a7c15ULL;
  std::uint64_t bits = 0;
  for (int i = 0; i < kBitsSet; ++i) bits |= std::uint64_t{1} << ((hash >> (6 * i)) & 63);
  return {static_cast<std::size_t>(hash >> 32) & (words_.size() - 1), bits};
}

void KnownKeys::add(Kind kind, View key) noexcept {
  const auto [word, bits] = place(kind, key);
  words_[word].fetch_or(bits, std::memory_order_relaxed);
}

bool KnownKeys::may_have(Kind kind, View key) const noexcept {
  const auto [word, bits] = place(kind, key);
  return (words_[word].load(std::memory_order_relaxed) & bits) == bits;
}

void KnownKeys::add(const ports::Commit& commit) {
  if (commit.transaction) add(Kind::transaction, commit.transaction->id.octets);
  if (commit.reply) add(Kind::digest, commit.reply->digest.octets);
  for (const auto& c : commit.certificates) {
    add(Kind::serial, c.serial);
    add(Kind::key_hash, c.key_hash);
    add(Kind::key_id, c.key_id);
    if (!c.request.octets.empty()) add(Kind::digest, c.request.octets);
  }
}

ports::Lookup KnownKeys::narrowed(ports::Lookup lookup) const {
  const auto drop = [&](std::vector<Bytes>& keys, Kind kind) {
    std::erase_if(keys, [&](const Bytes& key) { return !may_have(kind, key); });
  };
  if (lookup.digest && !may_have(Kind::digest, lookup.digest->octets)) lookup.digest.reset();
  if (lookup.transaction && !may_have(Kind::transaction, lookup.transaction->octets))
    lookup.transaction.reset();
  drop(lookup.serials, Kind::serial);
  drop(lookup.key_hashes, Kind::key_hash);
  drop(lookup.key_ids, Kind::key_id);
  return lookup;
}

}  // namespace countersign::store::sqlite
