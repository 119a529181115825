#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "app/countersignd/ca_keys.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/log.h"
#include "app/countersignd/serve.h"
#include "app/countersignd/upstream_cas.h"
#include "server/late.h"
#include "server/timers.h"

namespace countersign::app {
namespace {

std::size_t half_the_cores() { return std::max(1U, std::thread::hardware_concurrency() / 2); }

boost::asio::awaitable<void> tick(server::Engine& engine, issuer::ManualIssuer* officers,
                                  const std::atomic<bool>& stopping) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (int ticks = 0; !stopping; ++ticks) {
    timer.expires_after(std::chrono::milliseconds(200));
    co_await timer.async_wait(boost::asio::use_awaitable);
    if (stopping) break;
    co_await server::run_due(engine);
    if (officers != nullptr) officers->run_due();
    if (ticks % 5 == 0) server::write_refusals(engine);
  }
  server::write_refusals(engine);
}

void log_access(server::Engine& engine, const transport::http::AccessRecord& r) {
  if (r.refusal.empty()) return;  // what the responder refused is in the log already
  std::pair<std::string, std::string> what{
      "transport.refused-request",
      "HTTP " + std::to_string(r.status) + " " + std::string(r.method) + " " + std::string(r.path)};
  if (r.status == 0) what = {"transport.tls-handshake", "TLS"};
  engine.log({server::LogEvent::Level::info,
              what.second + ": " + std::string(r.refusal),
              {},
              std::string(r.peer),
              what.first,
              {}});
}

}  // namespace

Service::Service(const Host& host, Data data, server::Config config)
    : host_(host), data_(std::move(data)), config_(std::move(config)), slow_(half_the_cores()) {}

issuer::RunElsewhere Service::pool() {
  return
      [this](std::move_only_function<void()> work) { boost::asio::post(slow_, std::move(work)); };
}

Result<> Service::open_own_ca() {
  const OwnCa::Host host{*data_.store, {}, config_.public_url, pool(), host_.entropy};
  auto ca = TRY(OwnCa::open(host, host_.clock.now()));
  TRY(make_engine(issuer_));
  named_ = std::make_unique<NamedCas>(named_world());
  TRY(named_->open());
  TRY(put_in_place(std::move(ca)));
  keeper_ = std::make_unique<server::Keeper>(*engine_, *data_.store, config_, hands());
  return {};
}

// Who is in the middle of a request ends with what it began: each of these is swapped whole, and
// what the old authority signs is as good as what the new one does.
Result<> Service::put_in_place(OwnCa ca) {
  auto& ledger = *data_.store;
  auto publications = ca.publications();
  auto cmp = TRY(load_cmp(ledger, publications, pool()));
  auto kga = TRY(load_kga(ledger, publications, pool()));
  TRY(write_certificates(data_));
  if (const auto present = engine_->publications.get()) publications.crls = present->crls;
  named_->add_documents(publications);
  engine_->publications.set(std::make_shared<const server::Publications>(std::move(publications)));
  engine_->signer.set(std::move(cmp));
  engine_->kga.set(std::move(kga));
  issuer_.set(ca.issuer());
  issuing_ = ca.issuing_certificate();
  issuing_signer_ = ca.issuing_signer();
  ca_ = std::move(ca);
  return {};
}

NamedCas::World Service::named_world() {
  return {*data_.store,
          config_.public_url,
          pool(),
          host_.entropy,
          host_.clock,
          [this](const std::string& ca) { return write_certificates(data_, ca); },
          [this](const std::string& ca, const Error& error) {
            engine_->log({server::LogEvent::Level::error,
                          "the CA " + ca + ": " + error.reply_text,
                          {},
                          {},
                          std::string(error.code),
                          error.detail});
          }};
}

Result<bool> Service::take_over() {
  others_are_new_ = remote_->keep(*engine_, *by_authority_) || others_are_new_;
  const bool own = TRY(take_over_own());
  const auto catalogue = engine_->catalogue.get();
  const bool named = named_->keep({config_.signer_renewal, catalogue->makes_keys()});
  return std::exchange(others_are_new_, false) || own || named;
}

