#include "client/inspect/body.h"

#include "client/inspect/template_text.h"
#include "crypto/algorithm_table.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/mac.h"
#include "message/info_type.h"
#include "protect/protection_table.h"
#include "x509/certificate.h"
#include "x509/crl.h"

namespace countersign::client {
namespace {

using message::PKIStatus;

std::string_view status_text(PKIStatus status) {
  constexpr std::string_view kTexts[] = {
      "accepted: you got exactly what you asked for",
      "grantedWithMods: you got something like what you asked for",
      "rejection: you do not get it",
      "waiting: not decided yet, poll for it",
      "revocationWarning: a revocation is imminent",
      "revocationNotification: a revocation has happened",
      "keyUpdateWarning: the update was done already"};
  return kTexts[static_cast<std::size_t>(status)];
}

void show_texts(Page& page, std::string_view name, const message::PKIFreeText& texts) {
  for (const auto& text : texts) page.line(name, "\"" + printable(text) + "\"");
}

void show_status(Page& page, const message::PKIStatusInfo& status) {
  page.line("status", status_text(status.status), "RFC 9810 §5.2.3");
  show_texts(page, "statusString", status.status_string);
  if (!status.fail_info) return;
  std::string bits;
  for (const Failure f : message::failures(*status.fail_info))
    bits += (bits.empty() ? "" : ", ") + std::string(name(f));
  page.line("failInfo", bits);
}

void show_id(Page& page, RequestId id) {
  page.line("certReqId", std::to_string(id.value),
            id == kWholeMessage ? "of a p10cr, or the whole message" : "");
}

struct Shower {
  Page& page;

