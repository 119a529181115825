#include "enrol/records.h"

#include <gtest/gtest.h>

namespace countersign::enrol {
namespace {

TEST(CertificateStatus, each_has_a_name_that_is_read_again) {
  for (const auto status : {CertificateStatus::unconfirmed, CertificateStatus::valid,
                            CertificateStatus::revoked, CertificateStatus::held})
    EXPECT_EQ(certificate_status_from_name(name(status)), status) << name(status);
}

TEST(CertificateStatus, another_name_is_none) {
  EXPECT_FALSE(certificate_status_from_name("Valid"));
  EXPECT_FALSE(certificate_status_from_name(""));
}

TEST(CredentialRecord, only_one_use_or_the_rule_self_proves_a_single_holder) {
  CredentialRecord credential;
  credential.names = "*.example";
  credential.uses_granted = 0;
  EXPECT_TRUE(credential.shared());
  credential.uses_granted = 2;
  EXPECT_TRUE(credential.shared());
  credential.uses_granted = 1;
  EXPECT_FALSE(credential.shared());
  credential.uses_granted = 0;
  credential.names = "self";
  EXPECT_FALSE(credential.shared());
}

}  // namespace
}  // namespace countersign::enrol
