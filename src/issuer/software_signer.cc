#include "issuer/software_signer.h"

#include "crypto/sign.h"

namespace countersign::issuer {
namespace {

class SoftwareSigner final : public ports::Signer {
 public:
  SoftwareSigner(crypto::PrivateKey key, RunElsewhere run_elsewhere)
      : key_(std::move(key)),
        algorithm_(key_.default_signature_algorithm()),
        run_elsewhere_(std::move(run_elsewhere)) {}

  const der::AlgorithmIdentifier& algorithm() const noexcept override { return algorithm_; }
  View spki() const noexcept override { return key_.public_key().spki(); }

  void sign(Bytes tbs, Done<Bytes> done) const override {
    if (!run_elsewhere_ || !key_.slow_to_sign()) {
      done(crypto::sign(key_, algorithm_, tbs));
      return;
    }
    // Copies, since the work may outlive this signer.
    run_elsewhere_([key = key_, algorithm = algorithm_, tbs = std::move(tbs),
                    done = std::move(done)]() mutable { done(crypto::sign(key, algorithm, tbs)); });
  }

 private:
  crypto::PrivateKey key_;
  der::AlgorithmIdentifier algorithm_;
  RunElsewhere run_elsewhere_;
};

}  // namespace

std::shared_ptr<const ports::Signer> make_software_signer(crypto::PrivateKey key,
                                                          RunElsewhere run_elsewhere) {
  return std::make_shared<const SoftwareSigner>(std::move(key), std::move(run_elsewhere));
}

Result<std::shared_ptr<const ports::Signer>> open_software_signer(const Secret& pem,
                                                                  RunElsewhere run_elsewhere,
                                                                  const Secret& passphrase) {
  auto key = TRY(crypto::PrivateKey::from_pem(text(pem.expose()), passphrase));
  if (!crypto::can_sign(key.kind()))
    return fail(Failure::systemFailure, "issuer.key-cannot-sign",
                "a key of the kind " + std::string(crypto::name(key.kind())) + " cannot sign");
  return make_software_signer(std::move(key), std::move(run_elsewhere));
}

}  // namespace countersign::issuer
