// The fields of a CMP profile. Those of the profile `default` stand in the configuration file, too,
// under `cmp.` and `kur.`.
#include "enrol/cmp_profile.h"

#include "x509/attribute_type.h"

namespace countersign::enrol {
namespace {

using Subject = CmpProfile;

constexpr std::array<std::string_view, 5> kVariants = {"general", "lightweight", "3gpp", "v2",
                                                       "v3"};
constexpr std::array<std::string_view, 3> kUnconfirmed = {"revoke", "keep", "alarm"};
constexpr std::array<std::string_view, 3> kCentralKeys = {"off", "signers", "any"};
constexpr std::array<std::string_view, 2> kSameKey = {"allow", "refuse"};
constexpr std::array<std::string_view, 3> kAgain = {"grant", "warn", "refuse"};
constexpr std::array<std::string_view, 2> kUnknownControls = {"refuse", "ignore"};
constexpr std::array<std::string_view, 2> kCompromised = {"refuse", "allow"};
constexpr std::array<std::string_view, 3> kTokens = {"ignore", "check", "require"};
constexpr std::array<std::string_view, 3> kDuplicates = {"allow", "same-subject", "refuse"};
constexpr std::array<std::string_view, 2> kResponses = {"as_request", "signature"};
constexpr std::array<std::string_view, 4> kExtraCerts = {"chain", "chain_and_root", "signer",
                                                         "none"};
constexpr std::array<std::string_view, 3> kCaPubs = {"mac_only", "never", "always"};

// An attribute type by one of its short names, kept as it is printed; or empty.
bool to_attribute(std::string& out, const FieldValue& v) {
  const auto* text = std::get_if<std::string>(&v);
  const auto* type = text != nullptr ? x509::attribute_type(*text) : nullptr;
  if (text == nullptr || (type == nullptr && !text->empty())) return false;
  out = type != nullptr ? std::string(type->name) : std::string();
  return true;
}

constexpr std::array kFields = {
    Field<Subject>{
        "default_ra_profile", "the name of an RA profile, or empty",
        "Used when neither the path, certProfile nor the credential names one. Empty: what "
        "names none is refused.",
        NAME_FIELD(default_ra_profile)},
    Field<Subject>{"ra_profiles", "a list of RA profiles",
                   "The only ones that may be asked for here. Empty: all.",
                   NAMES_FIELD(ra_profiles)},
    Field<Subject>{"trust_sets", "a list of trust sets",
                   "Whose holders may sign here, beside those of our own certificates. Empty: the "
                   "certificates of `countersignd trust` that are in no set.",
                   NAMES_FIELD(trust_sets)},
    Field<Subject>{"signers_issued_by", "a list of authorities, \"default\" for the server's own",
                   "Which certificates that were issued here may sign here: those of these "
                   "authorities. Empty: all.",
                   NAMES_FIELD(signers_issued_by)},
    Field<Subject>{"response_protection", "\"as_request\" or \"signature\"",
                   "as_request: by a MAC where the request had one. signature: always by the CMP "
                   "signer.",
                   CHOICE(response_protection, kResponses)},
    Field<Subject>{
        "extra_certs", "\"chain\", \"chain_and_root\", \"signer\" or \"none\"",
        "What extraCerts of the answers have. chain: the certificate that signs and the new one's "
        "issuers, with their chains (RFC 9483 §3.3); the variant 3gpp adds the root. "
        "chain_and_root: the roots, too. signer: the certificate that signs, alone. none: nothing, "
        "where all answers are under a MAC.",
        CHOICE(rules.extra_certs, kExtraCerts)},
    Field<Subject>{
        "ca_pubs", "\"mac_only\", \"never\" or \"always\"",
        "Which answers bring the root as caPubs. mac_only: an ip to a request under a shared "
        "secret (RFC 9810 §5.3.2). always: each that brings a certificate, for clients that insist "
        "on it; at a lightweight endpoint each ip (RFC 9483 §4.1.2). Who takes roots from signed "
        "answers as anchors trusts whoever signs (RFC 9810 §8.9).",
        CHOICE(rules.ca_pubs, kCaPubs)},
    Field<Subject>{
        "signer_certificate", "a file, or empty",
        "The certificate that signs the answers here, PEM, with its chain after it. Read "
        "anew when it changes. Empty: the server's own, or that of the authority that "
        "default_ra_profile goes to first.",
        FIELD(signer.certificate)},
    Field<Subject>{"signer_key", "a file, a PKCS #11 URI, or empty",
                   "Its private key: PEM, with a passphrase (signer_password) or without; or, in a "
                   "token, pkcs11:token=…;object=… (RFC 7512, docs/howto/tokens.md).",
                   FIELD(signer.key)},
    Field<Subject>{"signer_pkcs12", "a file, or empty",
                   "Both in one: a PKCS #12 file, instead of signer_certificate and signer_key.",
                   FIELD(signer.pkcs12)},
    Field<Subject>{"signer_password", "a file, or empty",
                   "Its first line is the passphrase of signer_key or of signer_pkcs12, or the PIN "
                   "of the token that signer_key is in.",
                   FIELD(signer.password)},
    Field<Subject>{
        "variant", "\"general\", \"lightweight\", \"3gpp\", \"v2\" or \"v3\"",
        "general takes what clients in the field send; lightweight keeps to RFC 9483 to the "
        "letter and refuses HMAC-SHA1, too; 3gpp is TS 33.310 clause 9, for base stations with "
        "their vendor's certificate (docs/howto/base-stations.md); v2 takes CMPv2 (pvno 2) only; "
        "v3 is "
        "as general.",
        CHOICE(rules.variant, kVariants)},
    Field<Subject>{
        "time_window", kDurationFits,
        "A messageTime further than this from our clock is refused (badTime); 0 switches the "
        "check off. A message without messageTime is not affected.",
        FIELD(protection.time_window)},
    Field<Subject>{
        "require_message_time", kYesNoFits,
        "Refuse messages without messageTime (missingTimeStamp). Devices without a clock "
        "cannot enrol then.",
        FIELD(protection.require_message_time)},
    Field<Subject>{
        "accept", "a list of \"signature\", \"pbmac1\", \"pbm\", \"hmac\", \"kmac\"",
        "How messages may be protected: by a signature, by PBMAC1 or PasswordBasedMac from a "
        "shared secret, or by HMAC or KMAC directly under one, which must be a secret that we "
        "made. Another kind is refused with badAlg; a MAC where only signatures are accepted, "
        "or the reverse, with wrongIntegrity.",
        LIST(protection.accepted, protect::kProtectionKinds)},
    Field<Subject>{
        "reference_from_subject",
        "an attribute type (\"CN\", \"UID\", \"serialNumber\" …), or empty",
        "Where a MAC'd message names no secret that is known, by senderKID or by the CN of its "
        "sender, this attribute of the subject in its request does. For clients that were made for "
        "EJBCA's client mode.",
        [](Subject& c, const FieldValue& v) { return to_attribute(c.reference_from_subject, v); },
        [](const Subject& c) -> FieldValue { return from(c.reference_from_subject); }},
    Field<Subject>{
        "default_reference", "the reference of a secret, or empty",
        "The secret of MAC'd messages that name none which is known: all who know it are taken, "
        "whatever their senderKID. For clients that were made for EJBCA's RA mode, which looks at "
        "no senderKID. What they may ask for is what this secret may.",
        FIELD(default_reference)},
    Field<Subject>{
        "accept_hmac_sha1", kYesNoFits,
        "Accept HMAC-SHA1 as the MAC inside PasswordBasedMac when the key derivation uses "
        "SHA-2, as stock `openssl cmp` sends it.",
        FIELD(protection.accept_hmac_sha1)},
    Field<Subject>{
        "accept_owf_sha1", kYesNoFits,
        "Accept SHA-1 as the key derivation of PasswordBasedMac, which RFC 4210 has by default and "
        "RFC 9481 not at all. For old clients that cannot do otherwise.",
        FIELD(protection.accept_owf_sha1)},
    Field<Subject>{
        "min_iterations_made", "a number, 1 to 1000000",
        "Fewest iterations of a MAC's key derivation with a secret that we made (at least "
        "128 random bits).",
        NUMBER(protection.min_iterations_made, 1, 1000000)},
    Field<Subject>{"min_iterations_chosen", "a number, 1 to 10000000",
                   "The same with a secret that a person chose.",
                   NUMBER(protection.min_iterations_chosen, 1, 10000000)},
    Field<Subject>{"max_iterations", "a number, 100 to 10000000",
                   "Most iterations that a message may make us compute.",
                   NUMBER(protection.max_iterations, 100, 10000000)},
    Field<Subject>{"max_extra_certs", "a number, 1 to 100", "Most certificates in extraCerts.",
                   NUMBER(protection.max_extra_certs, 1, 100)},
    Field<Subject>{"implicit_confirm", kYesNoFits,
                   "Grant implicitConfirm to clients that ask for it.",
                   FIELD(rules.implicit_confirm)},
    Field<Subject>{
        "confirm_wait", kDurationFits,
        "How long certConf is awaited. Time during which the server was down does not count.",
        FIELD(rules.confirm_wait)},
    Field<Subject>{
        "unconfirmed", "\"revoke\", \"keep\" or \"alarm\"",
        "What happens to a certificate whose certConf did not come in time. alarm keeps it "
        "and writes an audit row.",
        CHOICE(rules.unconfirmed, kUnconfirmed)},
    Field<Subject>{"longest_wait", kDurationFits,
                   "How long a transaction may wait for its issuer's answer.",
                   FIELD(rules.longest_wait)},
    Field<Subject>{"most_requests", "a number, 1 to 1000", "Most requests in one message.",
                   NUMBER(rules.most_requests, 1, 1000)},
    Field<Subject>{"most_nested", "a number, 1 to 1000",
                   "Most messages that a registration authority may send in one nested message.",
                   NUMBER(most_nested, 1, 1000)},
    Field<Subject>{"duplicate_keys", "\"allow\", \"same-subject\" or \"refuse\"",
                   "May a public key that has a certificate be certified again?",
                   CHOICE(duplicate_keys, kDuplicates)},
    Field<Subject>{
        "compromised_keys", "\"refuse\" or \"allow\"",
        "May a public key be certified again whose certificate was revoked for keyCompromise? "
        "allow is for test beds that use one key for everything.",
        CHOICE(compromised_keys, kCompromised)},
    Field<Subject>{
        "central_keys", "\"off\", \"signers\" or \"any\"",
        "May clients have their key pairs made here (central key generation)? signers: those "
        "that sign, the private key encrypted for their certificate; "
        "over HTTPS also those with a shared secret that we made, encrypted under that "
        "secret. any: the latter over plain HTTP, too.",
        CHOICE(central_keys, kCentralKeys)},
    Field<Subject>{
        "unknown_controls", "\"refuse\" or \"ignore\"",
        "What becomes of a request with a control, or a regInfo, that is not known here: "
        "refused with badCertTemplate, or granted without it, with an audit row.",
        CHOICE(unknown_controls, kUnknownControls)},
    Field<Subject>{
        "tokens", "\"ignore\", \"check\" or \"require\"",
        "What a regToken or authenticator among the controls, or the challengePassword of a "
        "PKCS #10 request, is worth. check: it must be one of `countersignd token`. require: "
        "and an ir, cr or p10cr must have one, but those of registration authorities.",
        CHOICE(tokens, kTokens)},
    Field<Subject>{"backdate", kDurationFits,
                   "notBefore lies this far in the past, for clients whose clocks are slow.",
                   FIELD(backdate)},
    Field<Subject>{
        "sign_refusals", kYesNoFits,
        "Sign error messages to senders that did not prove themselves; otherwise they go "
        "unprotected.",
        FIELD(sign_refusals)},
    Field<Subject>{"kur.revoke_old", kYesNoFits,
                   "Revoke the old certificate (superseded) once the new one of a key update is "
                   "confirmed.",
                   FIELD(rules.kur_revoke_old)},
    Field<Subject>{"kur.same_key", "\"allow\" or \"refuse\"",
                   "May a key update keep the key of the old certificate? duplicate_keys does not "
                   "count that one.",
                   CHOICE(updates.same_key, kSameKey)},
    Field<Subject>{
        "kur.again", "\"grant\", \"warn\" or \"refuse\"",
        "What happens to a key update of a certificate that was updated before, and is still "
        "valid. warn grants it with the status keyUpdateWarning, which stock `openssl cmp` "
        "takes for a failure, and which the lightweight variant does not have: there it is as "
        "grant.",
        CHOICE(updates.again, kAgain)},
};

}  // namespace

std::span<const Field<CmpProfile>> cmp_profile_fields() { return kFields; }

}  // namespace countersign::enrol
