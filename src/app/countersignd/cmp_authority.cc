#include "app/countersignd/cmp_authority.h"

#include <iterator>
#include <sstream>

#include "app/countersignd/config_file.h"

namespace countersign::app {
namespace {

issuer::AskBy ask_by(enrol::UpstreamRequest request) {
  using Request = enrol::UpstreamRequest;
  if (request == Request::ir) return issuer::AskBy::ir;
  return request == Request::cr ? issuer::AskBy::cr : issuer::AskBy::as_asked;
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

Result<issuer::Upstream> read_upstream(const enrol::Authority& authority,
                                       const RemoteWorld& world) {
  TRY(check_strategy(authority));
  auto own = TRY(
      x509::certificates_from_file(TRY(read_file_of(world, "certificate", authority.certificate))));
  auto key = TRY(key_of(authority, world));
  const auto ca = TRY(x509::certificates_from_file(TRY(read_file_of(world, "ca", authority.ca))));
  std::istringstream words(authority.url);
  auto out = TRY(issuer::make_upstream({std::istream_iterator<std::string>(words), {}},
                                       std::move(own), std::move(key), ca));
  if (!authority.signers.empty())
    out.signers =
        TRY(x509::certificates_from_file(TRY(read_file_of(world, "signers", authority.signers))));
  out.name = authority.name;
  out.limits = {authority.most_at_once, authority.most_waiting};
  out.ask_by = ask_by(authority.request);
  if (authority.pop == enrol::UpstreamPop::keep) out.possession = issuer::Possession::kept;
  if (authority.confirm == enrol::UpstreamConfirm::implicit)
    out.confirming = issuer::Confirming::implicit;
  if (authority.orig_message) out.originals = issuer::Originals::shown;
  if (authority.label) out.labels = issuer::Labels::appended;
  out.timeout = authority.timeout;
  out.patience = authority.patience;
  out.retry = authority.retry;
  out.rest = authority.rest;
  out.give_up = authority.give_up;
  return out;
}

}  // namespace

Result<std::unique_ptr<CmpAuthority>> CmpAuthority::open(const enrol::Authority& authority,
                                                         RemoteWorld world) {
  auto upstream = TRY(read_upstream(authority, world));
  // One that is closed for want of room costs both sides a new one with the next exchange.
  constexpr std::size_t kConnectionsKept = 256;
  transport::http::HttpClientOptions options;
  options.max_idle = kConnectionsKept;
  if (authority.url.find("https://") != std::string::npos)
    options.tls = TRY(tls_of(authority, world, upstream.root));
  std::unique_ptr<CmpAuthority> out(new CmpAuthority());
  out->signer_ = TRY(make_signer(upstream.ra_chain, upstream.signer));
  out->http_ = std::make_unique<transport::http::HttpClient>(world.loop, std::move(options));
  out->issuer_ = std::make_unique<issuer::UpstreamCmp>(
      std::move(upstream), issuer::UpstreamWorld{world.store, *out->http_, world.clock,
                                                 world.entropy, std::move(world.after),
                                                 std::move(world.late), std::move(world.complain)});
  out->relay_ = std::make_unique<issuer::Forwarder>(out->issuer_->upstream(), out->issuer_->world(),
                                                    out->issuer_->endpoints());
  return out;
}

std::shared_ptr<const server::Publications> CmpAuthority::publications() const {
  const auto& upstream = issuer_->upstream();
  return std::make_shared<const server::Publications>(
      server::publications_of(upstream.issuing, upstream.chain, upstream.root));
}

}  // namespace countersign::app
