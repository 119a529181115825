// All authorities beside our own CA: the one that `upstream.` of the configuration names, and those
// that operators set. Owns the loop, with a thread of its own, on which they are talked to.
//
// One that is changed while it runs is opened anew beside its former self, which ends what it began
// and stays until the server stops.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/countersignd/cmp_authority.h"
#include "app/countersignd/commands.h"
#include "issuer/by_authority.h"
#include "server/config.h"
#include "server/engine.h"

namespace countersign::app {

class RemoteAuthorities {
 public:
  // CAs of our own beside the server's own; empty functions: it is no CA.
  struct OwnCas {
    decltype(RemoteWorld::own_ca) find_or_make;
    // All that are stored: one that nobody has in use still revokes what it issued.
    std::function<std::map<std::string, std::shared_ptr<RemoteAuthority>>()> all;
  };
  RemoteAuthorities(const server::Config& config, ports::Store& store, ports::Ledger& ledger,
                    const Host& host, SigningKeys& keys, OwnCas own_cas);
  ~RemoteAuthorities();
  RemoteAuthorities(const RemoteAuthorities&) = delete;
  RemoteAuthorities& operator=(const RemoteAuthorities&) = delete;

  // That of the configuration, before start(). Errors: those of CmpAuthority::open.
  Result<CmpAuthority*> open_own();

  // Opens what is new or has changed, and puts all into use. One that cannot be opened is logged,
  // and unusable until it can be: it is tried again by retry(). By one thread at a time.
  void use(const enrol::Catalogue& catalogue, server::Engine& engine, issuer::ByAuthority& issuer);
  // Once a minute, those that were not there: a file may be, or a token. To be called every second
  // or so, by the thread of use().
  void retry(server::Engine& engine, issuer::ByAuthority& issuer);
  // Takes up what their files say now, and keeps what they turned out to issue by. true: something
  // is another. To be called every second or so, by the thread of use().
  bool keep(server::Engine& engine, issuer::ByAuthority& issuer);
  // Whoever had something kept, once trust has followed.
  void tell();
  // Those that are open, as they are now.
  void publish(server::Engine& engine, issuer::ByAuthority& issuer);
  Result<> use_lists(std::span<const Bytes> lists);
  // Counts what those issued in the last 24 hours that may not issue any number; to be called every
  // second or so, by the thread of use().
  void count(ports::Ledger& ledger);

  // Late answers go to the engine on that loop. Both outlive the thread. `wake`: calls keep() soon.
  void start(server::Engine& engine, boost::asio::io_context& loop, std::function<void()> wake);
  // What is under way stops, and goes on after the next start. The store may still call in.
  void stop();

 private:
  struct Opened {
    enrol::Authority as;  // what it was opened as
    std::shared_ptr<RemoteAuthority> authority;
    std::string trouble;  // why it is not there
    Time tried{};
    // It issued as many as it may. Read on any thread.
    std::shared_ptr<std::atomic<bool>> spent = std::make_shared<std::atomic<bool>>(false);
  };
  struct Learnt {
    std::string authority;
    std::vector<Bytes> cas;
    Done<> done;
  };
  // New files that could not be used.
  struct Failed {
    Time at{};
    std::string trouble;
  };
  RemoteWorld world(std::string prefix);
  std::shared_ptr<RemoteAuthority> authority_called(const std::string& name) const;
  bool reread(std::shared_ptr<RemoteAuthority>& authority, const enrol::Authority& as,
              const server::Engine& engine);
  Result<> take_files(std::shared_ptr<RemoteAuthority>& authority, const enrol::Authority& as,
                      RemoteAuthority::Files how);
  Result<> keep_issuers(const std::string& name, std::vector<Bytes> cas,
                        const server::Engine& engine);
  Result<std::vector<Bytes>> with_new_issuers(const std::string& name, std::vector<Bytes> cas,
                                              const server::Engine& engine);
  server::AuthorityInUse in_use(const std::shared_ptr<RemoteAuthority>& authority) const;
  void open(const std::string& name, const enrol::Authority& authority, server::Engine& engine);
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> then);
  void tick();
  void resume(const std::vector<enrol::OrderRecord>& due);

  const server::Config& config_;
  ports::Store& store_;
  ports::Ledger& ledger_;
  Host host_;
  SigningKeys& keys_;
  OwnCas own_cas_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::shared_ptr<CmpAuthority> own_;
  std::map<std::string, Opened> opened_;  // the keeper's
  std::vector<std::shared_ptr<RemoteAuthority>> all_;
  std::vector<Bytes> lists_;
  bool lists_are_new_ = false;  // what is in use has others
  std::map<std::string, Failed> failed_;
  std::vector<std::move_only_function<void()>> to_tell_;
  std::mutex mutex_;
  std::vector<Learnt> learnt_;  // under mutex_
  std::function<void()> wake_;
  server::Swappable<issuer::ByAuthority::Others> issuers_;
  server::Engine* engine_ = nullptr;
  boost::asio::io_context* server_loop_ = nullptr;
  std::jthread thread_;
};

}  // namespace countersign::app
