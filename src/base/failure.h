// PKIFailureInfo: what the peer's program may act on. RFC 9810 §5.2.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace countersign {

// The values are the named bits of the BIT STRING.
enum class Failure : std::uint8_t {
  badAlg = 0,
  badMessageCheck = 1,
  badRequest = 2,
  badTime = 3,
  badCertId = 4,
  badDataFormat = 5,
  wrongAuthority = 6,
  incorrectData = 7,
  missingTimeStamp = 8,
  badPOP = 9,
  certRevoked = 10,
  certConfirmed = 11,
  wrongIntegrity = 12,
  badRecipientNonce = 13,
  timeNotAvailable = 14,
  unacceptedPolicy = 15,
  unacceptedExtension = 16,
  addInfoNotAvailable = 17,
  badSenderNonce = 18,
  badCertTemplate = 19,
  signerNotTrusted = 20,
  transactionIdInUse = 21,
  unsupportedVersion = 22,
  notAuthorized = 23,
  systemUnavail = 24,
  systemFailure = 25,
  duplicateCertReq = 26,
};
inline constexpr int kFailureBits = 27;

std::string_view name(Failure failure) noexcept;
std::optional<Failure> failure_from_name(std::string_view name) noexcept;

}  // namespace countersign
