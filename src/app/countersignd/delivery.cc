#include "app/countersignd/delivery.h"

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "app/common/terminal.h"
#include "issuer/program/command.h"
#include "issuer/program/words.h"
#include "server/invitation.h"

namespace countersign::app {
namespace {

std::unexpected<Error> not_delivered(const std::string& program, std::string why) {
  while (why.ends_with('\n')) why.pop_back();
  return fail(Failure::systemFailure, "app.deliver",
              "the secret was not delivered, and is not kept: " + program +
                  " says: " + (why.empty() ? std::string("nothing") : harmless(why)));
}

}  // namespace

Result<> check_deliverer(const server::Config& config) {
  if (!config.credentials.deliver.empty()) return {};
  return fail(Failure::systemFailure, "app.deliver-none",
              "nothing delivers secrets here: set credentials.deliver in the configuration to a "
              "program, or leave the address out");
}

Result<> deliver(const server::Config& config, const enrol::CredentialRecord& record,
                 const std::string& secret, const std::string& address) {
  TRY(check_deliverer(config));
  const std::string& program = config.credentials.deliver;
  boost::asio::io_context loop;
  issuer::Command command(loop.get_executor(), std::filesystem::absolute(program).string(), {});
  Result<std::string> said = std::string();
  command.ask(server::delivery_question(record, secret, config.public_url, address),
              config.credentials.deliver_time,
              [&](Result<std::string> answer) { said = std::move(answer); });
  loop.run();
  if (!said) {
    const Error& error = said.error();
    return not_delivered(program, error.code == "issuer.program-time" ? "it took too long"
                                  : error.detail.empty()              ? error.reply_text
                                                                      : error.detail);
  }
  if (!issuer::has_taken(*said)) return not_delivered(program, *said);
  return {};
}

}  // namespace countersign::app
