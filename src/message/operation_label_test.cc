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

// RFC 9483 §6.1
TEST(OperationLabel, OfAMessageIsThatOfItsOperation) {
  const auto of = [](PKIBody body) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, 1)};
    m.body = std::move(body);
    return m;
  };
  const PKIMessage question =
      of({BodyType::genm, InfoMsgContent{{InfoTypeAndValue{it::caCerts, {}}}}});
  const auto around = [&](const PKIMessage& inner, std::size_t times, Byte id) {
    PKIMessage m = of({BodyType::nested, NestedMessageContent{std::vector(times, inner)}});
    m.header.transaction_id = TransactionId{Bytes(16, id)};
    return m;
  };
  EXPECT_EQ(operation_label(question), "getcacerts");
  EXPECT_EQ(operation_label(of({BodyType::genm, InfoMsgContent{}})), "");
  EXPECT_EQ(operation_label(of({BodyType::pollReq, PollReqContent{}})), "");
  EXPECT_EQ(operation_label(of({BodyType::kur, crmf::CertReqMessages{}})), "keyupdate");
  EXPECT_EQ(operation_label(around(question, 1, 1)), "getcacerts") << "protection is added";
  EXPECT_EQ(operation_label(around(around(question, 1, 1), 1, 1)), "getcacerts") << "twice";
  EXPECT_EQ(operation_label(around(question, 1, 2)), "nested") << "a batch of one";
  EXPECT_EQ(operation_label(around(question, 2, 1)), "nested");
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
