#include "app/countersignd/remote_authorities.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/countersignd/upstream_cas.h"
#include "der/pem.h"
#include "server/late.h"

namespace countersign::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};
constexpr Seconds kLease{60};

constexpr Seconds kDay{86400};

constexpr Seconds kAgain{60};

// CAs that an authority turned out to issue by.
constexpr std::size_t kMostIssuers = 32;

ports::Health spent(ports::Health health, std::size_t most) {
  if (health.state == ports::Health::State::unusable) return health;
  health.state = ports::Health::State::spent;
  health.trouble = "it issued " + std::to_string(most) +
                   " certificates in the last 24 hours, which is as many as it may (most_per_day)";
  return health;
}

ports::Health unusable(const std::string& trouble) {
  ports::Health out;
  out.state = ports::Health::State::unusable;
  out.trouble = trouble;
  return out;
}

}  // namespace

RemoteAuthorities::RemoteAuthorities(const server::Config& config, ports::Store& store,
                                     ports::Ledger& ledger, const Host& host, SigningKeys& keys,
                                     OwnCas own_cas)
    : config_(config),
      store_(store),
      ledger_(ledger),
      host_(host),
      keys_(keys),
      own_cas_(std::move(own_cas)),
      loop_(std::make_unique<boost::asio::io_context>(1)) {}

RemoteAuthorities::~RemoteAuthorities() {
  stop();
  for (const auto& authority : all_) authority->close();
  loop_.reset();  // what was under way goes with it
}

RemoteWorld RemoteAuthorities::world(std::string prefix) {
  return {*loop_,
          store_,
          host_.clock,
          host_.entropy,
          keys_,
          config_.authority_commands,
          std::move(prefix),
          own_cas_.find_or_make,
          [this](milliseconds delay, std::move_only_function<void()> then) {
            after(delay, std::move(then));
          },
          [this](const ports::OrderKey& key, transaction::Answer answer, Done<> done) {
            server::hand_in(*engine_, *server_loop_, key, std::move(answer), std::move(done));
          },
          [this](const ports::OrderKey& key, const std::string& what, const Error& error) {
            server::complain_of(*engine_, key, what, error);
          },
          [this](std::string authority, std::vector<Bytes> cas, Done<> done) {
            {
              const std::lock_guard lock(mutex_);
              learnt_.push_back({std::move(authority), std::move(cas), std::move(done)});
            }
            if (wake_) wake_();
          },
          [this](const std::string& authority) { return learnt_issuers(ledger_, authority); }};
}

Result<CmpAuthority*> RemoteAuthorities::open_own() {
  own_ = TRY(CmpAuthority::open(config_.upstream, world("upstream.")));
  all_.push_back(own_);
  return own_.get();
}

void RemoteAuthorities::open(const std::string& name, const enrol::Authority& authority,
                             server::Engine& engine) {
  Opened& entry = opened_[name];
  entry.as = authority;
  entry.authority = nullptr;
  entry.tried = host_.clock.now();
  const std::string before = std::exchange(entry.trouble, {});
  auto opened = open_authority(authority, world("authority." + name + "."));
  if (opened) {
    entry.authority = std::move(*opened);
    if (std::ranges::find(all_, entry.authority) == all_.end()) all_.push_back(entry.authority);
    // It stands beside what the lists say whether or not they can be used.
    (void)entry.authority->use_lists(lists_);
    return;
  }
  const Error& error = opened.error();
  entry.trouble = error.reply_text;
  if (entry.trouble == before) return;
  engine.log({server::LogEvent::Level::error,
              "the authority " + name + " cannot be used: " + error.reply_text,
              {},
              {},
              std::string(error.code),
              error.detail});
}

void RemoteAuthorities::use(const enrol::Catalogue& catalogue, server::Engine& engine,
                            issuer::ByAuthority& issuer) {
  std::erase_if(opened_, [&](const auto& e) { return !catalogue.authorities().contains(e.first); });
  for (const auto& [name, authority] : catalogue.authorities()) {
    const auto at = opened_.find(name);
    // What was in the way of a CA of ours may be gone; others wait for their turn.
    const bool again = at != opened_.end() && at->second.authority == nullptr &&
                       authority.kind == enrol::AuthorityKind::own;
    if (at == opened_.end() || at->second.as != authority || again) open(name, authority, engine);
  }
  publish(engine, issuer);
}

void RemoteAuthorities::retry(server::Engine& engine, issuer::ByAuthority& issuer) {
  bool any = false;
  for (auto& [name, entry] : opened_) {
    const bool due = entry.authority == nullptr && host_.clock.now() - entry.tried >= kAgain;
    if (!due || entry.as.kind == enrol::AuthorityKind::own) continue;
    const enrol::Authority as = entry.as;
    open(name, as, engine);
    any = true;
  }
  if (any) publish(engine, issuer);
}

