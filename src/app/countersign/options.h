// The command line as values. One row of kOptions per option; cli.cc turns the rows into a parser.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"

namespace countersign::app {

struct Options {
  std::string verb;
  std::string url;                 // empty where messages are carried by hand
  std::vector<std::string> files;  // of inspect
  std::vector<std::string> words;  // of admin: all that is no option of kOptions, in order

  std::optional<std::string> reference, secret, subject, key, cert, algorithm, profile, days;
  std::optional<std::string> invite;
  std::optional<std::string> via_cert, via_key, key_pass, new_key, new_cert, csr;
  std::optional<std::string> token, authenticator;
  std::optional<std::string> reason, issuer, serial, out, mac, accept_root;
  std::optional<std::string> trust, roots, server_cert, expect_sender, recipient, proxy;
  std::optional<std::string> tls_trust, tls_cert, tls_key, tls_key_pass;
  std::optional<std::string> request_out, response_in, timeout, patience;
  std::optional<std::string> api, token_file, body, accept, if_match;
  std::vector<std::string> san, type, crl;
  bool ask_template = false, central_key = false, same_key = false, implicit_confirm = false,
       start_over = false, json = false, label = false, all = false;
  bool verbose = false;

  bool carried() const { return request_out || response_in; }
};

enum Verb : unsigned {
  kEnroll = 1,
  kRequest = 2,
  kRenew = 4,
  kRevoke = 8,
  kPkcs10 = 16,
  kInfo = 32,
  kInspect = 64,
  kAdmin = 128,
};
inline constexpr unsigned kIssuing = kEnroll | kRequest | kRenew | kPkcs10;
inline constexpr unsigned kSpeaking = kIssuing | kRevoke | kInfo;
inline constexpr unsigned kReaching = kSpeaking | kAdmin;  // over HTTP

// What makes a request this request: with another value it is no longer the one that was begun.
enum class Names { request, nothing };

using Text = std::optional<std::string> Options::*;
using List = std::vector<std::string> Options::*;
using Flag = bool Options::*;

struct Option {
  std::string_view name;
  std::string_view value;  // as the help shows it; empty: a flag
  std::variant<Text, List, Flag> member;
  unsigned verbs;
  Names names;
  std::string_view help;
};

inline constexpr std::array kOptions{
    Option{"--reference", "R", &Options::reference, kSpeaking, Names::request,
           "reference of the shared secret"},
    Option{"--secret", "SOURCE", &Options::secret, kSpeaking | kInspect, Names::nothing,
           "the secret: pass:TEXT, env:NAME, file:PATH or stdin:"},
    Option{
        "--invite", "TEXT", &Options::invite, kEnroll | kRequest | kPkcs10, Names::nothing,
        "the invitation that the operator handed over, countersign:enroll?…, or file:PATH, "
        "env:NAME or stdin: that holds it: gives URL, --reference and --secret, and --subject if "
        "it is for one name alone"},
    Option{"--mac", "KIND", &Options::mac, kSpeaking, Names::request,
           "protection by the secret: pbm (default, every server knows it), pbmac1, pbm-gmac; hmac "
           "or kmac with a secret that the server made"},
    Option{"--via-cert", "FILE", &Options::via_cert, kSpeaking, Names::request,
           "sign with this certificate …"},
    Option{"--via-key", "FILE", &Options::via_key, kSpeaking, Names::request, "… and its key"},
    Option{"--subject", "DN", &Options::subject, kEnroll | kRequest | kPkcs10, Names::request,
           "subject, as CN=x,O=y or /O=y/CN=x"},
    Option{"--san", "NAME", &Options::san, kEnroll | kRequest | kPkcs10, Names::request,
           "subject alternative name: dns:… ip:… email:… uri:…; repeatable"},
    Option{"--key", "FILE", &Options::key, kSpeaking, Names::request,
           "private key; enroll, request and pkcs10 make it if it is missing"},
    Option{"--cert", "FILE", &Options::cert, kSpeaking, Names::request,
           "certificate (and its chain)"},
    Option{"--key-pass", "SOURCE", &Options::key_pass, kSpeaking, Names::nothing,
           "passphrase of the private keys, read or made"},
    Option{"--algorithm", "NAME", &Options::algorithm, kIssuing, Names::request,
           "of a new key: p256 (default) p384 p521 rsa2048 rsa3072 rsa4096 ed25519 ed448 ml-dsa-44 "
           "ml-dsa-65 ml-dsa-87 slh-dsa-sha2-128s … (sha2 or shake; 128, 192 or 256; s or f)"},
    Option{"--central-key", "", &Options::central_key, kEnroll | kRequest | kRenew, Names::request,
           "let the server make the key, of its choice or of the kind of --algorithm"},
    Option{"--csr", "FILE", &Options::csr, kPkcs10, Names::request,
           "PKCS #10 request to send, instead of one made with --key and --subject"},
    Option{"--profile", "NAME", &Options::profile, kIssuing | kInfo, Names::request,
           "certificate profile to ask for (certProfile)"},
    Option{"--ask-template", "", &Options::ask_template, kEnroll | kRequest, Names::request,
           "ask the server first what a request should hold (certReqTemplate), and follow it"},
    Option{"--token", "SOURCE", &Options::token, kEnroll | kRequest | kPkcs10, Names::nothing,
           "registration token that the operator gave (regToken; in a PKCS #10 request "
           "challengePassword): pass:TEXT, env:NAME, file:PATH or stdin:"},
    Option{"--authenticator", "SOURCE", &Options::authenticator, kEnroll | kRequest | kRenew,
           Names::nothing, "the same, for one that is good again and again (authenticator)"},
    Option{"--days", "N", &Options::days, kIssuing, Names::request,
           "wished validity; the server's choice if left out"},
    Option{"--new-key", "FILE", &Options::new_key, kRenew, Names::request,
           "file of the new key; else --key is replaced, the old one kept as .old"},
    Option{"--new-cert", "FILE", &Options::new_cert, kRenew, Names::request,
           "file of the new certificate; else --cert is replaced"},
    Option{"--same-key", "", &Options::same_key, kRenew, Names::request, "keep the key"},
    Option{"--reason", "NAME", &Options::reason, kRevoke, Names::request,
           "keyCompromise, superseded, cessationOfOperation, …; unspecified by default"},
    Option{"--issuer", "DN", &Options::issuer, kRevoke, Names::request,
           "issuer of the certificate to revoke, with --serial"},
    Option{"--serial", "HEX", &Options::serial, kRevoke, Names::request,
           "serial number of the certificate to revoke"},
    Option{"--type", "NAME", &Options::type, kInfo, Names::request,
           "what to ask for: caCerts, currentCRL (both by default), certReqTemplate, "
           "rootCaCert[=FILE], crlStatusList=FILE, …; repeatable"},
    Option{"--out", "FILE", &Options::out, kInfo, Names::request,
           "write certificates and CRLs here, in PEM, instead of printing them"},
    Option{"--accept-root", "FILE", &Options::accept_root, kInfo, Names::nothing,
           "ask for the root that follows the present one (rootCaCert) and, if the present one "
           "vouches for it, put it first into this file of trusted roots"},
    Option{
        "--implicit-confirm", "", &Options::implicit_confirm, kIssuing, Names::request,
        "let the server do without certConf; otherwise the client requires confirmation, since a "
        "certificate that it does not want can only be rejected so"},
    Option{"--recipient", "DN", &Options::recipient, kSpeaking, Names::request,
           "name of the CA that is asked; by default that of --server-cert, or the issuer of a "
           "certificate that --trust vouches for"},
    Option{"--trust", "FILE", &Options::trust, kSpeaking | kInspect, Names::nothing,
           "root certificates to trust; accepts signed answers to a request with a secret, too"},
    Option{"--crl", "FILE", &Options::crl, kSpeaking, Names::nothing,
           "revocation lists: refuse a server, or a certificate, that one of them revokes, and any "
           "list that has expired; repeatable"},
    Option{"--roots", "FILE", &Options::roots, kSpeaking, Names::nothing,
           "where the root goes, and is read from later; <cert>.roots.pem by default"},
    Option{"--server-cert", "FILE", &Options::server_cert, kSpeaking, Names::nothing,
           "accept signed answers from this certificate alone"},
    Option{"--expect-sender", "DN", &Options::expect_sender, kSpeaking, Names::nothing,
           "accept answers under this name alone"},
    Option{"--api", "URL", &Options::api, kAdmin, Names::nothing,
           "where the REST API is; by default that of the environment variable COUNTERSIGN_API, or "
           "https://127.0.0.1:8830"},
    Option{"--token-file", "FILE", &Options::token_file, kAdmin, Names::nothing,
           "file with the operator's token; by default that of COUNTERSIGN_API_TOKEN_FILE"},
    Option{"--all", "", &Options::all, kAdmin, Names::nothing,
           "of a list: all pages, not the first alone"},
    Option{"--body", "FILE", &Options::body, kAdmin, Names::nothing,
           "what to send, as it is; - for standard input"},
    Option{"--accept", "TYPE", &Options::accept, kAdmin, Names::nothing,
           "form of the answer, where there are several: application/x-pem-file, …"},
    Option{"--if-match", "VERSION", &Options::if_match, kAdmin, Names::nothing,
           "change only what is still this version; set looks after it by itself"},
    Option{"--tls-trust", "FILE", &Options::tls_trust, kReaching, Names::nothing,
           "with https: the only root certificates that may stand behind the server's; otherwise "
           "those that the system trusts, and those of --trust or --roots"},
    Option{"--tls-cert", "FILE", &Options::tls_cert, kReaching, Names::nothing,
           "with https: certificate (and its chain) to show the server …"},
    Option{"--tls-key", "FILE", &Options::tls_key, kReaching, Names::nothing, "… and its key"},
    Option{"--tls-key-pass", "SOURCE", &Options::tls_key_pass, kReaching, Names::nothing,
           "passphrase of that key"},
    Option{"--request-out", "FILE", &Options::request_out, kSpeaking, Names::nothing,
           "do not connect: write the next message here; *.pki"},
    Option{"--response-in", "FILE", &Options::response_in, kSpeaking, Names::nothing,
           "do not connect: read the answer from here"},
    Option{"--label", "", &Options::label, kSpeaking, Names::nothing,
           "put the label of the operation (initialization, keyupdate, …) behind the URL's "
           "/.well-known/cmp or /.well-known/cmp/p/NAME, for servers that want it (RFC 9483 §6.1)"},
    Option{"--proxy", "URL", &Options::proxy, kReaching, Names::nothing,
           "HTTP proxy; http_proxy, https_proxy and no_proxy of the environment otherwise"},
    Option{"--timeout", "TIME", &Options::timeout, kReaching, Names::nothing,
           "for one message and its answer, resending included; 30s by default"},
    Option{"--patience", "TIME", &Options::patience, kSpeaking, Names::nothing,
           "for a server that decides later; 1h by default"},
    Option{"--start-over", "", &Options::start_over, kSpeaking, Names::nothing,
           "drop what an earlier run has begun and not finished"},
    Option{"--json", "", &Options::json, kReaching | kInspect, Names::nothing,
           "print one JSON object"},
    Option{"--verbose", "", &Options::verbose, kReaching | kInspect, Names::nothing,
           "say what happens (-v)"},
};

}  // namespace countersign::app
