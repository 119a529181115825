#include "app/countersignd/demo.h"

#include <boost/json.hpp>
#include <filesystem>
#include <iomanip>
#include <iostream>

#include "app/countersignd/serve.h"
#include "app/countersignd/sibling.h"
#include "crypto/digest.h"
#include "server/officer.h"

namespace countersign::app {
namespace {

std::string kind_of(View certificate) {
  const auto parsed = x509::parse_certificate(certificate);
  if (!parsed) return "?";
  const auto key = crypto::PublicKey::from_spki(parsed->spki);
  return key ? std::string(crypto::name(key->kind())) : "?";
}

std::string slashed(const x509::Name& name) {
  std::string out;
  std::string text = x509::to_text(name);
  // RFC 4514 puts the last RDN first; OpenSSL's -recipient wants them in order.
  while (!text.empty()) {
    const auto comma = text.rfind(',');
    out += "/" + text.substr(comma == std::string::npos ? 0 : comma + 1);
    text.resize(comma == std::string::npos ? 0 : comma);
  }
  return out;
}

// Enrols for the user to see, with the program that they will use, over the socket that they will
// use. Its files go again.
Result<> show_first(const std::string& url, const Made& made, const std::string& folder) {
  const std::string place = folder + "/first";
  const auto printed =
      run_sibling("countersign", {"enroll", url, "--reference", made.reference, "--secret",
                                  "pass:" + made.secret, "--subject", "CN=first-device", "--key",
                                  place + ".key", "--cert", place + ".pem", "--json"});
  for (const char* end : {".key", ".pem", ".pem.roots.pem"}) {
    std::error_code ignored;
    std::filesystem::remove(place + end, ignored);
  }
  if (!printed) return std::unexpected(printed.error());
  boost::system::error_code error;
  const auto json = boost::json::parse(*printed, error);
  if (error || !json.is_object())
    return fail(Failure::systemFailure, "app.sibling", "countersign printed no JSON");
  const auto get = [&](const char* key) {
    const auto* v = json.as_object().if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
  };
  const auto* took = json.as_object().if_contains("microseconds");
  std::cout << "first certificate, enrolled over CMP just now\n"
            << "  " << get("subject") << "   serial " << get("serial") << "   "
            << get("not_before").substr(0, 10) << " to " << get("not_after").substr(0, 10)
            << "   by " << get("issuer") << "\n"
            << "  ir → ip → certConf → pkiConf: 2 round trips";
  if (took != nullptr && took->is_int64())
    std::cout << ", " << std::fixed << std::setprecision(1)
              << static_cast<double>(took->as_int64()) / 1000 << " ms";
  std::cout << std::endl;
  return {};
}

void print_next(const std::string& url, const std::string& host_port, const Made& made,
                const x509::Name& issuer) {
  std::cout << "yours next\n"
            << "  build/bin/countersign enroll " << url << " --reference " << made.reference
            << " --secret pass:" << made.secret << " --subject CN=me --key me.key --cert me.pem\n"
            << "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out me.key && "
            << "openssl cmp -cmd ir -server " << host_port << " -path .well-known/cmp -recipient \""
            << slashed(issuer) << "\" -ref " << made.reference << " -secret pass:" << made.secret
            << " -subject /CN=me -newkey me.key -certout me.pem\n"
            << "Ctrl-C stops it." << std::endl;
}

}  // namespace

Result<Made> adopt(const Host& host, Data data) {
  Made made{std::move(data),
            "demo-" + server::random_tag(host.entropy),
            server::random_secret(host.entropy),
            {}};
  const auto certificates = TRY(load_certificates(*made.data.store));
  made.root_fingerprint = to_fingerprint(crypto::sha256(certificates.root));
  enrol::CredentialRecord credential;
  credential.reference = made.reference;
  credential.secret = Secret(view(made.secret));
  credential.names = "any";
  credential.created = host.clock.now();
  credential.expires = credential.created + Seconds{86400};
  TRY(made.data.store->add_credential(credential));
  return made;
}

Result<int> run_demo(const Host& host, Made made, server::Config config, bool temporary) {
  const bool makes_keys = config.cmp.central_keys == enrol::CentralKeys::any;
  const auto certificates = TRY(load_certificates(*made.data.store));
  const std::string folder = made.data.folder.path();
  auto service = TRY(Service::open(host, std::move(made.data), std::move(config)));
  const auto urls = service->urls();
  const std::string& url = urls.front();
  std::cout << (temporary ? "new CA in a temporary folder" : "CA in " + folder) << ": root "
            << kind_of(certificates.root) << ", issuing " << kind_of(certificates.issuing)
            << ", CMP signer " << kind_of(certificates.cmp) << "\n"
            << "  root fingerprint  SHA-256 " << made.root_fingerprint << "\n"
            << "  CMP               " << url << "/.well-known/cmp\n"
            << "  credential        reference " << made.reference << "   secret " << made.secret
            << (temporary ? "   (any number of uses, gone with this demo)\n"
                          : "   (any number of uses, for 24 hours)\n")
            << (makes_keys ? "  keys              made here too for who asks (--central-key), as "
                             "this is a demo on loopback\n"
                           : "")
            << "listening on " << url
            << (urls.size() > 1 ? ", and on " + urls.back() : std::string()) << std::endl;
  if (auto shown = show_first(url, made, folder); !shown)
    std::cout << "no first certificate was enrolled: " << shown.error().reply_text << std::endl;
  print_next(url, url.substr(url.find("//") + 2), made, service->issuer_name());
  stay_until_stopped();
  service->stop();
  return kDone;
}

}  // namespace countersign::app