server::AuthorityInUse RemoteAuthorities::in_use(
    const std::shared_ptr<RemoteAuthority>& authority) const {
  return {authority->publications(), std::shared_ptr<ports::Relay>(authority, authority->relay()),
          authority->signer(), authority->kga(),
          [authority] { return authority->issuer().health(); }};
}

void RemoteAuthorities::publish(server::Engine& engine, issuer::ByAuthority& issuer) {
  auto issuers = std::make_shared<issuer::ByAuthority::Others>();
  auto all = std::make_shared<server::AuthoritiesInUse>();
  const auto add = [&](const std::string& name, const std::shared_ptr<RemoteAuthority>& authority) {
    issuers->emplace(name, std::shared_ptr<ports::RemoteIssuer>(authority, &authority->issuer()));
    return all->emplace(name, in_use(authority)).first;
  };
  for (const auto& [name, entry] : opened_) {
    if (entry.authority != nullptr)
      add(name, entry.authority)->second.health = [authority = entry.authority, used = entry.spent,
                                                   most = entry.as.most_per_day] {
        auto health = authority->issuer().health();
        return *used ? spent(std::move(health), most) : health;
      };
    else
      all->emplace(name,
                   server::AuthorityInUse{nullptr, nullptr, nullptr, nullptr,
                                          [trouble = entry.trouble] { return unusable(trouble); }});
  }
  if (own_cas_.all)
    for (const auto& [name, authority] : own_cas_.all())
      if (!opened_.contains(name))
        add(name, authority)->second.health = [] { return unusable("it is out of use"); };
  issuer.set(issuers);
  issuers_.set(std::move(issuers));
  engine.authorities.set(std::move(all));
}

Result<> RemoteAuthorities::use_lists(std::span<const Bytes> lists) {
  lists_.assign(lists.begin(), lists.end());
  for (const auto& authority : all_) TRY(authority->use_lists(lists));
  lists_are_new_ = true;
  return {};
}

std::shared_ptr<RemoteAuthority> RemoteAuthorities::authority_called(
    const std::string& name) const {
  if (name.empty()) return own_;
  const auto at = opened_.find(name);
  return at == opened_.end() ? nullptr : at->second.authority;
}

// One that is opened anew stands beside its former self, like one that was changed.
Result<> RemoteAuthorities::take_files(std::shared_ptr<RemoteAuthority>& authority,
                                       const enrol::Authority& as, RemoteAuthority::Files how) {
  if (how != RemoteAuthority::Files::to_open_anew) return {};
  authority = TRY(open_authority(as, world("authority." + as.name + ".")));
  all_.push_back(authority);
  (void)authority->use_lists(lists_);
  return {};
}

// Those that cannot be used are tried again once a minute, and complained of once.
bool RemoteAuthorities::reread(std::shared_ptr<RemoteAuthority>& authority,
                               const enrol::Authority& as, const server::Engine& engine) {
  const auto failed = failed_.find(as.name);
  const Time now = host_.clock.now();
  const auto read = authority->reread(failed != failed_.end() && now >= failed->second.at + kAgain);
  if (read && *read == RemoteAuthority::Files::same) return false;
  const auto taken = read ? take_files(authority, as, *read) : std::unexpected(read.error());
  const std::string what = as.name.empty() ? "upstream" : "the authority " + as.name;
  if (taken) {
    failed_.erase(as.name);
    engine.log({server::LogEvent::Level::info, what + " has new files", {}, {}, {}, {}});
    return true;
  }
  const Error& error = taken.error();
  Failed& entry = failed_[as.name];
  entry.at = now;
  if (std::exchange(entry.trouble, error.reply_text) != error.reply_text)
    engine.log(
        {server::LogEvent::Level::error,
         what + " goes on as before, since its new files cannot be used: " + error.reply_text,
         {},
         {},
         std::string(error.code),
         error.detail});
  return false;
}

// Of what is kept there is no more than a path can be looked for among.
Result<std::vector<Bytes>> RemoteAuthorities::with_new_issuers(const std::string& name,
                                                               std::vector<Bytes> cas,
                                                               const server::Engine& engine) {
  auto kept = TRY(learnt_issuers(ledger_, name));
  std::erase_if(kept, [now = host_.clock.now()](const Bytes& der) {
    const auto ca = x509::parse_certificate(der);
    return !ca || now > ca->validity.not_after;
  });
  const std::string whose = name.empty() ? "upstream" : "the authority " + name;
  for (Bytes& ca : cas) {
    if (std::ranges::find(kept, ca) != kept.end()) continue;
    if (kept.size() >= kMostIssuers)
      return fail(Failure::systemFailure, "app.too-many-issuers",
                  "more than 32 CAs that are not in the file `ca` are known: put those that issue "
                  "into it",
                  whose);
    const auto certificate = TRY(x509::parse_certificate(ca));
    enrol::AuditRow row;
    row.at = host_.clock.now();
    row.event = "issuer-learnt";
    row.subject = x509::to_text(certificate.subject);
    row.serial = x509::serial_text(certificate.serial);
    row.detail = name.empty() ? "of the upstream CA" : "of the authority " + name;
    TRY(ledger_.append_audit(row));
    engine.log({server::LogEvent::Level::info,
                whose + " issues by another CA, too, which leads to its root: " + row.subject,
                {},
                {},
                {},
                {}});
    kept.push_back(std::move(ca));
  }
  return kept;
}

