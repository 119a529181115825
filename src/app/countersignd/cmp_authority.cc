#include "app/countersignd/cmp_authority.h"

#include <iterator>
#include <sstream>

#include "app/countersignd/config_file.h"
#include "crypto/path.h"

namespace countersign::app {
namespace {

issuer::AskBy ask_by(enrol::UpstreamRequest request) {
  using Request = enrol::UpstreamRequest;
  if (request == Request::ir) return issuer::AskBy::ir;
  return request == Request::cr ? issuer::AskBy::cr : issuer::AskBy::as_asked;
}

protect::MacChoice mac_choice(enrol::UpstreamMac mac) {
  using enrol::UpstreamMac;
  using protect::MacChoice;
  if (mac == UpstreamMac::pbmac1) return MacChoice::pbmac1;
  return mac == UpstreamMac::pbm_gmac ? MacChoice::password_based_gmac
                                      : MacChoice::password_based_mac;
}

// What is passed on keeps its proof of possession whatever is configured.
Result<> check_strategy(const enrol::Authority& authority) {
  if (authority.pop == enrol::UpstreamPop::ra_verified ||
      authority.relaying == enrol::Relaying::updates)
    return {};
  return fail(Failure::systemFailure, "config.upstream",
              "upstream.pop = \"keep\" is for upstream.strategy = \"replace\"; the other "
              "strategies pass every proof of possession on as it is: leave upstream.pop out");
}

Result<std::vector<std::string>> urls_of(const enrol::Authority& authority,
                                         const RemoteWorld& world) {
  std::istringstream words(authority.url);
  std::vector<std::string> out{std::istream_iterator<std::string>(words), {}};
  for (const std::string& url : out)
    if (!url.starts_with("http://") && !url.starts_with("https://"))
      return fail(Failure::systemFailure, "config.upstream",
                  world.prefix + "url: " + url + " begins with neither http:// nor https://");
  return out;
}

bool speaks_tls(const enrol::Authority& authority) {
  return authority.url.find("https://") != std::string::npos;
}

// That of the default authority signs what the server says, too.
bool needs_certificate(const enrol::Authority& authority) {
  return authority.name.empty() || authority.secret_file.empty() || !authority.certificate.empty();
}

// Null: we sign.
Result<std::shared_ptr<const issuer::SharedWithCa>> shared_of(const enrol::Authority& authority,
                                                              const RemoteWorld& world) {
  if (authority.secret_file.empty() && authority.reference.empty())
    return std::shared_ptr<const issuer::SharedWithCa>();
  if (authority.reference.empty() || authority.secret_file.empty())
    return fail(Failure::systemFailure, "config.upstream",
                world.prefix + "reference and " + world.prefix +
                    "secret_file belong together: set both, or none");
  Secret secret = TRY(read_token(world.prefix + "secret_file", authority.secret_file));
  return issuer::share_with_ca(authority.reference, std::move(secret), mac_choice(authority.mac),
                               world.entropy);
}

}  // namespace

Result<CmpAuthority::Read> CmpAuthority::read(const enrol::Authority& authority,
                                              const RemoteWorld& world) {
  TRY(check_strategy(authority));
  std::vector<Bytes> own;
  std::shared_ptr<const ports::Signer> key;
  if (needs_certificate(authority)) {
    own = TRY(certificates_of(world, "certificate", authority.certificate));
    key = TRY(key_of(authority, world));
  }
  auto ca = TRY(certificates_of(world, "ca", authority.ca));
  auto out = TRY(
      issuer::make_upstream(TRY(urls_of(authority, world)), std::move(own), std::move(key), ca));
  if (!authority.signers.empty())
    out.signers = TRY(certificates_of(world, "signers", authority.signers));
  out.shared = TRY(shared_of(authority, world));
  out.name = authority.name;
  out.limits = {authority.most_at_once, authority.most_waiting};
  out.ask_by = ask_by(authority.request);
  if (authority.pop == enrol::UpstreamPop::keep) out.possession = issuer::Possession::kept;
  if (authority.confirm == enrol::UpstreamConfirm::implicit)
    out.confirming = issuer::Confirming::implicit;
  out.cert_profile = authority.cert_profile;
  if (authority.orig_message) out.originals = issuer::Originals::shown;
  if (authority.label) out.labels = issuer::Labels::appended;
  if (!authority.follow) out.issuers = issuer::Issuers::listed_alone;
  out.timeout = authority.timeout;
  out.patience = authority.patience;
  out.retry = authority.retry;
  out.rest = authority.rest;
  out.give_up = authority.give_up;
  std::optional<crypto::TlsContext> tls;
  if (speaks_tls(authority)) tls = TRY(tls_of(authority, world, out.root));
  return Read{std::move(ca), std::move(out), std::move(tls)};
}

CmpAuthority::CmpAuthority(enrol::Authority authority, RemoteWorld world)
    : authority_(std::move(authority)),
      world_(std::move(world)),
      files_({authority_.certificate, authority_.key, authority_.ca, authority_.signers,
              authority_.secret_file, authority_.tls_trust, authority_.tls_certificate,
              authority_.tls_key, authority_.key_password}) {}

Result<> CmpAuthority::take(Read read, std::vector<Bytes> learnt) {
  auto& upstream = read.upstream;
  const Time now = world_.clock.now();
  if (authority_.follow)
    TRY(issuer::know_issuers(upstream, read.ca, issuer::leading_to_root(read.ca, learnt, now)));
  std::shared_ptr<const server::CmpSigner> signer;
  if (const auto& ra = upstream.ra) signer = TRY(make_signer(ra->chain, ra->signer));
  auto publications = server::publications_of(upstream.issuing, upstream.chain, upstream.root, now);
  publications.where = server::IssuesWhere::elsewhere_too;
  server::use_lists(publications, lists_);
  if (issuer_) TRY(issuer_->use(upstream));
  signer_ = std::move(signer);
  publications_ = std::make_shared<const server::Publications>(std::move(publications));
  read_ = std::move(read);
  learnt_ = std::move(learnt);
  return {};
}

Result<> CmpAuthority::use_lists(std::span<const Bytes> lists) {
  TRY(issuer_->use_lists(lists));
  lists_.assign(lists.begin(), lists.end());
  auto publications = *publications_;
  server::use_lists(publications, lists_);
  publications_ = std::make_shared<const server::Publications>(std::move(publications));
  return {};
}

Result<RemoteAuthority::Files> CmpAuthority::reread(bool anyway) {
  if (!files_.changed() && !anyway) return Files::same;
  TRY(take(TRY(read(authority_, world_)), learnt_));
  if (read_->tls)
    world_.after(std::chrono::milliseconds{0},
                 [this, tls = *read_->tls]() mutable { http_->use_tls(std::move(tls)); });
  return Files::taken;
}

Result<> CmpAuthority::use_issuers(const std::vector<Bytes>& cas) { return take(*read_, cas); }

Result<std::unique_ptr<CmpAuthority>> CmpAuthority::open(const enrol::Authority& authority,
                                                         RemoteWorld world) {
  std::unique_ptr<CmpAuthority> out(new CmpAuthority(authority, world));
  out->files_.changed();
  TRY(out->take(TRY(read(authority, world)),
                world.learnt ? TRY(world.learnt(authority.name)) : std::vector<Bytes>{}));
  // One that is closed for want of room costs both sides a new one with the next exchange.
  constexpr std::size_t kConnectionsKept = 256;
  transport::http::HttpClientOptions options;
  options.max_idle = kConnectionsKept;
  options.tls = out->read_->tls;
  out->http_ = std::make_unique<transport::http::HttpClient>(world.loop, std::move(options));
  std::function<void(std::vector<Bytes>, Done<>)> learn;
  if (world.learn && authority.follow)
    learn = [keep = world.learn, name = authority.name](std::vector<Bytes> cas, Done<> done) {
      keep(name, std::move(cas), std::move(done));
    };
  out->issuer_ = std::make_unique<issuer::UpstreamCmp>(
      out->read_->upstream,
      issuer::UpstreamWorld{world.store, *out->http_, world.clock, world.entropy,
                            std::move(world.after), std::move(world.late),
                            std::move(world.complain), std::move(learn)});
  out->relay_ = std::make_unique<issuer::Forwarder>(out->issuer_->upstream(), out->issuer_->world(),
                                                    out->issuer_->endpoints());
  return out;
}

}  // namespace countersign::app
