// A CA that is reached over CMP, as an authority of this server, which is its registration
// authority.
#pragma once

#include "app/countersignd/file_stamps.h"
#include "app/countersignd/remote_authority.h"
#include "issuer/upstream_cmp/forwarder.h"
#include "issuer/upstream_cmp/upstream_cmp.h"
#include "transport/http/client.h"

namespace countersign::app {

class CmpAuthority final : public RemoteAuthority {
 public:
  // Errors: "app.file", "config.upstream", those of issuer/upstream_cmp/upstream.h.
  static Result<std::unique_ptr<CmpAuthority>> open(const enrol::Authority& authority,
                                                    RemoteWorld world);

  ports::RemoteIssuer& issuer() override { return *issuer_; }
  ports::Relay* relay() override { return relay_.get(); }
  std::shared_ptr<const server::Publications> publications() const override {
    return publications_;
  }
  Result<> use_lists(std::span<const Bytes> lists) override;
  Result<Files> reread(bool anyway) override;
  Result<> use_issuers(const std::vector<Bytes>& cas) override;
  void close() override { http_.reset(); }

  std::shared_ptr<const server::CmpSigner> signer() const override { return signer_; }

 private:
  // What its files say.
  struct Read {
    std::vector<Bytes> ca;
    issuer::Upstream upstream;
    std::optional<crypto::TlsContext> tls;  // where its URL says https
  };
  CmpAuthority(enrol::Authority authority, RemoteWorld world);
  static Result<Read> read(const enrol::Authority& authority, const RemoteWorld& world);
  // From now on; with those that were learnt, as far as they lead to the root of these files.
  Result<> take(Read read, std::vector<Bytes> learnt);

  const enrol::Authority authority_;
  const RemoteWorld world_;
  FileStamps files_;
  std::optional<Read> read_;  // in use
  std::vector<Bytes> learnt_;
  std::vector<Bytes> lists_;
  std::shared_ptr<const server::Publications> publications_;
  std::shared_ptr<const server::CmpSigner> signer_;
  std::unique_ptr<transport::http::HttpClient> http_;
  std::unique_ptr<issuer::UpstreamCmp> issuer_;
  std::unique_ptr<issuer::Forwarder> relay_;
};

}  // namespace countersign::app