Result<> RemoteAuthorities::keep_issuers(const std::string& name, std::vector<Bytes> cas,
                                         const server::Engine& engine) {
  const auto authority = authority_called(name);
  if (authority == nullptr) return {};
  const auto kept = TRY(with_new_issuers(name, std::move(cas), engine));
  std::string pem;
  for (const Bytes& ca : kept) pem += der::to_pem("CERTIFICATE", ca);
  TRY(ledger_.set_value(learnt_issuers_value(name), view(pem)));
  return authority->use_issuers(kept);
}

bool RemoteAuthorities::keep(server::Engine& engine, issuer::ByAuthority& issuer) {
  bool changed = false;
  if (std::shared_ptr<RemoteAuthority> own = own_) changed |= reread(own, config_.upstream, engine);
  for (auto& [name, entry] : opened_)
    if (entry.authority != nullptr) changed |= reread(entry.authority, entry.as, engine);
  std::vector<Learnt> learnt;
  {
    const std::lock_guard lock(mutex_);
    learnt.swap(learnt_);
  }
  for (Learnt& one : learnt)
    to_tell_.push_back([kept = keep_issuers(one.authority, std::move(one.cas), engine),
                        done = std::move(one.done)]() mutable { done(std::move(kept)); });
  changed |= !learnt.empty() || std::exchange(lists_are_new_, false);
  if (changed) {
    if (own_) {
      engine.publications.set(own_->publications());
      engine.signer.set(own_->signer());
    }
    publish(engine, issuer);
  }
  return changed;
}

void RemoteAuthorities::tell() {
  for (auto& told : std::exchange(to_tell_, {})) told();
}

void RemoteAuthorities::count(ports::Ledger& ledger) {
  for (auto& [name, entry] : opened_) {
    const auto most = static_cast<std::int64_t>(entry.as.most_per_day);
    const auto issued =
        most == 0 ? Result<std::int64_t>(0) : ledger.issued_since(name, host_.clock.now() - kDay);
    // A store that cannot be read stands in the way of the next certificate by itself.
    if (issued) *entry.spent = most != 0 && *issued >= most;
  }
}

void RemoteAuthorities::after(milliseconds delay, std::move_only_function<void()> then) {
  if (!loop_) return;  // it is going, with all that was under way
  if (delay == milliseconds{0}) return boost::asio::post(*loop_, std::move(then));
  auto timer = std::make_shared<boost::asio::steady_timer>(*loop_, delay);
  timer->async_wait([timer, then = std::move(then)](boost::system::error_code error) mutable {
    if (!error) then();
  });
}

void RemoteAuthorities::resume(const std::vector<enrol::OrderRecord>& due) {
  const auto others = issuers_.get();
  for (const auto& record : due) {
    if (record.authority.empty()) {
      if (own_) own_->issuer().resume(record);
      continue;
    }
    const bool known = others != nullptr && others->contains(record.authority);
    if (known) {
      others->find(record.authority)->second->resume(record);
      continue;
    }
    server::complain_of(
        *engine_, {record.id, record.endpoint, record.sender, record.transaction, record.index, {}},
        "an order waits for an authority that is not in use: " + record.authority,
        {Failure::systemUnavail, "issuer.no-authority", "put it into use again", {}});
  }
}

void RemoteAuthorities::tick() {
  store_.claim_orders(enrol::OrderKind::upstream, {host_.clock.now()}, kLease,
                      [this](Result<std::vector<enrol::OrderRecord>> due) {
                        after(milliseconds{0}, [this, due = std::move(due)] {
                          if (due) return resume(*due);
                          server::complain_of(*engine_, {}, "due orders could not be claimed",
                                              due.error());
                        });
                      });
  after(kTick, [this] { tick(); });
}

void RemoteAuthorities::start(server::Engine& engine, boost::asio::io_context& loop,
                              std::function<void()> wake) {
  wake_ = std::move(wake);
  engine_ = &engine;
  server_loop_ = &loop;
  after(milliseconds{0}, [this] { tick(); });
  thread_ = std::jthread([this] { loop_->run(); });
}

void RemoteAuthorities::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace countersign::app
