// The form of what CMS structures are written and taken. RFC 9483 §4.1.6, RFC 5652 §5, §6.
#include "crypto/cms_structure_for_test.h"

#include <functional>

#include "crypto/key_package.h"
#include "crypto/os_entropy.h"
#include "crypto/sign.h"
#include "crypto/vectors_for_test.h"

namespace countersign::crypto::cms {
namespace {

constexpr std::string_view kContent = "for one pair of eyes";
constexpr unsigned kIterations = 1000;

PrivateKey key_of(const std::string& name) {
  auto key = PrivateKey::from_pem(read_vector("cms/" + name + ".key.pem"), Secret());
  EXPECT_TRUE(key) << name;
  return *key;
}

KeyName by_key_id() { return {hex("0102030405"), {}, {}}; }
KeyName by_issuer() { return {{}, hex("3000"), hex("0a0b")}; }

Bytes enveloped(const Recipient& to) {
  OsEntropy entropy;
  auto made = envelop(oids::signed_data, view(kContent), to, entropy);
  EXPECT_TRUE(made) << made.error().reply_text;
  return made ? *std::move(made) : Bytes{};
}

SeenEnvelope seen(View enveloped_data) {
  auto out = walk_envelope(enveloped_data);
  EXPECT_TRUE(out) << "at " << out.error().offset << ": " << der::name(out.error().code);
  return out ? *std::move(out) : SeenEnvelope{};
}

// RFC 9483 §4.1.6.1, §4.1.6.2
TEST(EnvelopedDataForm, names_the_recipient_as_its_certificate_allows) {
  struct Case {
    const char* key;
    KeyName name;
    const char* kind;
    std::int64_t enveloped_version, recipient_version;
  };
  for (const Case& c : {Case{"rsa", by_key_id(), "ktri", 2, 2},
                        {"rsa", by_issuer(), "ktri", 0, 0},
                        {"p256", by_key_id(), "kari", 2, 3},
                        {"p256", by_issuer(), "kari", 2, 3},
                        {"x25519", by_key_id(), "kari", 2, 3},
                        {"x25519", by_issuer(), "kari", 2, 3},
                        {"x448", by_key_id(), "kari", 2, 3},
                        {"x448", by_issuer(), "kari", 2, 3}}) {
    const auto envelope = seen(enveloped(KeyRecipient{c.name, key_of(c.key).public_key()}));
    EXPECT_EQ(envelope.version, c.enveloped_version) << c.key;
    EXPECT_EQ(envelope.content_type, oids::signed_data);
    ASSERT_EQ(envelope.recipients.size(), 1U);
    const auto& recipient = envelope.recipients[0];
    EXPECT_EQ(recipient.kind, c.kind);
    EXPECT_EQ(recipient.version, c.recipient_version) << c.key;
    EXPECT_EQ(recipient.rid, c.name) << c.key;
    EXPECT_EQ(recipient.encrypted_keys, 1U);
  }
}

// RFC 9483 §4.1.6.2
TEST(EnvelopedDataForm, a_key_agreement_has_a_ukm_and_an_originator_of_its_own) {
  for (const char* name : {"p256", "x25519", "x448"}) {
    const KeyRecipient to{by_key_id(), key_of(name).public_key()};
    const auto one = seen(enveloped(to)), other = seen(enveloped(to));
    ASSERT_TRUE(one.recipients.at(0).ukm && other.recipients.at(0).ukm) << name;
    EXPECT_NE(one.recipients[0].ukm, other.recipients[0].ukm) << name;
    EXPECT_NE(one.recipients[0].originator_key, other.recipients[0].originator_key) << name;
  }
}

// RFC 9483 §4.1.6.3
TEST(EnvelopedDataForm, a_password_recipient_has_version_0_and_a_salt_of_its_own) {
  const Secret secret(view("open sesame"));
  for (const PasswordWrap wrap : {PasswordWrap::aes, PasswordWrap::pwri_kek}) {
    const PasswordRecipient to{secret, kIterations, wrap};
    const auto one = seen(enveloped(to)), other = seen(enveloped(to));
    ASSERT_EQ(one.recipients.size(), 1U);
    EXPECT_EQ(one.recipients[0].kind, "pwri");
    EXPECT_EQ(one.recipients[0].version, 0);
    EXPECT_EQ(one.version, 3) << "RFC 5652 §6.1";
    EXPECT_NE(one.recipients[0].salt, other.recipients.at(0).salt);
  }
}

struct Signer {
  PrivateKey key = key_of("p256");
  Bytes key_id = key.public_key().key_identifier();
  Secret package = key_package(key);
  // Of the two the signer's would come second in the order of DER.
  std::vector<Bytes> certificates{hex("3003020109"), hex("3003020105")};

