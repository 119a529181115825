#include "app/countersignd/api_host.h"

#include "app/countersignd/delivery.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

namespace countersign::app {
namespace {

constexpr Seconds kTryAgain{60};

server::Config config_of_api(server::Config config) {
  config.tls.listen = config.api.listen;
  config.tls.clients = crypto::TlsClients::optional;
  return config;
}

bool is_loopback(const std::string& listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]");
}

console::Operators operators_of(const enrol::Catalogue& catalogue) {
  console::Operators out;
  for (const auto& [name, who] : catalogue.operators()) {
    console::Operator one;
    one.name = name;
    for (const std::string& role : who.roles)
      if (const auto known = console::role_from_name(role)) one.roles.push_back(*known);
    (void)from_hex(who.token, one.token_digest);  // of the right form: it was checked when saved
    (void)from_hex(who.certificate, one.certificate_fingerprint);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

ApiHost::ApiHost(World world, const server::Config& config, TlsIdentity::Issue issue)
    : world_(std::move(world)),
      config_(config_of_api(config)),
      tls_(config_, world_.store, world_.engine, std::move(issue), "api") {}

server::Simulator ApiHost::simulator() const {
  const auto& rules = world_.approvals;
  return {world_.engine, [&rules](const transaction::Order& order) -> std::size_t {
            if (const auto* of = std::get_if<transaction::CertificateOrder>(&order))
              return rules.of_certificate(*of).officers;
            if (const auto* of = std::get_if<transaction::RevocationOrder>(&order))
              return rules.of_revocation(*of).officers;
            return 0;
          }};
}

decltype(console::Workplace::deliver) ApiHost::delivery() const {
  if (config_.credentials.deliver.empty()) return {};
  return [this](const enrol::CredentialRecord& record, const std::string& secret,
                const std::string& address) { return deliver(config_, record, secret, address); };
}

void ApiHost::log(server::LogEvent::Level level, const std::string& what,
                  std::string_view code) const {
  world_.engine.log({level, what, {}, {}, std::string(code), {}});
}

void ApiHost::follow_operators() {
  auto catalogue = world_.engine.catalogue.get();
  if (catalogue == seen_) return;
  auto operators = operators_of(*catalogue);
  lock_out_revoked(operators);
  operators_.set(std::make_shared<const console::Operators>(std::move(operators)));
  seen_ = std::move(catalogue);
}

// TLS looks at the path and the dates; what was revoked is in the store, whose every change brings
// another catalogue.
void ApiHost::lock_out_revoked(console::Operators& operators) {
  const auto by_certificate = [](const console::Operator& o) {
    return !o.certificate_fingerprint.empty();
  };
  if (std::ranges::none_of(operators, by_certificate)) return;
  const auto revoked = world_.store.revoked(world_.engine.clock.now());
  for (console::Operator& one : operators) {
    const bool is_revoked = !revoked || std::ranges::any_of(*revoked, [&](const auto& c) {
      return equal(c.fingerprint, one.certificate_fingerprint);
    });
    if (is_revoked) one.certificate_fingerprint.clear();
  }
}

void ApiHost::keep(Time now) {
  if (config_.api.listen.empty()) return;
  follow_operators();
  if (http_) {
    if (config_.api.tls) tls_.keep(now);
    return;
  }
  if (operators_.get()->empty() || now < try_again_) return;
  try_again_ = now + kTryAgain;
  if (const auto opened = open(now); !opened)
    log(server::LogEvent::Level::error, "the API is not served: " + opened.error().reply_text,
        opened.error().code);
}

Result<> ApiHost::open(Time now) {
  if (!config_.api.tls && !is_loopback(config_.api.listen))
    return fail(Failure::systemFailure, "config.api",
                "api.tls = false is for loopback only, since tokens travel in clear there: name a "
                "loopback address in api.listen, or leave api.tls");
  if (config_.api.tls) TRY(tls_.prepare(now));
  doors_.clear();  // of a try that failed
  api_ = std::make_unique<console::Api>(console::ApiParts{
      .at = {.ledger = world_.store,
             .store = world_.store,
             .clock = world_.engine.clock,
             .entropy = world_.entropy,
             .strangers = &world_.engine.strangers,
             .own = config_.upstream.url.empty() ? server::OwnAuthority::our_ca
                                                 : server::OwnAuthority::another,
             .standard = config_.cmp,
             .publications = [this] { return world_.engine.publications.get(); },
             .authorities = [this] { return world_.engine.authorities.get(); },
             .deliver = delivery(),
             .signers = [this] { return world_.engine.profile_signers.get(); },
             .ca_keys = world_.ca_keys,
             .simulator = simulator()},
      .operators = [this] { return operators_.get(); },
      .run_elsewhere =
          [this](std::move_only_function<void()> work) {
            boost::asio::post(world_.pool, std::move(work));
          },
      .log =
          [this](const console::ApiRecord& r) {
            if (r.status < 400) return;
            world_.engine.log({server::LogEvent::Level::info,
                               "API: HTTP " + std::to_string(r.status) + " " +
                                   std::string(r.method) + " " + std::string(r.path) + " of " +
                                   (r.operator_name.empty() ? std::string("nobody")
                                                            : std::string(r.operator_name)),
                               {},
                               std::string(r.peer),
                               std::string(r.code),
                               std::string(r.detail)});
          }});
  std::vector<transport::http::WebLoop> loops;
  for (std::size_t i = 0; i < world_.loops.size(); ++i) {
    doors_.push_back(std::make_unique<console::ApiDoor>(*api_, world_.loops.at(i)));
    loops.push_back({world_.loops.at(i), *doors_.back()});
  }
  transport::http::HttpOptions options;
  options.listen.clear();
  options.clock = &world_.engine.clock;
  auto& place = config_.api.tls ? options.listen_tls : options.listen;
  place = {config_.api.listen};
  if (config_.api.tls) options.tls = [this] { return tls_.context(); };
  http_ = TRY(transport::http::HttpServer::open_web(std::move(options), loops));
  log(server::LogEvent::Level::info,
      std::string("the API is served at ") + (config_.api.tls ? "https://" : "http://") +
          http_->local_endpoint() + "/api/v1",
      "app.api");
  return {};
}

void ApiHost::stop() {
  if (!http_) return;
  std::promise<void> drained;
  http_->stop(config_.stop_deadline, [&] { drained.set_value(); });
  drained.get_future().wait();
}

}  // namespace countersign::app
