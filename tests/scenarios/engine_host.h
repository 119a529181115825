// The real engine over a real store in a folder that is removed at the end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

#include "scenarios/driver.h"
#include "server/responder.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::test {

struct ToldClock final : Clock {
  Time now() const noexcept override { return Time{Seconds{seconds.load()}}; }
  void set(Time t) noexcept { seconds.store(t.time_since_epoch().count()); }
  std::atomic<long long> seconds{kStart.time_since_epoch().count()};
};

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Store, engine and loop; opened again by constructing another one on the same folder.
class EngineHost {
 public:
  EngineHost(const std::filesystem::path& folder, const ServerSetting& setting,
             ports::Issuer& issuer, const Clock& clock, Entropy& entropy);

  // The store's thread may still be in a call that wakes the loop.
  ~EngineHost() { store_.reset(); }
  EngineHost(const EngineHost&) = delete;
  EngineHost& operator=(const EngineHost&) = delete;

  server::Engine& engine() { return engine_; }
  store::sqlite::SqliteStore& store() { return *store_; }
  boost::asio::io_context& loop() { return loop_; }
  server::Responder& responder() { return responder_; }

  // Of its endpoints; what is changed holds from the next message on.
  const ServerSetting& profile() const { return profile_; }
  void change(const std::function<void(ServerSetting&)>& edit);

  // Runs the loop until that is done.
  Result<> run(boost::asio::awaitable<Result<>> work);

 private:
  std::unique_ptr<store::sqlite::SqliteStore> store_;
  ServerSetting profile_;
  server::Engine engine_;
  boost::asio::io_context loop_{1};
  server::Responder responder_;
};

// What the in-process driver and the sockets driver share.
class StoredDriver : public Driver {
 public:
  StoredDriver(const ServerSetting& setting, const std::vector<CredentialSpec>& credentials);

  ScriptedIssuer& issuer() override { return issuer_; }
  void late_answer(const std::string& sender, const TransactionId& id, std::size_t index,
                   transaction::Answer answer) override;
  void set_time(Time now) override;
  void restart() override;
  void forget_replies() override;
  void revoke(const Bytes& serial, int reason) override;
  std::vector<enrol::AuditRow> audit() override;
  std::vector<enrol::CertificateRecord> certificates() override;
  std::optional<std::int64_t> uses_left(const std::string& reference) override;

 protected:
  virtual void opened() {}
  virtual void closing() {}
  EngineHost& host() { return *host_; }
  void open();

 private:
  ServerSetting setting_;
  TemporaryFolder folder_;
  ToldClock clock_;
  CountingEntropy entropy_{99};
  ScriptedIssuer issuer_;
  std::unique_ptr<EngineHost> host_;
};

}  // namespace countersign::test