Result<bool> Service::take_over_own() {
  const Generations stored = TRY(load_generations(*data_.store));
  if (stored == ca_->generations()) return false;
  const OwnCa::Host host{*data_.store, {}, config_.public_url, pool(), host_.entropy};
  TRY(put_in_place(TRY(OwnCa::open(host, host_.clock.now()))));
  engine_->log({server::LogEvent::Level::info,
                "the CA has new keys: root of generation " + std::to_string(stored.root.number) +
                    ", issuing CA of generation " + std::to_string(stored.issuing.number),
                {},
                {},
                {},
                {}});
  return true;
}

Result<> Service::open_registration_authority() {
  ra_ = TRY(remote_->open_own());
  TRY(make_engine(ra_->issuer()));
  engine_->relay = ra_->relay();
  engine_->relaying = config_.upstream.relaying;
  engine_->signer.set(ra_->signer());
  engine_->publications.set(ra_->publications());
  // CRLs are the upstream CA's business, and our certificate that of whoever gave it to us.
  server::Keeper::Hands hands;
  hands.take_over = [this]() -> Result<bool> { return remote_->keep(*engine_, *by_authority_); };
  hands.taken_over = [this] { remote_->tell(); };
  hands.changed_lists = [this] { return changed_lists(); };
  hands.keep_tls = [this](Time now) { keep_tls(now); };
  hands.use_authorities = [this](const enrol::Catalogue& catalogue) { use_objects(catalogue); };
  keeper_ = std::make_unique<server::Keeper>(*engine_, *data_.store, config_, std::move(hands));
  return {};
}

Result<> Service::make_engine(ports::Issuer& issuer) {
  auto& ledger = *data_.store;
  Bytes poll_key(32);
  TRY(host_.entropy.fill(poll_key));
  if (auto kept = TRY(ledger.secret_value("key.poll")))
    poll_key = copy(kept->expose());
  else
    TRY(ledger.set_secret_value("key.poll", Secret(View(poll_key))));
  engine_ = std::unique_ptr<server::Engine>(
      new server::Engine{*data_.store, behind_officers(issuer), host_.clock, host_.entropy,
                         config_.keep_replies, Secret(std::move(poll_key)), make_log(config_)});
  profile_signers_ = std::make_unique<ProfileSigners>(keys_, *engine_);
  return {};
}

// Called before they are in the engine: what they name is there first.
// The keeper's: nobody else replaces the publications.
void Service::use_objects(const enrol::Catalogue& catalogue) {
  remote_->use(catalogue, *engine_, *by_authority_);
  remote_->count(*data_.store);
  profile_signers_->use(catalogue, host_.clock.now());
  if (!named_) return;
  const auto present = engine_->publications.get();
  auto next = *present;
  named_->add_documents(next);
  if (next.documents != present->documents)
    engine_->publications.set(std::make_shared<const server::Publications>(std::move(next)));
}

Result<> Service::prepare() {
  auto& ledger = *data_.store;
  RemoteAuthorities::OwnCas own_cas;
  if (config_.upstream.url.empty())
    own_cas = {
        [this](const enrol::Authority& authority) { return named_->find_or_make(authority); },
        [this] { return named_->all(); }};
  remote_ = std::make_unique<RemoteAuthorities>(config_, ledger, ledger, host_, keys_,
                                                std::move(own_cas));
  TRY(config_.upstream.url.empty() ? open_own_ca() : open_registration_authority());
  engine_->costly.run_on(pool());
  engine_->ready_keys.keep(config_.keys_ready);
  engine_->revoked = [this] { keeper_->wake(); };
  // The time that the server was down does not count: every pending certificate waits in full.
  TRY(ledger.restart_waits(host_.clock.now() + config_.cmp.rules.confirm_wait));
  TRY(keeper_->prepare());
  TRY(check_approvals());
  if (const auto& file = config_.blocked_keys; !file.empty()) {
    const Bytes text = TRY(read_named_file("cmp.blocked_keys", file));
    const std::string_view lines(reinterpret_cast<const char*>(text.data()), text.size());
    engine_->blocked_keys.set(
        std::make_shared<const crypto::BlockList>(TRY(crypto::parse_block_list(lines))));
  }
  TRY(open_tls());
  TRY(open_webhook());
  TRY(open_notices());
  const auto cas = upstream_cas(ledger, config_, *engine_->catalogue.get());
  for (const auto& anchor : TRY(ledger.trust()))
    if (auto what = of_upstream_anchor(anchor, cas, config_); !what.empty())
      engine_->log({server::LogEvent::Level::warning, std::move(what), {}, {}, {}, {}});
  for (const auto& c : TRY(ledger.credentials()))
    if (c.names == "any" && (!c.expires || host_.clock.now() < *c.expires))
      engine_->log({server::LogEvent::Level::warning,
                    "secret " + c.reference + " may ask for any name" +
                        (c.expires ? " until " + to_iso(*c.expires) : "") +
                        "; remove it when it has served: countersignd secret remove",
                    {},
                    {},
                    "app.secret-any",
                    {}});
  return {};
}