  void operator()(const crmf::CertReqMessages& list) {
    for (std::size_t i = 0; i < list.size(); ++i)
      page.group("CertReqMsg " + std::to_string(i), "RFC 4211 §3",
                 [&] { show_request(page, list[i]); });
  }
  void operator()(const message::CertRepMessage& rep) {
    for (const auto& c : rep.ca_pubs) show_certificate(page, "caPubs", c);
    for (const auto& r : rep.response)
      page.group("CertResponse", "RFC 9810 §5.3.4", [&] {
        show_id(page, r.cert_req_id);
        show_status(page, r.status);
        if (r.certified_key_pair) show_pair(*r.certified_key_pair);
        if (r.rsp_info) page.line("rspInfo", shown(*r.rsp_info));
      });
  }
  void show_pair(const message::CertifiedKeyPair& pair) {
    if (const auto* c = std::get_if<message::CMPCertificate>(&pair.cert_or_enc_cert))
      show_certificate(page, "certificate", *c);
    else
      page.line("encryptedCert", "", "only the key's holder can read it; RFC 9810 §5.2.8.3.2");
    if (pair.private_key) page.line("privateKey", "encrypted", "made by the CA; RFC 9810 §5.3.4");
    if (pair.publication_info) page.line("publicationInfo", "present");
  }
  void operator()(const x509::CertificationRequest& csr) {
    page.line("subject", x509::to_text(csr.subject));
    page.line("subjectPublicKey", key_text(csr.spki));
    show_extensions(page, csr.extensions);
    page.line("signatureAlgorithm", algorithm_text(csr.signature_algorithm));
  }
  void operator()(const message::POPODecKeyChallContent& list) {
    for (const auto& c : list)
      page.group("Challenge", "RFC 9810 §5.2.8.3.3", [&] {
        if (c.owf) page.line("owf", algorithm_text(*c.owf));
        page.line("witness", shown(c.witness));
        page.line("challenge", c.encrypted_rand ? "in encryptedRand" : shown(c.challenge));
      });
  }
  void operator()(const message::POPODecKeyRespContent& list) {
    page.line("answers", std::to_string(list.integers.size()));
  }
  void operator()(const message::KeyRecRepContent& rep) {
    show_status(page, rep.status);
    if (rep.new_sig_cert) show_certificate(page, "newSigCert", *rep.new_sig_cert);
    for (const auto& c : rep.ca_certs) show_certificate(page, "caCerts", c);
    page.line("keyPairHist", std::to_string(rep.key_pair_hist.size()) + " entries");
  }
  void operator()(const message::RevReqContent& list) {
    for (const auto& r : list)
      page.group("RevDetails", "RFC 9810 §5.3.9", [&] {
        show_template(page, r.cert_details);
        show_extensions(page, r.crl_entry_details);
      });
  }
  void operator()(const message::RevRepContent& rep) {
    for (const auto& s : rep.status) show_status(page, s);
    for (const auto& id : rep.rev_certs)
      page.line("revCert", "serial " + to_hex(id.serial_number), "by " + x509::to_text(id.issuer));
    page.line("crls", std::to_string(rep.crls.size()));
  }
  void operator()(const message::CAKeyUpdContent& update) {
    if (const auto* v2 = std::get_if<message::CAKeyUpdAnnContent>(&update)) {
      show_certificate(page, "oldWithNew", v2->old_with_new);
      show_certificate(page, "newWithOld", v2->new_with_old);
      show_certificate(page, "newWithNew", v2->new_with_new);
      return;
    }
    const auto& v3 = std::get<message::RootCaKeyUpdateContent>(update);
    show_certificate(page, "newWithNew", v3.new_with_new);
    if (v3.new_with_old) show_certificate(page, "newWithOld", *v3.new_with_old);
    if (v3.old_with_new) show_certificate(page, "oldWithNew", *v3.old_with_new);
  }
  void operator()(const message::CertAnnContent& c) {
    show_certificate(page, "certificate", c.certificate);
  }
  void operator()(const message::RevAnnContent& r) {
    page.line("status", status_text(r.status));
    page.line("certId", "serial " + to_hex(r.cert_id.serial_number));
    page.line("willBeRevokedAt", to_iso(r.will_be_revoked_at));
    page.line("badSinceDate", to_iso(r.bad_since_date));
  }
  void operator()(const message::CRLAnnContent& list) {
    page.line("crls", std::to_string(list.crls.size()));
  }
  void operator()(const message::PKIConfirmContent&) {
    page.line("NULL", "", "the certConf has arrived; the transaction is over");
  }
  void operator()(const message::NestedMessageContent& nested) {
    for (std::size_t i = 0; i < nested.messages.size(); ++i) {
      const auto& m = nested.messages[i];
      page.group("PKIMessage " + std::to_string(i), message::name(m.body.type),
                 [&] { show_body(page, m.body); });
    }
  }
  void operator()(const message::InfoMsgContent& list) {
    if (list.items.empty()) page.line("no items", "", "send whatever you like to tell");
    for (const auto& item : list.items) show_info(page, item);
  }
  void operator()(const message::ErrorMsgContent& error) {
    show_status(page, error.status);
    if (error.error_code) page.line("errorCode", to_hex(*error.error_code));
    show_texts(page, "errorDetails", error.error_details);
  }
  void operator()(const message::CertConfirmContent& list) {
    if (list.empty()) page.line("no entries", "", "every certificate is rejected");
    for (const auto& s : list)
      page.group("CertStatus", "RFC 9810 §5.3.18", [&] {
        show_id(page, s.cert_req_id);
        page.line("certHash", shown(s.cert_hash));
        if (s.hash_alg) page.line("hashAlg", algorithm_text(*s.hash_alg));
        if (s.status_info)
          show_status(page, *s.status_info);
        else
          page.line("statusInfo", "absent", "accepted");
      });
  }
  void operator()(const message::PollReqContent& list) {
    for (const auto& r : list) show_id(page, r.cert_req_id);
  }
  void operator()(const message::PollRepContent& list) {
    for (const auto& r : list) {
      show_id(page, r.cert_req_id);
      page.line("checkAfter", std::to_string(r.check_after) + " s");
      show_texts(page, "reason", r.reason);
    }
  }
};

}  // namespace

std::string algorithm_text(const der::AlgorithmIdentifier& algorithm) {
  if (const auto resolved = crypto::resolve(algorithm)) return std::string(resolved->row->name);
  if (const auto digest = crypto::digest_from_oid(algorithm.algorithm))
    return std::string(crypto::name(*digest));
  if (const auto hmac = crypto::hmac_from_oid(algorithm.algorithm))
    return "hmac-" + std::string(crypto::name(*hmac));
  if (algorithm.algorithm == der::Oid::of("1.2.840.113533.7.66.13")) return "PasswordBasedMac";
  if (algorithm.algorithm == der::Oid::of("1.2.840.113549.1.5.14")) return "PBMAC1";
  if (const auto* row = protect::find_mac_protection(algorithm.algorithm))
    return std::string(row->name);
  return algorithm.algorithm.dotted();
}

void show_certificate(Page& page, std::string_view name, View der) {
  const auto c = x509::parse_certificate(der);
  if (!c) {
    page.line(name, shown(der), "no certificate that can be read");
    return;
  }
  page.group(name, "", [&] {
    page.line("subject", x509::to_text(c->subject));
    page.line("issuer", x509::to_text(c->issuer));
    page.line("serial", x509::serial_text(c->serial));
    page.line("validity", to_iso(c->validity.not_before) + " to " + to_iso(c->validity.not_after));
    page.line("key", key_text(c->spki));
    page.line("SHA-256", to_fingerprint(crypto::sha256(der)));
  });
}

namespace {

void show_crl(Page& page, View der) {
  const auto crl = x509::parse_crl(der);
  if (!crl) return page.line("CRL", shown(der), "cannot be read");
  page.line("CRL", x509::to_text(crl->fields.issuer) + ", " + to_iso(crl->fields.this_update) +
                       " to " + to_iso(crl->fields.next_update) + ", " +
                       std::to_string(crl->fields.revoked.size()) + " revoked");
}

std::string source_text(const message::CRLStatus& status) {
  if (const auto* point = std::get_if<message::CRLStatus::DistributionPointName>(&status.source)) {
    der::Context context(point->der);
    der::Reader in(point->der, context);
    const auto names = x509::read_general_names(in, der::context(0));
    return names && !names->empty() ? x509::to_text(names->front()) : shown(point->der);
  }
  std::string out;
  for (const auto& name : std::get<std::vector<x509::GeneralName>>(status.source))
    out += (out.empty() ? "" : ", ") + x509::to_text(name);
  return out;
}

// Of a public key: with the curve that its parameters name.
std::string key_kind_text(const der::AlgorithmIdentifier& algorithm) {
  for (const crypto::KeySpec& spec : crypto::kKeySpecs)
    if (crypto::key_algorithm(spec.kind) == algorithm) return std::string(crypto::name(spec.kind));
  return algorithm_text(algorithm);
}

std::string control_text(const crmf::Attribute& control) {
  der::Context context(control.value);
  der::Reader in(control.value, context);
  if (control.type == crmf::oids::rsa_key_len) {
    const auto bits = in.small_integer();
    if (bits) return "rsa" + std::to_string(*bits);
  }
  if (control.type == crmf::oids::alg_id)
    if (const auto algorithm = der::read_algorithm(in)) return key_kind_text(*algorithm);
  return control.type.dotted() + " " + shown(control.value);
}

// What stands in an InfoTypeAndValue.
struct InfoShower {
  Page& page;

