// Which path is what: CMP endpoints by RFC 9811 §3.3 and the aliases of other systems, and the
// documents that certificates name.
#pragma once

#include <string>

#include "ports/responder.h"
#include "server/engine.h"

namespace countersign::server {

class Site final : public ports::Site {
 public:
  explicit Site(const Engine& engine);

  // /.well-known/cmp[/p/<profile>][/<operation>], /cmp, /, /pkix/,
  // /api/v1/protocols/cmp/<profile>, /api/v1/protocols/cmp/raProfile/<RA profile>,
  // /ejbca/publicweb/cmp/<profile>, where <profile> is what enrol::Catalogue::endpoint() knows.
  // Case-sensitive; an unknown profile or operation is unknown.
  std::optional<ports::Endpoint> endpoint(std::string_view path) const override;

  // /crl/issuing.crl, /crl/root.crl, /ca/issuing.cer, /ca/root.cer, the same as .pem, /healthz; of
  // the CA "meters" beside the server's own /crl/meters/issuing.crl and so on.
  std::optional<ports::Document> document(std::string_view path) const override;

 private:
  std::optional<ports::Endpoint> profile(std::string_view name, std::string operation = {}) const;

  const Engine& engine_;
};

}  // namespace countersign::server