  Bytes data() const {
    const Signing signing{oids::key_package,
                          package.expose(),
                          key_id,
                          key.default_signature_algorithm(),
                          certificates,
                          Time{Seconds{1'800'000'000}}};
    const auto signature = sign(key, signing.algorithm, to_be_signed(signing).value());
    return copy(signed_data(signing, signature.value()).value().expose());
  }
};

// RFC 9483 §4.1.6
TEST(SignedDataForm, is_of_version_3_with_one_digest_one_signer_and_its_certificate_first) {
  const Signer signer;
  const auto out = walk_signed_data(signer.data());
  ASSERT_TRUE(out) << "at " << out.error().offset << ": " << der::name(out.error().code);
  EXPECT_EQ(out->version, 3);
  EXPECT_EQ(out->digests, std::vector{oid(Digest::sha256)});
  EXPECT_EQ(out->content_type, oids::key_package);
  EXPECT_EQ(out->certificates, signer.certificates);
  EXPECT_EQ(out->signers, 1U);
  EXPECT_EQ(out->signer_version, 3);
  EXPECT_EQ(out->sid, (KeyName{signer.key_id, {}, {}}));
  EXPECT_EQ(out->signer_digest, oid(Digest::sha256));
}

// RFC 9483 §4.1.6
TEST(KeyPackageForm, is_one_key_of_version_2_with_its_public_key) {
  for (const char* name : {"rsa", "p256", "ed25519"}) {
    const PrivateKey key = key_of(name);
    const auto out = walk_key_package(key_package(key).expose());
    ASSERT_TRUE(out) << name;
    EXPECT_EQ(out->versions, std::vector<std::int64_t>{1}) << "v2 is written as 1";
    EXPECT_EQ(out->public_key, copy(key.public_key().key_octets())) << name;
  }
}

// Which child of the outermost value, which child of that, and so on.
using Place = std::vector<std::size_t>;

// `der` with what stands at that place put through `change`; the lengths around it fit again.
Bytes edited(View der, std::span<const std::size_t> place,
             const std::function<Bytes(View)>& change) {
  if (place.empty()) return change(der);
  der::Context context(der);
  Reader in(der, context);
  const der::Tlv outer = *in.any();
  Reader inside = *in.open(outer.content);
  der::Writer w;
  w.element(outer.tag, [&](der::Writer& s) {
    for (std::size_t i = 0; !inside.at_end(); ++i) {
      const View child = inside.any()->whole;
      s.raw(i == place.front() ? edited(child, place.subspan(1), change) : copy(child));
    }
  });
  return std::move(w).take();
}

Bytes with_integer(View der, const Place& place, int value) {
  return edited(der, place, [=](View) { return Bytes{0x02, 0x01, static_cast<Byte>(value)}; });
}

Bytes twice(View der) {
  Bytes out = copy(der);
  out.insert(out.end(), der.begin(), der.end());
  return out;
}

// RFC 5652 §6.2.1, §6.2.2, §6.2.4. RFC 9483 §4.1.6.1 says 2 for every ktri.
TEST(EnvelopedDataForm, a_recipient_of_a_version_that_it_cannot_have_is_refused) {
  const Place version{1, 0, 0};
  const Secret secret(view("open sesame"));
  const PrivateKey rsa = key_of("rsa"), p256 = key_of("p256");
  const Bytes by_id = enveloped(KeyRecipient{by_key_id(), rsa.public_key()});
  const Bytes by_name = enveloped(KeyRecipient{by_issuer(), rsa.public_key()});
  const Bytes agreed = enveloped(KeyRecipient{by_key_id(), p256.public_key()});
  const Bytes derived = enveloped(PasswordRecipient{secret, kIterations});
  struct Case {
    const char* which;
    const Bytes& made;
    int version;
    const char* code;
  };
  for (const Case& c : {Case{"ktri by key identifier", by_id, 2, "ok"},
                        {"ktri by key identifier", by_id, 0, "crypto.cms-format"},
                        {"ktri by issuer", by_name, 0, "ok"},
                        {"ktri by issuer", by_name, 2, "ok"},
                        {"ktri by issuer", by_name, 3, "crypto.cms-format"},
                        {"kari", agreed, 3, "ok"},
                        {"kari", agreed, 2, "crypto.cms-format"},
                        {"pwri", derived, 0, "ok"},
                        {"pwri", derived, 3, "crypto.cms-format"}}) {
    const PrivateKey& key = &c.made == &agreed ? p256 : rsa;
    EXPECT_EQ(
        code_of(open(with_integer(c.made, version, c.version), {.key = &key, .secret = &secret})),
        c.code)
        << c.which << " of version " << c.version;
  }
}

// RFC 9483 §4.1.6.2 [MUST] one RecipientEncryptedKey
TEST(EnvelopedDataForm, two_RecipientEncryptedKeys_are_refused) {
  const PrivateKey key = key_of("p256");
  const Bytes made = enveloped(KeyRecipient{by_key_id(), key.public_key()});
  ASSERT_EQ(code_of(open(made, {.key = &key})), "ok");
  const Place only_key{1, 0, 4, 0};
  const Bytes two = edited(made, only_key, twice);
  ASSERT_EQ(seen(two).recipients.at(0).encrypted_keys, 2U);
  EXPECT_EQ(code_of(open(two, {.key = &key})), "crypto.cms-format");
}

// RFC 9483 §4.1.6; what RFC 5652 §5.1 has for content of type id-data is taken as well.
TEST(SignedDataForm, of_another_version_or_with_other_digests_is_refused) {
  const Place version{0}, digests{1}, digest{1, 0}, signer_version{4, 0, 0};
  const Bytes made = Signer().data();
  EXPECT_EQ(code_of(read_signed_data(made)), "ok");
  const auto refused = [](View der) {
    EXPECT_EQ(code_of(read_signed_data(der)), "crypto.cms-format");
  };
  for (const int wrong : {0, 1, 2, 4, 5}) refused(with_integer(made, version, wrong));
  for (const int wrong : {0, 1, 2, 4}) refused(with_integer(made, signer_version, wrong));
  refused(edited(made, digest, twice));
  refused(edited(made, digests, [](View) { return hex("3100"); }));
  // SHA-384, and signed under SHA-256
  refused(edited(made, digest, [](View) { return hex("300b0609608648016503040202"); }));
}

}  // namespace
}  // namespace countersign::crypto::cms
