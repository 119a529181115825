// The routes below /api/v1/ca-keys.
#include "console/ca_keys.h"

#include "console/page.h"
#include "console/routes.h"
#include "crypto/digest.h"
#include "crypto/keys.h"

namespace countersign::console {
namespace {

Outcome<> check_has_ca(const Call& call) {
  if (call.at.ca_keys.all) return {};
  return refuse(404, "console.no-ca",
                "this server is a registration authority: the keys of its CA are that CA's "
                "operator's to see and to replace");
}

std::string name_of(const CaKey& key) {
  return std::string(key.authority.empty() ? enrol::kDefaultAuthority : key.authority) + "/" +
         std::string(key.role) + "/" + std::to_string(key.generation);
}

// As the body has it, if there is such a CA.
Outcome<NewCaKey> wanted(const Call& call) {
  NewCaKey out;
  out.role = call.body.text("role");
  out.algorithm = call.body.text("algorithm");
  out.by = audit_name(call.by);
  const auto* spec = crypto::key_spec(out.algorithm);
  if (!out.algorithm.empty() && (spec == nullptr || !crypto::can_sign(spec->kind)))
    return refuse({"/algorithm", out.algorithm, "a key algorithm that can sign: p256, rsa3072 …"});
  const std::string authority = call.body.text("authority", std::string(enrol::kDefaultAuthority));
  if (authority == enrol::kDefaultAuthority) return out;
  std::string known(enrol::kDefaultAuthority);
  for (const CaKey& key : TRY(call.at.ca_keys.all())) {
    if (key.authority == authority) out.authority = authority;
    if (key.present && key.role == "issuing" && !key.authority.empty())
      known += ", " + key.authority;
  }
  if (out.authority.empty()) return refuse({"/authority", authority, "one of " + known});
  return out;
}

}  // namespace

std::string_view state_of(const CaKey& key, Time now) {
  if (now >= key.certificate.validity.not_after) return "expired";
  return key.present ? "present" : "earlier";
}

boost::json::object to_json(const CaKey& key, Time now) {
  const x509::Certificate& certificate = key.certificate;
  return {{"authority", key.authority.empty() ? enrol::kDefaultAuthority : key.authority},
          {"role", key.role},
          {"generation", key.generation},
          {"state", state_of(key, now)},
          {"subject", x509::to_text(certificate.subject)},
          {"issuer", x509::to_text(certificate.issuer)},
          {"serial", x509::serial_text(certificate.serial)},
          {"algorithm", key.algorithm},
          {"not_before", to_iso(certificate.validity.not_before)},
          {"not_after", to_iso(certificate.validity.not_after)},
          {"fingerprint", to_hex(crypto::sha256(certificate.der))}};
}

Handled list_ca_keys(const Call& call) {
  TRY(check_has_ca(call));
  const auto row = [&](const CaKey& key) { return to_json(key, call.now); };
  return page_by_key(call, TRY(call.at.ca_keys.all()), name_of, row);
}

Handled add_ca_key(const Call& call) {
  TRY(check_has_ca(call));
  auto made = call.at.ca_keys.make(TRY(wanted(call)));
  if (made) return json_response(201, to_json(*made, call.now));
  Problem problem(std::move(made).error());
  if (problem.code == "app.shared-root") problem.status = 409;
  return std::unexpected(std::move(problem));
}

}  // namespace countersign::console
