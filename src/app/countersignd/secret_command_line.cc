// countersignd secret …, countersignd store-key …: their options.
#include <memory>

#include "app/countersignd/command_line.h"

namespace countersign::app {
namespace {

using Chosen = std::shared_ptr<SecretOptions>;

void config_option(CLI::App* command, const Chosen& o) {
  command->add_option("--config", o->config,
                      "TOML file; by default config.toml in the data folder");
}

// What becomes of a secret that was made just now.
void add_handout(CLI::App* command, const Chosen& o) {
  command->add_flag("--json", o->json, "print one JSON object");
  command->add_flag("--qr", o->qr,
                    "show the invitation as a QR code, too: what `countersign enroll --invite` "
                    "takes");
  command->add_option("--deliver", o->deliver,
                      "have the program of credentials.deliver take it there, and do not show it; "
                      "one that is not delivered is not kept");
  config_option(command, o);
}

// What a secret is good for.
void add_rules(CLI::App* command, const Chosen& o) {
  command->add_option("--profile", o->profile, "the one RA profile it may use");
  command->add_option("--cmp-profile", o->cmp_profile, "the one CMP profile it may be used at");
  command->add_option("--uses", o->uses, "how many enrolments, or any")->capture_default_str();
  command->add_option("--begins", o->begins, "24h, 2027-01-31; by default at once");
  command->add_option("--expires", o->expires, "24h, 30d, 2027-01-31; by default never");
  command
      ->add_option("--names", o->names,
                   "what it may ask for: self (CN = reference), a list, a pattern, any")
      ->capture_default_str();
  command->add_option("--subscriber", o->subscriber,
                      "whose it is, and what is issued under it: an object of that kind");
  command->add_flag("--ra", o->ra,
                    "a registration authority's: it vouches for others (raVerified), updates and "
                    "revokes for them, within --names, which must be given");
  command->add_option("--note", o->note, "for people: whose it is, what for");
  command
      ->add_option_function<std::vector<std::string>>(
          "--network",
          [o](const std::vector<std::string>& all) {
            for (const std::string& one : all) o->networks.append(one).append(",");
          },
          "where alone it may be used from: 10.0.0.0/8, 2001:db8::/32; repeatable")
      ->expected(1)
      ->take_all()
      ->type_name("PREFIX");
}

CLI::App* add_import(CLI::App* parent, const Chosen& o) {
  auto* import = parent->add_subcommand(
      "import",
      "take in or make one for each row of a CSV file; what is made is delivered, or printed once");
  data_option(import, o->data);
  import
      ->add_option(
          "file", o->file,
          "a first line with some of: reference,secret,names,profile,cmp_profile,uses,begins,"
          "expires,note,networks,subscriber,deliver; what a row leaves empty is as these options, "
          "a secret is made")
      ->required();
  import->add_option("--out", o->out, "where the secrets go; by default standard output");
  import->add_flag("--skip-broken", o->skip_broken,
                   "import the other rows when some are broken or not delivered; by default "
                   "none, and none behind one that is not delivered");
  config_option(import, o);
  return import;
}

}  // namespace

void add_secret(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("secret", "shared secrets that clients enrol with");
  c->require_subcommand(1);
  auto o = std::make_shared<SecretOptions>();
  auto* add = c->add_subcommand("add", "make one or several, or take one in");
  data_option(add, o->data);
  add->add_option("--reference", o->reference, "its name; by default a random one");
  add->add_option("--secret", o->source,
                  "pass:TEXT env:NAME file:PATH stdin: ; by default 128 random bits, shown once");
  add->add_option("--count", o->count,
                  "so many, printed as CSV; their references are --reference with a number behind")
      ->capture_default_str();
  add->add_option("--out", o->out, "where the CSV goes; by default standard output");
  add_handout(add, o);
  add->callback([=, &host, &code] { code = run_secret_add(host, *o); });
  auto* import = add_import(c, o);
  import->callback([=, &host, &code] { code = run_secret_import(host, *o); });
  for (auto* one : {add, import}) add_rules(one, o);
  auto* rotate = c->add_subcommand(
      "rotate", "make another secret for the same reference; the former one passes for a while");
  data_option(rotate, o->data);
  rotate->add_option("--reference,reference", o->reference, "which")->required();
  rotate
      ->add_option("--overlap", o->overlap,
                   "how long the former one passes, too: 24h, 7d; 0: not at all")
      ->capture_default_str();
  add_handout(rotate, o);
  rotate->callback([=, &host, &code] { code = run_secret_rotate(host, *o); });
  auto* list = c->add_subcommand("list", "references, rules, uses left; never the secrets");
  data_option(list, o->data);
  list->add_option("--subscriber", o->subscriber, "only those of this subscriber");
  list->add_flag("--json", o->json, "print a JSON array");
  list->callback([=, &host, &code] { code = run_secret_list(host, *o); });
  auto* remove = c->add_subcommand("remove", "take one away");
  data_option(remove, o->data);
  remove->add_option("--reference,reference", o->reference, "which")->required();
  remove->callback([=, &host, &code] { code = run_secret_remove(host, *o); });
}

void add_store_key(CLI::App& app, const Host& host, int& code) {
  auto* c = app.add_subcommand("store-key", "the key that seals what the store must not show");
  c->require_subcommand(1);
  auto o = std::make_shared<StoreKeyOptions>();
  auto* rotate = c->add_subcommand(
      "rotate", "make another one, and seal everything anew with it; the server is stopped");
  data_option(rotate, o->data);
  rotate->callback([=, &host, &code] { code = run_store_key_rotate(host, *o); });
}

}  // namespace countersign::app
