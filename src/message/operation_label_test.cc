#include "message/operation_label.h"

#include <gtest/gtest.h>

#include "message/info_type.h"

namespace countersign::message {
namespace {

// RFC 9483 §6.1, table 1
TEST(OperationLabel, IsThatOfTheTable) {
  using enum BodyType;
  EXPECT_EQ(operation_label(ir), "initialization");
  EXPECT_EQ(operation_label(cr), "certification");
  EXPECT_EQ(operation_label(kur), "keyupdate");
  EXPECT_EQ(operation_label(p10cr), "pkcs10");
  EXPECT_EQ(operation_label(rr), "revocation");
  EXPECT_EQ(operation_label(krr), "");
  const auto of = [](const der::Oid& question) {
    return operation_label(InfoTypeAndValue{question, {}});
  };
  EXPECT_EQ(of(it::caCerts), "getcacerts");
  EXPECT_EQ(of(it::rootCaCert), "getrootupdate");
  EXPECT_EQ(of(it::certReqTemplate), "getcertreqtemplate");
  EXPECT_EQ(of(it::crlStatusList), "getcrls");
  EXPECT_EQ(of(it::currentCRL), "");
}

TEST(OperationLabel, StandsForABody) {
  for (const BodyType body :
       {BodyType::ir, BodyType::cr, BodyType::kur, BodyType::p10cr, BodyType::rr, BodyType::nested})
    EXPECT_EQ(labelled_operation(operation_label(body)), body);
  for (const char* question : {"getcacerts", "getrootupdate", "getcertreqtemplate", "getcrls"})
    EXPECT_EQ(labelled_operation(question), BodyType::genm) << question;
  for (const char* none : {"", "Initialization", "initialization/", "ir"})
    EXPECT_FALSE(labelled_operation(none)) << none;
}

}  // namespace
}  // namespace countersign::message
