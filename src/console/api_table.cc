#include "console/api_table.h"

#include <array>

#include "console/authority_fields.h"
#include "console/credential_fields.h"
#include "console/device_fields.h"
#include "console/page.h"
#include "console/routes.h"

namespace countersign::console {
namespace {

using enrol::ObjectKind;
using enum Role;
constexpr Roles kAll = {administrator, ra_officer, auditor, read_only};
constexpr Roles kReaders = {administrator, ra_officer, auditor};
constexpr Roles kOfficers = {administrator, ra_officer};
constexpr Roles kAdministrators = {administrator};
constexpr Roles kAuditors = {administrator, auditor};

constexpr std::span<const Field> kNone = {};
using enum Type;
using enum Need;
using namespace authority_fields;
using namespace credential_fields;
using namespace device_fields;

// ---- certificates
constexpr Fields<5> kCertificateFilters = {
    {{.name = "status",
      .need = optional,
      .meaning = "only those of this status",
      .one_of = "unconfirmed|valid|revoked|held"},
     {.name = "subject",
      .need = optional,
      .meaning = "only those whose subject has this in it; ASCII case does not count"},
     kOfSubscriber,
     kLimit,
     kAfter}};
constexpr Fields<3> kCredentialFilters = {{kOfSubscriber, kLimit, kAfter}};
constexpr Fields<15> kCertificate = {{
    {.name = "serial", .meaning = "serial number, hexadecimal"},
    {.name = "subject", .meaning = "subject, as RFC 4514 writes it"},
    {.name = "status",
     .meaning = "what may be thought of it now",
     .one_of = "unconfirmed|valid|revoked|held"},
    {.name = "profile", .meaning = "RA profile it was issued under"},
    {.name = "not_before", .type = time, .meaning = "from when it holds"},
    {.name = "not_after", .type = time, .meaning = "until when it holds"},
    {.name = "issued_at", .type = time, .meaning = "when it was made"},
    {.name = "sender", .meaning = "who asked for it"},
    {.name = "reference", .need = optional, .meaning = "credential it was issued under"},
    {.name = "revoked_at",
     .type = time,
     .need = optional,
     .meaning = "since when, if revoked or held"},
    {.name = "reason", .need = optional, .meaning = "RFC 5280 §5.3.1, if revoked or held"},
    {.name = "invalidity_date",
     .type = time,
     .need = optional,
     .meaning = "since when its key is thought to be lost"},
    {.name = "replaced_by", .need = optional, .meaning = "serial number of its key update"},
    {.name = "subscriber", .need = optional, .meaning = "whose it is"},
    {.name = "fingerprint", .meaning = "SHA-256, hexadecimal"},
}};
constexpr std::array<std::string_view, 2> kPemTypes = {"application/pem-certificate-chain",
                                                       "application/x-pem-file"};
constexpr Field kComment{
    .name = "comment", .need = optional, .meaning = "for the audit", .most = 200};
constexpr Fields<3> kRevocation = {
    {{.name = "reason",
      .meaning = "RFC 5280 §5.3.1; to suspend it there is `hold`",
      .one_of = "unspecified|keyCompromise|cACompromise|affiliationChanged|superseded|"
                "cessationOfOperation|privilegeWithdrawn|aACompromise"},
     {.name = "invalidity_date",
      .type = time,
      .need = optional,
      .meaning = "since when its key is thought to be lost; not in the future"},
     kComment}};
constexpr Fields<1> kCommentAlone = {kComment};
constexpr Fields<2> kEndOfAll = {{{.name = "reason",
                                   .meaning = "RFC 5280 §5.3.1; certificateHold suspends them",
                                   .one_of = "unspecified|keyCompromise|cACompromise|"
                                             "affiliationChanged|superseded|cessationOfOperation|"
                                             "certificateHold|privilegeWithdrawn|aACompromise"},
                                  kComment}};
constexpr Fields<2> kEnded = {{
    {.name = "revoked", .type = integer, .meaning = "how many were"},
    {.name = "left",
     .type = integer,
     .meaning = "how many await their certConf, or were changed at the same time"},
}};

// ---- trust
constexpr Fields<3> kNewAnchor = {
    {{.name = "certificate", .type = lines, .meaning = "one certificate, PEM", .most = 65'536},
     kNames,
     {.name = "ra",
      .type = flag,
      .need = optional,
      .meaning = "its holders are registration authorities"}}};
constexpr Fields<6> kAnchor = {{
    {.name = "fingerprint", .meaning = "SHA-256, hexadecimal"},
    {.name = "subject", .meaning = "subject, as RFC 4514 writes it"},
    {.name = "names", .meaning = "what its holders may ask for"},
    {.name = "ra", .type = flag, .meaning = "whether they are registration authorities"},
    {.name = "not_after", .type = time, .need = optional, .meaning = "until when it holds"},
    kCreated,
}};

// ---- audit and status
constexpr Fields<8> kAuditRow = {{
    {.name = "at", .type = time, .meaning = "when"},
    {.name = "event", .meaning = "what happened"},
    {.name = "transaction", .meaning = "CMP transaction, hexadecimal; or \"\", as all that follow"},
    {.name = "sender", .meaning = "who did it"},
    {.name = "subject", .meaning = "of the certificate"},
    {.name = "serial", .meaning = "of the certificate"},
    {.name = "code", .meaning = "why it was refused"},
    {.name = "detail", .meaning = "more of it"},
}};
constexpr Fields<3> kVerdict = {{
    {.name = "intact", .type = flag, .meaning = "whether every row is as it was written"},
    {.name = "rows", .type = integer, .need = optional, .meaning = "how many, if so"},
    {.name = "detail", .need = optional, .meaning = "where it breaks first, if not"},
}};
constexpr Fields<4> kStatus = {{
    {.name = "version", .meaning = "of this program"},
    {.name = "now", .type = time, .meaning = "by this server's clock"},
    {.name = "authorities",
     .type = objects,
     .meaning = "certificates of the CA, the issuing ones first: subject, not_after, fingerprint"},
    {.name = "cmp_signers",
     .type = objects,
     .meaning = "of CMP profiles with one of their own: profiles, subject, not_after, trouble"},
}};
constexpr Fields<2> kMe = {{
    {.name = "name", .meaning = "of the operator"},
    {.name = "roles", .type = list, .meaning = "what the operator is"},
}};

constexpr Answer one(std::span<const Field> fields, int status = 200) {
  return {.shape = Answer::Shape::one, .status = status, .fields = fields};
}
constexpr Answer page(std::span<const Field> fields) {
  return {.shape = Answer::Shape::page, .fields = fields};
}
constexpr Answer kGone{.shape = Answer::Shape::nothing, .status = 204};
constexpr Answer kCertificateAnswer{
    .shape = Answer::Shape::one, .fields = kCertificate, .other_types = kPemTypes};

using enum Method;
// ---- what operators set
constexpr Fields<7> kObject = {{
    {.name = "name", .meaning = "its name"},
    {.name = "version",
     .type = integer,
     .meaning = "grows with each change; the ETag. 0: nobody set it, and it is there by itself"},
    {.name = "enabled", .type = flag, .meaning = "whether it is in use"},
    {.name = "fields",
     .type = settings,
     .meaning = "those that were set, as `countersignd object fields` tells them"},
    {.name = "author", .need = optional, .meaning = "who changed it last"},
    {.name = "changed", .type = time, .need = optional, .meaning = "when"},
    {.name = "warnings", .type = list, .need = optional, .meaning = "what is to be said of it"},
}};
constexpr Fields<3> kInEffect = {{
    {.name = "name", .meaning = "its name"},
    {.name = "in_use", .type = flag, .meaning = "false where it is disabled, or unsound"},
    {.name = "fields", .type = settings, .meaning = "all of them, whoever set them, if so"},
}};
constexpr Fields<8> kObjectVersion = {{
    {.name = "name", .meaning = "its name"},
    {.name = "version", .type = integer, .meaning = "which one this is"},
    {.name = "enabled", .type = flag, .meaning = "whether it was in use"},
    {.name = "fields", .type = settings, .meaning = "those that were set"},
    {.name = "author", .meaning = "who made this version"},
    {.name = "changed", .type = time, .meaning = "when"},
    {.name = "removed", .type = flag, .meaning = "whether this change was its removal"},
    {.name = "difference", .meaning = "from the version before, in words"},
}};
template <ObjectKind kind>
constexpr Fields<2> kNewObject = {{
    {.name = "enabled", .type = flag, .need = optional, .meaning = "true unless given"},
    {.name = "fields",
     .type = settings,
     .need = optional,
     .meaning = "those that are set; the others are as they are by themselves",
     .of_kind = kind},
}};
constexpr Fields<3> kNewConfig = {{
    {.name = "toml", .type = lines, .meaning = "the file", .most = 100'000},
    {.name = "remove", .type = flag, .need = optional, .meaning = "remove what is not in it"},
    {.name = "trial", .type = flag, .need = optional, .meaning = "tell what would change, only"},
}};
constexpr Fields<2> kApplied = {{
    {.name = "changes", .type = objects, .meaning = "object, action and difference of each"},
    {.name = "warnings", .type = list, .meaning = "what is to be said of the result"},
}};

// ---- what waits for officers
constexpr Fields<3> kRequestFilters = {{{.name = "state",
                                         .need = optional,
                                         .meaning = "only those in this state",
                                         .one_of = "waits|approved|rejected"},
                                        kLimit,
                                        kAfter}};
constexpr Fields<17> kRequest = {{
    {.name = "id", .meaning = "its id"},
    {.name = "state", .meaning = "how it stands", .one_of = "waits|approved|rejected"},
    {.name = "asks_for", .meaning = "subject of the certificate, or what is to be revoked"},
    {.name = "names", .type = list, .meaning = "its subjectAltName"},
    {.name = "profile", .meaning = "RA profile; empty for a revocation"},
    {.name = "subscriber", .meaning = "whose it will be; \"\": nobody's in particular"},
    {.name = "endpoint", .meaning = "CMP profile that it came by"},
    {.name = "sender", .meaning = "who asks"},
    {.name = "transaction", .meaning = "transactionID, hexadecimal"},
    {.name = "asked", .type = time, .meaning = "since when it waits"},
    {.name = "decided", .type = time, .need = optional, .meaning = "when it was decided"},
    {.name = "comment", .meaning = "of the officer who decided it"},
    {.name = "officers_needed", .type = integer, .meaning = "how many must approve"},
    {.name = "expires", .type = time, .need = optional, .meaning = "refused if undecided by then"},
    {.name = "escalates", .type = time, .need = optional, .meaning = "escalated if undecided then"},
    {.name = "escalates_to", .type = list, .meaning = "operators, roles: one of them is enough"},
    {.name = "votes", .type = objects, .meaning = "officer, approves, at and comment of each"},
}};
constexpr Fields<1> kReason = {
    {{.name = "reason", .meaning = "why; its sender reads it", .most = 1000}}};
constexpr Fields<5> kTransactionFilters = {{
    {.name = "sender",
     .need = optional,
     .meaning = "only those whose sender has this in it; ASCII case does not count"},
    {.name = "subject", .need = optional, .meaning = "the same for the subject"},
    {.name = "event",
     .need = optional,
     .meaning = "only those that this happened in last: issued, confirmed, refused, …"},
    kLimit,
    kAfter,
}};
constexpr Fields<9> kStory = {{
    {.name = "transaction", .meaning = "transactionID, hexadecimal"},
    {.name = "began", .type = time, .meaning = "when"},
    {.name = "at", .type = time, .meaning = "when something happened in it last"},
    {.name = "event", .meaning = "what that was"},
    {.name = "sender", .meaning = "who began it; or \"\", as all that follow"},
    {.name = "subject", .meaning = "of the certificate"},
    {.name = "serial", .meaning = "of the certificate"},
    {.name = "code", .meaning = "why it was refused"},
    {.name = "detail", .meaning = "more of it"},
}};
constexpr Fields<2> kTransaction = {{
    {.name = "transaction", .meaning = "transactionID, hexadecimal"},
    {.name = "events", .type = objects, .meaning = "its rows of the audit, the oldest first"},
}};

// ---- what would become of a message
constexpr Fields<3> kTrial = {{
    {.name = "cmp_profile",
     .need = optional,
     .meaning = "the endpoint it comes by, as its path names it; `default` unless given"},
    {.name = "ra_profile",
     .need = optional,
     .meaning = "the default RA profile there, for this once"},
    {.name = "as_secret",
     .need = optional,
     .meaning = "reference of the secret that a message without protection is protected by"},
}};
constexpr std::array<std::string_view, 4> kRequestTypes = {
    "application/pkixcmp", "application/pkcs10", "application/x-pem-file",
    "application/octet-stream"};
constexpr Fields<8> kTrialOutcome = {{
    {.name = "outcome",
     .meaning = "what its sender would get",
     .one_of = "granted|waits|refused|partly|passed-on|nothing"},
    {.name = "endpoint", .meaning = "CMP profile that it would come by"},
    {.name = "body", .need = optional, .meaning = "ir, cr, …; null: it cannot be read"},
    {.name = "sender", .need = optional, .meaning = "who has proved to be its sender, if anybody"},
    {.name = "steps", .type = objects, .meaning = "what it gets through, and where it ends"},
    {.name = "refusal",
     .type = object,
     .need = optional,
     .meaning = "code, failure, text and detail, if it is refused as a whole"},
    {.name = "requests", .type = objects, .meaning = "what becomes of each request in it"},
    {.name = "remarks", .type = list, .meaning = "what else is to be said"},
}};

// clang-format off
// Eight for each kind of what operators set.
#define OBJECT_ROUTES(kind, path, one_name, list_name, readers, writers) \
    {get, path, "list" list_name, "All of them, by name; those that nobody set too", readers, kPaging, kNone, page(kObject), list_objects<kind>}, \
    {get, path "/{name}", "show" one_name, "One of them", readers, kNone, kNone, one(kObject), show_object<kind>}, \
    {get, path "/{name}/in-effect", "show" one_name "InEffect", "All its fields as they hold now: set, taken from others, or as they are by themselves", readers, kNone, kNone, one(kInEffect), show_object_in_effect<kind>}, \
    {put, path "/{name}", "save" one_name, "Make it, or put another in its place; saved only if sound", writers, kNone, kNewObject<kind>, one(kObject), save_object<kind>}, \
    {remove, path "/{name}", "remove" one_name, "Remove it, unless something depends on it", writers, kNone, kNone, kGone, remove_object<kind>}, \
    {post, path "/{name}/enable", "enable" one_name, "Put it into use again", writers, kNone, kNone, one(kObject), enable_object<kind>}, \
    {post, path "/{name}/disable", "disable" one_name, "Put it out of use", writers, kNone, kNone, one(kObject), disable_object<kind>}, \
    {get, path "/{name}/history", "show" one_name "History", "Who changed it, how and when, the newest first", readers, kNone, kNone, page(kObjectVersion), show_object_history<kind>}

constexpr std::array kTable = std::to_array<Route>({
    {get, "/api/v1/openapi.json", "describeApi", "This description", {}, kNone, kNone, {.shape = Answer::Shape::document}, show_openapi},
    {get, "/api/v1/me", "showMe", "Who you are here", kAll, kNone, kNone, one(kMe), show_me},
    {get, "/api/v1/status", "showStatus", "The program, its clock and its CA", kAll, kNone, kNone, one(kStatus), show_status},

    {get, "/api/v1/certificates", "listCertificates", "Certificates, the newest first", kAll, kCertificateFilters, kNone, page(kCertificate), list_certificates},
    {get, "/api/v1/certificates/{serial}", "showCertificate", "One certificate; by Accept also as PEM", kAll, kNone, kNone, kCertificateAnswer, show_certificate},
    {post, "/api/v1/certificates/{serial}/revoke", "revokeCertificate", "Revoke a certificate for good", kOfficers, kNone, kRevocation, one(kCertificate), revoke_certificate},
    {post, "/api/v1/certificates/{serial}/hold", "holdCertificate", "Suspend a certificate", kOfficers, kNone, kCommentAlone, one(kCertificate), hold_certificate},
    {post, "/api/v1/certificates/{serial}/release", "releaseCertificate", "End a suspension", kOfficers, kNone, kCommentAlone, one(kCertificate), release_certificate},

    {get, "/api/v1/credentials", "listCredentials", "Shared secrets, without the secrets", kReaders, kCredentialFilters, kNone, page(kCredential), list_credentials},
    {post, "/api/v1/credentials", "addCredential", "Make a shared secret, which is shown this once", kOfficers, kNone, kNewCredential, one(kCredential, 201), add_credential},
    {post, "/api/v1/credentials/{reference*}/rotate", "rotateCredential", "Make another secret for the same reference, which is shown this once", kOfficers, kNone, kRotation, one(kCredential), rotate_credential},
    {get, "/api/v1/credentials/{reference*}", "showCredential", "One shared secret, without the secret", kReaders, kNone, kNone, one(kCredential), show_credential},
    {remove, "/api/v1/credentials/{reference*}", "removeCredential", "Remove a shared secret", kOfficers, kNone, kNone, kGone, remove_credential},

    {get, "/api/v1/tokens", "listTokens", "Registration tokens and authenticators, without their values", kReaders, kPaging, kNone, page(kToken), list_tokens},
    {post, "/api/v1/tokens", "addToken", "Make a token, which is shown this once", kOfficers, kNone, kNewToken, one(kToken, 201), add_token},
    {remove, "/api/v1/tokens/{id}", "removeToken", "Remove a token", kOfficers, kNone, kNone, kGone, remove_token},

    {get, "/api/v1/devices", "listDevices", "The device registry, by serial number", kReaders, kDeviceFilters, kNone, page(kDevice), list_devices},
    {post, "/api/v1/devices/import", "importDevices", "Enter the rows of a CSV file; broken ones are told", kOfficers, kNone, kNewDevices, one(kImported), import_devices},
    {get, "/api/v1/devices/{serial*}", "showDevice", "One of them", kReaders, kNone, kNone, one(kDevice), show_device},
    {put, "/api/v1/devices/{serial*}", "saveDevice", "Enter it, or put another entry in its place", kOfficers, kNone, kNewDevice, one(kDevice), save_device},
    {remove, "/api/v1/devices/{serial*}", "removeDevice", "Remove it", kOfficers, kNone, kNone, kGone, remove_device},

    {get, "/api/v1/trust", "listTrust", "Anchors of senders whose certificates are of others", kReaders, kPaging, kNone, page(kAnchor), list_trust},
    {post, "/api/v1/trust", "addTrust", "Trust an anchor; one that is there already is replaced", kAdministrators, kNone, kNewAnchor, one(kAnchor, 201), add_trust},
    {remove, "/api/v1/trust/{fingerprint}", "removeTrust", "Trust an anchor no more", kAdministrators, kNone, kNone, kGone, remove_trust},

    OBJECT_ROUTES(ObjectKind::certificate_template, "/api/v1/templates", "Template", "Templates", kReaders, kAdministrators),
    OBJECT_ROUTES(ObjectKind::ra_profile, "/api/v1/ra-profiles", "RaProfile", "RaProfiles", kReaders, kAdministrators),
    OBJECT_ROUTES(ObjectKind::cmp_profile, "/api/v1/cmp-profiles", "CmpProfile", "CmpProfiles", kReaders, kAdministrators),
    OBJECT_ROUTES(ObjectKind::trust_set, "/api/v1/trust-sets", "TrustSet", "TrustSets", kReaders, kAdministrators),
    OBJECT_ROUTES(ObjectKind::operator_account, "/api/v1/operators", "Operator", "Operators", kAuditors, kAdministrators),
    OBJECT_ROUTES(ObjectKind::authority, "/api/v1/authorities", "Authority", "Authorities", kReaders, kAdministrators),
    OBJECT_ROUTES(ObjectKind::subscriber, "/api/v1/subscribers", "Subscriber", "Subscribers", kReaders, kOfficers),
    {post, "/api/v1/subscribers/{name}/revoke", "revokeSubscriber", "Revoke or suspend all certificates of a subscriber", kOfficers, kNone, kEndOfAll, one(kEnded), revoke_subscriber},
    {get, "/api/v1/unknown-vendors", "listUnknownVendors", "Senders whose CA nobody here trusts, since the server began", kReaders, kPaging, kNone, page(kStranger), list_unknown_vendors},
    {post, "/api/v1/unknown-vendors/{fingerprint}/accept", "acceptUnknownVendor", "Trust that CA: put its certificate into a trust set", kAdministrators, kNone, kTrustSetAlone, one(kStranger), accept_unknown_vendor},
    {get, "/api/v1/authority-health", "listAuthorityHealth", "How those are that issue beside the server's own, by name", kReaders, kPaging, kNone, page(kAuthorityHealth), list_authority_health},
    {get, "/api/v1/ca-keys", "listCaKeys", "Keys of the CAs of this server, with those that came before them", kAll, kPaging, kNone, page(kCaKey), list_ca_keys},
    {post, "/api/v1/ca-keys", "addCaKey", "Roll a CA over to a new key, which takes the place of the present one within a second", kAdministrators, kNone, kNewCaKey, one(kCaKey, 201), add_ca_key},
    {get, "/api/v1/config", "exportConfig", "All of these as one TOML file", kAuditors, kNone, kNone, {.shape = Answer::Shape::document}, export_config},
    {post, "/api/v1/config/apply", "applyConfig", "Make them as such a file has them: all, or none", kAdministrators, kNone, kNewConfig, one(kApplied), apply_config},

    {get, "/api/v1/requests", "listRequests", "What waits for officers, and what they decided, the oldest first", kReaders, kRequestFilters, kNone, page(kRequest), list_requests},
    {get, "/api/v1/requests/{id}", "showRequest", "One of them", kReaders, kNone, kNone, one(kRequest), show_request},
    {post, "/api/v1/requests/{id}/approve", "approveRequest", "Approve it; granted when as many have as are needed", kOfficers, kNone, kCommentAlone, one(kRequest), approve_request},
    {post, "/api/v1/requests/{id}/reject", "rejectRequest", "Reject it; its sender reads why", kOfficers, kNone, kReason, one(kRequest), reject_request},
    {get, "/api/v1/transactions", "listTransactions", "What became of the transactions of late, the newest first: those that the last 20,000 rows of the audit tell of", kReaders, kTransactionFilters, kNone, page(kStory), list_transactions},
    {get, "/api/v1/transactions/{id}", "showTransaction", "Why a transaction ended as it did", kReaders, kNone, kNone, one(kTransaction), show_transaction},
    {post, "/api/v1/simulate", "simulateRequest", "Tell what would become of a CMP message, or PKCS #10, and why; nothing is changed", kOfficers, kTrial, kNone, one(kTrialOutcome), simulate_request, kRequestTypes},

    {get, "/api/v1/audit", "listAudit", "What happened, the newest first", kAuditors, kPaging, kNone, page(kAuditRow), list_audit},
    {post, "/api/v1/audit/verify", "verifyAudit", "Look whether the whole audit is as it was written", kAuditors, kNone, kNone, one(kVerdict), verify_audit},
});
// clang-format on

constexpr bool all_unique() {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kTable[i].operation == kTable[j].operation ||
          (kTable[i].method == kTable[j].method && kTable[i].path == kTable[j].path))
        return false;
  return true;
}
static_assert(all_unique());

}  // namespace

std::span<const Route> api_table() { return kTable; }

}  // namespace countersign::console
