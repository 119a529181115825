#include "crypto/cms.h"
#include "crypto/cms_cipher.h"
#include "crypto/cms_recipient.h"

namespace countersign::crypto::cms {
namespace {

using der::context;
using der::Parsed;
using der::primitive_context;
using der::Reader;
using der::Tag;
using der::Writer;

constexpr std::size_t kLongest = 1 << 20;

struct Enveloped {
  std::size_t recipients = 0;
  std::optional<RecipientInfo> recipient;  // the first
  der::Oid content_type;
  der::AlgorithmIdentifier cipher;
  View encrypted;
};

Parsed<> read_recipients(Reader& in, Enveloped& out) {
  Reader set = TRY(in.read(Tag::set));
  if (!set.at_end()) out.recipient = TRY(read_recipient(set));
  out.recipients = out.recipient ? 1 : 0;
  while (!set.at_end()) {
    TRY(set.count(++out.recipients));
    TRY(set.any());
  }
  return {};
}

// EncryptedContentInfo ::= SEQUENCE {
//   contentType ContentType,
//   contentEncryptionAlgorithm ContentEncryptionAlgorithmIdentifier,
//   encryptedContent [0] IMPLICIT EncryptedContent OPTIONAL }
Parsed<> read_content(Reader& in, Enveloped& out) {
  Reader seq = TRY(in.read(Tag::sequence));
  out.content_type = TRY_AT(seq, "contentType", seq.oid());
  out.cipher = TRY_AT(seq, "contentEncryptionAlgorithm", der::read_algorithm(seq));
  out.encrypted = TRY_AT(seq, "encryptedContent", seq.octets(primitive_context(0)));
  return seq.finish();
}

// EnvelopedData ::= SEQUENCE {
//   version CMSVersion,
//   originatorInfo [0] IMPLICIT OriginatorInfo OPTIONAL,
//   recipientInfos RecipientInfos,
//   encryptedContentInfo EncryptedContentInfo,
//   unprotectedAttrs [1] IMPLICIT UnprotectedAttributes OPTIONAL }           RFC 5652 §6.1
// The version says nothing that the rest does not: RFC 9483 and RFC 5652 name different ones.
Parsed<Enveloped> read_enveloped(View der, der::Context& context_of) {
  Reader outer(der, context_of);
  Reader seq = TRY(outer.read(Tag::sequence));
  TRY(outer.finish());
  const auto version = TRY_AT(seq, "version", seq.small_integer());
  if (version < 0 || version > 4) return seq.refuse(der::Code::value);
  if (seq.next_is(context(0))) TRY_AT(seq, "originatorInfo", seq.any());
  Enveloped out;
  TRY_AT(seq, "recipientInfos", read_recipients(seq, out));
  TRY_AT(seq, "encryptedContentInfo", read_content(seq, out));
  if (seq.next_is(context(1))) TRY_AT(seq, "unprotectedAttrs", seq.any());
  TRY(seq.finish());
  return out;
}

Result<View> iv_of(const der::AlgorithmIdentifier& cipher) {
  der::Context context_of(cipher.parameters);
  Reader in(cipher.parameters, context_of);
  const auto iv = in.octets();
  if (iv && in.at_end() && iv->size() == kBlock) return *iv;
  return fail(Failure::badAlg, "crypto.cms-algorithm",
              "the parameters of AES-CBC must be an initialization vector of 16 octets");
}

Bytes write_enveloped(const der::Oid& content_type, const WrittenRecipient& recipient, View iv,
                      View encrypted) {
  Writer parameters;
  parameters.octets(iv);
  Writer w(encrypted.size() + recipient.der.size() + 128);
  w.sequence([&](Writer& s) {
    s.integer(recipient.enveloped_version);
    s.set([&](Writer& set) { set.raw(recipient.der); });
    s.sequence([&](Writer& content) {
      content.oid(content_type);
      der::write(content, {strongest_content_cipher().oid, parameters.bytes()});
      content.octets(encrypted, primitive_context(0));
    });
  });
  return std::move(w).take();
}

Technique technique_of(const RecipientInfo& info) {
  if (std::holds_alternative<KeyTransport>(info)) return Technique::key_transport;
  if (std::holds_alternative<KeyAgreement>(info)) return Technique::key_agreement;
  return Technique::password;
}

Result<Secret> decrypt_content(View enveloped_data, const Enveloped& envelope,
                               const Opener& opener) {
  const CipherRow* cipher = content_cipher(envelope.cipher.algorithm);
  if (cipher == nullptr)
    return unsupported("content encryption", envelope.cipher.algorithm, "AES-CBC");
  const View iv = TRY(iv_of(envelope.cipher));
  const auto* password = std::get_if<Password>(&*envelope.recipient);
  if (password != nullptr && password->encryption.algorithm == kPwriKek) {
    if (opener.secret == nullptr) return cannot_open();
    TRY(check_derivation(*password, opener));
    auto content = open_with_pwri_kek(enveloped_data, *opener.secret);
    if (!content) return cannot_open();
    return std::move(*content);
  }
  const Secret key = TRY(open_recipient(*envelope.recipient, opener, cipher->key_size));
  auto content = decrypt(*cipher, key.expose(), iv, envelope.encrypted);
  if (!content) return cannot_open();
  return std::move(*content);
}

}  // namespace

Result<Bytes> envelop(const der::Oid& content_type, View content, const Recipient& recipient,
                      Entropy& entropy) {
  const auto* password = std::get_if<PasswordRecipient>(&recipient);
  if (password != nullptr && password->wrap == PasswordWrap::pwri_kek)
    return envelop_with_pwri_kek(content_type, content, *password);
  // RFC 9483 §4.1.6 [MUST] a fresh content-encryption key
  Bytes fresh(kKeySize);
  TRY(entropy.fill(fresh));
  const Secret key(std::move(fresh));
  Bytes iv(kBlock);
  TRY(entropy.fill(iv));
  const auto written = TRY(std::visit(
      [&](const auto& to) { return write_recipient(to, key.expose(), entropy); }, recipient));
  const Bytes encrypted = encrypt(strongest_content_cipher(), key.expose(), iv, content);
  return write_enveloped(content_type, written, iv, encrypted);
}

Result<Opened> open(View enveloped_data, const Opener& opener) {
  der::Context context_of(enveloped_data, {.bytes = kLongest});
  if (enveloped_data.size() > kLongest)
    return fail(Failure::badDataFormat, "crypto.cms-format",
                "the EnvelopedData is longer than 1 MiB");
  const auto envelope = read_enveloped(enveloped_data, context_of);
  if (!envelope)
    return fail(Failure::badDataFormat, "crypto.cms-format",
                "the EnvelopedData is malformed at " + context_of.path() + ": " +
                    std::string(der::sentence(envelope.error().code)));
  // RFC 9810 §5.2.2 [MUST] exactly one RecipientInfo
  if (envelope->recipients != 1)
    return fail(Failure::badDataFormat, "crypto.cms-recipients",
                "the EnvelopedData has " + std::to_string(envelope->recipients) +
                    " RecipientInfos; make it for exactly one recipient");
  Secret content = TRY(decrypt_content(enveloped_data, *envelope, opener));
  return Opened{envelope->content_type, std::move(content), technique_of(*envelope->recipient)};
}

}  // namespace countersign::crypto::cms
