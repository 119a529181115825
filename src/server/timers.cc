#include "server/timers.h"

#include <algorithm>

#include "server/admission.h"
#include "server/asking.h"
#include "server/await.h"
#include "server/evidence.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

constexpr Seconds kLease{30};

std::string reference_in(const std::string& identity) {
  constexpr std::string_view kSecret = "secret:";
  return identity.starts_with(kSecret) ? identity.substr(kSecret.size()) : std::string();
}

std::unexpected<Error> no_transaction() {
  return fail(Failure::badRequest, "server.no-transaction", "there is no such transaction");
}

// Is the answer to that request waited for, or told already? One that was given up wants none.
bool is_wanted(const transaction::Transaction& t, std::size_t index) {
  if (index >= t.requests.size()) return false;
  const auto* settled = std::get_if<transaction::Settled>(&t.requests[index].state);
  return settled == nullptr || settled->outcome == transaction::Outcome::accepted ||
         settled->outcome == transaction::Outcome::done;
}

boost::asio::awaitable<Result<>> commit_outcome(Engine& engine, const Outcome& outcome,
                                                const enrol::TransactionRecord& record, Time now) {
  const CommitContext context{record.endpoint, record.sender, reference_in(record.sender),
                              record.id, record.version};
  auto commit = make_commit(engine, outcome, context, now);
  const bool revokes = revokes_something(commit);
  const auto committed = co_await save(engine, std::move(commit));
  if (!committed) co_return std::unexpected(committed.error());
  if (revokes) engine.revoked();
  co_return Result<>{};
}

}  // namespace

boost::asio::awaitable<Result<>> advance(Engine& engine, std::string endpoint, std::string sender,
                                         TransactionId id, transaction::Event event) {
  std::string key = endpoint + '\0' + id.hex();
  const auto turn = co_await engine.turnstile.enter(std::move(key));
  ports::Lookup lookup;
  lookup.endpoint = endpoint;
  lookup.transaction = id;
  CO_TRY(auto found, co_await load(engine, std::move(lookup)));
  auto transactions = open_transactions(engine, found);
  const auto mine = std::ranges::find_if(
      transactions, [&](const OpenTransaction& t) { return t.record.sender == sender; });
  if (mine == transactions.end()) co_return no_transaction();
  if (const auto* late = std::get_if<transaction::AnswerArrived>(&event);
      late != nullptr && !is_wanted(mine->state, late->index))
    co_return no_transaction();
  const Time now = engine.clock.now();
  const auto catalogue = engine.catalogue.get();
  const auto& rules = catalogue->endpoint_or_default(endpoint).profile.rules;
  const transaction::Facts facts{rules, {}, {}, false};
  const auto orders = order_key(endpoint, sender, id);
  if (auto* late = std::get_if<transaction::AnswerArrived>(&event)) {
    const auto& request = mine->state.requests.at(late->index);
    const auto asked = order_of(orders, late->index, request.authority);
    const Asking asking{engine, orders, now, nullptr};
    auto answer = std::move(late->answer);
    CO_TRY(late->answer, co_await refuse_taken_serial(asking, std::move(answer), asked));
  }
  CO_TRY(const auto outcome,
         co_await settle(engine, std::move(mine->state), event, facts, orders, now));
  co_return co_await commit_outcome(engine, outcome, mine->record, now);
}

boost::asio::awaitable<Result<>> advance(Engine& engine, enrol::TransactionRecord record,
                                         const transaction::Event& event) {
  co_return co_await advance(engine, record.endpoint, record.sender, record.id, event);
}

boost::asio::awaitable<std::size_t> run_due(Engine& engine) {
  const ports::Due due{engine.clock.now()};
  auto start = [&](Done<std::vector<enrol::TransactionRecord>> done) {
    engine.store.claim(due, kLease, std::move(done));
  };
  auto claimed = co_await await_done<std::vector<enrol::TransactionRecord>>(start);
  if (!claimed) {
    engine.log({LogEvent::Level::warning,
                "due transactions could not be claimed",
                {},
                {},
                std::string(claimed.error().code),
                claimed.error().detail});
    co_return 0;
  }
  for (const auto& record : *claimed) {
    const transaction::Event elapsed{transaction::Elapsed{}};
    const auto done = co_await advance(engine, record, elapsed);
    if (!done)
      engine.log({LogEvent::Level::warning,
                  "a due transaction could not be moved on",
                  record.id.hex(),
                  {},
                  std::string(done.error().code),
                  done.error().detail});
  }
  co_return claimed->size();
}

void write_refusals(Engine& engine) {
  auto row = engine.refusals.sum(engine.clock.now());
  if (!row) return;
  ports::Commit commit;
  commit.audit.push_back(std::move(*row));
  engine.store.commit(std::move(commit), [](const Result<ports::Committed>&) {});
}

}  // namespace countersign::server
