// For the tests of this folder: MAC algorithms of any shape, right and wrong, and what deriving a
// key under them says.
#pragma once

#include "crypto/mac.h"
#include "protect/test_support.h"

namespace countersign::protect::test {

inline constexpr auto kSha1 = der::Oid::of("1.3.14.3.2.26");
inline constexpr auto kMd5 = der::Oid::of("1.2.840.113549.2.5");
inline constexpr auto kHmacSha1 = der::Oid::of("1.2.840.113549.2.7");
inline constexpr auto kAes128Gmac = der::Oid::of("2.16.840.1.101.3.4.1.9");
inline constexpr auto kAes256Gmac = der::Oid::of("2.16.840.1.101.3.4.1.49");
inline constexpr auto kHmacSha1OfCmp = der::Oid::of("1.3.6.1.5.5.8.1.2");

inline const Secret& secret() { return test::vector_secret(); }

inline Bytes der_of(const der::AlgorithmIdentifier& algorithm) { return der::encode(algorithm); }
inline der::AlgorithmIdentifier hmac(crypto::Digest digest, View parameters = der::kNullDer) {
  return {*crypto::hmac_oid(digest), copy(parameters)};
}

// An INTEGER by its content octets, so that any size can be said.
inline Bytes integer(View content) {
  der::Writer w;
  w.integer_octets(content);
  return std::move(w).take();
}
inline Bytes integer(std::int64_t value) {
  der::Writer w;
  w.integer(value);
  return std::move(w).take();
}

struct Pbm {
  Bytes salt = Bytes(16, 7);
  der::AlgorithmIdentifier owf = {crypto::oid(crypto::Digest::sha256), {}};
  Bytes count = integer(500);
  der::AlgorithmIdentifier mac = hmac(crypto::Digest::sha256);
  Bytes trailing = {};

  der::AlgorithmIdentifier algorithm() const {
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      s.octets(salt);
      s.raw(der_of(owf));
      s.raw(count);
      s.raw(der_of(mac));
      s.raw(trailing);
    });
    return {kPasswordBasedMac, std::move(w).take()};
  }
};

struct Pbmac {
  der::Oid kdf = kPbkdf2;
  Bytes salt = [] {
    der::Writer w;
    w.octets(Bytes(16, 7));
    return std::move(w).take();
  }();
  Bytes count = integer(500);
  Bytes key_length = integer(32);
  Bytes prf = der_of(hmac(crypto::Digest::sha256));
  der::AlgorithmIdentifier mac = hmac(crypto::Digest::sha256);

  der::AlgorithmIdentifier algorithm() const {
    der::Writer params;
    params.sequence([&](der::Writer& s) {
      for (const Bytes* part : {&salt, &count, &key_length, &prf}) s.raw(*part);
    });
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      der::write(s, {kdf, params.bytes()});
      der::write(s, mac);
    });
    return {kPbmac1, std::move(w).take()};
  }
};

inline Bytes salt_of(std::size_t size) {
  der::Writer w;
  w.octets(Bytes(size, 7));
  return std::move(w).take();
}

// GMACParameters, KMACwithSHAKE…-params
inline der::AlgorithmIdentifier gmac(std::size_t nonce = 12, Bytes length = integer(16),
                                     const der::Oid& oid = kAes256Gmac) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(Bytes(nonce, 3));
    s.raw(length);
  });
  return {oid, std::move(w).take()};
}

inline der::AlgorithmIdentifier kmac(const std::vector<Bytes>& fields, const der::Oid& oid) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    for (const Bytes& field : fields) s.raw(field);
  });
  return {oid, std::move(w).take()};
}

// The algorithm of a line of a vector.
inline der::AlgorithmIdentifier read_algorithm(View encoded) {
  der::Context context(encoded);
  der::Reader in(encoded, context);
  return der::read_algorithm(in).value();
}

struct Case {
  std::string sentence;
  der::AlgorithmIdentifier algorithm;
  std::string code;
};

inline void run(const std::vector<Case>& cases, const Policy& policy = {}) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(code(derive_mac_key(c.algorithm, secret(), true, policy)), c.code);
  }
}

}  // namespace countersign::protect::test
