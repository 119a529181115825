#include "der/error.h"

#include <gtest/gtest.h>

namespace countersign::der {
namespace {

TEST(DerError, SaysWhereAndWhatToChange) {
  const Bytes input;
  Context context(input);
  context.unwind("notBefore");
  context.unwind("validity");
  const Fault fault{Code::time_format, Failure::badDataFormat, 212};
  const Error error = to_error(fault, context, "certificate");
  EXPECT_EQ(error.failure, Failure::badDataFormat);
  EXPECT_EQ(error.code, "der.time-format");
  EXPECT_EQ(error.reply_text,
            "certificate.validity.notBefore at 212: " + std::string(sentence(Code::time_format)));
  EXPECT_EQ(error.detail, "");
}

TEST(DerError, NeedsNoPath) {
  const Bytes input;
  const Context context(input);
  const Fault fault{Code::trailing, Failure::badRequest, 3};
  const Error error = to_error(fault, context, "crl");
  EXPECT_EQ(error.failure, Failure::badRequest);
  EXPECT_EQ(error.reply_text, "crl at 3: " + std::string(sentence(Code::trailing)));
}

TEST(DerError, AnIndexFollowsWithoutADot) {
  const Bytes input;
  Context context(input);
  context.unwind("", 2);
  EXPECT_TRUE(to_error({}, context, "body.ir").reply_text.starts_with("body.ir[2] at 0: "));
}

}  // namespace
}  // namespace countersign::der
