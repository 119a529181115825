// The wiring table of countersignd: the command line to the commands. It and secret_command_line.cc
// alone see CLI11.

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>

#include "app/countersignd/command_line.h"
#include "base/os_clock.h"
#include "crypto/os_entropy.h"

namespace {

using namespace countersign;
using namespace countersign::app;

constexpr const char* kAbout =
    "countersignd: certificates over CMP (RFC 9810). RA and CA in one server.\n"
    "A working CA at once:  countersignd serve --demo";

void add_init(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("init", "make a CA: root, issuing CA, CMP signer, a first secret");
  auto o = std::make_shared<InitOptions>();
  data_option(c, o->data);
  c->add_flag("--json", o->json, "print one JSON object");
  c->add_option("--url", o->url, "public URL, named in certificates")->capture_default_str();
  c->add_option("--name", o->name, "name of the CA: CN=<name> Root CA, …")->capture_default_str();
  c->add_option("--organization", o->organization, "O of the CA's names");
  c->add_option("--algorithm", o->algorithm,
                "of all keys: p256, p384, p521, rsa3072, rsa4096, ed25519, ed448, ml-dsa-44, "
                "ml-dsa-65, ml-dsa-87, slh-dsa-sha2-128s … (sha2 or shake; 128, 192 or 256; s or "
                "f)")
      ->capture_default_str();
  c->add_option("--root-algorithm", o->root_algorithm, "of the root's key");
  c->add_option("--issuing-algorithm", o->issuing_algorithm, "of the issuing CA's key");
  c->add_option("--cmp-algorithm", o->cmp_algorithm, "of the CMP signer's key");
  c->callback([=, &host, &code] { code = run_init(host, *o); });
}

void add_serve(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("serve", "answer CMP requests over HTTP and HTTPS");
  auto o = std::make_shared<ServeOptions>();
  c->add_option("--data", o->data, "data folder of the CA");
  c->add_option("--listen", o->listen, "ADDR:PORT; port 0 picks a free one");
  c->add_option("--tls", o->tls,
                "ADDR:PORT for HTTPS, too (tls.listen); with a certificate of the CA itself unless "
                "the configuration names one");
  c->add_option("--config", o->config, "TOML file; by default config.toml in the data folder");
  c->add_flag("--demo", o->demo,
              "make a CA first if there is none, in a temporary folder unless --data is given, "
              "and show how to enrol");
  c->add_flag("--demo-anyone", o->demo_anyone, "let --demo listen on other than loopback");
  c->callback([=, &host, &code] { code = run_serve(host, *o); });
}

void add_token(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand(
      "token", "what a request shows beside its protection: regToken, authenticator (cmp.tokens)");
  c->require_subcommand(1);
  auto o = std::make_shared<TokenOptions>();
  auto* add = c->add_subcommand("add", "make one, or take one in");
  data_option(add, o->data);
  add->add_option("--kind", o->kind,
                  "regToken (RFC 4211 6.1; a challengePassword counts as one) or authenticator "
                  "(6.2)")
      ->capture_default_str();
  add->add_option("--token", o->source,
                  "pass:TEXT env:NAME file:PATH stdin: , of 16 characters at least; by default 128 "
                  "random bits, shown once");
  add->add_option("--profile", o->profile, "the one RA profile it is for");
  add->add_option("--uses", o->uses,
                  "how many certificates, or any; by default 1, for an authenticator any");
  add->add_option("--expires", o->expires, "24h, 30d, 2027-01-31; by default never");
  add->add_option("--names", o->names,
                  "what may be asked for with it, beside what its sender may: a list, a pattern, "
                  "any")
      ->capture_default_str();
  add->add_flag("--json", o->json, "print one JSON object");
  add->callback([=, &host, &code] { code = run_token_add(host, *o); });
  auto* list = c->add_subcommand("list", "ids, rules, uses left; never the tokens");
  data_option(list, o->data);
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_token_list(host, *o); });
  auto* remove = c->add_subcommand("remove", "take one away");
  data_option(remove, o->data);
  remove->add_option("id", o->id, "as `token list` shows it")->required();
  remove->callback([=, &host, &code] { code = run_token_remove(host, *o); });
}

