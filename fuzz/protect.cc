// Whatever arrives: parse, check_header, authenticate. Nothing may crash, and what authenticates is
// what the vectors hold.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "protect/protect.h"
#include "x509/certificate.h"

namespace {

using namespace countersign;

struct World {
  Secret secret{to_bytes("an agreed secret")};
  std::optional<crypto::TrustSet> anchors;
  crypto::PublicKeyCache keys{16};
  crypto::PathCache paths{16};
  crypto::DerivedKeys derived{16};
  // Time matters more than work here.
  protect::Policy policy{.max_iterations = 2000};

  World() {
    const auto tests = std::filesystem::path(__FILE__).parent_path().parent_path() / "tests";
    std::ifstream in(tests / "vectors/protect/ca.pem", std::ios::binary);
    const std::string pem{std::istreambuf_iterator<char>(in), {}};
    if (const auto found = x509::certificates_from_file(view(pem)))
      if (auto made = crypto::TrustSet::make(*found)) anchors = *std::move(made);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const auto message = message::parse_message({data, size});
  if (!message) return 0;
  const Time now = message->header.message_time.value_or(from_unix(1'800'000'000));
  const auto checked = protect::check_header(*message);
  protect::Evidence evidence;
  if (auto reference = protect::reference_of(message->header))
    evidence.secret = protect::KnownSecret{std::move(*reference), &world.secret, true};
  if (world.anchors) evidence.anchors = &*world.anchors;
  // Half of the inputs come from a sender of ours, half from a foreign one.
  const auto& id = message->header.transaction_id;
  if (id && !id->empty() && id->octets[0] % 2 != 0 && !message->extra_certs.empty()) {
    evidence.own.push_back({message->extra_certs.front(), protect::CertificateState::valid});
    evidence.own_authority = evidence.anchors;
  }
  const protect::Authenticator authenticator(world.policy, world.keys, world.paths, world.derived);
  const auto result = authenticator.authenticate(*message, evidence, now);
  if (result && !message->protection) std::abort();
  if (!result && result.error().code.empty()) std::abort();
  protect::ResponderTrust trust;
  trust.anchors = evidence.anchors;
  (void)protect::authenticate_response(*message, checked ? &world.secret : nullptr, trust,
                                       world.policy, now);
  return 0;
}
