#include "base/failure.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(Failure, EveryBitHasANameThatComesBack) {
  for (int bit = 0; bit < kFailureBits; ++bit) {
    const auto failure = static_cast<Failure>(bit);
    SCOPED_TRACE(name(failure));
    EXPECT_FALSE(name(failure).empty());
    EXPECT_EQ(failure_from_name(name(failure)), failure);
  }
}

TEST(Failure, NamesAreThoseOfRfc9810) {
  EXPECT_EQ(name(Failure::badAlg), "badAlg");
  EXPECT_EQ(name(Failure::badPOP), "badPOP");
  EXPECT_EQ(name(Failure::badCertTemplate), "badCertTemplate");
  EXPECT_EQ(name(Failure::duplicateCertReq), "duplicateCertReq");
  EXPECT_EQ(static_cast<int>(Failure::duplicateCertReq), 26);
}

TEST(Failure, UnknownNamesAreNone) {
  EXPECT_EQ(failure_from_name(""), std::nullopt);
  EXPECT_EQ(failure_from_name("badpop"), std::nullopt);
}

}  // namespace
}  // namespace countersign