void add_device(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("device", "the registry of devices that certificates are for");
  c->require_subcommand(1);
  auto o = std::make_shared<DeviceOptions>();
  const auto verb = [&](const char* name, const char* about, auto run) {
    auto* one = c->add_subcommand(name, about);
    data_option(one, o->data);
    one->callback([=, &host, &code] { code = run(host, *o); });
    return one;
  };
  auto* import = verb("import", "enter one for each row of a CSV file", run_device_import);
  import
      ->add_option("file", o->file,
                   "a first line with serial and some of: model,group,mac,hostname,profile,key,"
                   "certificate,note,attributes.NAME; key and certificate are SHA-256")
      ->required();
  import->add_flag("--skip-broken", o->skip_broken,
                   "import the other rows when some are broken; by default none");
  import->add_flag("--replace", o->replace, "rows may be of devices that are there");
  import->add_option("--set", o->settings, "group=line1 …: where a row says nothing; repeatable");
  auto* list = verb("list", "by serial number", run_device_list);
  list->add_option("--group", o->group, "only those of this group");
  list->add_option("--state", o->state, "only those that are expected, enrolled or blocked");
  auto* show = verb("show", "everything about one", run_device_show);
  for (auto* one : {list, show}) one->add_flag("--json", o->json, "print JSON");
  auto* add = verb("add", "enter one", run_device_add);
  auto* set = verb("set", "change some of what is known of one", run_device_set);
  auto* block = verb("block", "let it have no certificate any more", run_device_block);
  auto* unblock = verb("unblock", "let it again", run_device_unblock);
  auto* remove = verb("remove", "take one out of the registry", run_device_remove);
  for (auto* one : {show, add, set, block, unblock, remove})
    one->add_option("serial", o->serial, "its serial number")->required();
  for (auto* one : {add, set})
    one->add_option("fields", o->settings, "group=line1 …; a name alone: not known");
}

void add_trust(CLI::App& app, const Host& host, int& code) {
  auto* c =
      app.add_subcommand("trust", "anchors of senders that sign with other CAs' certificates");
  c->require_subcommand(1);
  auto o = std::make_shared<TrustOptions>();
  auto* add = c->add_subcommand("add", "trust the certificates of a file");
  data_option(add, o->data);
  add->add_option("--names", o->names,
                  "what their holders may ask for: self, a list, a pattern, any")
      ->capture_default_str();
  add->add_flag("--ra", o->ra, "the certificate itself is a registration authority");
  add->add_option("file", o->file, "PEM or DER")->required();
  add->callback([=, &host, &code] { code = run_trust_add(host, *o); });
  auto* list = c->add_subcommand("list", "what is trusted");
  data_option(list, o->data);
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_trust_list(host, *o); });
  auto* remove = c->add_subcommand("remove", "trust one no more");
  data_option(remove, o->data);
  remove
      ->add_option("fingerprint", o->fingerprint,
                   "SHA-256, as `trust list` prints it, or the file that was added")
      ->required();
  remove->callback([=, &host, &code] { code = run_trust_remove(host, *o); });
}

void add_lists(CLI::App& app, const Host& host, int& code) {
  auto o = std::make_shared<ListOptions>();
  auto* certificates = app.add_subcommand("certificates", "what was issued");
  data_option(certificates, o->data);
  certificates->add_option("--status", o->status, "unconfirmed, valid, revoked or held");
  certificates->add_option("--subject", o->subject, "only subjects that contain this");
  certificates->add_option("--subscriber", o->subscriber, "only those of this subscriber");
  certificates->add_option("--most", o->most, "at most so many")->capture_default_str();
  certificates->add_flag("--json", o->json, "print a JSON array");
  certificates->callback([=, &host, &code] { code = run_certificates(host, *o); });
  auto* check = app.add_subcommand("check",
                                   "every expiry, every loose secret, what the store key "
                                   "protects; exit code 3 on a fault");
  data_option(check, o->data);
  check->callback([=, &host, &code] { code = run_check(host, *o); });
  auto* why = app.add_subcommand("why", "what became of a transaction, and why");
  data_option(why, o->data);
  why->add_option("transaction", o->transaction, "its ID, hexadecimal, as the log shows it")
      ->required();
  why->add_flag("--json", o->json, "print a JSON array");
  why->callback([=, &host, &code] { code = run_why(host, *o); });
  auto* audit = app.add_subcommand("audit", "the chain of what happened");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "is it whole?");
  data_option(verify, o->data);
  verify->add_flag("--json", o->json, "print one JSON object");
  verify->callback([=, &host, &code] { code = run_audit_verify(host, *o); });
  auto* list = audit->add_subcommand("list", "newest first");
  data_option(list, o->data);
  list->add_option("--most", o->most, "at most so many")->capture_default_str();
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_audit_list(host, *o); });
}

