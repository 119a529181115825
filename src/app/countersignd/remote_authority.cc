#include "app/countersignd/remote_authority.h"

#include "app/countersignd/cmp_authority.h"
#include "app/countersignd/config_file.h"
#include "app/countersignd/program_authority.h"

namespace countersign::app {

Result<crypto::TlsContext> tls_of(const enrol::Authority& authority, const RemoteWorld& world,
                                  View root) {
  crypto::TlsClientSpec spec{.anchors = {copy(root)}};
  if (!authority.tls_trust.empty()) {
    spec.system = crypto::SystemAnchors::left_out;
    spec.anchors = TRY(certificates_of(world, "tls_trust", authority.tls_trust));
  }
  if (authority.tls_certificate.empty() != authority.tls_key.empty())
    return fail(Failure::systemFailure, "config.tls",
                world.prefix + "tls_certificate and " + world.prefix +
                    "tls_key belong together: name both files, or none");
  if (!authority.tls_certificate.empty()) {
    auto chain = TRY(certificates_of(world, "tls_certificate", authority.tls_certificate));
    const Secret pem(TRY(read_file_of(world, "tls_key", authority.tls_key)));
    spec.identity = crypto::TlsIdentity{
        std::move(chain), TRY(crypto::PrivateKey::from_pem(text(pem.expose()), Secret()))};
  }
  return crypto::TlsContext::for_client(spec);
}

Result<Bytes> read_file_of(const RemoteWorld& world, std::string_view field,
                           const std::string& path) {
  const std::string key = world.prefix + std::string(field);
  if (path.empty())
    return fail(Failure::systemFailure, "config.upstream",
                key + " must name a file: without it this authority cannot be asked");
  return read_named_file(key, path);
}

Result<std::vector<Bytes>> certificates_of(const RemoteWorld& world, std::string_view field,
                                           const std::string& path) {
  auto found = x509::certificates_from_file(TRY(read_file_of(world, field, path)));
  if (found) return found;
  return fail(Failure::systemFailure, "config.upstream",
              world.prefix + std::string(field) + ": " + path + ": " + found.error().reply_text);
}

Result<std::shared_ptr<const ports::Signer>> key_of(const enrol::Authority& authority,
                                                    const RemoteWorld& world) {
  KeyPlace place{world.prefix + "key", authority.key, world.prefix + "key_password",
                 authority.key_password};
  if (!place.value.empty()) return world.keys.open(place);
  return fail(Failure::systemFailure, "config.upstream",
              place.field +
                  " must name a file, or a key in a token: without it this authority "
                  "cannot be asked");
}

Result<std::shared_ptr<const server::CmpSigner>> make_signer(
    std::vector<Bytes> chain, std::shared_ptr<const ports::Signer> signer) {
  auto out = std::make_shared<server::CmpSigner>();
  if (chain.empty())
    return fail(Failure::systemFailure, "issuer.upstream-chain",
                "the file that `certificate` names has no certificate in it");
  out->certificate = TRY(x509::parse_certificate(chain.front()));
  if (!equal(out->certificate.spki, signer->spki()))
    return fail(Failure::systemFailure, "issuer.upstream-key",
                "what `key` names is another key than that of the certificate");
  out->extra_certs = std::move(chain);
  out->key_id = out->certificate.subject_key_identifier();
  out->signer = std::move(signer);
  return std::shared_ptr<const server::CmpSigner>(std::move(out));
}

Result<std::shared_ptr<RemoteAuthority>> open_authority(const enrol::Authority& authority,
                                                        RemoteWorld world) {
  if (authority.kind == enrol::AuthorityKind::cmp)
    return std::shared_ptr<RemoteAuthority>(TRY(CmpAuthority::open(authority, std::move(world))));
  if (authority.kind != enrol::AuthorityKind::own)
    return std::shared_ptr<RemoteAuthority>(
        TRY(ProgramAuthority::open(authority, std::move(world))));
  if (world.own_ca) return world.own_ca(authority);
  return fail(
      Failure::systemFailure, "config.upstream",
      "upstream.url makes this server a registration authority, which has no CA of its own; "
      "give the authority another kind");
}

}  // namespace countersign::app
