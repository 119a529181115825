// Credentials, tokens and anchors, and the rest of the routes.
#include <sqlite3.h>

#include "console/place_test.h"
#include "der/pem.h"
#include "enrol/tokens.h"
#include "support/tls_authority.h"

namespace countersign::console {
namespace {

using console::testing::kNow;
using console::testing::Place;
using console::testing::Told;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace json = boost::json;

std::vector<std::string> all(const Told& told, const char* member) {
  std::vector<std::string> out;
  for (const auto& item : told.items()) out.emplace_back(item.at(member).as_string().c_str());
  return out;
}

// ---- credentials
TEST(Credentials, AreMadeAndShowTheirSecretOnce) {
  Place place;
  const Told made = place.post("/api/v1/credentials",
                               R"({"names":"*.example","profile":"device","uses":3,)"
                               R"("expires":"24h","reference":"plant 7/a"})",
                               "ra_officer");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("secret").size(), 32U);
  EXPECT_EQ(made.header("Location"), "/api/v1/credentials/plant%207%2Fa");
  const Told shown = place.get("/api/v1/credentials/plant 7/a");
  auto expected = made.object();
  expected.erase("secret");
  EXPECT_EQ(shown.object(), expected);
  EXPECT_EQ(shown.text("uses_left"), "3");
  EXPECT_EQ(shown.text("expires"), to_iso(kNow + Seconds{86400}));
  const auto kept = place.store->credentials().value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(text(kept[0].secret.expose()), made.text("secret"));
  EXPECT_EQ(kept[0].uses_granted, 3);
  EXPECT_EQ(place.last_audit().event, "secret-added");
  EXPECT_EQ(place.last_audit().sender, "operator:the-ra_officer");
  EXPECT_EQ(place.last_audit().detail, "secret plant 7/a");
  EXPECT_THAT(place.get("/api/v1/credentials").body, Not(HasSubstr(made.text("secret"))));
}

TEST(Credentials, AreGoodOnceForThemselvesUnlessSaidOtherwise) {
  Place place;
  const Told usual = place.post("/api/v1/credentials", "");
  EXPECT_EQ(usual.text("names"), "self");
  EXPECT_EQ(usual.text("uses_left"), "1");
  EXPECT_EQ(usual.text("expires"), "null");
  EXPECT_THAT(usual.text("reference"), ::testing::StartsWith("ref-"));
  EXPECT_EQ(place.post("/api/v1/credentials", R"({"uses":"any"})").text("uses_left"), "null");
}

TEST(Credentials, AreNotMadeOfWhatMakesNoSense) {
  Place place;
  const auto code = [&](const std::string& body) {
    return place.post("/api/v1/credentials", body).code();
  };
  EXPECT_EQ(code(R"({"names":"self,any"})"), "console.value");
  EXPECT_EQ(code(R"({"profile":"toaster"})"), "console.value");
  EXPECT_EQ(code(R"({"expires":"2020-01-01"})"), "console.value");
  EXPECT_EQ(code(R"({"secret":"mine"})"), "console.value");
  EXPECT_EQ(code(R"({"reference":"a"})"), "(absent)");
  const Told twice = place.post("/api/v1/credentials", R"({"reference":"a"})");
  EXPECT_EQ(twice.status, 409);
  EXPECT_EQ(twice.code(), "store.reference-exists");
  EXPECT_EQ(place.store->credentials()->size(), 1U);
}

TEST(Credentials, OfRegistrationAuthoritiesAreAnAdministratorsToMake) {
  Place place;
  const char* body = R"({"reference":"ra","ra":true,"names":"unit-*"})";
  const Told refused = place.post("/api/v1/credentials", body, "ra_officer");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code(), "console.secret-of-ra");
  EXPECT_EQ(place.post("/api/v1/credentials", R"({"ra":true})").code(), "console.value")
      << "for whom?";
  EXPECT_TRUE(place.store->credentials().value().empty());
  const Told made = place.post("/api/v1/credentials", body);
  EXPECT_EQ(made.text("ra"), "true");
  EXPECT_TRUE(place.store->credentials().value().at(0).is_ra);
  EXPECT_EQ(place.post("/api/v1/credentials/ra/rotate", "", "ra_officer").code(),
            "console.secret-of-ra");
}

