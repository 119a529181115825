// A CA for TLS, and what it certifies: made now, so that nothing in the tree expires.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/os_clock.h"
#include "crypto/keys.h"
#include "crypto/sign.h"
#include "crypto/tls_context.h"
#include "x509/certificate.h"

namespace countersign::test {

inline crypto::PrivateKey new_p256() {
  return crypto::PrivateKey::generate(*crypto::key_spec("p256"));
}

class TlsAuthority {
 public:
  explicit TlsAuthority(std::string name) : name_(std::move(name)) {
    certificate_ = certify(name_, key_, {x509::make_basic_constraints({true, {}})}, 0, 3600);
  }
  const Bytes& certificate() const { return certificate_; }
  const std::string& name() const { return name_; }

  struct Wish {
    std::string cn = "leaf";
    std::vector<std::string> names = {};  // "dns:localhost", "ip:127.0.0.1"
    der::Oid purpose = x509::oids::kp_server_auth;
    long from = -60, to = 3600;  // seconds from now
  };
  crypto::TlsIdentity issue(const Wish& wish) const {
    const auto key = new_p256();
    x509::Extensions extensions{x509::make_ext_key_usage({wish.purpose})};
    std::vector<x509::GeneralName> names;
    names.reserve(wish.names.size());
    for (const auto& name : wish.names) names.push_back(x509::general_name_from_text(name).value());
    if (!names.empty()) extensions.push_back(x509::make_subject_alt_name(names, false));
    return {{certify(wish.cn, key, std::move(extensions), wish.from, wish.to)}, key};
  }
  crypto::TlsIdentity server(const std::string& name = "ip:127.0.0.1") const {
    return issue({.cn = "server", .names = {name}});
  }
  crypto::TlsIdentity client() const {
    return issue({.cn = "client", .purpose = x509::oids::kp_client_auth});
  }
  // What trusts this CA alone.
  crypto::TlsContext trusting() const {
    return crypto::TlsContext::for_client(
               {.anchors = {certificate_}, .system = crypto::SystemAnchors::left_out})
        .value();
  }
  crypto::TlsContext trusting(crypto::TlsIdentity own) const {
    return crypto::TlsContext::for_client({.anchors = {certificate_},
                                           .system = crypto::SystemAnchors::left_out,
                                           .identity = std::move(own)})
        .value();
  }

 private:
  Bytes certify(const std::string& cn, const crypto::PrivateKey& key, x509::Extensions extensions,
                long from, long to) const {
    const Time now = OsClock().now();
    x509::CertificateFields fields;
    fields.serial = {1, ++serial_};
    fields.signature_algorithm = key_.default_signature_algorithm();
    fields.issuer = x509::common_name(name_);
    fields.subject = x509::common_name(cn);
    fields.validity = {now + Seconds{from}, now + Seconds{to}};
    fields.spki = copy(key.public_key().spki());
    fields.extensions = std::move(extensions);
    const Bytes tbs = x509::encode_tbs(fields);
    return x509::join_signed(tbs, fields.signature_algorithm,
                             crypto::sign(key_, fields.signature_algorithm, tbs).value());
  }

  std::string name_;
  crypto::PrivateKey key_ = new_p256();
  mutable Byte serial_ = 0;
  Bytes certificate_;
};

}  // namespace countersign::test
