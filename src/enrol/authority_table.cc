// The fields of an authority, and what each kind of them needs.
#include "crypto/keys.h"
#include "crypto/token_uri.h"
#include "enrol/authority.h"

namespace countersign::enrol {
namespace {

using Subject = Authority;

constexpr std::array<std::string_view, 2> kRoots = {"shared", "own"};
constexpr std::array<std::string_view, 4> kStrategies = {"replace", "add", "keep", "batch"};
constexpr std::array<std::string_view, 3> kRequests = {"as_asked", "ir", "cr"};
constexpr std::array<std::string_view, 2> kPops = {"ra_verified", "keep"};
constexpr std::array<std::string_view, 3> kMacs = {"pbm", "pbmac1", "pbm-gmac"};
constexpr std::array<std::string_view, 2> kConfirms = {"forwarded", "implicit"};

// The program is one of a folder that the configuration file names: who may set objects may not
// thereby run whatever lies on this machine.
bool set_command(Authority& authority, const FieldValue& v) {
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  if (list == nullptr || list->size() > 64) return false;
  if (!list->empty() && !is_object_name(list->front())) return false;
  authority.command = *list;
  return true;
}

bool set_algorithm(Authority& authority, const FieldValue& v) {
  const auto* name = std::get_if<std::string>(&v);
  const auto* spec = name == nullptr ? nullptr : crypto::key_spec(*name);
  if (spec == nullptr || !crypto::can_sign(spec->kind)) return false;
  authority.algorithm = *name;
  return true;
}

constexpr std::array kFields = {
    Field<Subject>{"summary", "text", "One line for people.", FIELD(summary)},
    Field<Subject>{"kind", "\"cmp\", \"command\", \"webhook\" or \"own\"",
                   "How it is reached: over CMP, by a program that is run here, or by a web "
                   "service that is asked in JSON. own: it is a CA of this server; its keys are "
                   "made when it is first put into use, and never removed.",
                   CHOICE(kind, kAuthorityKinds)},
    Field<Subject>{"ca_name", "text",
                   "Of the kind own: CN=<ca_name> Issuing CA. Empty: the name of the server's own "
                   "CA with that of this authority behind it. This, organization, algorithm, root "
                   "and lives count when the CA is made.",
                   FIELD(ca_name)},
    Field<Subject>{"organization", "text",
                   "Of the kind own: O in its names. Empty: as the server's own CA has it.",
                   FIELD(organization)},
    Field<Subject>{"algorithm", "a key algorithm that can sign: p256, rsa3072, ml-dsa-65 …",
                   "Of the kind own: of its keys. Later ones: countersignd ca rollover.",
                   &set_algorithm, [](const Subject& c) -> FieldValue { return c.algorithm; }},
    Field<Subject>{"root", "\"shared\" or \"own\"",
                   "Of the kind own: whether it is below the root of the server's own CA, or below "
                   "one of its own.",
                   CHOICE(root, kRoots)},
    Field<Subject>{"lives", kDurationFits,
                   "Of the kind own: how long the certificate of its issuing CA is valid; not "
                   "longer than its root.",
                   FIELD(lives)},
    Field<Subject>{"url", "URLs with spaces between, or empty",
                   "CMP endpoints of the CA that this server is a registration authority of, the "
                   "preferred one first. Empty: it is a CA itself. Of a webhook: the one URL.",
                   FIELD(url)},
    Field<Subject>{"command", "a list: the name of a program, its arguments",
                   "Of the kind command: what is run for each request. The program lies in the "
                   "folder that authorities.commands of the configuration names.",
                   &set_command, [](const Subject& c) -> FieldValue { return c.command; }},
    Field<Subject>{"ca", "a file",
                   "Certificates, PEM: of the upstream CA that issues first, of its root last.",
                   FIELD(ca)},
    Field<Subject>{"label", kYesNoFits,
                   "Put the operation's label behind these URLs in all that goes there "
                   "(/.well-known/cmp/initialization, RFC 9483 §6.1).",
                   FIELD(label)},
    Field<Subject>{"certificate", "a file",
                   "Our certificate as a registration authority, PEM, with its chain after it.",
                   FIELD(certificate)},
    Field<Subject>{"key", "a file, or a PKCS #11 URI",
                   "Its private key: PEM, with a passphrase (key_password) or without; or, in a "
                   "token, pkcs11:token=…;object=… (RFC 7512, docs/howto/tokens.md).",
                   FIELD(key)},
    Field<Subject>{"key_password", "a file, or empty",
                   "Its first line is the passphrase of key, or the PIN of its token.",
                   FIELD(key_password)},
    Field<Subject>{"reference", "text",
                   "Of a secret that we and the CA share: what we send is protected by a MAC "
                   "under it rather than signed (as EJBCA's RA mode has it).",
                   FIELD(reference)},
    Field<Subject>{"secret_file", "a file, or empty",
                   "Its first line is that secret. Empty: we sign with key.", FIELD(secret_file)},
    Field<Subject>{"mac", "\"pbm\", \"pbmac1\" or \"pbm-gmac\"",
                   "The kind of that MAC. pbm (PasswordBasedMac) is known to every CA.",
                   CHOICE(mac, kMacs)},
    Field<Subject>{
        "signers", "a file, or empty",
        "Certificates, PEM: those that the upstream CA signs its answers with, where it does "
        "not send them along. Those that it has sent are remembered until the next start.",
        FIELD(signers)},
    Field<Subject>{
        "strategy", "\"replace\", \"add\", \"keep\" or \"batch\"",
        "What becomes of the end entities' protection. replace: we ask in our own name; only "
        "key updates keep theirs, and get ours added. add: all messages do. keep: all are "
        "passed on untouched and unchecked. batch: the same, several in one nested message. The "
        "last three are for the server's default authority.",
        CHOICE(relaying, kStrategies)},
    Field<Subject>{"request", "\"as_asked\", \"ir\" or \"cr\"",
                   "Under the strategy replace, what we ask for a certificate by. as_asked: an ir "
                   "by an ir, a cr and a PKCS #10 request by a cr. ir, cr: always that.",
                   CHOICE(request, kRequests)},
    Field<Subject>{
        "pop", "\"ra_verified\" or \"keep\"",
        "Under the strategy replace, what the upstream CA sees of the proof of possession. "
        "ra_verified: our word for it. keep: the requester's own, with what it was signed "
        "with; what cannot keep it is refused.",
        CHOICE(pop, kPops)},
    Field<Subject>{
        "confirm", "\"forwarded\" or \"implicit\"",
        "Under the strategy replace, when the upstream CA takes a certificate for confirmed. "
        "forwarded: when its end entity has confirmed it here. implicit: when the CA has issued it "
        "(implicitConfirm, where the CA grants that), which saves two of four messages; one that "
        "is rejected here, or not confirmed in time, is then revoked there, which the CA must "
        "allow us to.",
        CHOICE(confirm, kConfirms)},
    Field<Subject>{"orig_message", kYesNoFits,
                   "Under the strategy replace, show the upstream CA the end entity's message "
                   "beside ours (origPKIMessage), so that it can check the proof of possession "
                   "itself.",
                   FIELD(orig_message)},
    Field<Subject>{"follow", kYesNoFits,
                   "Take what the upstream CA issues by a certificate that is not in the file "
                   "`ca`, if that one comes along and leads to the root there, as after a "
                   "rollover. false: the file says it all; what is issued otherwise is rejected.",
                   FIELD(follow)},
    Field<Subject>{"cert_profile", "\"as_asked\", \"ra_profile\", a name, or empty",
                   "Under the strategy replace, the certificate profile that the upstream CA is "
                   "asked for (certProfile, RFC 9483 §4.1.1). as_asked: the one that the requester "
                   "named, if any; ra_profile: the name of the RA profile that granted the "
                   "request; else that very name. Empty: none is named.",
                   FIELD(cert_profile)},
    Field<Subject>{"token_file", "a file, or empty",
                   "Of a webhook: its one line goes along as Authorization: Bearer.",
                   FIELD(token_file)},
    Field<Subject>{"timeout", kDurationFits,
                   "How long one message to the upstream CA may take, or one run of a program.",
                   FIELD(timeout)},
    Field<Subject>{"patience", kDurationFits,
                   "How long a requester's connection waits for the upstream CA. After that it is "
                   "told to poll, or refused where the CA could not be reached.",
                   FIELD(patience)},
    Field<Subject>{"retry", kDurationFits,
                   "How long to wait before the same octets are sent again when nobody waits.",
                   FIELD(retry)},
    Field<Subject>{"rest", kDurationFits,
                   "An endpoint that failed three times in a row is left alone for so long.",
                   FIELD(rest)},
    Field<Subject>{"give_up", kDurationFits,
                   "When a request that the upstream CA did not answer is refused.",
                   FIELD(give_up)},
    Field<Subject>{"most_at_once", "a number, 0 to 10000",
                   "Messages of our own that may be under way to it, or programs that may run, at "
                   "the same time; others wait for their turn. What is passed on with its "
                   "sender's protection does not count. 0: any number.",
                   NUMBER(most_at_once, 0, 10000)},
    Field<Subject>{"most_waiting", "a number, 0 to 1000000",
                   "With so many waiting for their turn it counts as full: the next authority of "
                   "the RA profile is asked, or the request refused. 0: any number.",
                   NUMBER(most_waiting, 0, 1000000)},
    Field<Subject>{"most_per_day", "a number, 0 to 100000000",
                   "With so many certificates issued in the last 24 hours it counts as full: the "
                   "next authority of the RA profile is asked, or the request refused. Looked at "
                   "every second: what is under way meanwhile is still issued. 0: any number. "
                   "Not for the server's own authority.",
                   NUMBER(most_per_day, 0, 100'000'000)},
    Field<Subject>{"tls_trust", "a file, or empty",
                   "Certificates, PEM: the only ones that may end the path of the upstream CA's "
                   "TLS certificate. Empty: those that the system trusts, and the last of `ca`.",
                   FIELD(tls_trust)},
    Field<Subject>{"tls_certificate", "a file, or empty",
                   "Our certificate as a TLS client of the upstream CA, PEM, with its chain after "
                   "it.",
                   FIELD(tls_certificate)},
    Field<Subject>{"tls_key", "a file, or empty", "Its private key, PEM without a passphrase.",
                   FIELD(tls_key)},
};

}  // namespace

std::span<const Field<Authority>> authority_fields() { return kFields; }

std::vector<Missing> missing_in(const Authority& a) {
  std::vector<Missing> out;
  const auto need = [&](std::string_view field, bool there, std::string_view what) {
    if (!there) out.push_back({field, "is not set: " + std::string(what)});
  };
  if (a.kind == AuthorityKind::own) {
    constexpr Seconds kLongestLife{100LL * 365 * 86400};
    constexpr std::size_t kLongestOrganization = 64;  // RFC 5280 appendix A.1
    const auto at_most = [](std::size_t n) {
      return "has more than " + std::to_string(n) + " octets";
    };
    if (a.lives <= Seconds{0} || a.lives > kLongestLife)
      out.push_back({"lives", "must be longer than nothing, and at most 100y"});
    if (a.ca_name.size() > kLongestCaName) out.push_back({"ca_name", at_most(kLongestCaName)});
    if (a.organization.size() > kLongestOrganization)
      out.push_back({"organization", at_most(kLongestOrganization)});
    return out;
  }
  need("ca", !a.ca.empty(),
       "name a file with the certificate of the CA that issues, and that of its root last");
  need("key", a.certificate.empty() || !a.key.empty(),
       "name a file with the key of our certificate");
  if (const auto uri = crypto::check_key_place(a.key); !uri)
    out.push_back({"key", uri.error().reply_text});
  if (a.kind == AuthorityKind::command) {
    need("command", !a.command.empty(), "name the program that asks the CA");
    return out;
  }
  need("url", !a.url.empty(), "say where it is reached, https://host/path");
  if (a.kind == AuthorityKind::webhook) return out;
  need("certificate", !a.certificate.empty() || !a.secret_file.empty(),
       "name a file with our certificate as a registration authority of that CA, or one with a "
       "secret that we share with it (secret_file)");
  need("reference", a.secret_file.empty() || !a.reference.empty(),
       "say by which reference the CA knows the secret");
  need("secret_file", a.reference.empty() || !a.secret_file.empty(),
       "name a file with the secret of that reference");
  if (a.relaying != Relaying::updates)
    out.push_back({"strategy", "is for the server's default authority; leave it at \"replace\""});
  return out;
}

}  // namespace countersign::enrol