TEST(Credentials, AreListedInPagesByReference) {
  Place place;
  for (const char* one : {"c", "a", "b"})
    place.post("/api/v1/credentials", std::string(R"({"reference":")") + one + "\"}");
  const Told first = place.get("/api/v1/credentials?limit=2");
  EXPECT_THAT(all(first, "reference"), ElementsAre("a", "b"));
  place.remove("/api/v1/credentials/b");  // what a page ended with may go
  const Told second = place.get("/api/v1/credentials?limit=2&after=" + first.text("next"));
  EXPECT_THAT(all(second, "reference"), ElementsAre("c"));
  EXPECT_EQ(second.text("next"), "null");
}

TEST(Credentials, AreBoundToNetworks) {
  Place place;
  const Told made = place.post("/api/v1/credentials",
                               R"({"reference":"a","networks":["10.0.0.0/8","2001:DB8::1"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("networks"), R"(["10.0.0.0/8","2001:db8::1/128"])");
  EXPECT_THAT(place.store->credentials().value()[0].networks,
              ElementsAre("10.0.0.0/8", "2001:db8::1/128"));
  for (const char* wrong : {R"(["10.1.2.3/8"])", R"(["here"])", R"("10.0.0.0/8")", "[7]"}) {
    const Told told =
        place.post("/api/v1/credentials", std::string(R"({"networks":)") + wrong + "}");
    EXPECT_EQ(told.code(), "console.value") << wrong;
    EXPECT_THAT(told.body, HasSubstr("/networks")) << wrong;
  }
}

TEST(Credentials, AreRotated) {
  Place place;
  const Told made = place.post("/api/v1/credentials", R"({"reference":"plant 7/a","uses":3})");
  const std::string path = "/api/v1/credentials/plant 7/a/rotate";
  const Told rotated = place.post(path, "", "ra_officer");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_EQ(rotated.text("secret").size(), 32U);
  EXPECT_NE(rotated.text("secret"), made.text("secret"));
  EXPECT_EQ(rotated.text("former_until"), to_iso(kNow + Seconds{7 * 86400}));
  EXPECT_EQ(rotated.text("uses_left"), "3");
  auto kept = place.store->credentials().value();
  EXPECT_EQ(text(kept[0].secret.expose()), rotated.text("secret"));
  EXPECT_EQ(text(kept[0].former->secret.expose()), made.text("secret"));
  EXPECT_EQ(place.last_audit().event, "secret-rotated");
  EXPECT_EQ(place.last_audit().sender, "operator:the-ra_officer");
  EXPECT_THAT(place.last_audit().detail, Not(HasSubstr(rotated.text("secret"))));
  EXPECT_EQ(place.post(path, R"({"overlap":"24h"})").text("former_until"),
            to_iso(kNow + Seconds{86400}));
  EXPECT_EQ(place.post(path, R"({"at_once":true})").text("former_until"), "null");
  EXPECT_EQ(place.post("/api/v1/credentials/b/rotate", "").code(), "console.no-credential");
  EXPECT_EQ(place.post(path, R"({"overlap":"2020-01-01"})").code(), "console.value");
}

TEST(Credentials, AreDeliveredOrNotKept) {
  Place place;
  const Told made = place.post("/api/v1/credentials", R"({"reference":"a","deliver":"ada"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("secret"), "(absent)");
  const std::string secret(text(place.store->credentials().value()[0].secret.expose()));
  EXPECT_EQ(place.delivered, "a " + secret + " ada");
  EXPECT_EQ(place.last_audit().detail, "secret a; delivered to ada");
  const Told lost = place.post("/api/v1/credentials", R"({"reference":"b","deliver":"nobody"})");
  EXPECT_EQ(lost.status, 502);
  EXPECT_EQ(lost.code(), "console.deliver");
  EXPECT_THAT(lost.body, HasSubstr("no such mailbox"));
  EXPECT_EQ(place.post("/api/v1/credentials/a/rotate", R"({"deliver":"nobody"})").status, 502);
  const auto kept = place.store->credentials().value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(text(kept[0].secret.expose()), secret);
  place.delivered.clear();
  EXPECT_EQ(place.post("/api/v1/credentials", R"({"reference":"a","deliver":"ada"})").status, 409);
  EXPECT_EQ(place.delivered, "") << "a reference that is taken is found out before";
}

TEST(Credentials, AreRemoved) {
  Place place;
  place.post("/api/v1/credentials", R"({"reference":"a"})");
  EXPECT_EQ(place.remove("/api/v1/credentials/b").code(), "console.no-credential");
  auto request = Place::request("DELETE", "/api/v1/credentials/a", "ra_officer");
  request.if_match = "\"another\"";
  EXPECT_EQ(place.send(request).code(), "console.changed");
  request.if_match = place.get("/api/v1/credentials/a").header("ETag");
  const Told gone = place.send(request);
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(place.last_audit().event, "secret-removed");
  EXPECT_EQ(place.get("/api/v1/credentials/a").code(), "console.no-credential");
}

// ---- tokens
TEST(Tokens, AreMadeShownOnceListedAndRemoved) {
  Place place;
  const Told made = place.post("/api/v1/tokens", R"({"names":"dev-*"})", "ra_officer");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("kind"), "regToken");
  EXPECT_EQ(made.text("uses_left"), "1");
  const auto kept = place.store->tokens().value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].digest, enrol::token_digest(enrol::TokenKind::regToken, made.text("token")));
  EXPECT_EQ(place.last_audit().event, "token-added");
  const Told list = place.get("/api/v1/tokens");
  EXPECT_THAT(all(list, "id"), ElementsAre(made.text("id")));
  EXPECT_THAT(list.body, Not(HasSubstr(made.text("token"))));
  EXPECT_EQ(place.remove("/api/v1/tokens/000000000000").code(), "console.no-token");
  EXPECT_EQ(place.remove("/api/v1/tokens/" + made.text("id")).status, 204);
  EXPECT_EQ(place.last_audit().event, "token-removed");
  EXPECT_TRUE(place.store->tokens()->empty());
}

