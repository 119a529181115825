#include "app/countersignd/hook.h"

#include <boost/url/parse.hpp>

#include "app/countersignd/config_file.h"
#include "x509/certificate.h"

namespace countersign::app {
namespace {

std::unexpected<Error> misconfigured(std::string sentence) {
  return fail(Failure::systemFailure, "config.webhook", std::move(sentence));
}

// "http://127.0.0.1:8000/…". Looked at as it is written: a name may begin as an address does.
bool is_here(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  for (const std::string_view host : {"localhost", "127.0.0.1", "[::1]"})
    if (authority.starts_with(host) &&
        (authority.size() == host.size() || authority[host.size()] == ':'))
      return !authority.contains('@');
  return false;
}

// Whoever may answer in its place may let devices in: so it is reached by TLS, or on this machine.
Result<> check_url(const std::string& key, const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url) return misconfigured(key + " is no URL: " + text + "; write https://host/path");
  if (url->scheme() == "https" || is_here(text)) return {};
  return misconfigured(key + " must be an https URL; http is for this very machine only");
}

}  // namespace

Result<Hook> open_hook(const HookFiles& files) {
  TRY(check_url(files.key, files.url));
  Hook out;
  crypto::TlsClientSpec spec;
  if (!files.trust.empty()) {
    spec.system = crypto::SystemAnchors::left_out;
    spec.anchors =
        TRY(x509::certificates_from_file(TRY(read_named_file(files.key + "_trust", files.trust))));
  }
  if (files.url.starts_with("https:")) out.options.tls = TRY(crypto::TlsContext::for_client(spec));
  if (!files.token.empty()) out.token = TRY(read_token(files.key + "_token", files.token));
  return out;
}

}  // namespace countersign::app
