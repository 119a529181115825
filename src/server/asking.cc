#include "server/asking.h"

#include <algorithm>

#include "server/await.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using transaction::Answer;
using transaction::CertificateOrder;
using transaction::RevocationOrder;

boost::asio::awaitable<Answer> ask_issuer(const Asking& asking, const transaction::Order& order,
                                          const ports::OrderKey& key) {
  auto start = [&](Done<Answer> done) {
    auto& issuer = asking.engine.issuer;
    if (const auto* revocation = std::get_if<RevocationOrder>(&order))
      issuer.revoke(key, *revocation, asking.now, std::move(done));
    else
      issuer.issue(key, std::get<CertificateOrder>(order), asking.now, std::move(done));
  };
  auto answer = co_await await_done<Answer>(start);
  if (!answer) co_return transaction::Refused{answer.error()};
  co_return std::move(*answer);
}

bool was_not_reached(const Answer& answer) {
  const auto* refused = std::get_if<transaction::Refused>(&answer);
  return refused != nullptr && refused->error.code == "issuer.upstream-unreachable";
}

// Those of the RA profile that come after the one that was asked.
std::vector<std::string> others_of(const Engine& engine, const CertificateOrder& order) {
  const auto catalogue = engine.catalogue.get();
  const auto* profile = catalogue->ra_profile(order.profile);
  if (profile == nullptr || order.replaces) return {};
  std::vector<std::string> out;
  out.reserve(profile->authorities.size());
  for (const std::string& name : profile->authorities)
    out.push_back(name == enrol::kDefaultAuthority ? std::string() : name);
  const auto asked = std::ranges::find(out, order.authority);
  if (asked == out.end()) return {};
  out.erase(out.begin(), asked + 1);
  const auto others = engine.authorities.get();
  std::erase_if(out, [&](const std::string& name) { return is_spent(others.get(), name); });
  return out;
}

}  // namespace

ports::OrderKey order_of(ports::OrderKey orders, std::size_t index, std::string authority) {
  orders.id += "-" + std::to_string(index);
  orders.index = index;
  orders.authority = std::move(authority);
  return orders;
}

boost::asio::awaitable<Result<Answer>> refuse_taken_serial(const Asking& asking, Answer answer,
                                                           const ports::OrderKey& key) {
  const auto* issued = std::get_if<transaction::Issued>(&answer);
  if (issued == nullptr || key.authority.empty()) co_return answer;
  ports::Lookup lookup;
  lookup.serials = {issued->serial};
  CO_TRY(const auto found, co_await load(asking.engine, std::move(lookup)));
  const bool taken = std::ranges::any_of(
      found.certificates, [&](const auto& c) { return c.der != issued->certificate; });
  if (!taken) co_return answer;
  const Error error{Failure::systemFailure,
                    "server.serial-taken",
                    "the CA gave a serial number that a certificate of another CA has here; its "
                    "operator should have it draw random ones (RFC 5280 §4.1.2.2)",
                    {}};
  // Not waited for: of a late answer, its issuer hears this once it has been told what we say.
  asking.engine.issuer.settle(key, ports::Settlement::rejected, asking.now,
                              [](const Result<ports::Heard>&) {});
  Answer refused{transaction::Refused{error}};
  co_return refused;
}

boost::asio::awaitable<Result<Asked>> ask(const Asking& asking, transaction::Order order,
                                          std::size_t index) {
  if (const auto* question = std::get_if<transaction::InformationOrder>(&order)) {
    Asked informed{{index, inform(asking.engine, asking.orders.endpoint, *question)}, {}};
    co_return informed;
  }
  if (const auto* revocation = std::get_if<RevocationOrder>(&order)) {
    const auto key = order_of(asking.orders, index, revocation->authority);
    Answer answer = co_await ask_issuer(asking, order, key);
    Asked revoked{{index, std::move(answer)}, revocation->authority};
    co_return revoked;
  }
  auto& wish = std::get<CertificateOrder>(order);
  Bytes private_key;
  if (wish.central_key && asking.requester != nullptr) {
    CO_TRY(KeyPair pair, co_await make_key_pair(asking.engine, wish.authority, *wish.central_key,
                                                *asking.requester, asking.now));
    wish.spki = std::move(pair.spki);
    private_key = std::move(pair.private_key);
  }
  auto others = others_of(asking.engine, wish);
  for (;;) {
    const auto key = order_of(asking.orders, index, wish.authority);
    Answer answer = co_await ask_issuer(asking, order, key);
    if (was_not_reached(answer) && !others.empty()) {
      wish.authority = std::move(others.front());
      others.erase(others.begin());
      continue;
    }
    CO_TRY(answer, co_await refuse_taken_serial(asking, std::move(answer), key));
    Asked asked{{index, std::move(answer), std::move(private_key)}, wish.authority};
    co_return asked;
  }
}

}  // namespace countersign::server
