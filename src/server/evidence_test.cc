#include "server/evidence.h"

#include <gtest/gtest.h>

#include "protect/pbm.h"

namespace countersign::server {
namespace {

using message::BodyType;
using message::PKIBody;

constexpr std::int64_t kIterations = 1000;

PKIBody request_for(BodyType type, const char* cn) {
  crmf::CertReqMsg request;
  if (cn != nullptr) request.cert_req.cert_template.subject = x509::common_name(cn);
  crmf::CertReqMessages requests;
  requests.push_back(std::move(request));
  return {type, std::move(requests)};
}

PKIBody revocation_of(const char* cn) {
  message::RevDetails details;
  if (cn != nullptr) details.cert_details.subject = x509::common_name(cn);
  return {BodyType::rr, message::RevReqContent{std::move(details)}};
}

PKIBody pkcs10_for(const char* cn) {
  x509::CertificationRequest csr;
  csr.subject = x509::common_name(cn);
  return {BodyType::p10cr, std::move(csr)};
}

PKIBody poll() { return {BodyType::pollReq, message::PollReqContent{}}; }

message::PKIMessage under_a_mac(PKIBody body) {
  message::PKIMessage m;
  m.header.protection_alg = protect::make_pbm(Bytes(16, 7), kIterations);
  m.body = std::move(body);
  return m;
}

ports::Snapshot of_a_transaction_by(const std::string& sender) {
  ports::Snapshot found;
  found.transactions.emplace_back();
  found.transactions.back().sender = sender;
  return found;
}

ports::Snapshot with_the_secret_of_the_header() {
  ports::Snapshot found;
  found.credential.emplace();
  return found;
}

struct Looked {
  const char* sentence;
  const char* component;  // reference_from_subject
  const char* otherwise;  // default_reference
  PKIBody (*body)();
  ports::Snapshot (*found)();
  const char* reference;  // null: none
};

PKIBody ir_for_pump() { return request_for(BodyType::ir, "pump"); }
PKIBody rr_of_pump() { return revocation_of("pump"); }
ports::Snapshot nothing() { return {}; }

const Looked kLookedFor[] = {
    {"the subject of an ir", "CN", "", ir_for_pump, nothing, "pump"},
    {"the subject of a cr", "CN", "", [] { return request_for(BodyType::cr, "pump"); }, nothing,
     "pump"},
    {"the subject of a kur", "CN", "", [] { return request_for(BodyType::kur, "pump"); }, nothing,
     "pump"},
    {"the subject of a PKCS #10", "CN", "", [] { return pkcs10_for("pump"); }, nothing, "pump"},
    {"the subject of an rr", "CN", "", rr_of_pump, nothing, "pump"},
    {"an rr by serial number alone", "CN", "", [] { return revocation_of(nullptr); }, nothing,
     nullptr},
    {"a kur without a subject", "CN", "group", [] { return request_for(BodyType::kur, nullptr); },
     nothing, "group"},
    {"another component", "serialNumber", "", ir_for_pump, nothing, nullptr},
    {"no printable one", "CN", "", [] { return request_for(BodyType::ir, "pu\x01mp"); }, nothing,
     nullptr},
    {"the subject before the default", "CN", "group", rr_of_pump, nothing, "pump"},
    {"the default alone", "", "group", rr_of_pump, nothing, "group"},
    {"nothing of the kind set", "", "", rr_of_pump, nothing, nullptr},
    {"the header's, which is known", "CN", "group", rr_of_pump, with_the_secret_of_the_header,
     nullptr},
    {"a poll goes on under its secret", "CN", "group", poll,
     [] { return of_a_transaction_by("secret:pump"); }, "pump"},
    {"a poll of what a certificate began", "CN", "group", poll,
     [] { return of_a_transaction_by("certificate:00"); }, "group"},
    {"a request under an ID in use begins anew", "", "group", ir_for_pump,
     [] { return of_a_transaction_by("secret:pump"); }, "group"},
};

TEST(ReferenceInBody, IsLookedForAsTheProfileSays) {
  for (const auto& c : kLookedFor) {
    enrol::CmpProfile profile;
    profile.reference_from_subject = c.component;
    profile.default_reference = c.otherwise;
    const auto named = reference_in_body(profile, under_a_mac(c.body()), c.found());
    EXPECT_EQ(named,
              c.reference == nullptr ? std::nullopt : std::optional<std::string>(c.reference))
        << c.sentence;
  }
}

TEST(ReferenceInBody, IsNothingWithoutAMac) {
  enrol::CmpProfile profile;
  profile.default_reference = "group";
  message::PKIMessage unprotected;
  unprotected.body = revocation_of("pump");
  EXPECT_EQ(reference_in_body(profile, unprotected, {}), std::nullopt);
}

}  // namespace
}  // namespace countersign::server
