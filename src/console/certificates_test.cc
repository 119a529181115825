#include "console/place_test.h"
#include "der/pem.h"
#include "support/tls_authority.h"

namespace countersign::console {
namespace {

using console::testing::kNow;
using console::testing::Place;
using console::testing::Told;
namespace json = boost::json;

// The serial numbers of a page; `next` holds its cursor or "".
std::vector<std::string> serials(const Told& told, std::string* next = nullptr) {
  std::vector<std::string> out;
  for (const auto& item : told.items()) out.emplace_back(item.at("serial").as_string().c_str());
  if (next != nullptr) *next = told.text("next") == "null" ? "" : told.text("next");
  return out;
}

class Certificates : public ::testing::Test {
 protected:
  Told revoke(int n, const std::string& body) {
    return place_.post(Place::certificate_path(n, "/revoke"), body, "ra_officer");
  }
  Told hold(int n) { return place_.post(Place::certificate_path(n, "/hold"), "", "ra_officer"); }
  Told release(int n) {
    return place_.post(Place::certificate_path(n, "/release"), "", "ra_officer");
  }
  Place place_;
};

TEST_F(Certificates, AreListedNewestFirst) {
  place_.add_certificates(1, 3);
  const Told told = place_.get("/api/v1/certificates");
  EXPECT_EQ(serials(told), (std::vector{Place::serial(3), Place::serial(2), Place::serial(1)}));
  EXPECT_EQ(told.text("next"), "null");
  EXPECT_EQ(told.header("Link"), "");
  const auto first = told.items().at(0).as_object();
  EXPECT_EQ(first.at("subject").as_string(), "CN=Device 3");
  EXPECT_EQ(first.at("status").as_string(), "valid");
  EXPECT_TRUE(first.at("revoked_at").is_null());
}

TEST_F(Certificates, AreListedInPages) {
  place_.add_certificates(1, 5);
  std::string next;
  const Told first = place_.get("/api/v1/certificates?limit=2&subject=device");
  EXPECT_EQ(serials(first, &next), (std::vector{Place::serial(5), Place::serial(4)}));
  EXPECT_EQ(first.header("Link"),
            "</api/v1/certificates?limit=2&subject=device&after=" + next + ">; rel=\"next\"");
  const Told second = place_.get("/api/v1/certificates?limit=2&after=" + next);
  EXPECT_EQ(serials(second, &next), (std::vector{Place::serial(3), Place::serial(2)}));
  const Told third = place_.get("/api/v1/certificates?limit=2&after=" + next);
  EXPECT_EQ(serials(third, &next), (std::vector{Place::serial(1)}));
  EXPECT_EQ(next, "");
}

TEST_F(Certificates, AreEachOnOnePageThoughMoreAreMadeMeanwhile) {
  place_.add_certificates(1, 4);
  std::string next;
  serials(place_.get("/api/v1/certificates?limit=2"), &next);
  place_.add_certificates(5, 3);
  EXPECT_EQ(serials(place_.get("/api/v1/certificates?limit=2&after=" + next)),
            (std::vector{Place::serial(2), Place::serial(1)}));
}

TEST_F(Certificates, SayWhenThePlaceIsLost) {
  place_.add_certificates(1, 4);
  std::string next;
  serials(place_.get("/api/v1/certificates?limit=2&status=valid"), &next);
  revoke(3, R"({"reason":"superseded"})");  // what the page ended with is in the list no more
  EXPECT_EQ(place_.get("/api/v1/certificates?limit=2&status=valid&after=" + next).code(),
            "console.page");
}

TEST_F(Certificates, AreFiltered) {
  place_.add_certificates(1, 3);
  hold(2);
  EXPECT_EQ(serials(place_.get("/api/v1/certificates?status=held")),
            (std::vector{Place::serial(2)}));
  EXPECT_EQ(serials(place_.get("/api/v1/certificates?subject=DEVICE 3")),
            (std::vector{Place::serial(3)}));
  EXPECT_EQ(place_.get("/api/v1/certificates?status=lost").code(), "console.value");
}

TEST_F(Certificates, AreShownOneByOne) {
  place_.add_certificates(1, 1);
  const Told told = place_.get(Place::certificate_path(1), "read_only");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.text("serial"), Place::serial(1));
  EXPECT_EQ(told.object().size(), 15U);  // as many as the table names
  EXPECT_EQ(place_.get("/api/v1/certificates/zz").code(), "console.serial");
  EXPECT_EQ(place_.get(Place::certificate_path(2)).code(), "console.no-certificate");
}

TEST_F(Certificates, AreGivenAsPem) {
  place_.add_certificates(1, 1);
  auto request = Place::request("GET", Place::certificate_path(1), "read_only");
  request.accept = "application/x-pem-file";
  const Told told = place_.send(request);
  EXPECT_EQ(told.content_type, "application/x-pem-file");
  EXPECT_EQ(told.body, der::to_pem("CERTIFICATE", ports::contract::octets("certificate", 1)));
}

TEST_F(Certificates, AreGivenWithTheirChain) {
  place_.add_certificates(1, 1);
  const test::TlsAuthority authority("Our CA");
  const auto parsed = x509::parse_certificate(authority.certificate()).value();
  place_.publications = std::make_shared<const server::Publications>(
      server::publications_of(parsed, {parsed.der}, parsed.der, Time{}));
  auto request = Place::request("GET", Place::certificate_path(1), "read_only");
  request.accept = "application/pem-certificate-chain";
  const Told told = place_.send(request);
  EXPECT_EQ(told.content_type, "application/pem-certificate-chain");
  EXPECT_EQ(told.body, der::to_pem("CERTIFICATE", ports::contract::octets("certificate", 1)) +
                           der::to_pem("CERTIFICATE", authority.certificate()));
}

TEST_F(Certificates, AreRevoked) {
  place_.add_certificates(1, 1);
  const Told told = revoke(1, R"({"reason":"keyCompromise","invalidity_date":"2020-02-03",)"
                              R"("comment":"laptop stolen"})");
  EXPECT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.text("status"), "revoked");
  EXPECT_EQ(told.text("reason"), "keyCompromise");
  EXPECT_EQ(told.text("invalidity_date"), "2020-02-03T00:00:00Z");
  EXPECT_EQ(told.text("revoked_at"), to_iso(kNow));
  const auto row = place_.last_audit();
  EXPECT_EQ(row.event, "revoked");
  EXPECT_EQ(row.sender, "operator:the-ra_officer");
  EXPECT_EQ(row.serial, Place::serial(1));
  EXPECT_EQ(row.detail, "keyCompromise: laptop stolen");
}

