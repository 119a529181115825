// countersignd operator add: who may use the API. What it may do, and all else about it, is an
// object: `countersignd object … operator`.

#include <boost/json.hpp>
#include <iostream>

#include "app/common/terminal.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/init.h"
#include "crypto/digest.h"
#include "der/pem.h"
#include "server/administration.h"
#include "server/officer.h"

namespace countersign::app {
namespace {

using enrol::ObjectKind;

constexpr const char* kAuthor = "local";
constexpr const char* kTokenBegins = "cst_";  // so that a token that lies about is known for one

Result<std::string> fingerprint_of(const std::string& file) {
  const Bytes content = TRY(read_named_file("--certificate", file));
  const auto blocks =
      der::from_pem({reinterpret_cast<const char*>(content.data()), content.size()});
  const Bytes& der = blocks && !blocks->empty() ? blocks->front().der : content;
  TRY(x509::parse_certificate(der));
  return to_hex(crypto::sha256(der));
}

struct New {
  enrol::ObjectChange change;
  std::string token;  // shown this once; empty: it has none
};

Result<New> make(const Host& host, ports::Ledger& ledger, const OperatorOptions& options) {
  New out;
  auto& object = out.change.object;
  object.kind = ObjectKind::operator_account;
  object.name = options.name;
  for (auto& one : TRY(ledger.objects())) {
    if (one.kind != object.kind || one.name != object.name) continue;
    if (!options.renew)
      return fail(
          Failure::systemFailure, "app.operator-exists",
          "there is an operator " + options.name + " already; --renew gives it another token");
    object = std::move(one);
  }
  if (!options.roles.empty() || object.version == 0) object.fields["roles"] = options.roles;
  if (!options.email.empty()) object.fields["email"] = options.email;
  if (!options.certificate.empty())
    object.fields["certificate"] = TRY(fingerprint_of(options.certificate));
  if (!options.certificate.empty() && !options.renew) return out;
  out.token = kTokenBegins + server::random_secret(host.entropy);
  object.fields["token"] = to_hex(crypto::sha256(view(out.token)));
  return out;
}

Result<int> add(const Host& host, const OperatorOptions& options) {
  const auto data =
      TRY(open_data(options.data, store::Exclusive::no, host.entropy, host.clock.now()));
  const auto config = TRY(load_config(options.data, {}));
  auto fresh = TRY(make(host, *data.store, options));
  server::Administration administration(*data.store, config.cmp);
  TRY(administration.change({std::move(fresh.change)}, kAuthor, host.clock.now()));
  if (options.json) {
    boost::json::object out{{"name", options.name}};
    if (!fresh.token.empty()) out["token"] = fresh.token;
    std::cout << boost::json::serialize(out) << "\n";
    return kDone;
  }
  if (fresh.token.empty())
    std::cout << "operator " << options.name << ", by its certificate\n";
  else
    std::cout << "operator " << options.name << "   token " << fresh.token
              << "   (shown this once)\n";
  return kDone;
}

}  // namespace

int run_operator_add(const Host& host, const OperatorOptions& options) {
  const auto code = add(host, options);
  return code ? *code : report(code.error());
}

}  // namespace countersign::app
