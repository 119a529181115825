#include "crypto/block_list.h"

#include <algorithm>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "crypto/key_data.h"
#include "der/writer.h"

namespace countersign::crypto {
namespace {

std::string_view without_comment(std::string_view line) {
  return ascii::trimmed(line.substr(0, line.find('#')));
}

template <class Hash>
bool read_hash(std::string_view hex, std::vector<Hash>& into) {
  Bytes octets;
  if (!from_hex(hex, octets)) return false;
  std::ranges::copy(octets, into.emplace_back().begin());
  return true;
}

template <class Hash>
void sort(std::vector<Hash>& hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  hashes.shrink_to_fit();
}

template <class Hash>
bool contains(const std::vector<Hash>& sorted, View octets) {
  Hash wanted;
  std::ranges::copy(octets, wanted.begin());
  return std::ranges::binary_search(sorted, wanted);
}

// What `openssl rsa -modulus` prints.
std::string modulus_line(View modulus) {
  const std::string hex = ascii::upper_case(to_hex(modulus));
  return "Modulus=" + hex.substr(hex.starts_with('0') ? 1 : 0) + "\n";
}

Bytes spki_of(KeyKind kind, View key) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    write(s, key_algorithm(kind));
    s.bit_octets(key);
  });
  return std::move(w).take();
}

Bytes uncompressed(const PublicKey& key) {
  const std::size_t field = key.key_octets().size() - 1;
  Bytes point(1 + 2 * field, 0x04);
  for (const auto& [name, at] : {std::pair{OSSL_PKEY_PARAM_EC_PUB_X, std::size_t{1}},
                                 std::pair{OSSL_PKEY_PARAM_EC_PUB_Y, 1 + field}}) {
    BIGNUM* coordinate = nullptr;
    require(EVP_PKEY_get_bn_param(native(key), name, &coordinate) == 1, "point");
    const Handle<BIGNUM, BN_free> owner(coordinate);
    require(BN_bn2binpad(coordinate, &point[at], static_cast<int>(field)) >= 0, "coordinate");
  }
  return point;
}

// The usual encoding of the same key; empty if it has that already.
Bytes usual_spki(const PublicKey& key) {
  if (key.kind() == KeyKind::rsa_pss) return spki_of(KeyKind::rsa, key.key_octets());
  if (is_ec(key.kind()) && key.key_octets()[0] != 0x04)
    return spki_of(key.kind(), uncompressed(key));
  return {};
}

}  // namespace

bool BlockList::holds_hash_of(View spki) const { return contains(keys_, sha256(spki)); }

bool BlockList::holds(const PublicKey& key) const {
  if (!keys_.empty()) {
    if (holds_hash_of(key.spki())) return true;
    if (const Bytes usual = usual_spki(key); !usual.empty() && holds_hash_of(usual)) return true;
  }
  if (moduli_.empty() || !is_rsa(key.kind())) return false;
  const Bytes hash = digest(Digest::sha1, view(modulus_line(rsa_numbers(key.data()).modulus)));
  return contains(moduli_, View(hash).last(ModulusHash{}.size()));
}

bool BlockList::add(std::string_view line) {
  if (line.empty()) return true;
  if (line.size() == 2 * KeyHash{}.size()) return read_hash(line, keys_);
  if (line.size() == 2 * ModulusHash{}.size()) return read_hash(line, moduli_);
  return false;
}

Result<BlockList> parse_block_list(std::string_view text) {
  if (text.size() > BlockList::kLongestText)
    return fail(Failure::systemFailure, "key.block-list",
                "the block list is longer than " + std::to_string(BlockList::kLongestText) +
                    " octets; keep those keys in it that you may meet");
  BlockList out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (!out.add(without_comment(text.substr(0, end))))
      return fail(Failure::systemFailure, "key.block-list",
                  "line " + std::to_string(number) +
                      " of the block list is no fingerprint; write 64 hexadecimal digits (SHA-256 "
                      "of a SubjectPublicKeyInfo) or 20 (openssl-blacklist)");
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  sort(out.keys_);
  sort(out.moduli_);
  return out;
}

}  // namespace countersign::crypto
