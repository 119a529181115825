#include <array>

#include "server/config_value.h"

namespace countersign::server {
namespace {

constexpr std::string_view kDuration = "a duration: \"90s\", \"5m\", \"24h\", \"30d\", or seconds";
constexpr std::string_view kYesNo = "true or false";

constexpr std::array<std::string_view, 2> kVariants = {"general", "lightweight"};
constexpr std::array<std::string_view, 3> kUnconfirmed = {"revoke", "keep", "alarm"};
constexpr std::array<std::string_view, 3> kCentralKeys = {"off", "signers", "any"};
constexpr std::array<std::string_view, 4> kStrategies = {"replace", "add", "keep", "batch"};
constexpr std::array<std::string_view, 3> kRequests = {"as_asked", "ir", "cr"};
constexpr std::array<std::string_view, 2> kPops = {"ra_verified", "keep"};
constexpr std::array<std::string_view, 2> kSameKey = {"allow", "refuse"};
constexpr std::array<std::string_view, 3> kAgain = {"grant", "warn", "refuse"};
constexpr std::array<std::string_view, 2> kUnknownControls = {"refuse", "ignore"};
constexpr std::array<std::string_view, 2> kCompromised = {"refuse", "allow"};
constexpr std::array<std::string_view, 3> kTokens = {"ignore", "check", "require"};
constexpr std::array<std::string_view, 3> kTlsClients = {"off", "optional", "required"};
constexpr std::array<std::string_view, 3> kDuplicates = {"allow", "same-subject", "refuse"};

#define FIELD(expression)                                              \
  [](Config& c, const ConfigValue& v) { return to(c.expression, v); }, \
      [](const Config& c) { return shown(c.expression); }
#define TEXT(expression)                                               \
  [](Config& c, const ConfigValue& v) { return to(c.expression, v); }, \
      [](const Config& c) { return in_quotes(c.expression); }
#define NUMBER(expression, least, most)                                             \
  [](Config& c, const ConfigValue& v) { return to(c.expression, v, least, most); }, \
      [](const Config& c) { return std::to_string(c.expression); }
#define CHOICE(expression, names)                                             \
  [](Config& c, const ConfigValue& v) { return to(c.expression, v, names); }, \
      [](const Config& c) { return in_quotes((names)[static_cast<std::size_t>(c.expression)]); }
#define TEMPLATES(expression)                                                    \
  [](Config& c, const ConfigValue& v) { return to_templates(c.expression, v); }, \
      [](const Config& c) { return shown(c.expression); }
#define LIST(expression, names)                                               \
  [](Config& c, const ConfigValue& v) { return to(c.expression, v, names); }, \
      [](const Config& c) { return shown(c.expression, names); }

const std::array kKeys = {
    ConfigKey{"listen", "address and port: \"127.0.0.1:8829\", \"[::1]:0\"; or empty",
              "Where plain HTTP is served. Port 0 picks a free one. Empty: nowhere, where "
              "tls.listen is set.",
              TEXT(listen)},
    ConfigKey{"public_url", "http://host:port without a slash at the end",
              "What clients reach this server by. Certificates name their CRL and issuer under it, "
              "so set it before the first certificate is issued.",
              TEXT(public_url)},
    ConfigKey{"threads", "a number, 0 to 256", "Request loops; 0 is one for each core.",
              NUMBER(threads, 0, 256)},
    ConfigKey{"stop_deadline", kDuration,
              "How long a graceful stop waits for what was begun before it cuts off.",
              FIELD(stop_deadline)},
    ConfigKey{"http.body_limit", "octets, 1024 to 16777216", "Largest request body.",
              NUMBER(body_limit, 1024, 16777216)},
    ConfigKey{"http.most_connections", "a number, 1 to 1000000",
              "Open connections; further ones are turned away with 503.",
              NUMBER(most_connections, 1, 1000000)},
    ConfigKey{"http.request_deadline", kDuration,
              "A request must have arrived whole, and its answer been taken, within this time.",
              FIELD(request_deadline)},
    ConfigKey{"http.idle_deadline", kDuration, "An idle connection is closed after this time.",
              FIELD(idle_deadline)},
    ConfigKey{"tls.listen", "address and port, or empty", "Where HTTPS is served. Empty: nowhere.",
              TEXT(tls.listen)},
    ConfigKey{"tls.certificate", "a file, or empty",
              "The certificate that the TLS port shows, PEM, with its chain after it. Read anew "
              "when it changes. Empty: one that our own CA makes and renews.",
              TEXT(tls.certificate)},
    ConfigKey{"tls.key", "a file, or empty", "Its private key, PEM without a passphrase.",
              TEXT(tls.key)},
    ConfigKey{"tls.names", "a list of host names and addresses",
              "For the certificate that our own CA makes. Empty: the host of public_url, the "
              "address of tls.listen and, where that is loopback or everywhere, localhost, "
              "127.0.0.1 and ::1.",
              FIELD(tls.names)},
    ConfigKey{"tls.clients", "\"off\", \"optional\" or \"required\"",
              "Are TLS clients asked for a certificate? optional: one that is sent must be good. "
              "CMP proves who asks by itself, with or without.",
              CHOICE(tls.clients, kTlsClients)},
    ConfigKey{"tls.client_ca", "a file, or empty",
              "Certificates, PEM: of the CAs whose certificates TLS clients may show. Read anew "
              "when it changes. Empty: our own CA's.",
              TEXT(tls.client_ca)},
    ConfigKey{"cmp.default_template", "the name of a certificate template",
              "Used when neither the path, certProfile nor the credential names one.",
              [](Config& c, const ConfigValue& v) {
                std::string name;
                if (!to(name, v)) return false;
                if (enrol::find_template(enrol::built_in_templates(), name) == nullptr)
                  return false;
                c.cmp.default_template = name;
                return true;
              },
              [](const Config& c) { return in_quotes(c.cmp.default_template); }},
    ConfigKey{"cmp.variant", "\"general\" or \"lightweight\"",
              "general takes what clients in the field send; lightweight keeps to RFC 9483 to the "
              "letter and refuses HMAC-SHA1, too.",
              CHOICE(cmp.rules.variant, kVariants)},
    ConfigKey{"cmp.time_window", kDuration,
              "A messageTime further than this from our clock is refused (badTime); 0 switches the "
              "check off. A message without messageTime is not affected.",
              FIELD(cmp.protection.time_window)},
    ConfigKey{"cmp.require_message_time", kYesNo,
              "Refuse messages without messageTime (missingTimeStamp). Devices without a clock "
              "cannot enrol then.",
              FIELD(cmp.protection.require_message_time)},
    ConfigKey{
        "cmp.accept", "a list of \"signature\", \"pbmac1\", \"pbm\", \"hmac\", \"kmac\"",
        "How messages may be protected: by a signature, by PBMAC1 or PasswordBasedMac from a "
        "shared secret, or by HMAC or KMAC directly under one, which must be a secret that we "
        "made. Another kind is refused with badAlg; a MAC where only signatures are accepted, "
        "or the reverse, with wrongIntegrity.",
        LIST(cmp.protection.accepted, protect::kProtectionKinds)},
    ConfigKey{"cmp.accept_hmac_sha1", kYesNo,
              "Accept HMAC-SHA1 as the MAC inside PasswordBasedMac when the key derivation uses "
              "SHA-2, as stock `openssl cmp` sends it.",
              FIELD(cmp.protection.accept_hmac_sha1)},
    ConfigKey{"cmp.min_iterations_made", "a number, 1 to 1000000",
              "Fewest iterations of a MAC's key derivation with a secret that we made (at least "
              "128 random bits).",
              NUMBER(cmp.protection.min_iterations_made, 1, 1000000)},
    ConfigKey{"cmp.min_iterations_chosen", "a number, 1 to 10000000",
              "The same with a secret that a person chose.",
              NUMBER(cmp.protection.min_iterations_chosen, 1, 10000000)},
    ConfigKey{"cmp.max_iterations", "a number, 100 to 10000000",
              "Most iterations that a message may make us compute.",
              NUMBER(cmp.protection.max_iterations, 100, 10000000)},
    ConfigKey{"cmp.max_extra_certs", "a number, 1 to 100", "Most certificates in extraCerts.",
              NUMBER(cmp.protection.max_extra_certs, 1, 100)},
    ConfigKey{"cmp.implicit_confirm", kYesNo, "Grant implicitConfirm to clients that ask for it.",
              FIELD(cmp.rules.implicit_confirm)},
    ConfigKey{"cmp.confirm_wait", kDuration,
              "How long certConf is awaited. Time during which the server was down does not count.",
              FIELD(cmp.rules.confirm_wait)},
    ConfigKey{"cmp.unconfirmed", "\"revoke\", \"keep\" or \"alarm\"",
              "What happens to a certificate whose certConf did not come in time. alarm keeps it "
              "and writes an audit row.",
              CHOICE(cmp.rules.unconfirmed, kUnconfirmed)},
    ConfigKey{"cmp.longest_wait", kDuration,
              "How long a transaction may wait for its issuer's answer.",
              FIELD(cmp.rules.longest_wait)},
    ConfigKey{"cmp.most_requests", "a number, 1 to 1000", "Most requests in one message.",
              NUMBER(cmp.rules.most_requests, 1, 1000)},
    ConfigKey{"cmp.most_nested", "a number, 1 to 1000",
              "Most messages that a registration authority may send in one nested message.",
              NUMBER(cmp.most_nested, 1, 1000)},
    ConfigKey{"cmp.duplicate_keys", "\"allow\", \"same-subject\" or \"refuse\"",
              "May a public key that has a certificate be certified again?",
              CHOICE(cmp.duplicate_keys, kDuplicates)},
    ConfigKey{
        "cmp.compromised_keys", "\"refuse\" or \"allow\"",
        "May a public key be certified again whose certificate was revoked for keyCompromise? "
        "allow is for test beds that use one key for everything.",
        CHOICE(cmp.compromised_keys, kCompromised)},
    ConfigKey{"cmp.central_keys", "\"off\", \"signers\" or \"any\"",
              "May clients have their key pairs made here (central key generation)? signers: those "
              "that sign, the private key encrypted for their certificate; "
              "over HTTPS also those with a shared secret that we made, encrypted under that "
              "secret. any: the latter over plain HTTP, too.",
              CHOICE(cmp.central_keys, kCentralKeys)},
    ConfigKey{"cmp.keys_ready", "a number, 0 to 100",
              "RSA key pairs of each size that clients had made here, found beforehand so that the "
              "next one need not wait for its primes.",
              NUMBER(cmp.keys_ready, 0, 100)},
    ConfigKey{"cmp.unknown_controls", "\"refuse\" or \"ignore\"",
              "What becomes of a request with a control, or a regInfo, that is not known here: "
              "refused with badCertTemplate, or granted without it, with an audit row.",
              CHOICE(cmp.unknown_controls, kUnknownControls)},
    ConfigKey{"cmp.tokens", "\"ignore\", \"check\" or \"require\"",
              "What a regToken or authenticator among the controls, or the challengePassword of a "
              "PKCS #10 request, is worth. check: it must be one of `countersignd token`. require: "
              "and an ir, cr or p10cr must have one, but those of registration authorities.",
              CHOICE(cmp.tokens, kTokens)},
    ConfigKey{"cmp.backdate", kDuration,
              "notBefore lies this far in the past, for clients whose clocks are slow.",
              FIELD(cmp.backdate)},
    ConfigKey{"cmp.sign_refusals", kYesNo,
              "Sign error messages to senders that did not prove themselves; otherwise they go "
              "unprotected.",
              FIELD(cmp.sign_refusals)},
    ConfigKey{"cmp.keep_replies", kDuration,
              "How long a reply is kept for a client that asks again, after the transaction's end.",
              FIELD(cmp.keep_replies)},
    ConfigKey{"kur.revoke_old", kYesNo,
              "Revoke the old certificate (superseded) once the new one of a key update is "
              "confirmed.",
              FIELD(cmp.rules.kur_revoke_old)},
    ConfigKey{"kur.same_key", "\"allow\" or \"refuse\"",
              "May a key update keep the key of the old certificate? cmp.duplicate_keys does not "
              "count that one.",
              CHOICE(cmp.updates.same_key, kSameKey)},
    ConfigKey{
        "kur.again", "\"grant\", \"warn\" or \"refuse\"",
        "What happens to a key update of a certificate that was updated before, and is still "
        "valid. warn grants it with the status keyUpdateWarning, which stock `openssl cmp` "
        "takes for a failure, and which the lightweight variant does not have: there it is as "
        "grant.",
        CHOICE(cmp.updates.again, kAgain)},
    ConfigKey{"crl.validity", kDuration, "From thisUpdate to nextUpdate.", FIELD(crl_validity)},
    ConfigKey{"crl.overlap", kDuration, "A CRL is reissued this long before it lapses.",
              FIELD(crl_overlap)},
    ConfigKey{"signer.renew_before", kDuration,
              "The CMP signer's certificate is renewed this long before it expires.",
              FIELD(signer_renewal)},
    ConfigKey{"trust.revocation_lists", "a list of files",
              "Revocation lists, PEM or DER, of the CAs behind `countersignd trust` and of the "
              "upstream CA: who signs with a certificate that one of them revokes is refused. "
              "Read anew when they change. A list that has expired refuses what it is about; a "
              "certificate whose issuer has no list here passes.",
              FIELD(revocation_lists)},
    ConfigKey{"upstream.url", "URLs with spaces between, or empty",
              "CMP endpoints of the CA that this server is a registration authority of, the "
              "preferred one first. Empty: it is a CA itself.",
              TEXT(upstream.url)},
    ConfigKey{"upstream.label", kYesNo,
              "Put the operation's label behind these URLs in all that goes there "
              "(/.well-known/cmp/initialization, RFC 9483 §6.1).",
              FIELD(upstream.label)},
    ConfigKey{"upstream.certificate", "a file",
              "Our certificate as a registration authority, PEM, with its chain after it.",
              TEXT(upstream.certificate)},
    ConfigKey{"upstream.key", "a file", "Its private key, PEM without a passphrase.",
              TEXT(upstream.key)},
    ConfigKey{"upstream.ca", "a file",
              "Certificates, PEM: of the upstream CA that issues first, of its root last.",
              TEXT(upstream.ca)},
    ConfigKey{"upstream.signers", "a file, or empty",
              "Certificates, PEM: those that the upstream CA signs its answers with, where it does "
              "not send them along. Those that it has sent are remembered until the next start.",
              TEXT(upstream.signers)},
    ConfigKey{"upstream.strategy", "\"replace\", \"add\", \"keep\" or \"batch\"",
              "What becomes of the end entities' protection. replace: we ask in our own name; only "
              "key updates keep theirs, and get ours added. add: all messages do. keep: all are "
              "passed on untouched and unchecked. batch: the same, several in one nested message.",
              CHOICE(upstream.relaying, kStrategies)},
    ConfigKey{"upstream.request", "\"as_asked\", \"ir\" or \"cr\"",
              "Under the strategy replace, what we ask for a certificate by. as_asked: an ir by an "
              "ir, a cr and a PKCS #10 request by a cr. ir, cr: always that.",
              CHOICE(upstream.request, kRequests)},
    ConfigKey{"upstream.pop", "\"ra_verified\" or \"keep\"",
              "Under the strategy replace, what the upstream CA sees of the proof of possession. "
              "ra_verified: our word for it. keep: the requester's own, with what it was signed "
              "with; what cannot keep it is refused.",
              CHOICE(upstream.pop, kPops)},
    ConfigKey{"upstream.orig_message", kYesNo,
              "Under the strategy replace, show the upstream CA the end entity's message beside "
              "ours (origPKIMessage), so that it can check the proof of possession itself.",
              FIELD(upstream.orig_message)},
    ConfigKey{"upstream.timeout", kDuration, "How long one message to the upstream CA may take.",
              FIELD(upstream.timeout)},
    ConfigKey{"upstream.patience", kDuration,
              "How long a requester's connection waits for the upstream CA. After that it is told "
              "to poll, or refused where the CA could not be reached.",
              FIELD(upstream.patience)},
    ConfigKey{"upstream.retry", kDuration,
              "How long to wait before the same octets are sent again when nobody waits.",
              FIELD(upstream.retry)},
    ConfigKey{"upstream.rest", kDuration,
              "An endpoint that failed three times in a row is left alone for so long.",
              FIELD(upstream.rest)},
    ConfigKey{"upstream.give_up", kDuration,
              "When a request that the upstream CA did not answer is refused.",
              FIELD(upstream.give_up)},
    ConfigKey{"upstream.tls_trust", "a file, or empty",
              "Certificates, PEM: the only ones that may end the path of the upstream CA's TLS "
              "certificate. Empty: those that the system trusts, and the last of upstream.ca.",
              TEXT(upstream.tls_trust)},
    ConfigKey{"upstream.tls_certificate", "a file, or empty",
              "Our certificate as a TLS client of the upstream CA, PEM, with its chain after it.",
              TEXT(upstream.tls_certificate)},
    ConfigKey{"upstream.tls_key", "a file, or empty", "Its private key, PEM without a passphrase.",
              TEXT(upstream.tls_key)},
    ConfigKey{"approval.templates", "a list of certificate templates, or [\"*\"] for all",
              "Requests for certificates of these wait until an officer decides: countersignd "
              "requests list. Their senders poll meanwhile. Not asked of what a registration "
              "authority passes on with its requester's own protection.",
              TEMPLATES(approval.templates)},
    ConfigKey{"approval.updates", kYesNo,
              "Does that hold for key updates by a certificate's holder too?",
              FIELD(approval.updates)},
    ConfigKey{"approval.revocations", kYesNo,
              "Do revocations that are asked for by rr wait for an officer?",
              FIELD(approval.revocations)},
    ConfigKey{"approval.check_after", kDuration,
              "How soon somebody who waits for an officer is told to ask again.",
              FIELD(approval.check_after)},
    ConfigKey{"log.json", kYesNo, "Write the log as one JSON object a line.", FIELD(log_json)},
    ConfigKey{"log.level", "\"debug\", \"info\", \"warning\" or \"error\"",
              "The least important events that are written.",
              [](Config& c, const ConfigValue& v) {
                std::string level;
                constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning",
                                                                     "error"};
                if (!to(level, v) || std::ranges::find(kLevels, level) == kLevels.end())
                  return false;
                c.log_level = level;
                return true;
              },
              [](const Config& c) { return in_quotes(c.log_level); }},
};

#undef LIST
#undef TEMPLATES
#undef FIELD
#undef TEXT
#undef NUMBER
#undef CHOICE

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

}  // namespace countersign::server
