#include "server/central_key.h"

#include "crypto/cms.h"
#include "crypto/key_package.h"
#include "server/await.h"

namespace countersign::server {
namespace {

namespace cms = crypto::cms;

// The secret has 128 random bits: stretching it adds nothing, so this is what every peer takes.
constexpr unsigned kIterations = 10'000;

struct Fresh {
  Bytes spki;
  Secret package;
};

// Departure 2: OpenSSL's client (3.5) asks with pvno 2. It reads one private key without the list
// around it, and knows no wrap under a password but PWRI-KEK.
bool as_openssl_reads_it(const KeyRequester& requester) { return requester.pvno < 3; }

Fresh package(const crypto::PrivateKey& key, const KeyRequester& requester) {
  const auto form =
      as_openssl_reads_it(requester) ? crypto::PackageForm::bare : crypto::PackageForm::list;
  return {copy(key.public_key().spki()), crypto::key_package(key, form)};
}

// One that lies ready, or a new one.
boost::asio::awaitable<Result<Fresh>> generate(Engine& engine, const std::string& algorithm,
                                               const KeyRequester& requester) {
  if (const auto ready = engine.ready_keys.take(algorithm)) co_return package(*ready, requester);
  auto make = [&]() -> Result<Fresh> {
    return package(crypto::PrivateKey::generate(*crypto::key_spec(algorithm)), requester);
  };
  co_return co_await engine.costly.run<Fresh>(requester.peer, make);
}

// RFC 9483 §4.1.6.1 [MUST] the subjectKeyIdentifier of the protection certificate if it has one
cms::KeyName name_of(const x509::Certificate& certificate) {
  return {certificate.subject_key_identifier(), certificate.issuer.der, certificate.serial};
}

Result<Bytes> envelop(const Secret& signed_key, const KeyRequester& requester, Entropy& entropy) {
  const auto to = [&](const cms::Recipient& recipient) {
    return cms::envelop(cms::oids::signed_data, signed_key.expose(), recipient, entropy);
  };
  if (const auto& certificate = requester.sender.certificate)
    return to(cms::KeyRecipient{name_of(*certificate),
                                TRY(crypto::PublicKey::from_spki(certificate->spki))});
  const auto wrap =
      as_openssl_reads_it(requester) ? cms::PasswordWrap::pwri_kek : cms::PasswordWrap::aes;
  return to(cms::PasswordRecipient{*requester.secret, kIterations, wrap});
}

// Who gets a certificate of another CA of ours trusts that one, and may trust it alone.
std::shared_ptr<const CmpSigner> kga_of(const Engine& engine, const std::string& authority) {
  if (const auto others = engine.authorities.get(); others && !authority.empty())
    if (const auto at = others->find(authority); at != others->end() && at->second.kga)
      return at->second.kga;
  return engine.kga.get();
}

boost::asio::awaitable<Result<Secret>> sign(Engine& engine, const std::string& authority,
                                            const Secret& package, Time now) {
  const auto kga = kga_of(engine, authority);
  if (kga == nullptr)
    co_return fail(Failure::systemUnavail, "server.no-kga",
                   "the key generation authority has no certificate yet; try again later, or send "
                   "the public key");
  const cms::Signing signing{cms::oids::key_package,   package.expose(), kga->key_id,
                             kga->signer->algorithm(), kga->extra_certs, now};
  CO_TRY(Bytes covered, cms::to_be_signed(signing));
  auto start = [&](Done<Bytes> done) { kga->signer->sign(std::move(covered), std::move(done)); };
  CO_TRY(const Bytes signature, co_await await_done<Bytes>(start));
  co_return cms::signed_data(signing, signature);
}

}  // namespace

boost::asio::awaitable<Result<KeyPair>> make_key_pair(Engine& engine, const std::string& authority,
                                                      const transaction::CentralKey& wish,
                                                      const KeyRequester& requester, Time now) {
  if (!requester.sender.certificate && requester.secret == nullptr)
    co_return fail(Failure::systemFailure, "server.no-kga",
                   "nothing is known that would protect a private key; begin anew");
  CO_TRY(Fresh fresh, co_await generate(engine, wish.algorithm, requester));
  CO_TRY(const Secret signed_key, co_await sign(engine, authority, fresh.package, now));
  auto wrap = [&] { return envelop(signed_key, requester, engine.entropy); };
  CO_TRY(Bytes enveloped, co_await engine.costly.run<Bytes>(requester.peer, wrap));
  co_return KeyPair{std::move(fresh.spki), std::move(enveloped)};
}

}  // namespace countersign::server