TEST(Tokens, AreGoodAnyNumberOfTimesAsAuthenticators) {
  Place place;
  const Told made = place.post("/api/v1/tokens", R"({"kind":"authenticator"})");
  EXPECT_EQ(made.text("uses_left"), "null");
  EXPECT_EQ(made.text("names"), "any");
  EXPECT_EQ(place.post("/api/v1/tokens", R"({"kind":"badge"})").code(), "console.value");
}

// ---- trust
std::string anchor(const test::TlsAuthority& authority, const std::string& more = "") {
  json::object body{{"certificate", der::to_pem("CERTIFICATE", authority.certificate())}};
  std::string text = json::serialize(body);
  if (!more.empty()) text.replace(text.size() - 1, 1, "," + more + "}");
  return text;
}

TEST(Trust, IsGivenListedAndTaken) {
  Place place;
  const test::TlsAuthority authority("Their CA");
  const auto fingerprint = crypto::sha256(authority.certificate());
  const Told made = place.post("/api/v1/trust", anchor(authority, R"("names":"any","ra":true)"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("subject"), "CN=Their CA");
  EXPECT_EQ(made.text("ra"), "true");
  EXPECT_EQ(place.last_audit().event, "trust-added");
  EXPECT_THAT(place.last_audit().detail, HasSubstr("as a registration authority for any"));
  EXPECT_THAT(all(place.get("/api/v1/trust", "ra_officer"), "fingerprint"),
              ElementsAre(to_hex(fingerprint)));
  EXPECT_EQ(place.remove("/api/v1/trust/00").code(), "console.fingerprint");
  EXPECT_EQ(place.remove("/api/v1/trust/" + to_fingerprint(fingerprint)).status, 204);
  EXPECT_EQ(place.last_audit().event, "trust-removed");
  EXPECT_EQ(place.remove("/api/v1/trust/" + to_hex(fingerprint)).code(), "console.no-anchor");
}

TEST(Trust, IsNotGivenToWhatIsNoCertificate) {
  Place place;
  const test::TlsAuthority authority("Their CA");
  const std::string pem = der::to_pem("CERTIFICATE", authority.certificate());
  const auto code = [&](const std::string& certificate) {
    return place.post("/api/v1/trust", json::serialize(json::object{{"certificate", certificate}}))
        .code();
  };
  EXPECT_EQ(code("hello"), "console.value");
  EXPECT_EQ(code(pem + pem), "console.value");
  EXPECT_EQ(code(der::to_pem("CERTIFICATE", to_bytes("hello"))), "console.value");
  EXPECT_EQ(place.post("/api/v1/trust", anchor(authority, R"("names":"self,any")")).code(),
            "console.value");
  EXPECT_TRUE(place.store->trust()->empty());
}

TEST(Trust, IsNotGivenToOurOwnCa) {
  Place place;
  const test::TlsAuthority authority("Our CA");
  const auto parsed = x509::parse_certificate(authority.certificate()).value();
  place.publications = std::make_shared<const server::Publications>(
      server::publications_of(parsed, {parsed.der}, parsed.der, Time{}));
  EXPECT_EQ(place.post("/api/v1/trust", anchor(authority)).code(), "console.own-anchor");
  EXPECT_EQ(place.post("/api/v1/trust", anchor(authority, R"("ra":true)")).status, 201);
}

// ---- audit and status
TEST(Audit, IsListedNewestFirstInPages) {
  Place place;
  for (const char* one : {"a", "b", "c"})
    place.post("/api/v1/credentials", std::string(R"({"reference":")") + one + "\"}");
  const Told first = place.get("/api/v1/audit?limit=2", "auditor");
  EXPECT_THAT(all(first, "detail"), ElementsAre("secret c", "secret b"));
  place.post("/api/v1/credentials", R"({"reference":"d"})");
  const Told second = place.get("/api/v1/audit?limit=2&after=" + first.text("next"), "auditor");
  EXPECT_THAT(all(second, "detail"), ElementsAre("secret a"));
}

TEST(Audit, IsFoundToBeWhole) {
  Place place;
  place.post("/api/v1/credentials", "");
  const Told told = place.post("/api/v1/audit/verify", "", "auditor");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.text("intact"), "true");
  EXPECT_EQ(told.text("rows"), "1");
}

