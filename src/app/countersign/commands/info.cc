// info (genm): CA certificates, the current CRL, and whatever else a server tells.
#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "app/common/terminal.h"
#include "app/countersign/commands.h"
#include "app/countersign/runner.h"
#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/inspect/body.h"
#include "client/question.h"
#include "client/root_update.h"
#include "crypto/digest.h"
#include "der/pem.h"
#include "message/info_type.h"
#include "message/operation_label.h"
#include "x509/crl.h"

namespace countersign::app {
namespace {

using client::Errand;
using Items = std::vector<message::InfoTypeAndValue>;

std::string type_name(const der::Oid& id) {
  const auto* type = message::find_info_type(id);
  return type == nullptr ? id.dotted() : std::string(type->name);
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

std::string pem_of_update(const message::RootCaKeyUpdateContent& update) {
  std::string out = "# the root certificate that follows, vouched for by the present one\n";
  out += certificate_pem(update.new_with_new);
  if (update.new_with_old) out += certificate_pem(*update.new_with_old);
  if (update.old_with_new) out += certificate_pem(*update.old_with_new);
  return out;
}

// What is neither certificate nor CRL, in words.
std::string comment(const message::InfoTypeAndValue& item) {
  client::Page page;
  client::show_info(page, item);
  std::istringstream lines(std::move(page).take());
  std::string out;
  for (std::string line; std::getline(lines, line);) out += "# " + harmless(line) + "\n";
  return out;
}

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
  if (const auto* update = std::get_if<message::RootCaKeyUpdateContent>(&*value))
    return pem_of_update(*update);
  if (!out.empty()) return out;
  if (item.value.empty()) return "# " + type_name(item.type) + ": the server has none\n";
  return comment(item);
}

// RFC 9483 §3.1 [MUST] certProfile in a genm of certReqTemplate alone
std::optional<std::string> profile_for(const Options& options, const Items& questions) {
  const bool of_requests = message::find(questions, message::it::certReqTemplate) != nullptr;
  return of_requests ? options.profile : std::nullopt;
}

Result<Errand> make_errand(const Options& options, const Items& questions) {
  Errand errand;
  if (options.carried())
    errand.journal = options.key.value_or(options.out.value_or("info")) + ".pending";
  errand.command = settings_of(options);
  errand.label = message::operation_label(questions.front());
  errand.start_over = options.start_over ? client::StartOver::yes : client::StartOver::no;
  errand.prepare = [&options, questions](Errand::Resuming,
                                         const client::Journal*) -> Result<Errand::Prepared> {
    return Errand::Prepared{TRY(parties_of(options, RootComes::never)),
                            [&options, questions]() -> Result<client::Request> {
                              return client::Request{
                                  client::information_request(questions),
                                  client::general_info(profile_for(options, questions),
                                                       client::Confirmation::explicit_)};
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

// A new root is shown, and accepted, only if the present one vouches for it.
Result<std::vector<client::VouchedRoot>> check(const Options& options, const Items& items) {
  std::vector<client::VouchedRoot> out;
  for (const auto& item : items) {
    const auto value = message::decode(item);
    if (!value) continue;
    if (const auto* update = std::get_if<message::RootCaKeyUpdateContent>(&*value))
      out.push_back(TRY(client::check_root_update(
          *update, TRY(trust_of(options, RootComes::never)).anchor_list, OsClock().now())));
  }
  return out;
}

Result<> accept(const Options& options, const std::vector<client::VouchedRoot>& roots) {
  if (!options.accept_root) return {};
  for (const auto& root : roots) {
    TRY(client::accept_root(*options.accept_root, root));
    notice(options, "accepted into " + *options.accept_root + ": root SHA-256 " +
                        to_fingerprint(crypto::sha256(root.der())));
  }
  if (roots.empty()) notice(options, "no root follows the present one");
  return {};
}

Result<> show(const Options& options, const Items& items) {
  std::string pem;
  for (const auto& item : items) pem += pem_of(item);
  // What is at hand stays where the server has nothing newer.
  const bool anything = pem.contains("-----BEGIN ");
  if (options.out && anything)
    TRY(client::write_file(*options.out, view(pem), client::Access::open));
  if (options.out && !anything)
    notice(options, "the server has nothing newer; " + *options.out + " is as it was");
  if (options.json) print(Stream::out, to_json(items));
  if (!options.json && !(options.out && anything)) print(Stream::out, pem);
  return {};
}

Result<Items> questions_of(const Options& options) {
  Items questions;
  const auto roots = TRY(trust_of(options, RootComes::never)).anchor_list;
  for (const auto& text : options.type)
    questions.push_back(TRY(client::question_from_text(text, roots)));
  const bool asks_root = std::ranges::any_of(
      questions, [](const auto& q) { return q.type == message::it::rootCaCert; });
  if (options.accept_root && !asks_root)
    questions.push_back(TRY(client::question_from_text("rootCaCert", roots)));
  if (options.profile && message::find(questions, message::it::certReqTemplate) == nullptr)
    return client::wrong_usage("--profile belongs to --type certReqTemplate; leave it out");
  if (questions.empty()) questions = {{message::it::caCerts, {}}, {message::it::currentCRL, {}}};
  if (options.carried() && questions.size() > 1)
    return client::wrong_usage(
        "a message that is carried by hand holds one question; give one --type");
  return questions;
}

}  // namespace

// RFC 9483 §4.3 [MUST] one InfoTypeAndValue in a message: each question is put by itself.
int info(const Options& options) {
  const auto questions = questions_of(options);
  if (!questions) return report_failure(options, questions.error());
  std::vector<Items> rounds;
  for (const auto& question : *questions) rounds.push_back({question});
  Items all;
  std::vector<client::VouchedRoot> vouched;
  for (const auto& round : rounds) {
    const bool last = &round == &rounds.back();
    const auto tell = [&](const Ran& ran) -> Result<> {
      TRY(client::check_answers(round, ran.outcome.information));
      for (auto& root : TRY(check(options, ran.outcome.information)))
        vouched.push_back(std::move(root));
      all.insert(all.end(), ran.outcome.information.begin(), ran.outcome.information.end());
      if (options.verbose) notice(options, trace(ran.outcome.messages, ran.took));
      if (!last) return {};
      TRY(show(options, all));
      return accept(options, vouched);
    };
    if (const int exit = run_errand(options, make_errand(options, round), tell); exit != 0)
      return exit;
  }
  return 0;
}

}  // namespace countersign::app
