// A private key that signs: in a file, on a pool, in an HSM. The key never comes out.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "der/algorithm.h"

namespace countersign::ports {

struct Signer {
  virtual ~Signer() = default;
  virtual const der::AlgorithmIdentifier& algorithm() const noexcept = 0;
  virtual View spki() const noexcept = 0;
  // In place, on a pool or in an HSM's queue; owns its input. Done on any thread.
  virtual void sign(Bytes tbs, Done<Bytes> done) const = 0;
};

struct KeyProvider {
  virtual ~KeyProvider() = default;
  // `name` as the configuration names the key: "issuing", "cmp", a PKCS #11 URI.
  virtual Result<std::shared_ptr<const Signer>> open(const std::string& name) = 0;
};

}  // namespace countersign::ports
