#include "app/countersignd/registration_authority.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iterator>
#include <sstream>

#include "app/countersignd/config_file.h"
#include "server/late.h"

namespace countersign::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};

Result<Bytes> read_file(std::string_view key, const std::string& path) {
  if (path.empty())
    return fail(Failure::systemFailure, "config.upstream",
                std::string(key) + " must name a file, since upstream.url is set");
  return read_named_file(key, path);
}

issuer::AskBy ask_by(server::Config::UpstreamRequest request) {
  using Request = server::Config::UpstreamRequest;
  if (request == Request::ir) return issuer::AskBy::ir;
  return request == Request::cr ? issuer::AskBy::cr : issuer::AskBy::as_asked;
}

// What is passed on keeps its proof of possession whatever is configured.
Result<> check_strategy(const server::Config::UpstreamCa& config) {
  if (config.pop == server::Config::UpstreamPop::ra_verified ||
      config.relaying == server::Relaying::updates)
    return {};
  return fail(Failure::systemFailure, "config.upstream",
              "upstream.pop = \"keep\" is for upstream.strategy = \"replace\"; the other "
              "strategies pass every proof of possession on as it is: leave upstream.pop out");
}

Result<issuer::Upstream> read_upstream(const server::Config::UpstreamCa& config,
                                       const issuer::RunElsewhere& run) {
  TRY(check_strategy(config));
  auto own =
      TRY(x509::certificates_from_file(TRY(read_file("upstream.certificate", config.certificate))));
  const Secret key(TRY(read_file("upstream.key", config.key)));
  const auto ca = TRY(x509::certificates_from_file(TRY(read_file("upstream.ca", config.ca))));
  std::istringstream words(config.url);
  auto out =
      TRY(issuer::make_upstream({std::istream_iterator<std::string>(words), {}}, std::move(own),
                                TRY(issuer::open_software_signer(key, run)), ca));
  if (!config.signers.empty())
    out.signers =
        TRY(x509::certificates_from_file(TRY(read_file("upstream.signers", config.signers))));
  out.ask_by = ask_by(config.request);
  if (config.pop == server::Config::UpstreamPop::keep) out.possession = issuer::Possession::kept;
  if (config.orig_message) out.originals = issuer::Originals::shown;
  if (config.label) out.labels = issuer::Labels::appended;
  out.timeout = config.timeout;
  out.patience = config.patience;
  out.retry = config.retry;
  out.rest = config.rest;
  out.give_up = config.give_up;
  return out;
}

Result<crypto::TlsContext> upstream_tls(const server::Config::UpstreamCa& config, View root) {
  crypto::TlsClientSpec spec{.anchors = {copy(root)}};
  if (!config.tls_trust.empty()) {
    spec.system = crypto::SystemAnchors::left_out;
    spec.anchors =
        TRY(x509::certificates_from_file(TRY(read_file("upstream.tls_trust", config.tls_trust))));
  }
  if (config.tls_certificate.empty() != config.tls_key.empty())
    return fail(Failure::systemFailure, "config.tls",
                "upstream.tls_certificate and upstream.tls_key belong together: name both files, "
                "or none");
  if (!config.tls_certificate.empty()) {
    auto chain = TRY(x509::certificates_from_file(
        TRY(read_file("upstream.tls_certificate", config.tls_certificate))));
    const Secret pem(TRY(read_file("upstream.tls_key", config.tls_key)));
    spec.identity = crypto::TlsIdentity{
        std::move(chain), TRY(crypto::PrivateKey::from_pem(text(pem.expose()), Secret()))};
  }
  return crypto::TlsContext::for_client(spec);
}

}  // namespace

RegistrationAuthority::RegistrationAuthority()
    : loop_(std::make_unique<boost::asio::io_context>(1)) {}

RegistrationAuthority::~RegistrationAuthority() {
  stop();
  http_.reset();
  loop_.reset();  // what was under way goes with it
}

Result<std::unique_ptr<RegistrationAuthority>> RegistrationAuthority::open(
    const server::Config& config, ports::Store& store, const Host& host,
    const issuer::RunElsewhere& run) {
  auto upstream = TRY(read_upstream(config.upstream, run));
  transport::http::HttpClientOptions options;
  if (config.upstream.url.find("https://") != std::string::npos)
    options.tls = TRY(upstream_tls(config.upstream, upstream.root));
  std::unique_ptr<RegistrationAuthority> out(new RegistrationAuthority());
  out->http_ = std::make_unique<transport::http::HttpClient>(*out->loop_, std::move(options));
  out->issuer_ =
      std::make_unique<issuer::UpstreamCmp>(std::move(upstream), out->world(store, host));
  out->relay_ = std::make_unique<issuer::Forwarder>(out->issuer_->upstream(), out->issuer_->world(),
                                                    out->issuer_->endpoints());
  return out;
}

issuer::UpstreamWorld RegistrationAuthority::world(ports::Store& store, const Host& host) {
  return {store,
          *http_,
          host.clock,
          host.entropy,
          [this](milliseconds delay, std::move_only_function<void()> then) {
            after(delay, std::move(then));
          },
          [this](const ports::OrderKey& key, transaction::Answer answer, Done<> done) {
            server::hand_in(*engine_, *server_loop_, key, std::move(answer), std::move(done));
          },
          [this](const ports::OrderKey& key, const std::string& what, const Error& error) {
            server::complain_of(*engine_, key, what, error);
          }};
}

void RegistrationAuthority::after(milliseconds delay, std::move_only_function<void()> then) {
  if (!loop_) return;  // it is going, with all that was under way
  if (delay == milliseconds{0}) return boost::asio::post(*loop_, std::move(then));
  auto timer = std::make_shared<boost::asio::steady_timer>(*loop_, delay);
  timer->async_wait([timer, then = std::move(then)](boost::system::error_code error) mutable {
    if (!error) then();
  });
}

void RegistrationAuthority::tick() {
  issuer_->run_due();
  after(kTick, [this] { tick(); });
}

void RegistrationAuthority::start(server::Engine& engine, boost::asio::io_context& loop) {
  engine_ = &engine;
  server_loop_ = &loop;
  after(milliseconds{0}, [this] { tick(); });
  thread_ = std::jthread([this] { loop_->run(); });
}

void RegistrationAuthority::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const server::CmpSigner> RegistrationAuthority::signer() const {
  const auto& upstream = issuer_->upstream();
  auto out = std::make_shared<server::CmpSigner>();
  out->certificate = upstream.ra;
  out->extra_certs = upstream.ra_chain;
  out->key_id = upstream.ra.subject_key_identifier();
  out->signer = upstream.signer;
  return out;
}

std::shared_ptr<const server::Publications> RegistrationAuthority::publications() const {
  const auto& upstream = issuer_->upstream();
  return std::make_shared<const server::Publications>(
      server::publications_of(upstream.issuing, upstream.chain, upstream.root));
}

}  // namespace countersign::app
