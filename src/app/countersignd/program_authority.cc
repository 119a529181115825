#include "app/countersignd/program_authority.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "app/countersignd/cmp_authority.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/webhook.h"
#include "issuer/program/command.h"

namespace countersign::app {
namespace {

// Of the folder that the configuration names, whatever an object says.
Result<std::string> program_of(const enrol::Authority& authority, const RemoteWorld& world) {
  const std::string& name = authority.command.front();
  if (world.commands.empty())
    return fail(Failure::systemFailure, "config.upstream",
                "no programs may be run: set authorities.commands in the configuration file to "
                "the folder that " +
                    name + " is in");
  auto path = (std::filesystem::absolute(world.commands) / name).string();
  if (::access(path.c_str(), X_OK) == 0) return path;
  return fail(Failure::systemFailure, "config.upstream",
              "there is no program " + path +
                  " that may be run; see authorities.commands in the "
                  "configuration file");
}

Result<std::unique_ptr<issuer::Courier>> webhook_of(const enrol::Authority& authority,
                                                    const RemoteWorld& world, View root) {
  transport::http::HttpClientOptions options;
  const bool tls = authority.url.starts_with("https://");
  if (tls) options.tls = TRY(tls_of(authority, world, root));
  Secret token;
  if (!authority.token_file.empty())
    token = TRY(read_token(world.prefix + "token_file", authority.token_file));
  if (!tls && !token.empty())
    return fail(Failure::systemFailure, "config.upstream",
                world.prefix + "token_file is for https only: over " + authority.url +
                    " everybody on the way could read the token");
  return std::unique_ptr<issuer::Courier>(
      std::make_unique<Webhook>(world.loop, std::move(options), authority.url, std::move(token)));
}

Result<std::unique_ptr<issuer::Courier>> command_of(const enrol::Authority& authority,
                                                    const RemoteWorld& world) {
  auto program = TRY(program_of(authority, world));
  return std::unique_ptr<issuer::Courier>(std::make_unique<issuer::Command>(
      world.loop.get_executor(), std::move(program),
      std::vector<std::string>(authority.command.begin() + 1, authority.command.end())));
}

}  // namespace

Result<std::unique_ptr<ProgramAuthority>> ProgramAuthority::open(const enrol::Authority& authority,
                                                                 RemoteWorld world) {
  std::unique_ptr<ProgramAuthority> out(new ProgramAuthority(
      FileStamps({authority.ca, authority.certificate, authority.key, authority.token_file,
                  authority.key_password, authority.tls_trust, authority.tls_certificate,
                  authority.tls_key})));
  out->files_.changed();
  const auto certificates = TRY(certificates_of(world, "ca", authority.ca));
  issuer::ProgramCa ca{.name = authority.name,
                       .ca = TRY(issuer::make_other_ca(certificates)),
                       .timeout = authority.timeout,
                       .patience = authority.patience,
                       .retry = authority.retry,
                       .rest = authority.rest,
                       .give_up = authority.give_up,
                       .limits = {authority.most_at_once, authority.most_waiting}};
  if (!authority.certificate.empty()) {
    auto chain = TRY(certificates_of(world, "certificate", authority.certificate));
    out->signer_ = TRY(make_signer(std::move(chain), TRY(key_of(authority, world))));
  }
  out->courier_ = authority.kind == enrol::AuthorityKind::webhook
                      ? TRY(webhook_of(authority, world, ca.ca.root))
                      : TRY(command_of(authority, world));
  auto publications =
      server::publications_of(ca.ca.issuing, ca.ca.chain, ca.ca.root, world.clock.now());
  publications.where = server::IssuesWhere::elsewhere_too;
  out->publications_ = std::make_shared<const server::Publications>(std::move(publications));
  out->issuer_ = std::make_unique<issuer::ProgramIssuer>(
      std::move(ca),
      issuer::ProgramWorld{world.store, *out->courier_, world.clock, std::move(world.after),
                           std::move(world.late), std::move(world.complain)});
  return out;
}

Result<> ProgramAuthority::use_lists(std::span<const Bytes> lists) {
  auto publications = *publications_;
  server::use_lists(publications, lists);
  publications_ = std::make_shared<const server::Publications>(std::move(publications));
  return {};
}

}  // namespace countersign::app
