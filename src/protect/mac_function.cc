#include "protect/mac_function.h"

#include <array>

#include "protect/mac_parameters.h"

namespace countersign::protect {
namespace {

struct GmacRow {
  der::Oid oid;
  std::size_t key_size;
};
constexpr std::array kGmacs{
    GmacRow{der::Oid::of("2.16.840.1.101.3.4.1.9"), 16},
    GmacRow{der::Oid::of("2.16.840.1.101.3.4.1.29"), 24},
    GmacRow{der::Oid::of("2.16.840.1.101.3.4.1.49"), 32},
};

// Random nonces shorter than this would meet by chance.
constexpr std::size_t kShortestNonce = kNewGmacNonce;
constexpr std::size_t kLongestNonce = 64;
constexpr std::int64_t kShortestKmac = 128;  // bits
constexpr std::int64_t kLongestKmac = 1024;
constexpr std::size_t kLongestCustomization = 256;

std::unexpected<Error> refuse(const der::AlgorithmIdentifier& algorithm, std::string what) {
  return fail(Failure::badAlg, "protect.mac-parameters",
              "the parameters of the MAC " + algorithm.algorithm.dotted() + " are not accepted; " +
                  std::move(what));
}

// RFC 9044 §2
// GMACParameters ::= SEQUENCE {
//    nonce        OCTET STRING,
//    length       MACLength DEFAULT 12 }
// MACLength ::= INTEGER (12 | 13 | 14 | 15 | 16)
struct GmacParameters {
  Bytes nonce;
  std::int64_t length = 12;
};

der::Parsed<GmacParameters> read_gmac(View parameters) {
  GmacParameters out;
  der::Context context(parameters);
  der::Reader in(parameters, context);
  der::Reader fields = TRY(in.read(der::Tag::sequence));
  out.nonce = copy(TRY(fields.octets()));
  if (!fields.at_end()) out.length = TRY(fields.small_integer());
  TRY(fields.finish());
  TRY(in.finish());
  return out;
}

// RFC 9045 §4.4 [MUST] a length of 16 octets.
Result<crypto::MacFunction> gmac_of(const der::AlgorithmIdentifier& algorithm, const GmacRow& row) {
  auto read = read_gmac(algorithm.parameters);
  const bool fits = read && read->nonce.size() >= kShortestNonce &&
                    read->nonce.size() <= kLongestNonce &&
                    read->length == std::int64_t{crypto::Gmac::kLength};
  if (fits) return crypto::Gmac{row.key_size, std::move(read->nonce)};
  return refuse(algorithm, "give a nonce of " + std::to_string(kShortestNonce) + " to " +
                               std::to_string(kLongestNonce) + " octets and length 16");
}

// RFC 8702 §2
// KMACwithSHAKE128-params ::= SEQUENCE {
//   kMACOutputLength     INTEGER DEFAULT 256, -- Output length in bits
//   customizationString  OCTET STRING DEFAULT ''H }
// KMACwithSHAKE256-params: the same with DEFAULT 512
struct KmacParameters {
  std::int64_t bits;
  Bytes customization;
};

der::Parsed<KmacParameters> read_kmac(View parameters, std::int64_t default_bits) {
  KmacParameters out{default_bits, {}};
  if (parameters.empty()) return out;
  der::Context context(parameters);
  der::Reader in(parameters, context);
  der::Reader fields = TRY(in.read(der::Tag::sequence));
  if (fields.next_is(der::Tag::integer)) out.bits = TRY(read_iteration_count(fields));
  if (!fields.at_end()) out.customization = copy(TRY(fields.octets()));
  TRY(fields.finish());
  TRY(in.finish());
  return out;
}

Result<crypto::MacFunction> kmac_of(const der::AlgorithmIdentifier& algorithm) {
  const bool strong = algorithm.algorithm == kKmac256;
  auto read = read_kmac(algorithm.parameters, strong ? 512 : 256);
  const bool fits = read && read->bits >= kShortestKmac && read->bits <= kLongestKmac &&
                    read->bits % 8 == 0 && read->customization.size() <= kLongestCustomization;
  if (fits)
    return crypto::Kmac{strong ? crypto::Digest::shake256 : crypto::Digest::shake128,
                        static_cast<std::size_t>(read->bits / 8), std::move(read->customization)};
  return refuse(algorithm, "leave them out, or ask for " + std::to_string(kShortestKmac) + " to " +
                               std::to_string(kLongestKmac) + " bits");
}

}  // namespace

Result<std::optional<crypto::MacFunction>> read_mac_function(
    const der::AlgorithmIdentifier& algorithm) {
  if (const auto digest = hmac_digest(algorithm)) return crypto::Hmac{*digest};
  if (algorithm.algorithm == kKmac128 || algorithm.algorithm == kKmac256)
    return TRY(kmac_of(algorithm));
  for (const GmacRow& row : kGmacs)
    if (row.oid == algorithm.algorithm) return TRY(gmac_of(algorithm, row));
  return std::nullopt;
}

std::optional<std::size_t> key_size(const crypto::MacFunction& function) noexcept {
  const auto* gmac = std::get_if<crypto::Gmac>(&function);
  return gmac == nullptr ? std::nullopt : std::optional(gmac->key_size);
}

der::AlgorithmIdentifier gmac_algorithm(const crypto::Gmac& gmac) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.octets(gmac.nonce);
    s.integer(std::int64_t{crypto::Gmac::kLength});
  });
  for (const GmacRow& row : kGmacs)
    if (row.key_size == gmac.key_size) return {row.oid, std::move(w).take()};
  throw std::invalid_argument("GMAC: no AES has such a key");
}

}  // namespace countersign::protect
