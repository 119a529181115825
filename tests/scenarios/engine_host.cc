#include "scenarios/engine_host.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdlib>
#include <stdexcept>

#include "server/status_change.h"
#include "server/timers.h"

namespace countersign::test {
namespace {

std::unique_ptr<store::sqlite::SqliteStore> open_store(const std::filesystem::path& folder,
                                                       const Clock& clock, Entropy& entropy) {
  store::sqlite::SqliteOptions options{(folder / "countersign.db").string(),
                                       Secret(Bytes(32, 0x4b)), entropy, clock.now()};
  return store::sqlite::SqliteStore::open(std::move(options)).value();
}

template <class T>
T or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().code));
  return std::move(*result);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "countersign-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

EngineHost::EngineHost(const std::filesystem::path& folder, const ServerSetting& setting,
                       ports::Issuer& issuer, const Clock& clock, Entropy& entropy)
    : store_(open_store(folder, clock, entropy)),
      profile_(setting),
      engine_{.store = *store_,
              .issuer = issuer,
              .clock = clock,
              .entropy = entropy,
              .keep_replies = Seconds{365LL * 86400},
              .poll_key = Secret(Bytes(32, 0x50)),
              .log = [](const server::LogEvent&) {},
              .revoked = [] {}},
      responder_(engine_, loop_) {
  const auto& ca = authority();
  change([](ServerSetting&) {});
  engine_.trust.set(std::make_shared<server::Trust>(server::Trust{ca.own, {}, {}}));
  engine_.signer.set(std::make_shared<server::CmpSigner>(server::CmpSigner{
      ca.cmp, {ca.cmp.der, ca.issuing.der}, ca.cmp.subject_key_identifier(), ca.cmp_signer}));
  engine_.publications.set(std::make_shared<server::Publications>(
      server::publications_of(ca.issuing, {ca.issuing.der}, ca.root.der, clock.now())));
}

void EngineHost::change(const std::function<void(ServerSetting&)>& edit) {
  edit(profile_);
  engine_.catalogue.set(enrol::build_catalogue(profile_, {}).catalogue);
}

Result<> EngineHost::run(boost::asio::awaitable<Result<>> work) {
  std::optional<Result<>> done;
  const auto guard = boost::asio::make_work_guard(loop_);
  boost::asio::co_spawn(loop_, std::move(work),
                        [&done](const std::exception_ptr& broken, Result<> result) {
                          if (broken) std::rethrow_exception(broken);
                          done = std::move(result);
                        });
  loop_.restart();
  while (!done) loop_.run_one();
  return std::move(*done);
}

StoredDriver::StoredDriver(const ServerSetting& setting,
                           const std::vector<CredentialSpec>& credentials)
    : setting_(setting) {
  host_ = std::make_unique<EngineHost>(folder_.path(), setting_, issuer_, clock_, entropy_);
  for (const auto& spec : credentials)
    if (const auto added = host_->store().add_credential(make_credential(spec)); !added)
      throw std::runtime_error(std::string(added.error().code));
}

void StoredDriver::open() {
  host_ = std::make_unique<EngineHost>(folder_.path(), setting_, issuer_, clock_, entropy_);
  opened();
}

void StoredDriver::late_answer(const std::string& sender, const TransactionId& id,
                               std::size_t index, transaction::Answer answer) {
  const auto done =
      host_->run(server::advance(host_->engine(), "default", sender, id,
                                 transaction::AnswerArrived{index, std::move(answer)}));
  if (!done) throw std::runtime_error("late answer: " + std::string(done.error().code));
}

void StoredDriver::set_time(Time now) {
  clock_.set(now);
  const auto run_due = [](server::Engine& engine) -> boost::asio::awaitable<Result<>> {
    (void)co_await server::run_due(engine);
    co_return Result<>{};
  };
  (void)host_->run(run_due(host_->engine()));
}

void StoredDriver::restart() {
  closing();
  host_.reset();
  open();
}

void StoredDriver::forget_replies() {
  (void)or_throw(host_->store().purge(clock_.now() + Seconds{2LL * 365 * 86400}));
}

void StoredDriver::revoke(const Bytes& serial, int reason) {
  const auto change = server::change_for({serial, reason, {}}, clock_.now());
  enrol::AuditRow row;
  row.at = clock_.now();
  row.event = "revoked";
  row.serial = x509::serial_text(serial);
  const auto changed = host_->store().change_status(change, row, {});
  if (!changed) throw std::runtime_error(std::string(changed.error().code));
}

std::vector<enrol::AuditRow> StoredDriver::audit() {
  auto rows = or_throw(host_->store().audit(100'000));
  std::ranges::reverse(rows);
  return rows;
}

std::vector<enrol::CertificateRecord> StoredDriver::certificates() {
  return or_throw(host_->store().certificates({}));
}

std::optional<std::int64_t> StoredDriver::uses_left(const std::string& reference) {
  for (const auto& c : or_throw(host_->store().credentials()))
    if (c.reference == reference) return c.uses_left;
  return std::nullopt;
}

}  // namespace countersign::test
