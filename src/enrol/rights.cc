// Who may renew and revoke which certificate, and which keys may be certified again.
#include "enrol/rights.h"

#include <algorithm>

#include "crypto/digest.h"

namespace countersign::enrol {
namespace {

constexpr Seconds kClockSkew{300};  // of the sender's clock

std::unexpected<Error> bad_cert_id(std::string_view code, std::string sentence) {
  return fail(Failure::badCertId, code, std::move(sentence));
}

const CertificateRecord* by_serial(std::span<const CertificateRecord> found, View serial) {
  const auto at = std::ranges::find_if(
      found, [&](const CertificateRecord& r) { return equal(r.serial, serial); });
  return at == found.end() ? nullptr : &*at;
}

const CertificateRecord* by_der(std::span<const CertificateRecord> found, View der) {
  const auto at =
      std::ranges::find_if(found, [&](const CertificateRecord& r) { return equal(r.der, der); });
  return at == found.end() ? nullptr : &*at;
}

bool is_ours(std::span<const x509::Name> our_issuers, const x509::Name& issuer) {
  return std::ranges::any_of(our_issuers,
                             [&](const x509::Name& own) { return x509::same_name(own, issuer); });
}

// Serial numbers are unique for one issuer; the certificate must be of the one that was named.
const CertificateRecord* by_name(std::span<const CertificateRecord> found, const x509::Name& issuer,
                                 View serial) {
  const auto* record = by_serial(found, serial);
  if (record == nullptr) return nullptr;
  const auto certificate = x509::parse_certificate(record->der);
  return certificate && x509::same_name(certificate->issuer, issuer) ? record : nullptr;
}

// A secret proves ownership only of what was issued under it, and only if one alone holds it.
Result<> check_reference(const CertificateRecord& record, const message::Sender& sender,
                         const CredentialRecord* credential) {
  if (credential == nullptr || credential->reference != sender.reference)
    return fail(Failure::notAuthorized, "rights.other-reference",
                "the shared secret gives no right to this certificate; sign with the certificate");
  if (credential->shared())
    return fail(Failure::notAuthorized, "rights.shared-secret",
                "several may hold this shared secret, so it proves nobody's ownership of a "
                "certificate; sign with the certificate itself");
  if (record.reference.empty() || record.reference != sender.reference)
    return fail(Failure::notAuthorized, "rights.other-reference",
                "the certificate was not issued under the reference " + sender.reference +
                    "; sign with the certificate itself");
  return {};
}

// RFC 9483 §5.3: an RA speaks for others; one whose secret has a list of names, for those only.
Result<> check_vouched(const CertificateRecord& record, const message::Sender& sender,
                       const CredentialRecord* credential) {
  if (sender.proof != message::ProofKind::mac || credential == nullptr) return {};
  const x509::Certificate certificate = TRY(x509::parse_certificate(record.der));
  return check_names(credential->names, certificate.subject, certificate.subject_alt_names(),
                     sender, Named::in_part);
}

// Who asked for a certificate with one of its own answers for it, as a device's maker does. The
// lightweight variant has it otherwise.
bool asked_for(const CertificateRecord& record, const message::Sender& sender) {
  return sender.certificate && !record.sender.empty() && record.sender == sender.identity;
}

// RFC 9483 §4.1.3 [MUST] the message is protected with the certificate to be updated.
Result<> check_updater(const CertificateRecord& record, const message::Sender& sender,
                       const CredentialRecord* credential) {
  if (sender.may_act_as_ra) return check_vouched(record, sender, credential);
  if (sender.proof == message::ProofKind::mac) return check_reference(record, sender, credential);
  if (sender.certificate && equal(sender.certificate->der, record.der)) return {};
  if (asked_for(record, sender)) return {};
  return bad_cert_id("rights.update-signer",
                     "oldCertID names another certificate than the one that signs this message; "
                     "sign with the certificate to be updated");
}

// RFC 9483 §4.1.3 [MAY] oldCertID is left out. An RA means its own certificate if it names itself.
bool signs_for_itself(const UpdateRequest& request, const message::Sender& sender) {
  if (!sender.certificate || !sender.may_act_as_ra) return sender.certificate.has_value();
  return request.has_subject && x509::same_name(request.subject, sender.certificate->subject);
}

Result<const CertificateRecord*> find_updated(const UpdateRequest& request,
                                              std::span<const CertificateRecord> found,
                                              std::span<const x509::Name> our_issuers,
                                              const message::Sender& sender) {
  if (!request.old_cert_id) {
    if (!signs_for_itself(request, sender))
      return bad_cert_id("rights.update-unnamed",
                         "name the certificate to be updated in the control oldCertID");
    if (const auto* record = by_der(found, sender.certificate->der)) return record;
    return bad_cert_id("rights.update-unknown",
                       "the certificate that signs this message was not issued here; enrol anew");
  }
  const auto issuer = x509::directory_name(request.old_cert_id->issuer);
  if (!issuer || !is_ours(our_issuers, *issuer))
    return bad_cert_id(
        "rights.update-issuer",
        "oldCertID names the issuer " + x509::to_text(request.old_cert_id->issuer) + "; this is " +
            x509::to_text(our_issuers.front()) +
            ", which updates what it issued; ask for a first certificate here by cr");
  if (const auto* record = by_name(found, *issuer, request.old_cert_id->serial_number))
    return record;
  return bad_cert_id("rights.update-unknown",
                     "oldCertID names the serial number " +
                         x509::serial_text(request.old_cert_id->serial_number) +
                         ", which this issuer did not give to any certificate");
}

// RFC 9810 §5.3.5: to update existing (non-revoked and non-expired) certificates.
Result<> check_updatable(const CertificateRecord& record, Time now) {
  switch (record.status) {
    case CertificateStatus::revoked:
    case CertificateStatus::held:
      return fail(Failure::certRevoked, "rights.update-revoked",
                  "the certificate to be updated is revoked; enrol anew");
    case CertificateStatus::unconfirmed:
      return bad_cert_id("rights.update-unconfirmed",
                         "the certificate to be updated waits for its certConf; confirm it first");
    case CertificateStatus::valid:
      break;
  }
  if (now > record.validity.not_after)
    return fail(Failure::certRevoked, "rights.update-expired",
                "the certificate to be updated expired on " + to_date(record.validity.not_after) +
                    "; enrol anew");
  return {};
}

bool same_names(std::vector<x509::GeneralName> a, std::vector<x509::GeneralName> b) {
  const auto order = [](const x509::GeneralName& x, const x509::GeneralName& y) {
    return x.der < y.der;
  };
  std::ranges::sort(a, order);
  std::ranges::sort(b, order);
  return a == b;
}

// RFC 9483 §4.1.3 [MUST] subject and subjectAltName stay as they are.
Result<> check_unchanged(const UpdateRequest& request, const CertificateRecord& record) {
  const x509::Certificate old = TRY(x509::parse_certificate(record.der));
  if (request.has_subject && !x509::same_name(request.subject, old.subject))
    return fail(Failure::badCertTemplate, "rights.update-subject",
                "certTemplate.subject is " + x509::to_text(request.subject) +
                    ", that of the certificate to be updated " + x509::to_text(old.subject) +
                    "; send the same");
  if (request.sans && !same_names(*request.sans, old.subject_alt_names()))
    return fail(Failure::badCertTemplate, "rights.update-san",
                "subjectAltName differs from that of the certificate to be updated; send the "
                "same, or leave it out");
  return {};
}

// Of those with that key the one that signs, or the only one that can be revoked.
Result<const CertificateRecord*> find_by_key(View spki, std::span<const CertificateRecord> found,
                                             const message::Sender& sender, Time now) {
  const CertificateRecord* only = nullptr;
  const Bytes key_hash = crypto::sha256(spki);
  for (const CertificateRecord& record : found) {
    if (!equal(record.key_hash, key_hash)) continue;
    if (sender.certificate && equal(sender.certificate->der, record.der)) return &record;
    if (record.status == CertificateStatus::revoked || now > record.validity.not_after) continue;
    if (only != nullptr)
      return bad_cert_id("rights.revoke-ambiguous",
                         "several certificates have this public key; name the one to be revoked "
                         "by certDetails.issuer and certDetails.serialNumber");
    only = &record;
  }
  if (only != nullptr) return only;
  return bad_cert_id("rights.revoke-unknown",
                     "no certificate that can be revoked has this public key; name it by "
                     "certDetails.issuer and certDetails.serialNumber");
}

// RFC 9810 §5.3.9: as much as its owner knows of it. The lightweight profile wants serialNumber and
// issuer (RFC 9483 §4.2 [MUST]); here the public key alone does, as clients with a PKCS #10 send
// it.
Result<const CertificateRecord*> find_revoked(const crmf::CertTemplate& details,
                                              std::span<const CertificateRecord> found,
                                              std::span<const x509::Name> our_issuers,
                                              const message::Sender& sender, Time now) {
  if (!details.serial_number && !details.issuer && details.public_key)
    return find_by_key(*details.public_key, found, sender, now);
  if (!details.serial_number || !details.issuer)
    return bad_cert_id("rights.revoke-unnamed",
                       "name the certificate to be revoked by certDetails.issuer and "
                       "certDetails.serialNumber, or by its publicKey alone");
  if (!is_ours(our_issuers, *details.issuer))
    return fail(Failure::wrongAuthority, "rights.revoke-issuer",
                "certDetails.issuer is " + x509::to_text(*details.issuer) + "; this is " +
                    x509::to_text(our_issuers.front()));
  const auto* record = by_name(found, *details.issuer, *details.serial_number);
  if (record == nullptr)
    return bad_cert_id(
        "rights.revoke-unknown",
        "the serial number " + x509::serial_text(*details.serial_number) +
            " was not given by this issuer; name the certificate by the issuer that it has");
  return record;
}

// Subject and key need not be there; what is there must be of that certificate.
Result<> check_same_certificate(const crmf::CertTemplate& details,
                                const CertificateRecord& record) {
  // RFC 4211 §5 [MUST] version is 2 if it is there
  if (details.version.value_or(2) != 2)
    return fail(Failure::badRequest, "rights.revoke-version",
                "certDetails.version is " + std::to_string(*details.version) +
                    "; send 2 (v3), or leave it out");
  if (!details.subject && !details.public_key) return {};
  const x509::Certificate certificate = TRY(x509::parse_certificate(record.der));
  const bool same_subject =
      !details.subject || x509::same_name(*details.subject, certificate.subject);
  const bool same_key = !details.public_key || *details.public_key == certificate.spki;
  if (same_subject && same_key) return {};
  return bad_cert_id("rights.revoke-differs",
                     "certDetails has another subject or public key than the certificate of that "
                     "serial number; leave them out, or correct the number");
}

Result<> check_revoker(const CertificateRecord& record, const message::Sender& sender,
                       const CredentialRecord* credential) {
  if (sender.may_act_as_ra) return check_vouched(record, sender, credential);
  if (sender.proof == message::ProofKind::mac) return check_reference(record, sender, credential);
  if (sender.certificate && equal(sender.certificate->der, record.der)) return {};
  if (asked_for(record, sender)) return {};
  return fail(Failure::notAuthorized, "rights.revoke-signer",
              "a certificate may revoke itself only; sign with the certificate to be revoked, or "
              "ask a registration authority");
}

Result<> check_revocable(const CertificateRecord& record, int reason, Time now) {
  const bool held_again =
      record.status == CertificateStatus::held && reason == x509::CrlReason::certificateHold;
  // Released, it would be valid without its certConf.
  if (reason == x509::CrlReason::certificateHold && record.status == CertificateStatus::unconfirmed)
    return fail(Failure::badRequest, "rights.hold-unconfirmed",
                "the certificate is not confirmed yet; send its certConf first, or revoke it for "
                "good");
  // RFC 5280 §5.3.1: removeFromCRL is about a certificate on hold, or nothing
  if (reason == x509::CrlReason::removeFromCRL && record.status != CertificateStatus::held &&
      record.status != CertificateStatus::revoked)
    return fail(Failure::badRequest, "rights.not-held",
                "the certificate is not on hold, so there is nothing to release");
  if (record.status == CertificateStatus::revoked || held_again)
    return fail(Failure::certRevoked, "rights.revoke-again", "the certificate is revoked already");
  if (now > record.validity.not_after)
    return fail(Failure::certRevoked, "rights.revoke-expired",
                "the certificate expired on " + to_date(record.validity.not_after) +
                    "; nothing is left to revoke");
  return {};
}

Result<int> read_reason(View value, const message::Sender& sender) {
  const auto reason = x509::read_reason_code(value);
  // RFC 5280 §5.3.1: 0 to 10 without 7.
  if (!reason || x509::reason_name(*reason).empty())
    return fail(Failure::badRequest, "rights.reason",
                "the reasonCode in crlEntryDetails is not known; send 0 (unspecified) to 6, 9 or "
                "10");
  // RFC 9810 §5.3.9: whoever lost a key may put its certificate on hold, not take it off again
  if (*reason == x509::CrlReason::removeFromCRL && !sender.may_act_as_ra)
    return fail(Failure::notAuthorized, "rights.reason-officer",
                "a certificate is taken off hold by a registration authority or an officer");
  return *reason;
}

struct CrlEntryDetails {
  int reason = x509::CrlReason::unspecified;  // when the request says nothing
  std::optional<Time> invalidity_date;
};

Result<CrlEntryDetails> read_details(const x509::Extensions& extensions,
                                     const message::Sender& sender, Time now) {
  CrlEntryDetails out;
  for (const x509::Extension& extension : extensions) {
    if (extension.id == x509::oids::reason_code) {
      out.reason = TRY(read_reason(extension.value, sender));
    } else if (extension.id == x509::oids::invalidity_date) {
      const auto date = x509::read_invalidity_date(extension.value);
      if (!date || *date > now + kClockSkew)
        return fail(Failure::badRequest, "rights.invalidity-date",
                    "the invalidityDate in crlEntryDetails is malformed or in the future; it says "
                    "since when the certificate was not to be relied upon");
      out.invalidity_date = *date;
    } else if (extension.critical) {
      return fail(Failure::badRequest, "rights.crl-entry-extension",
                  "crlEntryDetails has the critical extension " + extension.id.dotted() +
                      ", which is not known here; send reasonCode and invalidityDate only");
    }
  }
  return out;
}

bool has_subject(const CertificateRecord& record, const x509::Name& subject) {
  const auto certificate = x509::parse_certificate(record.der);
  return certificate && x509::same_name(certificate->subject, subject);
}

}  // namespace

Result<const CertificateRecord*> check_update(const UpdateRequest& request,
                                              std::span<const CertificateRecord> found,
                                              std::span<const x509::Name> our_issuers,
                                              const message::Sender& sender,
                                              const CredentialRecord* credential, Time now) {
  const CertificateRecord* record = TRY(find_updated(request, found, our_issuers, sender));
  TRY(check_updater(*record, sender, credential));
  TRY(check_updatable(*record, now));
  if (!sender.may_act_as_ra) TRY(check_unchanged(request, *record));
  return record;
}

Result<> check_update_policy(const UpdatePolicy& policy, const CertificateRecord& updated,
                             View spki) {
  using SameKey = UpdatePolicy::SameKey;
  if (policy.same_key == SameKey::refuse && equal(updated.key_hash, crypto::sha256(spki)))
    return fail(Failure::badCertTemplate, "rights.same-key",
                "certTemplate.publicKey is that of the certificate to be updated; make a new key");
  if (policy.again == UpdatePolicy::Again::refuse && !updated.replaced_by.empty())
    return fail(Failure::badRequest, "rights.update-again",
                "the certificate to be updated was updated before, by the one with the serial "
                "number " +
                    x509::serial_text(updated.replaced_by) + "; update that one");
  return {};
}

Result<transaction::RevocationOrder> check_revocation(const message::RevDetails& details,
                                                      std::span<const CertificateRecord> found,
                                                      std::span<const x509::Name> our_issuers,
                                                      const message::Sender& sender,
                                                      const CredentialRecord* credential,
                                                      Time now) {
  const CertificateRecord* record =
      TRY(find_revoked(details.cert_details, found, our_issuers, sender, now));
  TRY(check_revoker(*record, sender, credential));
  TRY(check_same_certificate(details.cert_details, *record));
  const CrlEntryDetails entry = TRY(read_details(details.crl_entry_details, sender, now));
  TRY(check_revocable(*record, entry.reason, now));
  return transaction::RevocationOrder{record->serial, entry.reason, entry.invalidity_date,
                                      record->profile, record->authority};
}

Result<> check_key_reuse(const KeyReuse& policy, const x509::Name& subject,
                         std::span<const CertificateRecord> same_key,
                         const CertificateRecord* replaced) {
  for (const CertificateRecord& record : same_key) {
    const bool revoked = record.status == CertificateStatus::revoked;
    const bool compromised = revoked && record.reason == x509::CrlReason::keyCompromise;
    if (compromised && policy.compromised == CompromisedKeys::refuse)
      return fail(Failure::badCertTemplate, "rights.key-compromised",
                  "certTemplate.publicKey belonged to a certificate that was revoked for "
                  "keyCompromise; make a new key");
    if (policy.duplicate == DuplicateKeys::allow || revoked) continue;
    if (replaced != nullptr && record.serial == replaced->serial) continue;
    if (policy.duplicate == DuplicateKeys::refuse || !has_subject(record, subject))
      return fail(Failure::badCertTemplate, "rights.key-in-use",
                  policy.duplicate == DuplicateKeys::refuse
                      ? "certTemplate.publicKey is certified already; make a new key"
                      : "certTemplate.publicKey is certified for another subject; make a new key");
  }
  return {};
}

}  // namespace countersign::enrol
