#include "enrol/purposes.h"

#include <algorithm>
#include <array>

#include "x509/extension.h"

namespace countersign::enrol {
namespace {

namespace oid = x509::oids;

struct Purpose {
  std::string_view name;
  der::Oid id;
};
constexpr std::array kPurposes = {
    Purpose{"serverAuth", oid::kp_server_auth},
    Purpose{"clientAuth", oid::kp_client_auth},
    Purpose{"codeSigning", der::Oid::of("1.3.6.1.5.5.7.3.3")},
    Purpose{"emailProtection", oid::kp_email_protection},
    Purpose{"timeStamping", der::Oid::of("1.3.6.1.5.5.7.3.8")},
    Purpose{"OCSPSigning", der::Oid::of("1.3.6.1.5.5.7.3.9")},
    Purpose{"ipsecIKE", oid::kp_ipsec_ike},
    Purpose{"cmcCA", oid::kp_cmc_ca},
    Purpose{"cmcRA", oid::kp_cmc_ra},
    Purpose{"cmKGA", oid::kp_cm_kga},
};

}  // namespace

std::optional<der::Oid> purpose_named(std::string_view text) {
  const auto known = std::ranges::find(kPurposes, text, &Purpose::name);
  if (known != kPurposes.end()) return known->id;
  der::Oid id;
  if (!der::Oid::from_dotted(text, id)) return std::nullopt;
  return id;
}

std::string purpose_text(const der::Oid& purpose) {
  const auto known = std::ranges::find(kPurposes, purpose, &Purpose::id);
  return known == kPurposes.end() ? purpose.dotted() : std::string(known->name);
}

}  // namespace countersign::enrol
