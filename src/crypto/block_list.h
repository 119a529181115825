// Keys that nobody may have certified: those whose private half is known.
//
// The text has one key a line; blanks around it, empty lines and what follows a '#' do not count.
//   64 hexadecimal digits: SHA-256 of the SubjectPublicKeyInfo
//   20 hexadecimal digits: the end of the SHA-1 of "Modulus=<modulus>\n", as Debian's
//                          openssl-blacklist has them (openssl-vulnkey(1)): RSA keys only
// Limits: kLongestText octets. The list owns its values; it is immutable, so threads may share it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/keys.h"

namespace countersign::crypto {

class BlockList {
 public:
  static constexpr std::size_t kLongestText = std::size_t{64} << 20;

  // In whatever encoding it is listed: a compressed point is looked up as the uncompressed one too,
  // a key for RSASSA-PSS as the plain RSA key too.
  bool holds(const PublicKey& key) const;
  std::size_t size() const noexcept { return keys_.size() + moduli_.size(); }

 private:
  friend Result<BlockList> parse_block_list(std::string_view text);
  using KeyHash = std::array<Byte, 32>;
  using ModulusHash = std::array<Byte, 10>;

  bool add(std::string_view line);  // false: it is neither
  bool holds_hash_of(View spki) const;

  std::vector<KeyHash> keys_;  // both sorted
  std::vector<ModulusHash> moduli_;
};

// key.block-list (systemFailure: the file is the operator's) names the line that is broken.
Result<BlockList> parse_block_list(std::string_view text);

}  // namespace countersign::crypto
