// Certificate templates: what a certificate of a kind looks like and what may be asked for in it.
// RFC 5280 for what they contain; RFC 9810 §5.3.4 for grantedWithMods.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crmf/crmf.h"
#include "crypto/algorithm_table.h"
#include "crypto/weak_key.h"
#include "enrol/extension_rule.h"
#include "enrol/field.h"
#include "enrol/field_rule.h"
#include "enrol/name_limits.h"
#include "message/authenticated.h"
#include "transaction/values.h"
#include "x509/extension.h"

namespace countersign::enrol {

// What happens to a requested extension or value that the template does not provide for.
enum class Outside { drop, refuse };  // grantedWithMods | badCertTemplate
enum class SanKinds : unsigned { none = 0, dns = 1, ip = 2, email = 4, uri = 8, other = 16 };

struct Template {
  std::string name;                    // "device"
  std::string based_on;                // whose fields it has where none were set
  std::string summary;                 // one line for people
  std::vector<std::string> key_kinds;  // "rsa", "p256", "p384", "p521", "ed25519", "ml-dsa-65" …
  int min_rsa_bits = 2048;
  x509::KeyUsages key_usage;  // for keys that sign; keyEncipherment is added for RSA
  bool key_encipherment_for_rsa = false;
  bool exchanges_on_request = true;  // keyEncipherment for RSA, keyAgreement for EC
  std::vector<der::Oid> purposes;    // extKeyUsage; empty: none
  unsigned san_kinds = 0;            // SanKinds that may be asked for
  bool san_required = false;
  bool subject_required = true;     // else an empty subject is granted when a SAN is there
  Seconds validity{365LL * 86400};  // when none is asked for
  Seconds longest_validity{825LL * 86400};
  Outside outside = Outside::drop;
  bool lint_cabf = false;  // rules beside those of RFC 5280 (enrol/lint.h)
  bool lint_three_gpp = false;
  bool may_grant_cmp_purposes = false;  // cmcCA, cmcRA, cmKGA on request
  bool by_credential_only = false;      // for credentials that name it, and updates of what it made
  std::vector<FieldRule> subject = {};  // empty: as it is asked for
  std::vector<FieldRule> alternative_names = {};  // the same; else they are the kinds, too
  std::vector<der::Oid> policies = {};            // certificatePolicies
  std::vector<ExtensionRule> extensions = {};     // beside those that a CA writes
  NameLimits limits = {};
};

std::span<const Field<Template>> template_fields();

// Kinds of alternative names that there may be.
unsigned san_kinds_of(const Template& t) noexcept;
// Does any of its names come from the device registry?
bool asks_for_device(const Template& t) noexcept;

// tls-server, tls-client, device (the default), smime, vpn, ra; in this order.
std::span<const Template> built_in_templates();
const Template* find_template(std::span<const Template> templates, std::string_view name);

// A certificate order from what was asked, under the template. The public key is strong enough and
// of an allowed kind (badCertTemplate otherwise; the sentence names the field and what is allowed);
// names are not checked here. notBefore is backdated by `backdate`; a requested validity is kept
// inside [now - backdate, now + longest]. `asked.public_key` must be present and not empty.
// `kept`: the extensions of a certificate that is updated; its keyUsage and extKeyUsage stay, as
// far as the template allows them.
Result<transaction::CertificateOrder> grant(const Template& t, const crmf::CertTemplate& asked,
                                            Time now, Seconds backdate,
                                            const x509::Extensions& kept = {},
                                            const crypto::WeakKeyPolicy& keys = {});
// The same for a key that is yet to be made: the order has no spki, and the template allows `kind`.
Result<transaction::CertificateOrder> grant_without_key(const Template& t,
                                                        const crmf::CertTemplate& asked,
                                                        crypto::KeyKind kind, Time now,
                                                        Seconds backdate,
                                                        const x509::Extensions& kept = {});
// The same for PKCS #10: as the CertTemplate it stands for.
crmf::CertTemplate as_template(const x509::CertificationRequest& csr);

}  // namespace countersign::enrol
