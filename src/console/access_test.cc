// Every route of the table with every role, and with none.
#include <cstdlib>
#include <fstream>

#include "console/place_test.h"

namespace countersign::console {
namespace {

using console::testing::Place;
using console::testing::Told;

// The pattern with something that is not there for its parameter.
std::string path_of(const Route& route) {
  std::string path(route.path);
  const auto open = path.find('{');
  if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "0102");
  return path;
}

Told ask(Place& place, const Route& route, const std::string& role) {
  auto request = Place::request(std::string(name(route.method)), path_of(route), role);
  request.content_type = "application/json";
  request.body = to_bytes("{}");
  return place.send(std::move(request));
}

class Access : public ::testing::TestWithParam<const Route*> {
 protected:
  const Route& route() const { return *GetParam(); }
  bool is_open() const { return route().may.empty(); }
  Place place_;
};

TEST_P(Access, IsForWhoTheTableNames) {
  for (const RoleName& row : kRoles) {
    const int status = ask(place_, route(), std::string(row.name)).status;
    EXPECT_NE(status, 401) << row.name;
    EXPECT_EQ(status == 403, !is_open() && !route().may.has(row.role)) << row.name;
  }
}

TEST_P(Access, IsNotForWhoIsNobody) {
  for (const char* nobody : {"", "stranger", "expired", "disabled"}) {
    const Told told = ask(place_, route(), nobody);
    EXPECT_EQ(told.status == 401, !is_open()) << nobody;
    if (told.status == 401) {
      EXPECT_EQ(told.code(), "console.unauthenticated");
      EXPECT_NE(told.header("WWW-Authenticate"), "");
    }
  }
}

TEST_P(Access, IsNotForWhoHasNoRole) {
  EXPECT_EQ(ask(place_, route(), "nothing").status == 403, !is_open());
}

TEST_P(Access, LetsWhoOnlyReadsChangeNothing) {
  if (route().method == Method::get) return;
  EXPECT_EQ(ask(place_, route(), "read_only").status, 403);
  const bool is_verification = route().operation == "verifyAudit";
  EXPECT_EQ(ask(place_, route(), "auditor").status, is_verification ? 200 : 403);
}

TEST_P(Access, IsForAnAuditorWhereItReads) {
  if (route().method != Method::get) return;
  EXPECT_NE(ask(place_, route(), "auditor").status, 403);
}

INSTANTIATE_TEST_SUITE_P(All, Access, ::testing::ValuesIn([] {
                           std::vector<const Route*> rows;
                           for (const Route& row : api_table()) rows.push_back(&row);
                           return rows;
                         }()),
                         [](const auto& row) { return std::string(row.param->operation); });

// What the table says is for whom, said once more: a slip there would else go unseen here.
TEST(Roles, HaveTheRoutesTheyAreMeantToHave) {
  std::map<std::string, std::string> of;
  for (const Route& route : api_table())
    for (const RoleName& role : kRoles)
      if (route.may.has(role.role))
        of[std::string(role.name)] += std::string(route.operation) + " ";
  const auto objects = [](const std::string& name) {
    return "list" + name + "s show" + name + " show" + name + "InEffect show" + name + "History ";
  };
  const std::string set =
      objects("Template") + objects("RaProfile") + objects("CmpProfile") + objects("TrustSet");
  const std::string authorities =
      "listAuthorities showAuthority showAuthorityInEffect showAuthorityHistory ";
  const std::string others = "listUnknownVendors listAuthorityHealth listCaKeys ";
  EXPECT_EQ(of["read_only"], "showMe showStatus listCertificates showCertificate listCaKeys ");
  EXPECT_EQ(of["auditor"],
            "showMe showStatus listCertificates showCertificate listCredentials showCredential "
            "listTokens listDevices showDevice listTrust " +
                set + objects("Operator") + authorities + objects("Subscriber") + others +
                "exportConfig listRequests showRequest listTransactions showTransaction listAudit "
                "verifyAudit ");
  EXPECT_EQ(
      of["ra_officer"],
      "showMe showStatus listCertificates showCertificate revokeCertificate holdCertificate "
      "releaseCertificate listCredentials addCredential rotateCredential showCredential "
      "removeCredential listTokens addToken removeToken listDevices importDevices showDevice "
      "saveDevice "
      "removeDevice listTrust " +
          set + authorities +
          "listSubscribers showSubscriber showSubscriberInEffect saveSubscriber removeSubscriber "
          "enableSubscriber "
          "disableSubscriber showSubscriberHistory revokeSubscriber " +
          others +
          "listRequests showRequest approveRequest rejectRequest listTransactions showTransaction "
          "simulateRequest ");
  std::string all;
  for (const Route& route : api_table())
    if (!route.may.empty()) all += std::string(route.operation) + " ";
  EXPECT_EQ(of["administrator"], all);
}

TEST(Roles, AreAskedForByAllButOneRoute) {
  std::string open;
  for (const Route& route : api_table())
    if (route.may.empty()) open += std::string(route.operation) + " ";
  EXPECT_EQ(open, "describeApi ");
}

// docs/api-routes.md, from the table; COUNTERSIGN_WRITE_DOCS=1 writes it.
TEST(Reference, IsCurrent) {
  std::string page =
      "# Routes of the API\n\n[How to use it](api.md). Everything about each, fields and answers "
      "too, is in the\nserver's own description, `GET /api/v1/openapi.json`. This page is "
      "generated from the same table.\n\n| route | for | |\n| --- | --- | --- |\n";
  for (const Route& route : api_table()) {
    std::string roles;
    for (const RoleName& role : kRoles)
      if (route.may.has(role.role)) (roles += roles.empty() ? "" : ", ") += role.name;
    page += "| `" + std::string(name(route.method)) + ' ' + std::string(route.path) + "` | " +
            (roles.empty() ? "everybody" : roles) + " | " + std::string(route.summary) + " |\n";
  }
  const std::string file = std::string(COUNTERSIGN_SOURCE_DIR) + "/docs/api-routes.md";
  if (std::getenv("COUNTERSIGN_WRITE_DOCS") != nullptr) std::ofstream(file) << page;
  std::ifstream in(file);
  const std::string there{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(there, page) << "run this test with COUNTERSIGN_WRITE_DOCS=1";
}

TEST(Refusal, SaysNothingOfWhatExistsToWhoMayNot) {
  Place place;
  place.add_certificates(1, 1);
  const auto there = place.post(Place::certificate_path(1, "/hold"), "{}", "read_only");
  const auto missing = place.post(Place::certificate_path(2, "/hold"), "{}", "read_only");
  EXPECT_EQ(there.status, 403);
  auto a = there.object();
  auto b = missing.object();
  EXPECT_NE(a["instance"], b["instance"]);
  a.erase("instance");
  b.erase("instance");
  EXPECT_EQ(a, b);
}

TEST(Refusal, ComesBeforeWhatWasSent) {
  Place place;
  EXPECT_EQ(place.post("/api/v1/trust", "no JSON", "ra_officer").status, 403);
  EXPECT_EQ(place.get("/api/v1/audit?colour=red", "read_only").status, 403);
}

}  // namespace
}  // namespace countersign::console
