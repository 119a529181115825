#include "base/failure.h"

#include <array>
#include <cstddef>

namespace countersign {
namespace {

constexpr std::array<std::string_view, kFailureBits> kNames = {"badAlg",
                                                               "badMessageCheck",
                                                               "badRequest",
                                                               "badTime",
                                                               "badCertId",
                                                               "badDataFormat",
                                                               "wrongAuthority",
                                                               "incorrectData",
                                                               "missingTimeStamp",
                                                               "badPOP",
                                                               "certRevoked",
                                                               "certConfirmed",
                                                               "wrongIntegrity",
                                                               "badRecipientNonce",
                                                               "timeNotAvailable",
                                                               "unacceptedPolicy",
                                                               "unacceptedExtension",
                                                               "addInfoNotAvailable",
                                                               "badSenderNonce",
                                                               "badCertTemplate",
                                                               "signerNotTrusted",
                                                               "transactionIdInUse",
                                                               "unsupportedVersion",
                                                               "notAuthorized",
                                                               "systemUnavail",
                                                               "systemFailure",
                                                               "duplicateCertReq"};

}  // namespace

std::string_view name(Failure failure) noexcept {
  return kNames[static_cast<std::size_t>(failure)];
}

std::optional<Failure> failure_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Failure>(i);
  return std::nullopt;
}

}  // namespace countersign