void add_revocation(CLI::App& app, const Host& host, int& code) {
  auto o = std::make_shared<RevokeOptions>();
  auto* revoke = app.add_subcommand("revoke", "end a certificate, or put it on hold");
  data_option(revoke, o->data);
  auto* serial = revoke->add_option("serial", o->serial, "as `certificates` prints it");
  revoke->add_option("--subscriber", o->subscriber, "instead: all that this subscriber has")
      ->excludes(serial);
  revoke
      ->add_option("--reason", o->reason,
                   "keyCompromise, superseded, cessationOfOperation, …; certificateHold can be "
                   "undone by release")
      ->capture_default_str();
  revoke->callback([=, &host, &code] { code = run_revoke(host, *o); });
  auto* release = app.add_subcommand("release", "take a certificate off hold");
  data_option(release, o->data);
  auto* held = release->add_option("serial", o->serial, "as `certificates` prints it");
  release->add_option("--subscriber", o->subscriber, "instead: all that this subscriber has")
      ->excludes(held);
  release->callback([=, &host, &code] { code = run_release(host, *o); });
}

void add_requests(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("requests", "what waits for an officer (approval.templates)");
  c->require_subcommand(1);
  auto o = std::make_shared<RequestsOptions>();
  auto* list = c->add_subcommand("list", "oldest first");
  data_option(list, o->data);
  list->add_flag("--all", o->all, "those that were decided too");
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_requests_list(host, *o); });
  auto* show = c->add_subcommand("show", "everything about one");
  auto* approve = c->add_subcommand("approve", "grant them; their senders fetch what they get");
  auto* reject = c->add_subcommand("reject", "refuse them");
  for (auto* one : {show, approve, reject}) {
    data_option(one, o->data);
    one->add_option("id", o->ids, "as `requests list` prints it, or the beginning of it")
        ->required();
  }
  for (auto* one : {approve, reject})
    one->add_option("--as", o->officer, "the operator who decides; by default \"local\"");
  show->add_flag("--json", o->json, "print one JSON object");
  approve->add_option("--comment", o->comment, "for the audit");
  reject->add_option("--reason", o->comment, "why: the sender reads it")->required();
  show->callback([=, &host, &code] { code = run_requests_show(host, *o); });
  approve->callback([=, &host, &code] { code = run_requests_approve(host, *o); });
  reject->callback([=, &host, &code] { code = run_requests_reject(host, *o); });
}

void add_ca(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("ca", "the keys of the CA");
  c->require_subcommand(1);
  auto o = std::make_shared<CaOptions>();
  auto* rollover = c->add_subcommand(
      "rollover", "replace the key of the root or of the issuing CA; the old one stays good");
  data_option(rollover, o->data);
  rollover->add_flag("--root", o->root, "the root: old and new vouch for each other");
  rollover->add_flag("--issuing", o->issuing,
                     "the issuing CA: another one, under the present root");
  rollover->add_option("--authority", o->authority,
                       "another CA of this server, by its name; by default the server's own");
  rollover->add_option("--algorithm", o->algorithm, "of the new key; by default that of the old");
  rollover->add_option("--config", o->config,
                       "TOML file; by default config.toml in the data folder");
  rollover->add_flag("--json", o->json, "print one JSON object");
  rollover->callback([=, &host, &code] { code = run_ca_rollover(host, *o); });
  auto* list = c->add_subcommand("list", "roots and issuing CAs, the present one first");
  data_option(list, o->data);
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_ca_list(host, *o); });
}

void add_config(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("config", "every configuration key at its default");
  auto markdown = std::make_shared<bool>(false);
  c->add_flag("--markdown", *markdown, "as the page docs/configuration.md");
  c->require_subcommand(0, 1);
  c->callback([=, &code] {
    if (c->get_subcommands().empty()) code = run_config(*markdown);
  });
  auto o = std::make_shared<ConfigObjectsOptions>();
  auto* write = c->add_subcommand("export", "all objects, as one TOML file");
  write->add_option("file", o->file, "where to; by default standard output");
  auto* diff = c->add_subcommand("diff", "what apply would change; exit code 3 if anything");
  auto* apply = c->add_subcommand("apply", "make the objects as the file has them, all or none");
  for (auto* one : {diff, apply}) {
    one->add_option("file", o->file, "TOML; - is standard input")->required();
    one->add_flag("--remove", o->remove, "and remove those that the file does not have");
    one->add_option("--config", o->config, "TOML file; by default config.toml in the data folder");
  }
  for (auto* one : {write, diff, apply}) data_option(one, o->data);
  write->callback([=, &host, &code] { code = run_config_export(host, *o); });
  diff->callback([=, &host, &code] { code = run_config_diff(host, *o); });
  apply->callback([=, &host, &code] { code = run_config_apply(host, *o); });
}