TEST(Audit, IsFoundToBeChanged) {
  Place place;
  place.post("/api/v1/credentials", "");
  sqlite3* intruder = nullptr;
  ASSERT_EQ(sqlite3_open(place.store_file().c_str(), &intruder), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(intruder, "UPDATE audit SET sender = 'nobody'", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(intruder);
  const Told told = place.post("/api/v1/audit/verify", "", "auditor");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.text("intact"), "false");
  EXPECT_EQ(told.text("rows"), "null");
  EXPECT_NE(told.text("detail"), "null");
}

TEST(Status, TellsOfTheProgramAndItsCa) {
  Place place;
  const Told bare = place.get("/api/v1/status", "read_only");
  EXPECT_EQ(bare.text("version"), COUNTERSIGN_VERSION);
  EXPECT_EQ(bare.text("now"), to_iso(kNow));
  EXPECT_EQ(bare.text("authorities"), "[]");
  EXPECT_EQ(bare.text("cmp_signers"), "[]");
  const test::TlsAuthority authority("Our CA");
  const auto parsed = x509::parse_certificate(authority.certificate()).value();
  place.publications = std::make_shared<const server::Publications>(
      server::publications_of(parsed, {}, parsed.der, Time{}));
  const auto told = place.get("/api/v1/status", "read_only").object();
  const auto& one = told.at("authorities").at(0);
  EXPECT_EQ(one.at("subject").as_string(), "CN=Our CA");
  EXPECT_EQ(one.at("not_after").as_string(), to_iso(parsed.validity.not_after));
}

TEST(Status, TellsWhichSignersOfProfilesCannotBeUsed) {
  Place place;
  const test::TlsAuthority authority("Line Signer");
  auto signer = std::make_shared<server::CmpSigner>();
  signer->certificate = x509::parse_certificate(authority.certificate()).value();
  const std::string until = to_iso(signer->certificate.validity.not_after);
  auto all = std::make_shared<server::ProfileSigners>();
  all->emplace(enrol::SignerFiles{"a.pem", "a.key", {}, {}},
               server::ProfileSigner{std::move(signer), {}, {"line1", "line2"}});
  all->emplace(enrol::SignerFiles{{}, {}, "b.p12", {}},
               server::ProfileSigner{nullptr, "b.p12 cannot be read", {"line3"}});
  place.signers = std::move(all);
  EXPECT_EQ(place.get("/api/v1/status", "read_only").text("cmp_signers"),
            R"([{"profiles":["line3"],"subject":null,"not_after":null,)"
            R"("trouble":"b.p12 cannot be read"},)"
            R"({"profiles":["line1","line2"],"subject":"CN=Line Signer","not_after":")" +
                until + R"(","trouble":""}])");
}

TEST(Me, IsWhoAsks) {
  Place place;
  const Told told = place.get("/api/v1/me", "ra_officer");
  EXPECT_EQ(told.body, R"({"name":"the-ra_officer","roles":["ra_officer"]})");
}

}  // namespace
}  // namespace countersign::console
