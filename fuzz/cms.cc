// What travels as CMS: EnvelopedData with a key and a secret that open some of the corpus,
// SignedData, and the private key inside. Whatever arrives, reading it ends with a value or an
// error.
#include <cstdint>
#include <cstdlib>

#include "crypto/cms.h"
#include "crypto/key_package.h"

namespace countersign {
namespace {

namespace cms = crypto::cms;

// That of tests/vectors/crypto/cms/p256.key.pem.
constexpr const char* kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb4G0R8x+CHduT8SR\n"
    "ELSnemn9vCF+1mh1FLoB3CTpSvehRANCAASG0bvYMZHGx6lTA7tc2OhfDgiQyoxG\n"
    "X1NcyLwscRtu/vy/NqxvkHNuatqcaX2IJQD7ZcS0XVpaYw6FXGvB/sjM\n"
    "-----END PRIVATE KEY-----\n";

void read(View input) {
  static const auto key = crypto::PrivateKey::from_pem(kKey, Secret()).value();
  static const Secret secret(view("open sesame"));
  constexpr std::int64_t kFewIterations = 3000;
  if (const auto opened = cms::open(input, {&key, &secret, kFewIterations}))
    if (const auto inner = cms::read_signed_data(opened->content.expose()))
      (void)crypto::read_key_package(inner->content.expose());
  if (const auto data = cms::read_signed_data(input))
    if (data->signed_attributes.empty() || data->signed_attributes[0] != 0x31) std::abort();
  if (const auto taken = crypto::read_key_package(input)) {
    const Secret again = crypto::key_package(*taken);
    if (!crypto::read_key_package(again.expose())) std::abort();
  }
}

}  // namespace
}  // namespace countersign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::read({data, size});
  return 0;
}
