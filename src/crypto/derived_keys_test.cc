#include "crypto/derived_keys.h"

#include <gtest/gtest.h>

#include "crypto/kdf.h"

namespace countersign::crypto {
namespace {

const Bytes kSalt(16, 7);
const Bytes kSecret = to_bytes("a secret");

Derivation usual() { return {Derivation::By::pbkdf2, Digest::sha256, kSalt, 100, 32}; }

// "derived" or "known".
std::string how(DerivedKeys& keys, const Derivation& derivation, View secret) {
  std::optional<DerivedKeys::Fresh> fresh;
  const Secret key = keys.get(derivation, secret, fresh);
  EXPECT_TRUE(equal(key.expose(), derive(derivation, secret).expose()));
  if (!fresh) return "known";
  EXPECT_TRUE(equal(key.expose(), fresh->key.expose()));
  return "derived";
}

TEST(DerivedKeys, AreThoseOfTheFunctions) {
  const auto pbm = Derivation{Derivation::By::pbm_key, Digest::sha256, kSalt, 100, 0};
  EXPECT_TRUE(
      equal(derive(pbm, kSecret).expose(), pbm_key(Digest::sha256, kSecret, kSalt, 100).expose()));
  EXPECT_TRUE(equal(derive(usual(), kSecret).expose(),
                    pbkdf2(Digest::sha256, kSecret, kSalt, 100, 32).expose()));
}

TEST(DerivedKeys, AreKnownOnceTheyWereKept) {
  DerivedKeys keys;
  EXPECT_EQ(how(keys, usual(), kSecret), "derived");
  EXPECT_EQ(how(keys, usual(), kSecret), "derived") << "nobody said that it was right";
  std::optional<DerivedKeys::Fresh> fresh;
  (void)keys.get(usual(), kSecret, fresh);
  keys.keep(*std::move(fresh));
  EXPECT_EQ(how(keys, usual(), kSecret), "known");
}

TEST(DerivedKeys, AreOfAllThatTheyWereDerivedFrom) {
  DerivedKeys keys;
  std::optional<DerivedKeys::Fresh> fresh;
  (void)keys.get(usual(), kSecret, fresh);
  keys.keep(*std::move(fresh));
  const Bytes salt(15, 7), other(16, 8);
  std::vector<Derivation> others(6, usual());
  others[0].by = Derivation::By::pbm_key;
  others[1].digest = Digest::sha384;
  others[2].salt = other;
  others[3].salt = salt;
  others[4].iterations = 101;
  others[5].length = 31;
  for (const Derivation& d : others) EXPECT_EQ(how(keys, d, kSecret), "derived");
  EXPECT_EQ(how(keys, usual(), to_bytes("another")), "derived");
  // What ends the salt is not what begins the secret.
  Bytes longer = kSalt;
  longer.push_back(kSecret.front());
  others[0] = usual();
  others[0].salt = longer;
  EXPECT_EQ(how(keys, others[0], View(kSecret).subspan(1)), "derived");
}

TEST(DerivedKeys, AreSoManyAndNoMore) {
  DerivedKeys keys(2);
  for (Byte i = 0; i < 3; ++i) {
    const Bytes salt(16, i);
    auto d = usual();
    d.salt = salt;
    std::optional<DerivedKeys::Fresh> fresh;
    (void)keys.get(d, kSecret, fresh);
    keys.keep(*std::move(fresh));
  }
  EXPECT_EQ(keys.size(), 2u);
}

}  // namespace
}  // namespace countersign::crypto
