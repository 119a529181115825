// info (genm): CA certificates, the current CRL, and whatever else a server tells.
#include <boost/json.hpp>

#include "app/common/terminal.h"
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "der/pem.h"
#include "message/info_type.h"
#include "x509/crl.h"

namespace countersign::app {
namespace {

using client::Errand;
using Items = std::vector<message::InfoTypeAndValue>;

std::string type_name(const der::Oid& id) {
  const auto* type = message::find_info_type(id);
  return type == nullptr ? id.dotted() : std::string(type->name);
}

Result<der::Oid> type_of(const std::string& name) {
  for (const auto& type : message::kInfoTypes)
    if (type.name == name) return type.id;
  der::Oid id;
  if (der::Oid::from_dotted(name, id)) return id;
  std::string known;
  for (const auto& type : message::kInfoTypes)
    known += (known.empty() ? "" : ", ") + std::string(type.name);
  return client::wrong_usage("--type is an OID or one of " + known);
}

std::string about_certificate(View der) {
  const auto parsed = x509::parse_certificate(der);
  if (!parsed) return "# a certificate that cannot be read\n";
  return "# certificate " + x509::to_text(parsed->subject) + ", by " +
         x509::to_text(parsed->issuer) + ", until " + to_date(parsed->validity.not_after) + "\n";
}

std::string about_crl(View der) {
  const auto parsed = x509::parse_crl(der);
  if (!parsed) return "# a CRL that cannot be read\n";
  return "# CRL of " + x509::to_text(parsed->fields.issuer) + ", " +
         std::to_string(parsed->fields.revoked.size()) + " revoked, until " +
         to_iso(parsed->fields.next_update) + "\n";
}

std::string certificate_pem(View der) {
  return harmless(about_certificate(der)) + der::to_pem("CERTIFICATE", der);
}
std::string crl_pem(View der) { return harmless(about_crl(der)) + der::to_pem("X509 CRL", der); }

std::string pem_of(const message::InfoTypeAndValue& item) {
  const auto value = message::decode(item);
  std::string out;
  if (!value) return "# " + type_name(item.type) + ": " + to_hex(item.value) + "\n";
  if (const auto* one = std::get_if<message::OneCertificate>(&*value))
    return certificate_pem(one->certificate);
  if (const auto* many = std::get_if<message::Certificates>(&*value))
    for (const auto& certificate : many->certificates) out += certificate_pem(certificate);
  if (const auto* one = std::get_if<message::OneCrl>(&*value)) return crl_pem(one->crl);
  if (const auto* many = std::get_if<message::Crls>(&*value))
    for (const auto& crl : many->crls) out += crl_pem(crl);
  if (!out.empty()) return out;
  return "# " + type_name(item.type) +
         (item.value.empty() ? ": the server has none" : ": " + to_hex(item.value)) + "\n";
}

Result<Errand> make_errand(const Options& options, std::vector<der::Oid> types) {
  Errand errand;
  if (options.carried())
    errand.journal = options.key.value_or(options.out.value_or("info")) + ".pending";
  errand.command = settings_of(options);
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.prepare = [&options, types](Errand::Resuming,
                                     const client::Journal*) -> Result<Errand::Prepared> {
    return Errand::Prepared{TRY(parties_of(options, RootComes::never)),
                            [types]() -> Result<client::Request> {
                              return client::Request{client::information_request(types), {}};
                            }};
  };
  return errand;
}

std::string to_json(const Items& items) {
  boost::json::array list;
  for (const auto& item : items)
    list.push_back({{"type", type_name(item.type)},
                    {"oid", item.type.dotted()},
                    {"value", to_hex(item.value)},
                    {"pem", pem_of(item)}});
  return boost::json::serialize(boost::json::object{{"operation", "info"}, {"items", list}}) + "\n";
}

Result<> show(const Options& options, const Items& items) {
  std::string pem;
  for (const auto& item : items) pem += pem_of(item);
  if (options.out) TRY(client::write_file(*options.out, view(pem), client::Access::open));
  if (options.json) print(Stream::out, to_json(items));
  if (!options.out && !options.json) print(Stream::out, pem);
  return {};
}

Result<std::vector<der::Oid>> types_of(const Options& options) {
  std::vector<der::Oid> types;
  for (const auto& name : options.type) types.push_back(TRY(type_of(name)));
  if (types.empty()) types = {message::it::caCerts, message::it::currentCRL};
  return types;
}

}  // namespace

// RFC 9483 §4.3 [MUST] one InfoTypeAndValue in a message: each type is asked for by itself, except
// where messages are carried by hand.
int info(const Options& options) {
  const auto types = types_of(options);
  if (!types) return report_failure(options, types.error());
  std::vector<std::vector<der::Oid>> rounds;
  if (options.carried()) rounds.push_back(*types);
  for (const auto& type : *types)
    if (!options.carried()) rounds.push_back({type});
  Items all;
  for (const auto& round : rounds) {
    const bool last = &round == &rounds.back();
    const auto tell = [&](const Ran& ran) -> Result<> {
      all.insert(all.end(), ran.outcome.information.begin(), ran.outcome.information.end());
      if (options.verbose) notice(options, trace(ran.outcome.messages, ran.took));
      return last ? show(options, all) : Result<>{};
    };
    if (const int exit = run_errand(options, make_errand(options, round), tell); exit != 0)
      return exit;
  }
  return 0;
}

}  // namespace countersign::app
