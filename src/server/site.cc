#include "server/site.h"

#include "der/pem.h"
#include "message/operation_label.h"

namespace countersign::server {
namespace {

constexpr std::string_view kDefault = enrol::kDefaultCmpProfile;
// Takes `prefix` off the front; false if it is not there.
bool take(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

bool is_operation(std::string_view name) { return message::labelled_operation(name).has_value(); }

ports::Document document_of(std::string_view type, View body) {
  return {std::string(type), copy(body), Seconds{300}};
}

}  // namespace

Site::Site(const Engine& engine) : engine_(engine) {}

std::optional<ports::Endpoint> Site::profile(std::string_view name, std::string operation) const {
  if (engine_.catalogue.get()->endpoint(name) == nullptr) return std::nullopt;
  return ports::Endpoint{std::string(name), std::move(operation)};
}

std::optional<ports::Endpoint> Site::endpoint(std::string_view path) const {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty() || path == "/cmp" || path == "/pkix") return profile(kDefault);
  std::string_view rest = path;
  if (take(rest, "/.well-known/cmp")) {
    if (rest.empty()) return profile(kDefault);
    if (!take(rest, "/")) return std::nullopt;
    if (!take(rest, "p/")) {
      if (!is_operation(rest)) return std::nullopt;
      return profile(kDefault, std::string(rest));
    }
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return profile(rest);
    const auto operation = rest.substr(slash + 1);
    if (!is_operation(operation)) return std::nullopt;
    return profile(rest.substr(0, slash), std::string(operation));
  }
  if (take(rest, "/api/v1/protocols/cmp/")) {
    if (take(rest, "raProfile/")) return profile("ra~" + std::string(rest));
    return profile(rest);
  }
  if (take(rest, "/ejbca/publicweb/cmp")) {
    if (rest.empty()) return profile(kDefault);
    if (take(rest, "/")) return profile(rest == "cmp" ? kDefault : rest);
  }
  return std::nullopt;
}

std::optional<ports::Document> Site::document(std::string_view path) const {
  const auto p = engine_.publications.get();
  constexpr std::string_view kCrl = "application/pkix-crl";    // RFC 2585
  constexpr std::string_view kCert = "application/pkix-cert";  // RFC 2585
  if (path.starts_with("/crl/"))
    for (const auto& crl : p->crls)
      if (crl.url.ends_with(path) && !crl.der.empty()) return document_of(kCrl, crl.der);
  if (const auto at = p->documents.find(path); at != p->documents.end())
    return document_of(kCert, at->second);
  constexpr std::string_view kPem = "application/x-pem-file";
  if (path == "/ca/root.pem")
    return document_of(kPem, view(der::to_pem("CERTIFICATE", p->root_certificate)));
  if (path.ends_with(".pem")) {
    const std::string cer = std::string(path.substr(0, path.size() - 4)) + ".cer";
    if (const auto at = p->documents.find(cer); at != p->documents.end())
      return document_of(kPem, view(der::to_pem("CERTIFICATE", at->second)));
  }
  if (path == "/healthz") return ports::Document{"text/plain", to_bytes("ok\n"), Seconds{0}};
  return std::nullopt;
}

}  // namespace countersign::server
