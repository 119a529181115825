#include <gtest/gtest.h>

#include "message/message.h"

namespace countersign::message {
namespace {

TEST(FailureBits, EndWithTheBitThatIsSet) {
  EXPECT_EQ(failure_bits(Failure::badAlg), (der::BitString{{0x80}, 7}));
  EXPECT_EQ(failure_bits(Failure::incorrectData), (der::BitString{{0x01}, 0}));
  EXPECT_EQ(failure_bits(Failure::missingTimeStamp), (der::BitString{{0x00, 0x80}, 7}));
  EXPECT_EQ(failure_bits(Failure::duplicateCertReq), (der::BitString{{0, 0, 0, 0x20}, 5}));
}

TEST(FailureBits, ComeBackAsTheFailuresTheyStandFor) {
  for (int bit = 0; bit < kFailureBits; ++bit) {
    const auto failure = static_cast<Failure>(bit);
    EXPECT_EQ(failures(failure_bits(failure)), std::vector{failure}) << name(failure);
  }
  EXPECT_EQ(failures({{0x21, 0x00, 0x20}, 5}),
            (std::vector{Failure::badRequest, Failure::incorrectData, Failure::badSenderNonce}));
}

TEST(FailureBits, ThatAreNotAssignedAreLeftOut) {
  EXPECT_EQ(failures({{0, 0, 0, 0x3f, 0xff}, 0}), std::vector{Failure::duplicateCertReq});
  EXPECT_TRUE(failures({}).empty());
}

TEST(Rejection, SaysWhyAndWhatToChange) {
  const PKIStatusInfo info = rejection(Failure::badPOP, "sign with the new key");
  EXPECT_EQ(info.status, PKIStatus::rejection);
  EXPECT_EQ(info.status_string, PKIFreeText{"sign with the new key"});
  EXPECT_EQ(info.fail_info, failure_bits(Failure::badPOP));
  EXPECT_TRUE(rejection(Failure::badPOP, "").status_string.empty());
}

}  // namespace
}  // namespace countersign::message
