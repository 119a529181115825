#include "store/sqlite/replies.h"

#include "store/sqlite/sealed_kinds.h"

namespace countersign::store::sqlite {
namespace {

constexpr char kInsert[] =
    "INSERT INTO replies (digest, sealed, octets, expires) VALUES (?, ?, ?, ?)";
constexpr char kFind[] = "SELECT sealed FROM replies WHERE digest = ?";
constexpr char kRemove[] = "DELETE FROM replies WHERE digest = ?";
constexpr char kRemoveExpired[] =
    "DELETE FROM replies WHERE number IN (SELECT number FROM replies WHERE expires <= ? LIMIT ?)";
constexpr char kTotal[] = "SELECT sum(octets) FROM replies";
constexpr char kOldest[] = "SELECT number, octets FROM replies ORDER BY number LIMIT ?";
constexpr char kRemoveUpTo[] = "DELETE FROM replies WHERE number <= ?";

Result<std::int64_t> remove_over_budget(WriteSession& session, std::int64_t budget,
                                        std::int64_t most) {
  std::int64_t over = TRY(session.database.number(kTotal)).value_or(0) - budget;
  if (over <= 0) return std::int64_t{0};
  std::int64_t last = 0;
  TRY(session.database.each(
      kOldest,
      [&](const Row& row) {
        if (over <= 0) return;
        last = row.integer(0);
        over -= row.integer(1);
      },
      most));
  return TRY(session.database.change(kRemoveUpTo, last));
}

}  // namespace

Result<SealedReply> seal_reply(const Vault& vault, const ports::StoredReply& reply) {
  Bytes sealed = TRY(vault.seal(kSealedReply, reply.digest.octets, reply.reply));
  return SealedReply{reply.digest, std::move(sealed), reply.expires};
}

Result<> insert_reply(WriteSession& session, const SealedReply& reply) {
  TRY(session.database.run(kInsert, reply.digest, reply.sealed,
                           static_cast<std::int64_t>(reply.sealed.size()), reply.expires));
  return {};
}

Result<> remove_reply(WriteSession& session, const RequestDigest& digest) {
  TRY(session.database.change(kRemove, digest));
  return {};
}

Result<std::optional<Bytes>> find_reply(Database& database, const Vault& vault,
                                        const RequestDigest& digest) {
  std::optional<Bytes> found;
  const auto on_row = [&](const Row& row) -> Result<> {
    const Secret opened = TRY(vault.open(kSealedReply, digest.octets, row.octets(0)));
    found = copy(opened.expose());
    return {};
  };
  TRY(database.each(kFind, on_row, digest));
  return found;
}

Result<std::int64_t> remove_replies(WriteSession& session, Time now, std::size_t budget,
                                    std::int64_t most) {
  const std::int64_t expired = TRY(session.database.change(kRemoveExpired, now, most));
  if (expired > 0) return expired;
  return remove_over_budget(session, static_cast<std::int64_t>(budget), most);
}

}  // namespace countersign::store::sqlite
