// Who may have what: name rules of credentials and anchors, and who may touch which certificate.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "enrol/field.h"
#include "enrol/records.h"
#include "message/authenticated.h"
#include "transaction/values.h"
#include "x509/certificate.h"

namespace countersign::enrol {

// A rule says which names a sender may ask for:
//   self      MAC: CN and every SAN equal the reference (or the subject is absent); signature: the
//             subject is that of the protection certificate (or absent), every SAN one of its SANs.
//             An RA asks for others: `self` does not bind it, a list does.
//   any       everything
//   a list    "a.example,b.example"  each CN and SAN value equals one of these
//   a pattern "*.example"            * stands for any characters but a dot; ** for any
// A list's entries may be patterns. Under `self` (MAC) and a list a subject has a CN; emailAddress
// and UID in it are compared as CN is, other attributes are not. ASCII case does not count, but in
// URIs. Mail addresses are compared with entries that have an @, URIs with those that have a colon,
// both with "**"; directoryName and otherName are for `any` and `self`.
Result<> check_name_rule(std::string_view rule);           // well-formed? "rights.name-rule"
bool to_name_rule(std::string& out, const FieldValue& v);  // a cell of a table
// Failure::notAuthorized, "rights.name": which name is outside, and what the rule allows.
// `Named::in_part`: these are the names that were asked for, beside others that the certificate
// gets from its template; so the subject needs no CN, and under `self` by signature each attribute
// of it is one of the protection certificate's.
enum class Named : Byte { in_full, in_part };
Result<> check_names(std::string_view rule, const x509::Name& subject,
                     std::span<const x509::GeneralName> sans, const message::Sender& sender,
                     Named named = Named::in_full);

// The entries of a list, for one value of a subject, or one alternative name. `rule` is no `self`.
bool allows(std::string_view rule, std::string_view value);
bool allows(std::string_view rule, const x509::GeneralName& name);

// kur (RFC 9810 §5.3.5, RFC 9483 §4.1.3): which certificate is updated, and may this sender?
// By signature: by that same certificate, or an RA. By secret: only certificates issued under that
// reference, and never under a shared one. Errors: badCertId (unknown, another CA's, oldCertID and
// signer differ), certRevoked (revoked or expired), notAuthorized, badCertTemplate (subject or SAN
// differ from the old one: for those who are not RA).
// `found` are our certificates that the request names (oldCertID, or the protection certificate).
// `our_issuers` are the names of our issuing CAs, the present one first: a certificate of an
// earlier one is ours too, and named by the issuer that it has. Codes: rights.update-unnamed,
// -unknown, -issuer, -signer, -unconfirmed, -revoked, -expired, -subject, -san;
// rights.shared-secret, rights.other-reference.
struct UpdateRequest {
  std::optional<crmf::CertId> old_cert_id;
  x509::Name subject;
  bool has_subject = false;
  std::optional<std::vector<x509::GeneralName>> sans;  // nullopt: none asked for, any will do
};
Result<const CertificateRecord*> check_update(const UpdateRequest& request,
                                              std::span<const CertificateRecord> found,
                                              std::span<const x509::Name> our_issuers,
                                              const message::Sender& sender,
                                              const CredentialRecord* credential, Time now);

// kur: may the update keep its key, and may what was updated before be updated again? `spki` is
// empty where the key is made here. Errors: badCertTemplate "rights.same-key", badRequest
// "rights.update-again".
struct UpdatePolicy {
  // RFC 9810 §5.3.5: the current key may not be appropriate for some environments.
  enum class SameKey { allow, refuse } same_key = SameKey::allow;
  // RFC 9810 §5.2.3: warn tells it by the status keyUpdateWarning.
  enum class Again { grant, warn, refuse } again = Again::grant;
};
Result<> check_update_policy(const UpdatePolicy& policy, const CertificateRecord& updated,
                             View spki);

// rr (RFC 9810 §5.3.9, RFC 9483 §4.2): one RevDetails. Errors: badCertId, wrongAuthority (another
// issuer), certRevoked (already revoked, or expired), notAuthorized, badRequest (reason not known,
// or removeFromCRL, which needs an officer). By signature: by that same certificate, or an RA; by
// secret as for kur. A certificate on hold can still be revoked, not held again.
// Codes: rights.revoke-unnamed, -issuer, -unknown, -ambiguous (named by a key that several have),
// -version, -differs, -signer, -again, -expired;
// rights.shared-secret, rights.other-reference, rights.reason, rights.reason-officer,
// rights.invalidity-date, rights.crl-entry-extension.
Result<transaction::RevocationOrder> check_revocation(const message::RevDetails& details,
                                                      std::span<const CertificateRecord> found,
                                                      std::span<const x509::Name> our_issuers,
                                                      const message::Sender& sender,
                                                      const CredentialRecord* credential, Time now);

// duplicate_keys: may this key be certified (again)? A key that was revoked for keyCompromise is
// never certified again; other revoked certificates do not count. `same_key` are our certificates
// with this key, `replaced` the one that a kur replaces.
// Errors: badCertTemplate "rights.key-in-use", "rights.key-compromised".
enum class DuplicateKeys { allow, same_subject, refuse };
enum class CompromisedKeys { refuse, allow };  // allow: for tests with one key for everything
struct KeyReuse {
  DuplicateKeys duplicate = DuplicateKeys::allow;
  CompromisedKeys compromised = CompromisedKeys::refuse;
};
Result<> check_key_reuse(const KeyReuse& policy, const x509::Name& subject,
                         std::span<const CertificateRecord> same_key,
                         const CertificateRecord* replaced);

}  // namespace countersign::enrol