TEST_F(Certificates, AreRevokedOnlyForAReason) {
  place_.add_certificates(1, 1);
  EXPECT_EQ(revoke(1, "{}").code(), "console.value");
  EXPECT_EQ(revoke(1, R"({"reason":"certificateHold"})").code(), "console.value");
  EXPECT_EQ(revoke(1, R"({"reason":"removeFromCRL"})").code(), "console.value");
  EXPECT_EQ(revoke(1, R"({"reason":"unspecified","invalidity_date":"2999-01-01"})").code(),
            "console.value");
  EXPECT_EQ(place_.get(Place::certificate_path(1)).text("status"), "valid");
}

TEST_F(Certificates, AreRevokedOnce) {
  place_.add_certificates(1, 1);
  EXPECT_EQ(revoke(1, R"({"reason":"superseded"})").status, 200);
  const Told again = revoke(1, R"({"reason":"superseded"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "console.certificate-status");
  EXPECT_EQ(revoke(2, R"({"reason":"superseded"})").status, 404);
}

TEST_F(Certificates, AreHeldAndReleased) {
  place_.add_certificates(1, 1);
  EXPECT_EQ(release(1).code(), "console.certificate-status");
  EXPECT_EQ(hold(1).text("status"), "held");
  EXPECT_EQ(place_.last_audit().event, "held");
  EXPECT_EQ(hold(1).code(), "console.certificate-status");
  const Told told = release(1);
  EXPECT_EQ(told.text("status"), "valid");
  EXPECT_EQ(told.text("revoked_at"), "null");
  EXPECT_EQ(place_.last_audit().event, "released");
}

TEST_F(Certificates, AreNotChangedByWhoHasSeenAnotherVersion) {
  place_.add_certificates(1, 1);
  auto request = Place::request("POST", Place::certificate_path(1, "/hold"), "ra_officer");
  request.content_type = "application/json";
  request.if_match = place_.get(Place::certificate_path(1)).header("ETag");
  const Told held = place_.send(request);
  EXPECT_EQ(held.status, 200);
  request.path = Place::certificate_path(1, "/release");
  const Told stale = place_.send(request);
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.code(), "console.changed");
  request.if_match = held.header("ETag");
  EXPECT_EQ(place_.send(request).status, 200);
}

}  // namespace
}  // namespace countersign::console
