#include "client/inspect/template_text.h"

#include "client/inspect/body.h"
#include "crypto/keys.h"
#include "crypto/sign.h"

namespace countersign::client {
namespace {

std::string san_text(View value) {
  const auto names = x509::read_subject_alt_name(value);
  if (!names) return "malformed";
  std::string out;
  for (const auto& n : *names) out += (out.empty() ? "" : ", ") + x509::to_text(n);
  return out;
}

std::string usage_text(View value) {
  const auto bits = x509::read_key_usage(value);
  if (!bits) return "malformed";
  std::string out;
  for (std::size_t i = 0; i < bits->size(); ++i)
    if (bits->test(i))
      out += (out.empty() ? "" : ", ") + std::string(x509::name(static_cast<x509::KeyUsage>(i)));
  return out;
}

std::string purposes_text(View value) {
  const auto purposes = x509::read_ext_key_usage(value);
  if (!purposes) return "malformed";
  std::string out;
  for (const auto& p : *purposes) out += (out.empty() ? "" : ", ") + p.dotted();
  return out;
}

std::string extension_name(const der::Oid& id) {
  if (id == x509::oids::subject_alt_name) return "subjectAltName";
  if (id == x509::oids::key_usage) return "keyUsage";
  if (id == x509::oids::ext_key_usage) return "extKeyUsage";
  return "extension " + id.dotted();
}

// The proof is checked when the request holds all that it covers.
std::string proof_verdict(const crmf::CertReqMsg& r, const crmf::POPOSigningKey& proof) {
  const auto& spki = proof.popo_sk_input ? std::optional<Bytes>(proof.popo_sk_input->public_key)
                                         : r.cert_req.cert_template.public_key;
  if (!spki) return "no public key to check it with";
  const auto key = crypto::PublicKey::from_spki(*spki);
  if (!key) return "the public key cannot be read";
  const Bytes covered = proof.popo_sk_input ? crmf::encode(*proof.popo_sk_input) : r.cert_req_der;
  const auto good =
      crypto::verify(*key, proof.algorithm_identifier, covered, proof.signature.octets);
  return good ? "verifies: the sender has the private key" : "DOES NOT VERIFY";
}

void show_proof(Page& page, const crmf::CertReqMsg& r) {
  if (!r.popo) {
    page.line("popo", "absent", "no proof of possession");
  } else if (std::holds_alternative<crmf::RaVerified>(*r.popo)) {
    page.line("popo", "raVerified", "an RA says that it has checked; RFC 4211 §4");
  } else if (const auto* proof = std::get_if<crmf::POPOSigningKey>(&*r.popo)) {
    page.group("popo", "signature; RFC 4211 §4.1", [&] {
      page.line("algorithm", algorithm_text(proof->algorithm_identifier));
      page.line("poposkInput", proof->popo_sk_input ? "present" : "absent");
      page.line("signature", proof_verdict(r, *proof));
    });
  } else {
    page.line(
        "popo",
        std::holds_alternative<crmf::KeyEncipherment>(*r.popo) ? "keyEncipherment" : "keyAgreement",
        "proved in a later message, or by an encrypted key; RFC 4211 §4.2");
  }
}

}  // namespace

std::string key_text(View spki) {
  const auto key = crypto::PublicKey::from_spki(spki);
  if (!key) return "unreadable (" + std::string(key.error().code) + ")";
  return std::string(crypto::name(key->kind())) + ", " + std::to_string(key->bits()) + " bits";
}

void show_extensions(Page& page, const x509::Extensions& extensions) {
  for (const auto& e : extensions) {
    const std::string_view critical = e.critical ? "critical" : "";
    if (e.value.empty())
      page.line(extension_name(e.id), "(empty)", critical);
    else if (e.id == x509::oids::subject_alt_name)
      page.line("subjectAltName", printable(san_text(e.value)), critical);
    else if (e.id == x509::oids::key_usage)
      page.line("keyUsage", usage_text(e.value), critical);
    else if (e.id == x509::oids::ext_key_usage)
      page.line("extKeyUsage", purposes_text(e.value), critical);
    else if (e.id == x509::oids::reason_code)
      page.line("reasonCode",
                std::string(x509::reason_name(x509::read_reason_code(e.value).value_or(0))));
    else
      page.line("extension " + e.id.dotted(), shown(e.value), critical);
  }
}

void show_template(Page& page, const crmf::CertTemplate& t) {
  if (t.version) page.line("version", std::to_string(*t.version));
  if (t.serial_number) page.line("serialNumber", to_hex(*t.serial_number));
  if (t.signing_alg) page.line("signingAlg", algorithm_text(*t.signing_alg));
  if (t.issuer) page.line("issuer", x509::to_text(*t.issuer));
  if (t.validity) {
    if (t.validity->not_before) page.line("notBefore", to_iso(t.validity->not_before->value));
    if (t.validity->not_after) page.line("notAfter", to_iso(t.validity->not_after->value));
  }
  if (t.subject) page.line("subject", x509::to_text(*t.subject));
  if (t.public_key) page.line("publicKey", key_text(*t.public_key));
  show_extensions(page, t.extensions);
}

void show_request(Page& page, const crmf::CertReqMsg& r) {
  page.line("certReqId", std::to_string(r.cert_req.cert_req_id.value));
  page.group("certTemplate", "RFC 4211 §5", [&] { show_template(page, r.cert_req.cert_template); });
  for (const auto& c : r.cert_req.controls)
    page.line("control " + c.type.dotted(), shown(c.value), "RFC 4211 §6");
  show_proof(page, r);
}

}  // namespace countersign::client
