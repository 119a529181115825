#include "app/countersign/wishes.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/os_clock.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "client/invitation.h"
#include "crypto/path.h"
#include "protect/protection_table.h"

namespace countersign::app {
namespace {

using client::recode;
using client::wrong_usage;

Result<client::Protection> by_certificate(const Options& options, const std::string& cert,
                                          const std::string& key) {
  // Named one by one: gcc 12 does not destroy the first where the second returns from here.
  auto private_key = TRY(client::load_key(key, TRY(key_passphrase(options))));
  auto certificate = TRY(client::load_certificates(cert));
  client::SigningIdentity identity{std::move(private_key), std::move(certificate)};
  if (!client::certifies(identity.certificate.leaf, identity.key.public_key()))
    return fail(Failure::systemFailure, "client.key-mismatch",
                key + " is not the key of the certificate in " + cert +
                    "; name the two that belong together");
  return client::Protection(std::move(identity));
}

Result<client::Protection> by_shared_secret(const Options& options) {
  TRY(need(options, {{"--reference", options.reference}, {"--secret", options.secret}}));
  client::SharedSecret shared{*options.reference, TRY(secret_from(*options.secret)), {}};
  if (shared.secret.empty()) return wrong_usage("the secret is empty; check what --secret names");
  const std::string mac = options.mac.value_or("pbm");
  const auto choice = protect::mac_choice(mac);
  if (!choice) return wrong_usage("--mac is pbm, pbmac1, pbm-gmac, hmac or kmac");
  shared.choice = *choice;
  return client::Protection(std::move(shared));
}

bool asks_certificate(const Options& options) {
  return options.verb != "revoke" && options.verb != "info";
}

bool uses_own_certificate(const Options& options) {
  return options.verb == "renew" || options.verb == "revoke" || options.verb == "info";
}

Result<int> days_of(const std::string& text) {
  int days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc{} || end != text.data() + text.size() || days < 1 || days > 36500)
    return wrong_usage("--days is a number from 1 to 36500");
  return days;
}

std::string value_of(const Options& options, const Option& option) {
  if (const auto* text = std::get_if<Text>(&option.member)) return (options.*(*text)).value_or("");
  if (const auto* flag = std::get_if<Flag>(&option.member)) return options.*(*flag) ? "given" : "";
  std::string out;
  for (const auto& one : options.*std::get<List>(option.member))
    out += (out.empty() ? "" : " ") + one;
  return out;
}

}  // namespace

// Standard input can be read once only, and a request may be made twice.
Result<Secret> secret_from(const std::string& source) {
  if (source != "stdin:") return client::read_secret(source);
  static const Result<Secret> line = client::read_secret(source);
  if (!line) return std::unexpected(line.error());
  return line->clone();
}

Result<> need(const Options& options, std::initializer_list<Needed> list) {
  for (const auto& [option, value] : list)
    if (!value)
      return wrong_usage("countersign " + options.verb + " needs " + std::string(option) +
                         "; see countersign " + options.verb + " --help");
  return {};
}

Result<> follow_invitation(Options& options) {
  if (!options.invite) return {};
  if (options.reference || options.secret)
    return wrong_usage("--invite holds reference and secret: leave --reference and --secret out");
  const std::string& given = *options.invite;
  Secret text(view(given));
  if (!given.starts_with("countersign:")) text = TRY(secret_from(given));
  auto invitation = TRY(client::read_invitation(countersign::text(text.expose())));
  if (options.url.empty() && !options.carried()) options.url = std::move(invitation.url);
  options.reference = std::move(invitation.reference);
  options.secret = "pass:" + invitation.secret;
  if (!options.subject && !options.csr && !invitation.subject.empty())
    options.subject = std::move(invitation.subject);
  return {};
}

bool by_secret(const Options& options) {
  return !options.via_cert && !options.via_key && (options.secret || options.reference);
}

Result<client::Errand::Prepared> prepare_central(const Options& options, message::BodyType type,
                                                 const client::CertificateWish& wish,
                                                 client::Parties parties,
                                                 const client::Journal& journal) {
  parties.expectation = {std::nullopt, wish.subject, wish.alternative_names};
  parties.keep_key = [path = journal.key_path(),
                      passphrase = TRY(key_passphrase(options))](const crypto::PrivateKey& key) {
    return client::save_key(path, key, passphrase);
  };
  std::optional<crypto::KeyKind> kind;
  if (options.algorithm) kind = crypto::key_spec(*options.algorithm)->kind;
  return client::Errand::Prepared{
      std::move(parties), [=, &options]() -> Result<client::Request> {
        return client::Request{client::central_key_request(type, wish, kind, OsClock().now()),
                               client::general_info(options.profile, confirmation_of(options))};
      }};
}

Result<Secret> key_passphrase(const Options& options) {
  if (!options.key_pass) return Secret();
  return secret_from(*options.key_pass);
}

Result<client::Protection> protection_of(const Options& options) {
  if (options.via_cert || options.via_key) {
    TRY(need(options, {{"--via-cert", options.via_cert}, {"--via-key", options.via_key}}));
    if (options.secret || options.reference)
      return wrong_usage("give either --reference and --secret or --via-cert and --via-key");
    return by_certificate(options, *options.via_cert, *options.via_key);
  }
  if (by_secret(options)) return by_shared_secret(options);
  if (!uses_own_certificate(options) || !options.cert || !options.key)
    return wrong_usage(
        "nothing says how to prove who asks: give --reference and --secret, or --via-cert and "
        "--via-key" +
        std::string(uses_own_certificate(options) ? ", or --cert and --key" : ""));
  return by_certificate(options, *options.cert, *options.key);
}

