// Private to this folder: the RecipientInfos, each written for a content-encryption key and read
// back to it. RFC 5652 §6.2.
#pragma once

#include <initializer_list>

#include "crypto/cms.h"
#include "der/reader.h"
#include "der/writer.h"

namespace countersign::crypto::cms {

inline std::unexpected<Error> cannot_open() {
  return fail(Failure::badMessageCheck, "crypto.cms-cannot-open",
              "the EnvelopedData does not open with this key or secret; check that it was made for "
              "its holder");
}
inline std::unexpected<Error> unsupported(std::string_view what, const der::Oid& oid,
                                          std::string_view instead) {
  return fail(Failure::badAlg, "crypto.cms-algorithm",
              "the " + std::string(what) + " " + oid.dotted() + " of the EnvelopedData is not " +
                  "supported; use " + std::string(instead));
}

// version of the EnvelopedData that holds it, RFC 5652 §6.1.
struct WrittenRecipient {
  Bytes der;
  int enveloped_version;
};
Result<WrittenRecipient> write_recipient(const KeyRecipient& to, View key, Entropy& entropy);
Result<WrittenRecipient> write_recipient(const PasswordRecipient& to, View key, Entropy& entropy);

// A RecipientInfo, parsed and not yet opened.
struct KeyTransport {
  der::AlgorithmIdentifier algorithm;
  View encrypted_key;
};
struct KeyAgreement {
  std::optional<der::AlgorithmIdentifier> originator;  // nullopt: named, not given
  View originator_key;
  std::optional<View> ukm;
  der::AlgorithmIdentifier algorithm;
  View encrypted_key;
};
struct Password {
  std::optional<der::AlgorithmIdentifier> derivation;
  der::AlgorithmIdentifier encryption;
  View encrypted_key;
};
using RecipientInfo = std::variant<KeyTransport, KeyAgreement, Password>;
der::Parsed<RecipientInfo> read_recipient(der::Reader& in);

// The content-encryption key, of `key_size` octets.
Result<Secret> open_recipient(const RecipientInfo& info, const Opener& opener,
                              std::size_t key_size);

// A CMSVersion that stands there must be one of `allowed`.
der::Parsed<> check_version(const der::Reader& in, std::int64_t version,
                            std::initializer_list<std::int64_t> allowed);

// IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER }
der::Parsed<KeyName> read_issuer_and_serial(der::Reader& in);
void write_issuer_and_serial(der::Writer& w, const KeyName& name);

// PasswordRecipientInfo under PWRI-KEK (RFC 3211), the whole EnvelopedData, by the library's CMS.
inline constexpr auto kPwriKek = der::Oid::of("1.2.840.113549.1.9.16.3.9");
Result<Bytes> envelop_with_pwri_kek(const der::Oid& content_type, View content,
                                    const PasswordRecipient& recipient);
std::optional<Secret> open_with_pwri_kek(View enveloped_data, const Secret& secret);
// The PBKDF2 iterations of a Password and its parameters are within bounds?
Result<> check_derivation(const Password& password, const Opener& opener);

}  // namespace countersign::crypto::cms
