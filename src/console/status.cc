// What the server is, and who asks.
#include "console/routes.h"
#include "crypto/digest.h"
#include "x509/certificate.h"

namespace countersign::console {
namespace {

boost::json::array authorities(const Call& call) {
  boost::json::array out;
  const auto publications = call.at.publications ? call.at.publications() : nullptr;
  if (!publications) return out;
  for (const Bytes& der : publications->ca_certificates)
    if (const auto certificate = x509::parse_certificate(der))
      out.push_back(boost::json::object{{"subject", x509::to_text(certificate->subject)},
                                        {"not_after", to_iso(certificate->validity.not_after)},
                                        {"fingerprint", to_hex(crypto::sha256(der))}});
  return out;
}

boost::json::array signers(const Call& call) {
  boost::json::array out;
  const auto all = call.at.signers ? call.at.signers() : nullptr;
  if (!all) return out;
  for (const auto& [files, one] : *all) {
    boost::json::object entry{
        {"profiles", boost::json::array(one.profiles.begin(), one.profiles.end())},
        {"subject", nullptr},
        {"not_after", nullptr},
        {"trouble", one.trouble}};
    if (one.signer != nullptr) {
      entry["subject"] = x509::to_text(one.signer->certificate.subject);
      entry["not_after"] = to_iso(one.signer->certificate.validity.not_after);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

Handled show_status(const Call& call) {
  return json_response(200, {{"version", COUNTERSIGN_VERSION},
                             {"now", to_iso(call.now)},
                             {"authorities", authorities(call)},
                             {"cmp_signers", signers(call)}});
}

Handled show_me(const Call& call) {
  boost::json::array roles;
  for (const Role role : call.by.roles) roles.emplace_back(name(role));
  return json_response(200, {{"name", call.by.name}, {"roles", std::move(roles)}});
}

}  // namespace countersign::console
