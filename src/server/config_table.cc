#include <array>

#include "server/config.h"

namespace countersign::server {
namespace {

constexpr std::array<std::string_view, 3> kTlsClients = {"off", "optional", "required"};

using Subject = Config;
using FieldValue = enrol::FieldValue;
using enrol::from;
using enrol::to;

using Row = enrol::Field<Config>;
constexpr std::array kBefore = {
    Row{"listen", "address and port: \"127.0.0.1:8829\", \"[::1]:0\"; or empty",
        "Where plain HTTP is served. Port 0 picks a free one. Empty: nowhere, where "
        "tls.listen is set.",
        FIELD(listen)},
    Row{"public_url", "http://host:port without a slash at the end",
        "What clients reach this server by. Certificates name their CRL and issuer under it, "
        "so set it before the first certificate is issued.",
        FIELD(public_url)},
    Row{"threads", "a number, 0 to 256", "Request loops; 0 is one for each core.",
        NUMBER(threads, 0, 256)},
    Row{"stop_deadline", enrol::kDurationFits,
        "How long a graceful stop waits for what was begun before it cuts off.",
        FIELD(stop_deadline)},
    Row{"http.body_limit", "octets, 1024 to 16777216", "Largest request body.",
        NUMBER(body_limit, 1024, 16777216)},
    Row{"http.most_connections", "a number, 1 to 1000000",
        "Open connections; further ones are turned away with 503.",
        NUMBER(most_connections, 1, 1000000)},
    Row{"http.request_deadline", enrol::kDurationFits,
        "A request must have arrived whole, and its answer been taken, within this time.",
        FIELD(request_deadline)},
    Row{"http.idle_deadline", enrol::kDurationFits, "An idle connection is closed after this time.",
        FIELD(idle_deadline)},
    Row{"tls.listen", "address and port, or empty", "Where HTTPS is served. Empty: nowhere.",
        FIELD(tls.listen)},
    Row{"tls.certificate", "a file, or empty",
        "The certificate that the TLS port shows, PEM, with its chain after it. Read anew "
        "when it changes. Empty: one that our own CA makes and renews.",
        FIELD(tls.certificate)},
    Row{"tls.key", "a file, or empty", "Its private key, PEM without a passphrase.",
        FIELD(tls.key)},
    Row{"tls.names", "a list of host names and addresses",
        "For the certificate that our own CA makes. Empty: the host of public_url, the "
        "address of tls.listen and, where that is loopback or everywhere, localhost, "
        "127.0.0.1 and ::1.",
        FIELD(tls.names)},
    Row{"tls.clients", "\"off\", \"optional\" or \"required\"",
        "Are TLS clients asked for a certificate? optional: one that is sent must be good. "
        "CMP proves who asks by itself, with or without.",
        CHOICE(tls.clients, kTlsClients)},
    Row{"tls.client_ca", "a file, or empty",
        "Certificates, PEM: of the CAs whose certificates TLS clients may show. Read anew "
        "when it changes. Empty: our own CA's.",
        FIELD(tls.client_ca)},
    Row{"cmp.keys_ready", "a number, 0 to 100",
        "RSA key pairs of each size that clients had made here, found beforehand so that the "
        "next one need not wait for its primes.",
        NUMBER(keys_ready, 0, 100)},
    Row{"cmp.blocked_keys", "a file, or empty",
        "Public keys that are never certified, one a line: SHA-256 of a SubjectPublicKeyInfo, or a "
        "fingerprint as in Debian's openssl-blacklist. Read at start.",
        FIELD(blocked_keys)},
    Row{"cmp.keep_replies", enrol::kDurationFits,
        "How long a reply is kept for a client that asks again, after the transaction's end.",
        FIELD(keep_replies)},
};
// Between them stand those of the CMP profile `default`.
constexpr std::array kAfter = {
    Row{"crl.validity", enrol::kDurationFits, "From thisUpdate to nextUpdate.",
        FIELD(crl_validity)},
    Row{"crl.overlap", enrol::kDurationFits, "A CRL is reissued this long before it lapses.",
        FIELD(crl_overlap)},
    Row{"signer.renew_before", enrol::kDurationFits,
        "The CMP signer's certificate is renewed this long before it expires.",
        FIELD(signer_renewal)},
    Row{"trust.revocation_lists", "a list of files",
        "Revocation lists, PEM or DER, of the CAs behind `countersignd trust` and of the "
        "upstream CA: who signs with a certificate that one of them revokes is refused. "
        "Read anew when they change. A list that has expired refuses what it is about; a "
        "certificate whose issuer has no list here passes.",
        FIELD(revocation_lists)},
};
// Then those of the server's own authority, where that is another CA.
constexpr std::array kLast = {
    Row{"authorities.commands", "a folder, or empty",
        "Where the programs are that authorities of the kind command run. Empty: none may.",
        FIELD(authority_commands)},
    Row{"pkcs11.module", "a file, or empty",
        "The PKCS #11 module of the maker of the tokens that keys are in, as "
        "/usr/lib/softhsm/libsofthsm2.so. It is loaded into this server, so that it stands here "
        "alone: no URI of a key may name one. Empty: no key is in a token.",
        FIELD(pkcs11.module)},
    Row{"pkcs11.provider", "a file, or empty",
        "pkcs11.so of pkcs11-provider, through which OpenSSL reaches the module. Empty: the one "
        "that was there when this server was built, or that of OpenSSL's own folder of modules.",
        FIELD(pkcs11.provider)},
    Row{"approval.templates", "a list of RA profiles, or [\"*\"] for all",
        "Requests for certificates of these wait until an officer decides: countersignd "
        "requests list. Their senders poll meanwhile. Not asked of what a registration "
        "authority passes on with its requester's own protection.",
        FIELD(approval.templates)},
    Row{"approval.updates", enrol::kYesNoFits,
        "Does that hold for key updates by a certificate's holder too?", FIELD(approval.updates)},
    Row{"approval.revocations", enrol::kYesNoFits,
        "Do revocations that are asked for by rr wait for an officer?",
        FIELD(approval.revocations)},
    Row{"approval.check_after", enrol::kDurationFits,
        "How soon somebody who waits for an officer is told to ask again.",
        FIELD(approval.check_after)},
    Row{"approval.notify", "a program, or a URL (https, or http to this very machine); or empty",
        "What is told of requests that wait for officers: asked, reminded, escalated, decided, "
        "expired, as one JSON object each (docs/howto/approval-desk.md). A program gets it on its "
        "standard input, a URL by POST. Tried again for a day where it fails; no request waits for "
        "it. Empty: nobody is told.",
        FIELD(approval.notify)},
    Row{"approval.notify_trust", "a file, or empty",
        "Certificates, PEM: the only ones that may end the path of its TLS certificate. Empty: "
        "those that the system trusts.",
        FIELD(approval.notify_trust)},
    Row{"approval.notify_token", "a file, or empty",
        "What the URL is shown, on one line: Authorization: Bearer …. Empty: nothing.",
        FIELD(approval.notify_token)},
    Row{"approval.notify_timeout", enrol::kDurationFits, "How long it may take.",
        FIELD(approval.notify_timeout)},
    Row{"approval.remind_every", enrol::kDurationFits,
        "How often what waits is told again (reminded). 0: never.", FIELD(approval.remind_every)},
    Row{"approval.desk_url", "a URL, or empty",
        "Where officers decide: what is told has this, a slash and the id of the request. Empty: "
        "the API's, at api.listen.",
        FIELD(approval.desk_url)},
    Row{"devices.webhook", "a URL with a path: https, or http to this very machine; or empty",
        "Where devices are asked for that the registry does not know: GET URL?serial=… gives an "
        "entry as the API has it, or 404. Empty: nowhere. RA profiles say whether devices must be "
        "known.",
        FIELD(devices.webhook)},
    Row{"devices.webhook_trust", "a file, or empty",
        "Certificates, PEM: the only ones that may end the path of its TLS certificate. Empty: "
        "those that the system trusts.",
        FIELD(devices.trust)},
    Row{"devices.webhook_token", "a file, or empty",
        "What it is shown, on one line: Authorization: Bearer …. Empty: nothing.",
        FIELD(devices.token)},
    Row{"devices.webhook_timeout", enrol::kDurationFits,
        "How long it may take. After that the requester is told to send the same again.",
        FIELD(devices.timeout)},
    Row{"devices.webhook_keep", enrol::kDurationFits,
        "How long what it told is good; after that it is asked again.", FIELD(devices.keep)},
    Row{"credentials.deliver", "a program's path, or empty",
        "What carries a new secret to whom it is for, where `secret add --deliver ADDRESS` or the "
        "API asks for that. It gets one JSON object; exit code 0 says that it is delivered. Empty: "
        "nothing does.",
        FIELD(credentials.deliver)},
    Row{"credentials.deliver_time", enrol::kDurationFits,
        "How long it may take; then it is ended, and the secret is not kept.",
        FIELD(credentials.deliver_time)},
    Row{"api.listen", "address and port, or empty",
        "Where the REST API is served, as soon as there is an operator (`countersignd operator "
        "add`). Empty: nowhere.",
        FIELD(api.listen)},
    Row{"api.tls", enrol::kYesNoFits,
        "Serve it over HTTPS, with a certificate of our own CA or that of tls.certificate; "
        "operators may log in with certificates of tls.client_ca, or of our own CA. false is for "
        "loopback only.",
        FIELD(api.tls)},
    Row{"log.json", enrol::kYesNoFits, "Write the log as one JSON object a line.", FIELD(log_json)},
    Row{"log.level", "\"debug\", \"info\", \"warning\" or \"error\"",
        "The least important events that are written.",
        [](Config& c, const FieldValue& v) {
          std::string level;
          constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
          if (!to(level, v) || std::ranges::find(kLevels, level) == kLevels.end()) return false;
          c.log_level = level;
          return true;
        },
        [](const Config& c) -> FieldValue { return c.log_level; }},
};

// `cmp.confirm_wait`; what has a table of its own (`kur.same_key`) keeps its name.
std::string key_of(std::string_view field) {
  return (field.find('.') == std::string_view::npos ? "cmp." : "") + std::string(field);
}

// The configuration's own authority is a CA that speaks CMP.
bool is_of_objects_alone(std::string_view field) {
  constexpr std::array<std::string_view, 10> kOfObjects = {
      "summary",      "kind",      "command", "token_file", "ca_name",
      "organization", "algorithm", "root",    "lives",      "most_per_day"};
  return std::ranges::find(kOfObjects, field) != kOfObjects.end();
}

template <class Rows>
void add(std::vector<ConfigKey>& out, const Rows& rows) {
  for (const Row& row : rows)
    out.push_back({std::string(row.name), row.fits, row.meaning, row.set, row.get});
}

std::vector<ConfigKey> all_keys() {
  std::vector<ConfigKey> out;
  add(out, kBefore);
  for (const auto& field : enrol::cmp_profile_fields())
    out.push_back({key_of(field.name), field.fits, field.meaning,
                   [&field](Config& c, const FieldValue& v) { return field.set(c.cmp, v); },
                   [&field](const Config& c) { return field.get(c.cmp); }});
  add(out, kAfter);
  for (const auto& field : enrol::authority_fields())
    if (!is_of_objects_alone(field.name))
      out.push_back({"upstream." + std::string(field.name), field.fits, field.meaning,
                     [&field](Config& c, const FieldValue& v) { return field.set(c.upstream, v); },
                     [&field](const Config& c) { return field.get(c.upstream); }});
  add(out, kLast);
  return out;
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> keys = all_keys();
  return keys;
}

}  // namespace countersign::server