  void operator()(const message::Absent&) {}
  void operator()(const message::NullValue&) {}
  void operator()(const message::OneCertificate& v) {
    show_certificate(page, "certificate", v.certificate);
  }
  void operator()(const message::Certificates& v) {
    for (const auto& c : v.certificates) show_certificate(page, "certificate", c);
  }
  void operator()(const message::OneCrl& v) { show_crl(page, v.crl); }
  void operator()(const message::Crls& v) {
    for (const auto& crl : v.crls) show_crl(page, crl);
  }
  void operator()(const der::AlgorithmIdentifier& v) { page.line("algorithm", algorithm_text(v)); }
  void operator()(const message::Algorithms& v) {
    for (const auto& a : v.algorithms) page.line("key", key_kind_text(a));
  }
  void operator()(const der::Oid& v) { page.line("OID", v.dotted()); }
  void operator()(const message::Oids& v) {
    for (const auto& id : v.oids) (*this)(id);
  }
  void operator()(const message::Texts& v) {
    for (const auto& t : v.texts) page.line("text", "\"" + printable(t) + "\"");
  }
  void operator()(const Time& v) { page.line("time", to_iso(v)); }
  void operator()(const crmf::EncryptedKey&) { page.line("value", "encrypted"); }
  void operator()(const message::CAKeyUpdAnnContent& v) {
    show_certificate(page, "oldWithNew", v.old_with_new);
    show_certificate(page, "newWithOld", v.new_with_old);
    show_certificate(page, "newWithNew", v.new_with_new);
  }
  void operator()(const message::RootCaKeyUpdateContent& v) {
    show_certificate(page, "newWithNew", v.new_with_new);
    if (v.new_with_old) show_certificate(page, "newWithOld", *v.new_with_old);
    if (v.old_with_new) show_certificate(page, "oldWithNew", *v.old_with_new);
  }
  void operator()(const message::CertReqTemplateContent& v) {
    page.group("certTemplate", "what is empty is for the requester to fill in",
               [&] { show_template(page, v.cert_template); });
    for (const auto& control : v.key_spec) page.line("keySpec", control_text(control));
  }
  void operator()(const message::CrlStatuses& v) {
    for (const auto& status : v.statuses)
      page.line("source", source_text(status),
                status.this_update ? "newer than " + to_iso(status.this_update->value) : "");
  }
  void operator()(const message::KemCiphertextInfo& v) {
    page.line("kem", algorithm_text(v.kem));
    page.line("ct", shown(v.ct));
  }
  void operator()(const message::OrigMessages& v) {
    page.line("messages", std::to_string(v.messages.size()));
  }
};

}  // namespace

void show_info(Page& page, const message::InfoTypeAndValue& item) {
  const auto* type = message::find_info_type(item.type);
  const std::string name = type != nullptr ? std::string(type->name) : item.type.dotted();
  const std::string_view section = type != nullptr ? type->section : "unknown type";
  const auto value = message::decode(item);
  if (item.value.empty() || !value) {
    page.line(name, item.value.empty() ? "no value" : shown(item.value), section);
    return;
  }
  page.group(name, section, [&] { std::visit(InfoShower{page}, *value); });
}

void show_body(Page& page, const message::PKIBody& body) { std::visit(Shower{page}, body.content); }

}  // namespace countersign::client
