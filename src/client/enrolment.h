// What the client asks for, as message bodies. RFC 9483 §4.1 to §4.3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/keys.h"
#include "message/message.h"

namespace countersign::client {

struct CertificateWish {
  x509::Name subject;
  std::vector<x509::GeneralName> alternative_names;
  std::optional<Seconds> lifetime = {};
  std::optional<crmf::CertId> replaces = {};       // oldCertID of a kur
  std::string reg_token = {}, authenticator = {};  // RFC 4211 §6.1, §6.2; empty: none
  // As a certReqTemplate wants them:
  x509::Extensions extensions = {};  // further ones
  std::optional<x509::Name> issuer = {};
  std::optional<crmf::OptionalValidity> validity = {};  // comes before lifetime
};

// ir, cr or kur with one request, its possession of the key proved by signature.
Result<message::PKIBody> certificate_request(message::BodyType type, const CertificateWish& wish,
                                             const crypto::PrivateKey& key, Time now);
// ir, cr or kur for a key that the server is to make, of a kind or of its choice (RFC 9483 §4.1.6).
message::PKIBody central_key_request(message::BodyType type, const CertificateWish& wish,
                                     std::optional<crypto::KeyKind> kind, Time now);
// The token of a wish goes into challengePassword.
Result<Bytes> make_csr(const CertificateWish& wish, const crypto::PrivateKey& key);
Result<message::PKIBody> pkcs10_request(View csr);

struct CertificateId {
  x509::Name issuer;
  Bytes serial;  // INTEGER content octets
};
message::PKIBody revocation_request(const CertificateId& certificate, int reason);
message::PKIBody information_request(std::vector<message::InfoTypeAndValue> questions);

enum class Confirmation { explicit_, implicit };
// certProfile and implicitConfirm, for generalInfo.
std::vector<message::InfoTypeAndValue> general_info(const std::optional<std::string>& profile,
                                                    Confirmation confirmation);

}  // namespace countersign::client
