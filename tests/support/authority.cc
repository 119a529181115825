#include "support/authority.h"

#include <set>
#include <stdexcept>

#include "issuer/software_signer.h"

namespace countersign::test {
namespace {

constexpr const char* kPublicUrl = "http://127.0.0.1:8829";

TestAuthority make() {
  CountingEntropy entropy(42);
  const issuer::AuthoritySpec spec;
  auto made = issuer::make_authority(spec, kStart - Seconds{86400}, entropy).value();
  const auto parse = [](const Bytes& der) { return x509::parse_certificate(der).value(); };
  const std::vector<Bytes> own{made.issuing_certificate, made.root_certificate};
  const std::vector<Bytes> roots{made.root_certificate};
  return {parse(made.root_certificate),
          parse(made.issuing_certificate),
          parse(made.cmp_certificate),
          issuer::open_software_signer(made.issuing_key).value(),
          issuer::open_software_signer(made.cmp_key).value(),
          crypto::TrustSet::make(own).value(),
          crypto::TrustSet::make(roots).value()};
}

// Error::code is a string that lives for ever.
std::string_view kept(const std::string& code) {
  static std::set<std::string> codes;
  return *codes.insert(code).first;
}

}  // namespace

Result<> CountingEntropy::fill(std::span<Byte> out) noexcept {
  const std::lock_guard lock(mutex_);
  for (Byte& octet : out) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    octet = static_cast<Byte>(state_ >> 32);
  }
  return {};
}

const TestAuthority& authority() {
  static const TestAuthority made = make();
  return made;
}

ScriptedIssuer::ScriptedIssuer()
    : ca_(issuer::LocalCa::create({authority().issuing.der, authority().root.der, kPublicUrl},
                                  authority().issuing_signer, entropy_)
              .value()) {}

transaction::Answer ScriptedIssuer::answer(const IssuerSays& says, const ports::OrderKey& key,
                                           const transaction::CertificateOrder& order, Time now) {
  if (says.kind == IssuerSays::Kind::pending) {
    waiting_.insert_or_assign(key.index, std::pair(key, order));
    return transaction::Pending{says.check_after};
  }
  if (says.kind == IssuerSays::Kind::refused)
    return transaction::Refused{{says.failure, kept(says.code), "the issuer refuses", {}}};
  transaction::Answer out = transaction::Pending{};
  ca_->issue(key, order, now, [&](Result<transaction::Answer> made) {
    out = made ? *made : transaction::Answer{transaction::Refused{made.error()}};
  });
  ++made_;
  return out;
}

void ScriptedIssuer::issue(const ports::OrderKey& key, const transaction::CertificateOrder& order,
                           Time now, Done<transaction::Answer> done) {
  const auto at = ahead.find(key.index);
  done(answer(at == ahead.end() ? otherwise : at->second, key, order, now));
}

transaction::Answer ScriptedIssuer::late(std::size_t index, const IssuerSays& says, Time now) {
  const auto at = waiting_.find(index);
  if (at == waiting_.end()) throw std::logic_error("no request of that index waits for the issuer");
  const auto [key, order] = at->second;
  if (says.kind != IssuerSays::Kind::pending) waiting_.erase(at);
  return answer(says, key, order, now);
}

}  // namespace countersign::test