std::string roots_path(const Options& options) {
  if (options.roots) return *options.roots;
  if (options.cert) return *options.cert + ".roots.pem";
  if (options.via_cert) return *options.via_cert + ".roots.pem";
  return "";
}

Result<std::vector<Bytes>> trusted_roots(const Options& options) {
  if (options.trust) return client::load_anchor_list(*options.trust);
  if (options.roots && client::file_exists(*options.roots))
    return client::load_anchor_list(*options.roots);
  for (const auto& beside : {options.via_cert, options.cert})
    if (!options.roots && beside && client::file_exists(*beside + ".roots.pem"))
      return client::load_anchor_list(*beside + ".roots.pem");
  return std::vector<Bytes>{};
}

Result<client::Trust> trust_of(const Options& options, RootComes root) {
  client::Trust trust;
  const bool root_in_answer = root == RootComes::in_answer && by_secret(options) && !options.trust;
  if (!root_in_answer) trust.anchor_list = TRY(trusted_roots(options));
  for (const auto& file : options.crl) {
    auto lists = TRY(client::load_crls(file));
    std::ranges::move(lists, std::back_inserter(trust.revocation_lists));
  }
  if (!trust.anchor_list.empty())
    trust.anchors =
        TRY(recode(client::trust_set(trust.anchor_list, trust), "client.file-certificate"));
  trust.signed_answer_to_mac = options.trust.has_value();
  trust.anchors_from_mac = root_in_answer;
  if (options.server_cert)
    trust.pinned = TRY(client::load_certificates(*options.server_cert)).leaf.der;
  if (options.expect_sender)
    trust.expected_sender = TRY(name_of("--expect-sender", *options.expect_sender));
  // Without an anchor a certificate could only be rejected; found out before one is issued.
  const bool must_know = !by_secret(options) || (asks_certificate(options) && !root_in_answer);
  const bool pin_is_enough = trust.pinned && !asks_certificate(options);
  if (!trust.anchors && !pin_is_enough && must_know)
    return wrong_usage(
        "nothing says which CA to trust; name its root with --trust, or with --roots");
  return trust;
}

namespace {

// A vendor's certificate says nothing of the CA that is asked; one that leads to the same anchors
// as the server's is of that CA.
bool of_that_ca(const client::CertificateFile& own, const client::Trust& trust) {
  if (!trust.anchors) return false;
  const std::vector<View> between(own.rest.begin(), own.rest.end());
  return crypto::validate_path({own.leaf.der, between, *trust.anchors, OsClock().now()})
      .has_value();
}

// RFC 9483 §3.1 [SHOULD] the CA that is asked; [MUST] else the NULL-DN.
Result<x509::GeneralName> recipient_of(const Options& options, const client::Parties& parties) {
  if (options.recipient)
    return x509::directory_name(TRY(name_of("--recipient", *options.recipient)));
  if (parties.trust.pinned)
    return x509::directory_name(TRY(x509::parse_certificate(*parties.trust.pinned)).subject);
  const auto* own = parties.protection.certificate();
  if (own != nullptr && of_that_ca(*own, parties.trust))
    return x509::directory_name(own->leaf.issuer);
  return x509::GeneralName{};
}

}  // namespace

Result<client::Parties> parties_of(const Options& options, RootComes root) {
  auto protection = TRY(protection_of(options));
  auto trust = TRY(trust_of(options, root));
  client::Parties parties{std::move(protection), std::move(trust), {}, {}, {}};
  parties.recipient = TRY(recipient_of(options, parties));
  parties.patience = TRY(duration_of("--patience", options.patience, Seconds{3600}));
  return parties;
}

Result<x509::Name> name_of(const std::string& option, const std::string& text) {
  return recode(x509::name_from_text(text), "client.usage", option);
}

namespace {

// It goes out as it is: no secret towards the wire.
Result<std::string> shown_text(const std::string& source) {
  const Secret value = TRY(secret_from(source));
  const View octets = value.expose();
  return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
}

}  // namespace

Result<client::CertificateWish> wish_of(const Options& options) {
  client::CertificateWish wish;
  if (options.subject) wish.subject = TRY(name_of("--subject", *options.subject));
  for (const auto& san : options.san)
    wish.alternative_names.push_back(
        TRY(recode(x509::general_name_from_text(san), "client.usage", "--san")));
  if (options.token) wish.reg_token = TRY(shown_text(*options.token));
  if (options.authenticator) wish.authenticator = TRY(shown_text(*options.authenticator));
  if (options.days) wish.lifetime = Seconds{86400} * TRY(days_of(*options.days));
  return wish;
}

// RFC 9483 §4.1.1 [MUST] ask for implicitConfirm unless confirmation is required: it is, see
// docs/adr/0006-the-client-confirms.md.
client::Confirmation confirmation_of(const Options& options) {
  return options.implicit_confirm ? client::Confirmation::implicit
                                  : client::Confirmation::explicit_;
}

std::vector<client::Setting> settings_of(const Options& options) {
  std::vector<client::Setting> out{{"command", options.verb}};
  for (const Option& option : kOptions) {
    if (option.names == Names::nothing) continue;
    const std::string value = value_of(options, option);
    if (!value.empty()) out.push_back({std::string(option.name), value});
  }
  return out;
}

Result<Seconds> duration_of(std::string_view option, const std::optional<std::string>& text,
                            Seconds otherwise) {
  if (!text) return otherwise;
  const auto duration = parse_duration(*text);
  if (!duration || *duration < Seconds{0} || *duration > Seconds{366L * 86400})
    return wrong_usage(std::string(option) + " is a time such as 30s, 5m, 2h or 7d");
  return *duration;
}

}  // namespace countersign::app