// One `countersignd object` command about an object that is named.
CLI::App* object_command(CLI::App* parent, ObjectOptions& o, const char* verb, const char* about) {
  auto* c = parent->add_subcommand(verb, about);
  data_option(c, o.data);
  c->add_option("--config", o.config, "TOML file; by default config.toml in the data folder");
  c->add_option("kind", o.kind, "template, ra_profile, cmp_profile, trust_set or operator")
      ->required();
  c->add_option("name", o.name, "which")->required();
  return c;
}

void add_object(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand(
      "object", "what operators set: templates, RA and CMP profiles, trust sets, operators");
  c->require_subcommand(1);
  auto o = std::make_shared<ObjectOptions>();
  auto* list = c->add_subcommand("list", "what was set, and what is there by itself");
  data_option(list, o->data);
  list->add_option("kind", o->kind, "only these");
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_object_list(host, *o); });
  auto* fields = c->add_subcommand("fields", "what can be set, and what it means");
  fields->add_option("kind", o->kind, "only of these");
  fields->callback([=, &code] { code = run_object_fields(*o); });
  auto* show = object_command(c, *o, "show", "one of them");
  show->add_flag("--json", o->json, "print one JSON object");
  show->callback([=, &host, &code] { code = run_object_show(host, *o); });
  auto* set = object_command(c, *o, "set", "make one, or change some of its fields");
  set->add_option("fields", o->settings,
                  "validity=90d keys=p256,p384 …; a name alone: as it is by itself");
  set->callback([=, &host, &code] { code = run_object_set(host, *o); });
  object_command(c, *o, "enable", "put it into use again")->callback([=, &host, &code] {
    code = run_object_enable(host, *o);
  });
  object_command(c, *o, "disable", "put it out of use")->callback([=, &host, &code] {
    code = run_object_disable(host, *o);
  });
  object_command(c, *o, "remove", "take it away; its history stays")->callback([=, &host, &code] {
    code = run_object_remove(host, *o);
  });
  object_command(c, *o, "history", "who changed what, and when")->callback([=, &host, &code] {
    code = run_object_history(host, *o);
  });
}

void add_operator(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("operator", "who may use the API");
  c->require_subcommand(1);
  auto o = std::make_shared<OperatorOptions>();
  auto* add = c->add_subcommand("add", "make one, or give it another token");
  data_option(add, o->data);
  add->add_option("name", o->name, "of the person or program")->required();
  add->add_option("--role", o->roles, "administrator, ra_officer, auditor, read_only; repeatable");
  add->add_option("--email", o->email, "where it is reached");
  add->add_option("--certificate", o->certificate,
                  "PEM or DER: it logs in with this over TLS, and has no token");
  add->add_flag("--renew", o->renew, "another token for one that there is; the old one is void");
  add->add_flag("--json", o->json, "print one JSON object");
  add->callback([=, &host, &code] { code = run_operator_add(host, *o); });
}

}  // namespace

int main(int argc, char** argv) {
  // The module that is loaded is the configuration's, whatever the environment of tools says.
  for (const char* name : {"PKCS11_PROVIDER_MODULE", "PKCS11_PROVIDER_DEBUG"}) ::unsetenv(name);
  if (const auto usable = crypto::check_library(); !usable) return report(usable.error());
  OsClock clock;
  crypto::OsEntropy entropy;
  const Host host{clock, entropy};
  int code = kDone;
  CLI::App app(kAbout, "countersignd");
  app.set_version_flag("--version", "countersignd " COUNTERSIGN_VERSION);
  app.require_subcommand(1);
  add_init(app, host, code);
  add_serve(app, host, code);
  add_secret(app, host, code);
  add_token(app, host, code);
  add_device(app, host, code);
  add_trust(app, host, code);
  add_lists(app, host, code);
  add_revocation(app, host, code);
  add_requests(app, host, code);
  add_ca(app, host, code);
  add_config(app, host, code);
  add_object(app, host, code);
  add_operator(app, host, code);
  add_store_key(app, host, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return code;
}
