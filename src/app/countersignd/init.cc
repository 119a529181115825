#include "app/countersignd/init.h"

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "crypto/algorithm_table.h"
#include "crypto/digest.h"
#include "server/officer.h"

namespace countersign::app {
namespace {

issuer::AuthoritySpec spec_of(const InitOptions& options) {
  const auto choose = [&](const std::string& own) { return own.empty() ? options.algorithm : own; };
  issuer::AuthoritySpec spec;
  spec.name = options.name;
  spec.organization = options.organization;
  spec.root_algorithm = choose(options.root_algorithm);
  spec.issuing_algorithm = choose(options.issuing_algorithm);
  spec.cmp_algorithm = choose(options.cmp_algorithm);
  spec.public_url = options.url;
  while (spec.public_url.ends_with('/')) spec.public_url.pop_back();
  return spec;
}

Result<> check_algorithm(const std::string& name) {
  if (crypto::key_spec(name) != nullptr) return {};
  std::string known;
  for (const auto& spec : crypto::kKeySpecs)
    known += (known.empty() ? "" : ", ") + std::string(spec.name);
  return fail(Failure::systemFailure, "app.algorithm",
              "there is no algorithm " + name + "; it must be one of " + known);
}

Result<> write_config(const store::DataFolder& folder, const std::string& url) {
  std::ofstream out(folder.file("config.toml"), std::ios::trunc);
  out << "# countersignd reads this file at start; `countersignd config` lists every key.\n"
      << "public_url = \"" << url << "\"\n";
  out.close();
  if (out) return {};
  return fail(Failure::systemFailure, "app.file",
              "config.toml cannot be written; check the folder's permissions and free space");
}

}  // namespace

Result<Made> make_ca(const Host& host, const InitOptions& options, const FirstCredential& first) {
  const auto spec = spec_of(options);
  for (const auto& name : {spec.root_algorithm, spec.issuing_algorithm, spec.cmp_algorithm})
    TRY(check_algorithm(name));
  if (!spec.public_url.starts_with("http://") && !spec.public_url.starts_with("https://"))
    return fail(Failure::systemFailure, "app.url", "--url must begin with http:// or https://");
  const Time now = host.clock.now();
  Made made{TRY(create_data(options.data, host.entropy, now)), {}, {}, {}};
  const auto authority = TRY(issuer::make_authority(spec, now, host.entropy));
  TRY(write_config(made.data.folder, spec.public_url));
  TRY(save_authority(made.data, authority, spec));
  made.reference = first.reference + server::random_tag(host.entropy);
  made.secret = server::random_secret(host.entropy);
  made.root_fingerprint = to_fingerprint(crypto::sha256(authority.root_certificate));
  enrol::CredentialRecord credential;
  credential.reference = made.reference;
  credential.secret = Secret(view(made.secret));
  credential.names = "any";
  credential.created = now;
  if (first.lives) credential.expires = now + *first.lives;
  TRY(made.data.store->add_credential(credential));
  return made;
}

int run_init(const Host& host, const InitOptions& options) {
  auto made = make_ca(host, options, {"init-", Seconds{86400}});
  if (!made) return report(made.error());
  const auto paths = certificate_paths(made->data.folder);
  if (options.json) {
    std::cout << boost::json::serialize(
                     boost::json::object{{"url", options.url},
                                         {"reference", made->reference},
                                         {"secret", made->secret},
                                         {"root_certificate", paths.root},
                                         {"issuing_certificate", paths.issuing},
                                         {"cmp_certificate", paths.cmp},
                                         {"root_fingerprint", made->root_fingerprint}})
              << "\n";
    return kDone;
  }
  std::cout << "new CA in " << options.data << "\n"
            << "  root fingerprint  SHA-256 " << made->root_fingerprint << "\n"
            << "  root certificate  " << paths.root << "\n"
            << "  first credential  reference " << made->reference << "   secret " << made->secret
            << "   (any name, for 24 hours; the secret is shown this once)\n"
            << "next\n"
            << "  countersignd serve --data " << options.data << "\n"
            << "  countersign enroll " << options.url << " --reference " << made->reference
            << " --secret pass:" << made->secret
            << " --subject CN=first-device --key first.key --cert first.pem\n";
  return kDone;
}

}  // namespace countersign::app