server::Keeper::Hands Service::hands() {
  server::Keeper::Hands hands;
  hands.take_over = [this] { return take_over(); };
  hands.taken_over = [this] { remote_->tell(); };
  hands.crl_issuers = [this] {
    auto issuers = ca_->crl_issuers(host_.clock.now());
    named_->add_crl_issuers(issuers);
    return issuers;
  };
  hands.renew_signer = [this](Time now) -> Result<std::shared_ptr<const server::CmpSigner>> {
    auto spec = TRY(load_spec(*data_.store));
    spec.public_url = config_.public_url;
    auto fresh =
        TRY(issuer::make_cmp_signer(spec, issuing_.der, *issuing_signer_, now, host_.entropy));
    TRY(save_cmp_signer(*data_.store, fresh));
    TRY(write_certificates(data_));
    return load_cmp(*data_.store, *engine_->publications.get(), pool());
  };
  hands.renew_kga = [this](Time now) -> Result<std::shared_ptr<const server::CmpSigner>> {
    auto spec = TRY(load_spec(*data_.store));
    spec.public_url = config_.public_url;
    const auto fresh =
        TRY(issuer::make_kga_signer(spec, issuing_.der, *issuing_signer_, now, host_.entropy));
    TRY(save_kga(*data_.store, fresh));
    return load_kga(*data_.store, *engine_->publications.get(), pool());
  };
  hands.changed_lists = [this] { return changed_lists(); };
  hands.keep_tls = [this](Time now) { keep_tls(now); };
  hands.use_authorities = [this](const enrol::Catalogue& catalogue) { use_objects(catalogue); };
  hands.use_crls = [this](const std::vector<enrol::PublishedCrl>& crls) {
    named_->use_crls(crls);
    remote_->publish(*engine_, *by_authority_);
  };
  return hands;
}

// Those of other authorities are among them.
Result<std::optional<std::vector<Bytes>>> Service::changed_lists() {
  auto lists = TRY(lists_.changed());
  if (lists) TRY(remote_->use_lists(*lists));
  return lists;
}

void Service::keep_tls(Time now) {
  if (remote_) remote_->count(*data_.store);
  if (remote_) remote_->retry(*engine_, *by_authority_);
  profile_signers_->keep(now);
  if (tls_) tls_->keep(now);
  const std::lock_guard lock(api_mutex_);
  if (api_ && !stopping_) api_->keep(now);
}

TlsIdentity::Issue Service::tls_issuer() {
  TlsIdentity::Issue issue;
  if (!ra_)
    issue = [this](const std::vector<std::string>& names, Time now) -> Result<issuer::NewSigner> {
      auto spec = TRY(load_spec(*data_.store));
      spec.public_url = config_.public_url;
      return issuer::make_tls_signer(spec, names, issuing_.der, *issuing_signer_, now,
                                     host_.entropy);
    };
  return issue;
}

Result<> Service::open_tls() {
  if (config_.tls.listen.empty()) {
    if (!config_.listen.empty()) return {};
    return fail(Failure::systemFailure, "config.tls",
                "the server would listen nowhere: set listen or tls.listen");
  }
  tls_ = std::make_unique<TlsIdentity>(config_, *data_.store, *engine_, tls_issuer());
  return tls_->prepare(host_.clock.now());
}

