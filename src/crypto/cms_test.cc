#include "crypto/cms.h"

#include <algorithm>
#include <functional>

#include "crypto/key_package.h"
#include "crypto/sign.h"
#include "crypto/vectors_for_test.h"
#include "der/writer.h"

namespace countersign::crypto::cms {
namespace {

constexpr std::string_view kContent = "for one pair of eyes";

struct CountingEntropy final : Entropy {
  Result<> fill(std::span<Byte> out) noexcept override {
    for (Byte& octet : out) octet = ++next;
    return {};
  }
  Byte next = 0;
};

PrivateKey key_of(const std::string& name) {
  auto key = PrivateKey::from_pem(read_vector("cms/" + name + ".key.pem"), Secret());
  EXPECT_TRUE(key) << name;
  return *key;
}

// What the openssl program writes is a ContentInfo; CMP has what is inside.
Bytes enveloped_vector(const std::string& name) {
  const std::string file = read_vector("cms/" + name + ".der");
  der::Context context(view(file));
  der::Reader in(view(file), context);
  auto info = in.read(der::Tag::sequence);
  EXPECT_TRUE(info && info->oid());
  auto content = info->read(der::context(0));
  EXPECT_TRUE(content);
  return copy(*content->well_formed());
}

TEST(EnvelopedData, what_the_openssl_program_makes_opens) {
  struct Case {
    const char* vector;
    const char* key;
    Technique technique;
  };
  for (const Case& c : {Case{"ktri-v15", "rsa", Technique::key_transport},
                        {"ktri-issuer", "rsa", Technique::key_transport},
                        {"ktri-oaep-sha1", "rsa", Technique::key_transport},
                        {"ktri-oaep-sha256", "rsa", Technique::key_transport},
                        {"kari-p256", "p256", Technique::key_agreement},
                        {"kari-p256-sha256", "p256", Technique::key_agreement},
                        {"kari-p384-sha384", "p384", Technique::key_agreement},
                        {"kari-p521-sha512", "p521", Technique::key_agreement}}) {
    const PrivateKey key = key_of(c.key);
    const auto opened = open(enveloped_vector(c.vector), {.key = &key});
    ASSERT_TRUE(opened) << c.vector << ": " << opened.error().reply_text;
    EXPECT_EQ(text(opened->content.expose()), kContent) << c.vector;
    EXPECT_EQ(opened->content_type, oids::data);
    EXPECT_EQ(opened->technique, c.technique);
  }
}

// Made by tests/vectors/crypto/cms/kari_x.py, with another library's X25519, HKDF and key wrap.
TEST(EnvelopedData, what_is_made_by_the_text_of_rfc_8418_opens) {
  for (const auto& [vector, name] : {std::pair{"kari-x25519", "x25519"},
                                     {"kari-x25519-no-ukm", "x25519"},
                                     {"kari-x25519-x963", "x25519"},
                                     {"kari-x448", "x448"},
                                     {"kari-x448-sha384", "x448"}}) {
    const PrivateKey key = key_of(name);
    const auto opened = open(enveloped_vector(vector), {.key = &key});
    ASSERT_TRUE(opened) << vector << ": " << opened.error().reply_text;
    EXPECT_EQ(text(opened->content.expose()), kContent) << vector;
    EXPECT_EQ(opened->technique, Technique::key_agreement);
  }
}

TEST(EnvelopedData, the_openssl_program_s_password_recipient_opens) {
  const Secret secret(view("open sesame"));
  const auto opened = open(enveloped_vector("pwri-kek"), {.secret = &secret});
  ASSERT_TRUE(opened) << opened.error().reply_text;
  EXPECT_EQ(text(opened->content.expose()), kContent);
  EXPECT_EQ(opened->technique, Technique::password);
}

TEST(EnvelopedData, what_is_not_for_this_key_or_secret_does_not_open) {
  const PrivateKey rsa = key_of("rsa");
  const PrivateKey p256 = key_of("p256");
  const PrivateKey p384 = key_of("p384");
  const Secret wrong(view("close sesame"));
  EXPECT_EQ(code_of(open(enveloped_vector("ktri-v15"), {.key = &p256})), "crypto.cms-cannot-open");
  EXPECT_EQ(code_of(open(enveloped_vector("kari-p256"), {.key = &rsa})), "crypto.cms-cannot-open");
  EXPECT_EQ(code_of(open(enveloped_vector("kari-p256"), {.key = &p384})), "crypto.cms-cannot-open");
  EXPECT_EQ(code_of(open(enveloped_vector("kari-p256"), {.secret = &wrong})),
            "crypto.cms-cannot-open");
  EXPECT_EQ(code_of(open(enveloped_vector("pwri-kek"), {.secret = &wrong})),
            "crypto.cms-cannot-open");
  EXPECT_EQ(code_of(open(enveloped_vector("pwri-kek"), {.key = &rsa})), "crypto.cms-cannot-open");
}

TEST(EnvelopedData, what_cmp_does_not_allow_is_refused) {
  const PrivateKey rsa = key_of("rsa");
  const Secret secret(view("open sesame"));
  struct Case {
    const char* why;
    const char* vector;
    const char* code;
  };
  for (const Case& c : {Case{"two RecipientInfos", "two-recipients", "crypto.cms-recipients"},
                        {"a key-encryption key from elsewhere", "kekri", "crypto.cms-format"},
                        {"triple DES", "triple-des", "crypto.cms-algorithm"},
                        {"OAEP with a label", "ktri-oaep-label", "crypto.cms-algorithm"}})
    EXPECT_EQ(code_of(open(enveloped_vector(c.vector), {.key = &rsa})), c.code) << c.why;
  EXPECT_EQ(
      code_of(open(enveloped_vector("pwri-kek"), {.secret = &secret, .most_iterations = 100})),
      "crypto.cms-iterations");
}

KeyRecipient recipient_of(const PrivateKey& key) {
  return {{key.public_key().key_identifier(), {}, {}}, key.public_key()};
}

TEST(EnvelopedData, every_kind_of_key_that_can_receive_opens_what_is_made_for_it) {
  CountingEntropy entropy;
  for (const char* name : {"rsa", "p256", "p384", "p521", "x25519", "x448"}) {
    const PrivateKey key = key_of(name);
    ASSERT_TRUE(can_receive(key.kind())) << name;
    const auto made = envelop(oids::signed_data, view(kContent), recipient_of(key), entropy);
    ASSERT_TRUE(made) << name << ": " << made.error().reply_text;
    const auto opened = open(*made, {.key = &key});
    ASSERT_TRUE(opened) << name << ": " << opened.error().reply_text;
    EXPECT_EQ(text(opened->content.expose()), kContent);
    EXPECT_EQ(opened->content_type, oids::signed_data);
  }
  EXPECT_FALSE(can_receive(KeyKind::ed25519));
  EXPECT_FALSE(can_receive(KeyKind::rsa_pss));
  EXPECT_FALSE(can_receive(KeyKind::ml_kem_768));
}

TEST(EnvelopedData, a_secret_opens_what_is_made_for_it_in_either_wrap) {
  CountingEntropy entropy;
  const Secret secret(view("open sesame"));
  const Secret wrong(view("close sesame"));
  for (const PasswordWrap wrap : {PasswordWrap::aes, PasswordWrap::pwri_kek}) {
    const auto made =
        envelop(oids::signed_data, view(kContent), PasswordRecipient{secret, 1000, wrap}, entropy);
    ASSERT_TRUE(made);
    const auto opened = open(*made, {.secret = &secret});
    ASSERT_TRUE(opened) << opened.error().reply_text;
    EXPECT_EQ(text(opened->content.expose()), kContent);
    EXPECT_EQ(opened->content_type, oids::signed_data);
    EXPECT_EQ(code_of(open(*made, {.secret = &wrong})), "crypto.cms-cannot-open");
    EXPECT_EQ(code_of(open(*made, {.secret = &secret, .most_iterations = 999})),
              "crypto.cms-iterations");
  }
}

// RFC 5652 §6.1: 0 when named by issuer, 2 by key identifier or by agreement, 3 for a password.
TEST(EnvelopedData, the_version_is_that_of_the_recipient) {
  CountingEntropy entropy;
  const auto version_of = [&](const Recipient& to) {
    const auto made = envelop(oids::data, view(kContent), to, entropy);
    EXPECT_TRUE(made);
    der::Context context(*made);
    der::Reader in(*made, context);
    return *in.read(der::Tag::sequence)->small_integer();
  };
  const PrivateKey rsa = key_of("rsa");
  const PrivateKey p256 = key_of("p256");
  const Secret secret(view("open sesame"));
  der::Writer empty_name;
  empty_name.sequence([](der::Writer&) {});
  const KeyName by_issuer{{}, empty_name.bytes(), {1}};
  EXPECT_EQ(version_of(recipient_of(rsa)), 2);
  EXPECT_EQ(version_of(KeyRecipient{by_issuer, rsa.public_key()}), 0);
  EXPECT_EQ(version_of(recipient_of(p256)), 2);
  EXPECT_EQ(version_of(KeyRecipient{by_issuer, p256.public_key()}), 2);
  EXPECT_EQ(version_of(PasswordRecipient{secret, 1000}), 3);
}

// RFC 9483 §4.1.6 [MUST] a fresh content-encryption key, a salt of its own.
TEST(EnvelopedData, nothing_is_used_twice) {
  CountingEntropy entropy;
  const PrivateKey key = key_of("p256");
  const auto first = envelop(oids::data, view(kContent), recipient_of(key), entropy);
  const auto second = envelop(oids::data, view(kContent), recipient_of(key), entropy);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(equal(View(*first).last(32), View(*second).last(32)));
}

// The first place where `from` stands becomes `to`; both as hexadecimal, of one length.
Bytes changed(View der, std::string_view from, std::string_view to) {
  Bytes out = copy(der);
  const Bytes old = hex(from);
  const Bytes fresh = hex(to);
  EXPECT_EQ(old.size(), fresh.size());
  const auto at = std::ranges::search(out, old);
  EXPECT_FALSE(at.empty()) << "nothing to change";
  std::ranges::copy(fresh, at.begin());
  return out;
}

TEST(EnvelopedData, a_key_wrap_of_another_size_than_the_content_cipher_is_refused) {
  CountingEntropy entropy;
  const PrivateKey key = key_of("p256");
  const Secret secret(view("open sesame"));
  // id-aes256-wrap becomes id-aes128-wrap
  const std::string_view wrap256 = "060960864801650304012d";
  const std::string_view wrap128 = "0609608648016503040105";
  const auto agreed = envelop(oids::data, view(kContent), recipient_of(key), entropy);
  EXPECT_EQ(code_of(open(changed(*agreed, wrap256, wrap128), {.key = &key})),
            "crypto.cms-key-size");
  const auto derived =
      envelop(oids::data, view(kContent), PasswordRecipient{secret, 1000}, entropy);
  EXPECT_EQ(code_of(open(changed(*derived, wrap256, wrap128), {.secret = &secret})),
            "crypto.cms-key-size");
  // keyLength 32 becomes 16
  EXPECT_EQ(code_of(open(changed(*derived, "020120", "020110"), {.secret = &secret})),
            "crypto.cms-key-size");
}

TEST(EnvelopedData, a_digest_that_oaep_cannot_use_is_refused) {
  CountingEntropy entropy;
  const PrivateKey key = key_of("rsa");
  const auto made = envelop(oids::data, view(kContent), recipient_of(key), entropy);
  // sha256 becomes shake256, in the hash and in the mask
  Bytes other = changed(*made, "0609608648016503040201", "060960864801650304020c");
  EXPECT_NE(code_of(open(other, {.key = &key})), "ok");
  other = changed(other, "0609608648016503040201", "060960864801650304020c");
  EXPECT_NE(code_of(open(other, {.key = &key})), "ok");
}

TEST(EnvelopedData, a_key_that_is_for_signing_only_opens_nothing) {
  CountingEntropy entropy;
  const PrivateKey rsa = key_of("rsa");
  const PrivateKey ed25519 = key_of("ed25519");
  const auto made = envelop(oids::data, view(kContent), recipient_of(rsa), entropy);
  EXPECT_EQ(code_of(open(*made, {.key = &ed25519})), "crypto.cms-cannot-open");
}

TEST(EnvelopedData, an_octet_less_or_more_is_refused) {
  CountingEntropy entropy;
  const PrivateKey key = key_of("p256");
  Bytes made = *envelop(oids::data, view(kContent), recipient_of(key), entropy);
  EXPECT_EQ(code_of(open(View(made).first(made.size() - 1), {.key = &key})), "crypto.cms-format");
  made.push_back(0);
  EXPECT_EQ(code_of(open(made, {.key = &key})), "crypto.cms-format");
  EXPECT_EQ(code_of(open({}, {.key = &key})), "crypto.cms-format");
}

TEST(SignedData, what_the_openssl_program_signs_verifies) {
  for (const auto& [vector, signer] : {std::pair{"signed-p256", "p256"},
                                       {"signed-rsa", "rsa"},
                                       {"signed-rsa-pss", "rsa"},
                                       {"signed-ed25519", "ed25519"}}) {
    const std::string file = read_vector("cms/" + std::string(vector) + ".der");
    const auto read = read_signed_data(view(file));
    ASSERT_TRUE(read) << vector << ": " << read.error().reply_text;
    EXPECT_EQ(text(read->content.expose()), kContent);
    EXPECT_EQ(read->certificates.size(), 1U);
    const PrivateKey key = key_of(signer);
    EXPECT_EQ(code_of(verify(key.public_key(), read->algorithm, read->signed_attributes,
                             read->signature)),
              "ok")
        << vector;
    const PrivateKey other = key_of("p521");
    EXPECT_NE(code_of(verify(other.public_key(), read->algorithm, read->signed_attributes,
                             read->signature)),
              "ok");
  }
  const std::string named = read_vector("cms/signed-p256.der");
  EXPECT_EQ(read_signed_data(view(named))->content_type, oids::key_package);
  EXPECT_FALSE(read_signed_data(view(named))->signer.key_id.empty());
  const std::string by_issuer = read_vector("cms/signed-rsa.der");
  EXPECT_FALSE(read_signed_data(view(by_issuer))->signer.issuer.empty());
}

TEST(SignedData, what_cannot_be_trusted_is_refused) {
  struct Case {
    const char* why;
    const char* vector;
    const char* code;
  };
  for (const Case& c : {Case{"a SHA-1 digest", "signed-sha1", "crypto.cms-algorithm"},
                        {"no signed attributes", "signed-no-attributes", "crypto.cms-format"},
                        {"two signers", "signed-two", "crypto.cms-format"}}) {
    const std::string file = read_vector("cms/" + std::string(c.vector) + ".der");
    EXPECT_EQ(code_of(read_signed_data(view(file))), c.code) << c.why;
  }
  const std::string file = read_vector("cms/signed-p256.der");
  const Bytes altered = changed(view(file), to_hex(view("eyes")), to_hex(view("ears")));
  EXPECT_EQ(code_of(read_signed_data(altered)), "crypto.cms-digest");
}

TEST(SignedData, what_is_made_is_read_back_and_verifies) {
  const PrivateKey key = key_of("p256");
  const Bytes certificate = hex("3003020105");
  for (const auto& time :
       {std::optional<Time>{}, std::optional<Time>{Time{Seconds{1'800'000'000}}}}) {
    const Bytes key_id = key.public_key().key_identifier();
    const Signing signing{oids::key_package,
                          view(kContent),
                          key_id,
                          key.default_signature_algorithm(),
                          {certificate},
                          time};
    const auto covered = to_be_signed(signing);
    ASSERT_TRUE(covered);
    const auto signature = sign(key, signing.algorithm, *covered);
    ASSERT_TRUE(signature);
    const auto made = signed_data(signing, *signature);
    ASSERT_TRUE(made);
    const auto read = read_signed_data(made->expose());
    ASSERT_TRUE(read) << read.error().reply_text;
    EXPECT_EQ(read->signed_attributes, *covered);
    EXPECT_EQ(read->signer.key_id, key_id);
    EXPECT_EQ(read->certificates, signing.certificates);
    EXPECT_EQ(read->content_type, oids::key_package);
    EXPECT_TRUE(
        verify(key.public_key(), read->algorithm, read->signed_attributes, read->signature));
  }
}

TEST(KeyPackage, a_private_key_comes_back_as_it_went) {
  for (const char* name : {"rsa", "p256", "p521", "ed25519"}) {
    const PrivateKey key = key_of(name);
    const Secret package = key_package(key);
    const auto back = read_key_package(package.expose());
    ASSERT_TRUE(back) << name << ": " << back.error().reply_text;
    EXPECT_TRUE(back->matches(key.public_key()));
    const auto bare = read_key_package(key_package(key, PackageForm::bare).expose());
    ASSERT_TRUE(bare) << name << ": " << bare.error().reply_text;
    EXPECT_TRUE(bare->matches(key.public_key()));
  }
  const PrivateKey ml_dsa = PrivateKey::generate(*key_spec("ml-dsa-65"));
  const auto back = read_key_package(key_package(ml_dsa).expose());
  ASSERT_TRUE(back) << back.error().reply_text;
  EXPECT_TRUE(back->matches(ml_dsa.public_key()));
}

TEST(KeyPackage, anything_but_one_fitting_key_is_refused) {
  const PrivateKey key = key_of("ed25519");
  const Secret package = key_package(key);
  Bytes twice;
  {
    der::Context context(package.expose());
    der::Reader in(package.expose(), context);
    const View one = *in.read(der::Tag::sequence)->well_formed();
    der::Writer w;
    w.sequence([&](der::Writer& s) {
      s.raw(one);
      s.raw(one);
    });
    twice = w.bytes();
  }
  EXPECT_EQ(code_of(read_key_package(twice)), "crypto.key-package");
  EXPECT_EQ(code_of(read_key_package(hex("3000"))), "crypto.key-package");
  EXPECT_EQ(code_of(read_key_package(view("no DER"))), "crypto.key-package");
  Bytes other_half = copy(package.expose());
  other_half.back() ^= 1;
  EXPECT_EQ(code_of(read_key_package(other_half)), "crypto.key-package");
}

}  // namespace
}  // namespace countersign::crypto::cms
