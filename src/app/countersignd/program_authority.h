// A program that is run here, or a web service, as an authority of this server.
#pragma once

#include "app/countersignd/file_stamps.h"
#include "app/countersignd/remote_authority.h"
#include "issuer/program/program.h"

namespace countersign::app {

class ProgramAuthority final : public RemoteAuthority {
 public:
  // Errors: "app.file", "config.upstream", "issuer.upstream-chain".
  static Result<std::unique_ptr<ProgramAuthority>> open(const enrol::Authority& authority,
                                                        RemoteWorld world);

  ports::RemoteIssuer& issuer() override { return *issuer_; }
  std::shared_ptr<const server::Publications> publications() const override {
    return publications_;
  }
  std::shared_ptr<const server::CmpSigner> signer() const override { return signer_; }
  Result<> use_lists(std::span<const Bytes> lists) override;
  Result<Files> reread(bool anyway) override {
    return files_.changed() || anyway ? Files::to_open_anew : Files::same;
  }
  void close() override { courier_.reset(); }

 private:
  explicit ProgramAuthority(FileStamps files) : files_(std::move(files)) {}

  FileStamps files_;

  std::shared_ptr<const server::Publications> publications_;
  std::shared_ptr<const server::CmpSigner> signer_;  // null: none was named
  std::unique_ptr<issuer::Courier> courier_;
  std::unique_ptr<issuer::ProgramIssuer> issuer_;
};

}  // namespace countersign::app
