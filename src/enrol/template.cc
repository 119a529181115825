// The templates that are built in, and PKCS #10 as the CertTemplate it stands for.
#include "enrol/template.h"

#include <algorithm>

#include "crypto/algorithm_table.h"

namespace countersign::enrol {
namespace {

using x509::KeyUsage;
namespace oid = x509::oids;

constexpr unsigned bits(std::initializer_list<SanKinds> kinds) {
  unsigned out = 0;
  for (const SanKinds kind : kinds) out |= static_cast<unsigned>(kind);
  return out;
}

// What all of them have in common: every key that can sign.
Template make(std::string name, std::string summary) {
  Template t;
  t.name = std::move(name);
  t.summary = std::move(summary);
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (const std::string kind(crypto::name(spec.kind));
        crypto::can_sign(spec.kind) && std::ranges::find(t.key_kinds, kind) == t.key_kinds.end())
      t.key_kinds.push_back(kind);
  t.key_usage = x509::usages({KeyUsage::digitalSignature});
  t.subject_required = false;
  return t;
}

Template tls_server() {
  Template t = make("tls-server", "TLS servers: host names or addresses in subjectAltName");
  t.key_encipherment_for_rsa = true;
  t.purposes = {oid::kp_server_auth};
  t.san_kinds = bits({SanKinds::dns, SanKinds::ip});
  t.san_required = true;
  t.longest_validity = Seconds{398LL * 86400};
  return t;
}

Template tls_client() {
  Template t = make("tls-client", "TLS clients: people and programs that log in");
  t.purposes = {oid::kp_client_auth};
  t.san_kinds = bits({SanKinds::dns, SanKinds::email, SanKinds::uri});
  return t;
}

Template device() {
  Template t = make("device", "devices that both call and are called over TLS");
  t.purposes = {oid::kp_client_auth, oid::kp_server_auth};
  t.san_kinds = bits({SanKinds::dns, SanKinds::ip, SanKinds::uri, SanKinds::email});
  return t;
}

Template smime() {
  Template t = make("smime", "signed and encrypted mail: a mail address in subjectAltName");
  t.key_usage = x509::usages({KeyUsage::digitalSignature, KeyUsage::nonRepudiation});
  t.key_encipherment_for_rsa = true;
  t.purposes = {oid::kp_email_protection};
  t.san_kinds = bits({SanKinds::email});
  t.san_required = true;
  return t;
}

Template vpn() {
  Template t = make("vpn", "IPsec and TLS gateways and their clients");
  t.purposes = {oid::kp_ipsec_ike, oid::kp_server_auth, oid::kp_client_auth};
  t.san_kinds = bits({SanKinds::dns, SanKinds::ip, SanKinds::email});
  return t;
}

// RFC 9810 §8.10: a certificate with this purpose lets its holder speak for others, so an officer
// decides who may ask for one.
Template ra() {
  Template t = make("ra", "registration authorities: for a secret that names this template only");
  t.purposes = {oid::kp_cmc_ra};
  t.exchanges_on_request = false;
  t.subject_required = true;
  t.by_credential_only = true;
  return t;
}

}  // namespace

std::span<const Template> built_in_templates() {
  static const std::vector<Template> templates = {tls_server(), tls_client(), device(),
                                                  smime(),      vpn(),        ra()};
  return templates;
}

const Template* find_template(std::span<const Template> templates, std::string_view name) {
  const auto found = std::ranges::find(templates, name, &Template::name);
  return found == templates.end() ? nullptr : &*found;
}

crmf::CertTemplate as_template(const x509::CertificationRequest& csr) {
  crmf::CertTemplate out;
  out.subject = csr.subject;
  out.public_key = csr.spki;
  out.extensions = csr.extensions;
  return out;
}

}  // namespace countersign::enrol
