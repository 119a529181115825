// What the rules make of messages of devices: by the registry, and by templates that name them.
#include "enrol/examine.h"
#include "enrol/test_values.h"
#include "support/authenticated.h"

namespace countersign::enrol {
namespace {

using namespace test;
using countersign::test::authenticated;
using Texts = std::vector<std::string>;

const std::string kReference = "alpha";

ObjectRecord object(ObjectKind kind, std::string name, Fields fields) {
  return {kind, std::move(name), 1, true, std::move(fields), "test", {}};
}

struct World {
  Fields template_fields;
  Fields profile_fields;
  std::vector<DeviceRecord> devices;
  std::string names = "any";  // of the credential
};

DeviceRecord device(std::string serial) {
  DeviceRecord out;
  out.serial = std::move(serial);
  out.group = "line1";
  return out;
}

message::AuthenticatedMessage asking(const std::string& subject, const Texts& names = {}) {
  crmf::CertReqMsg request;
  auto& wish = request.cert_req.cert_template;
  wish.subject = name(subject);
  wish.public_key = spki("p384");
  if (!names.empty()) wish.extensions = {x509::make_subject_alt_name(sans(names), false)};
  const auto& signer = key("p384");
  const auto algorithm = signer.default_signature_algorithm();
  const Bytes signature = crypto::sign(signer, algorithm, crmf::encode_cert_req(request)).value();
  request.popo = crmf::POPOSigningKey{{}, algorithm, {signature, 0}};
  message::PKIMessage m;
  m.header.transaction_id = TransactionId{Bytes(16, 1)};
  m.header.sender_nonce = Nonce{Bytes(16, 2)};
  m.body = {message::BodyType::ir, crmf::CertReqMessages{std::move(request)}};
  return authenticated(std::move(m), kReference);
}

// "asked: SERIALS; granted SUBJECT for DEVICE", or the code of the refusal.
std::string outcome(const World& world, const message::AuthenticatedMessage& m) {
  CmpProfile standard;
  standard.protection = countersign::test::quick_policy();
  standard.default_ra_profile = "line";
  Fields profile = world.profile_fields;
  profile.emplace("template", "line");
  const std::vector<ObjectRecord> objects = {
      object(ObjectKind::certificate_template, "line", world.template_fields),
      object(ObjectKind::ra_profile, "line", profile)};
  const auto built = build_catalogue(standard, objects);
  EXPECT_TRUE(built.problems.empty());
  const std::vector<x509::Name> ours{kIssuer};
  const Setting setting{.catalogue = *built.catalogue, .profile = standard, .our_issuers = ours};
  CredentialRecord credential;
  credential.reference = kReference;
  credential.note = "SN-9";
  credential.names = world.names;
  std::string out = "asked:";
  const auto serials = devices_asked_for(m, setting, {&credential, nullptr, {}});
  for (const auto& serial : serials) out += " " + serial;
  std::vector<DeviceRecord> found;
  for (const auto& one : world.devices)
    if (std::ranges::find(serials, one.serial) != serials.end()) found.push_back(one);
  const auto verdict =
      std::move(examine(m, setting, {&credential, nullptr, {}, {}, found}, kNow).at(0));
  if (!verdict) return out + "; " + std::string(verdict.error().code);
  const auto& order = std::get<transaction::CertificateOrder>(*verdict);
  return out + "; " + x509::to_text(order.subject) +
         (order.device.empty() ? "" : " for " + order.device);
}

TEST(Devices, are_asked_for_only_where_the_ra_profile_or_its_template_does) {
  const Fields known{{"devices", "must-be-known"}};
  const auto keyed = [&](const char* by) {
    Fields out = known;
    out.emplace("device_key", by);
    return out;
  };
  const auto all = std::vector{device("SN-7"), device("alpha"), device("SN-9"), device("h.x")};
  EXPECT_EQ(outcome({{}, {}, all}, asking("CN=alpha")), "asked:; CN=alpha");
  const auto granted = [&](const char* by) {
    return outcome({{}, keyed(by), all}, asking("CN=alpha,serialNumber=SN-7", {"dns:h.x"}));
  };
  EXPECT_EQ(granted("subject.serialNumber"), "asked: SN-7; CN=alpha,serialNumber=SN-7 for SN-7");
  EXPECT_EQ(granted("subject.CN"), "asked: alpha; CN=alpha,serialNumber=SN-7 for alpha");
  EXPECT_EQ(granted("san.dns"), "asked: h.x; CN=alpha,serialNumber=SN-7 for h.x");
  EXPECT_EQ(granted("credential.reference"), "asked: alpha; CN=alpha,serialNumber=SN-7 for alpha");
  EXPECT_EQ(granted("credential.note"), "asked: SN-9; CN=alpha,serialNumber=SN-7 for SN-9");
  EXPECT_EQ(granted("credential.CN"), "asked:; device.unnamed") << "there is no certificate";
  EXPECT_EQ(
      outcome({{{"subject", Texts{"CN = device:serial"}}}, {}, all}, asking("serialNumber=SN-7")),
      "asked: SN-7; CN=SN-7 for SN-7")
      << "the template asks";
}

TEST(Devices, that_the_registry_does_not_let_in_are_refused) {
  const World plain{{}, {{"devices", "must-be-known"}, {"device_key", "subject.CN"}}, {}};
  const auto with = [&](void (*change)(DeviceRecord&)) {
    World world = plain;
    world.devices = {device("alpha")};
    change(world.devices[0]);
    return outcome(world, asking("CN=alpha"));
  };
  EXPECT_EQ(outcome(plain, asking("CN=alpha")), "asked: alpha; device.unknown");
  EXPECT_EQ(outcome(plain, asking("")), "asked:; device.unnamed");
  EXPECT_EQ(with([](DeviceRecord&) {}), "asked: alpha; CN=alpha for alpha");
  EXPECT_EQ(with([](DeviceRecord& d) { d.state = DeviceState::blocked; }),
            "asked: alpha; device.blocked");
  EXPECT_EQ(with([](DeviceRecord& d) { d.state = DeviceState::enrolled; }),
            "asked: alpha; CN=alpha for alpha");
  EXPECT_EQ(with([](DeviceRecord& d) { d.profile = "vpn"; }), "asked: alpha; device.profile");
  EXPECT_EQ(with([](DeviceRecord& d) { d.profile = "line"; }), "asked: alpha; CN=alpha for alpha");
  EXPECT_EQ(with([](DeviceRecord& d) { d.key_hash = Bytes(32, 1); }), "asked: alpha; device.key");
  EXPECT_EQ(with([](DeviceRecord& d) { d.key_hash = crypto::sha256(spki("p384")); }),
            "asked: alpha; CN=alpha for alpha");
  EXPECT_EQ(with([](DeviceRecord& d) { d.certificate_hash = Bytes(32, 1); }),
            "asked: alpha; device.certificate");
}

TEST(Devices, have_names_of_their_operators_beside_those_that_their_credential_allows) {
  const auto granted = [](Texts rules, const char* names, const char* subject) {
    const World world{{{"subject", std::move(rules)}},
                      {{"devices", "must-be-known"}, {"device_key", "credential.note"}},
                      {device("SN-9")},
                      names};
    const std::string out = outcome(world, asking(subject));
    return out.substr(out.find(';') + 2);
  };
  const Texts by_operator{"O = fixed:Example", "OU = device:group", "CN = device:serial"};
  EXPECT_EQ(granted(by_operator, "self", "CN=anything"), "CN=SN-9,OU=line1,O=Example for SN-9")
      << "nothing of it is the request's";
  const Texts mixed{"O = fixed:Example", "CN = request"};
  EXPECT_EQ(granted(mixed, "self", "CN=alpha"), "CN=alpha,O=Example for SN-9");
  EXPECT_EQ(granted(mixed, "self", "CN=beta"), "rights.name");
  EXPECT_EQ(granted(mixed, "a*", "CN=alpha"), "CN=alpha,O=Example for SN-9");
  EXPECT_EQ(granted(mixed, "b*", "CN=alpha"), "rights.name");
  const Texts plain{"CN? = request", "O = request"};
  EXPECT_EQ(granted(plain, "a*", "O=Example"), "rights.name") << "all of it is the request's";
}

TEST(Devices, have_names_within_the_limits_of_the_template_wherever_they_come_from) {
  const auto granted = [](const char* host, Texts san) {
    DeviceRecord known = device("alpha");
    known.hostname = host;
    return outcome({{{"san", std::move(san)},
                     {"permitted_names", Texts{"dns:example.com"}},
                     {"excluded_names", Texts{"dns:ca.example.com"}}},
                    {{"devices", "must-be-known"}, {"device_key", "subject.CN"}},
                    {known}},
                   asking("CN=alpha", {"dns:x.example.com"}));
  };
  const std::string good = "asked: alpha; CN=alpha for alpha";
  EXPECT_EQ(granted("u.example.com", {"dns = device:hostname"}), good);
  EXPECT_EQ(granted("u.example.org", {"dns = device:hostname"}),
            "asked: alpha; template.name-limit");
  EXPECT_EQ(granted("", {"dns = request"}), good);
  EXPECT_EQ(granted("", {"dns = fixed:ca.example.com"}), "asked: alpha; template.name-limit");
}

}  // namespace
}  // namespace countersign::enrol