Result<> Service::open_webhook() {
  if (config_.devices.webhook.empty()) return {};
  webhook_ = TRY(DeviceWebhook::open(config_.devices));
  engine_->devices = webhook_.get();
  return {};
}

transport::http::HttpOptions Service::http_options() {
  transport::http::HttpOptions options;
  options.listen.clear();
  if (!config_.listen.empty()) options.listen = {config_.listen};
  if (tls_) {
    options.listen_tls = {config_.tls.listen};
    options.tls = [this] { return tls_->context(); };
  }
  options.body_limit = config_.body_limit;
  options.body_time = config_.request_deadline;
  options.header_time = config_.request_deadline;
  options.idle_time = config_.idle_deadline;
  options.max_connections = config_.most_connections;
  options.clock = &host_.clock;
  return options;
}

std::vector<std::string> Service::urls() const {
  std::vector<std::string> out;
  if (!config_.listen.empty()) out.push_back("http://" + http_->local_endpoint());
  if (tls_) out.push_back("https://" + http_->local_endpoint(out.size()));
  return out;
}

// A registration authority has none.
console::CaKeys Service::own_ca_keys() {
  if (ra_) return {};
  return {[this] { return ca_keys(*data_.store); },
          [this](const console::NewCaKey& wanted) {
            return new_ca_key(data_, config_, wanted, host_.entropy, host_.clock.now());
          }};
}

Result<> Service::listen() {
  site_ = std::make_unique<server::Site>(*engine_);
  const auto threads = config_.threads > 0 ? static_cast<std::size_t>(config_.threads)
                                           : std::max(1U, std::thread::hardware_concurrency());
  loops_ = std::make_unique<server::Loops>(threads);
  std::vector<transport::http::HttpLoop> loops;
  for (std::size_t i = 0; i < loops_->size(); ++i) {
    responders_.push_back(std::make_unique<server::Responder>(*engine_, loops_->at(i)));
    loops.push_back({loops_->at(i), *responders_.back()});
  }
  http_ = TRY(transport::http::HttpServer::open(
      http_options(), loops, *site_,
      [this](const transport::http::AccessRecord& r) { log_access(*engine_, r); }));
  remote_->start(*engine_, loops_->at(0), [this] { keeper_->wake(); });
  if (notices_) notices_->start();
  api_ = std::make_unique<ApiHost>(ApiHost::World{*data_.store, *engine_, *loops_, host_.entropy,
                                                  slow_, approval_rules(), own_ca_keys()},
                                   config_, tls_issuer());
  api_->keep(host_.clock.now());
  boost::asio::co_spawn(loops_->at(0), tick(*engine_, officers_.get(), stopping_),
                        boost::asio::detached);
  keeper_->start();
  loops_->start();
  return {};
}

Result<std::unique_ptr<Service>> Service::open(const Host& host, Data data, server::Config config) {
  std::unique_ptr<Service> service(new Service(host, std::move(data), std::move(config)));
  TRY(service->prepare());
  TRY(service->listen());
  return service;
}

void Service::stop() {
  if (std::exchange(stopped_, true)) return;
  stopping_ = true;
  {
    const std::lock_guard lock(api_mutex_);
    if (api_) api_->stop();
  }
  if (http_) {
    std::promise<void> drained;
    http_->stop(config_.stop_deadline, [&] { drained.set_value(); });
    drained.get_future().wait();
  }
}

Service::~Service() {
  stop();
  if (remote_) remote_->stop();
  if (loops_) loops_->finish();  // what was begun needs keeper, store, pool and webhook
  if (webhook_) webhook_->stop();
  if (notices_) notices_->stop();
  keeper_.reset();
  keys_.stop();  // whoever is answered now wakes a loop
  slow_.join();  // its work may need the store, and wakes a loop
  data_.store.reset();
  remote_.reset();
  notices_.reset();
  loops_.reset();
  api_.reset();
  http_.reset();
}

}  // namespace countersign::app
