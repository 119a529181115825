// What the rules make of messages whose secret, or certificate, has a subscriber.
#include "crypto/digest.h"
#include "enrol/examine.h"
#include "enrol/test_values.h"
#include "protect/test_support.h"
#include "support/authenticated.h"

namespace countersign::enrol {
namespace {

using namespace test;
using countersign::test::authenticated;
using Texts = std::vector<std::string>;

const std::string kReference = "alpha";

crmf::CertReqMsg wanted(const std::string& subject, const char* kind,
                        std::vector<crmf::Attribute> controls = {}) {
  crmf::CertReqMsg request;
  request.cert_req.controls = std::move(controls);
  auto& wish = request.cert_req.cert_template;
  wish.subject = name(subject);
  wish.public_key = spki(kind);
  const auto& signer = key(kind);
  const auto algorithm = signer.default_signature_algorithm();
  const Bytes signature = crypto::sign(signer, algorithm, crmf::encode_cert_req(request)).value();
  request.popo = crmf::POPOSigningKey{{}, algorithm, {signature, 0}};
  return request;
}

message::PKIMessage message_of(message::BodyType type, crmf::CertReqMsg request) {
  message::PKIMessage m;
  m.header.transaction_id = TransactionId{Bytes(16, 1)};
  m.header.sender_nonce = Nonce{Bytes(16, 2)};
  m.body = {type, crmf::CertReqMessages{std::move(request)}};
  return m;
}

struct World {
  std::string of_secret = "acme";
  std::string of_secret_profile = {};
  Fields acme = {};
  bool enabled = true;
  std::vector<CertificateRecord> certificates = {};
};

std::vector<Verdict> verdicts(const World& world, const message::AuthenticatedMessage& m) {
  CmpProfile standard;
  standard.protection = countersign::test::quick_policy();
  standard.duplicate_keys = DuplicateKeys::allow;
  const std::vector<ObjectRecord> objects = {
      {ObjectKind::subscriber, "acme", 1, world.enabled, world.acme, "test", {}},
      {ObjectKind::subscriber, "globex", 1, true, {}, "test", {}}};
  const auto built = build_catalogue(standard, objects);
  EXPECT_TRUE(built.problems.empty());
  const std::vector<x509::Name> ours{kIssuer};
  const Setting setting{.catalogue = *built.catalogue, .profile = standard, .our_issuers = ours};
  CredentialRecord credential;
  credential.reference = kReference;
  credential.names = "any";
  credential.subscriber = world.of_secret;
  credential.profile = world.of_secret_profile;
  const bool mac = m.sender().proof == message::ProofKind::mac;
  return examine(m, setting, {mac ? &credential : nullptr, nullptr, world.certificates}, kNow);
}

// "RA PROFILE of SUBSCRIBER", or the code of the refusal.
std::string outcome(const World& world, const message::AuthenticatedMessage& m) {
  const auto all = verdicts(world, m);
  if (all.size() != 1) return "how many?";
  if (!all[0]) return std::string(all[0].error().code);
  if (std::holds_alternative<transaction::RevocationOrder>(*all[0])) return "revoked";
  const auto& order = std::get<transaction::CertificateOrder>(*all[0]);
  return order.profile + " of " + (order.subscriber.empty() ? "nobody" : order.subscriber);
}

std::string by_secret_asking(const World& world, const std::string& subject = "CN=alpha") {
  return outcome(
      world, authenticated(message_of(message::BodyType::ir, wanted(subject, "p384")), kReference));
}

TEST(Subscribers, own_what_is_issued_under_their_secrets) {
  EXPECT_EQ(by_secret_asking({}), "device of acme");
  EXPECT_EQ(by_secret_asking({.of_secret = ""}), "device of nobody");
}

TEST(Subscribers, get_nothing_once_they_are_out_of_use_or_gone) {
  EXPECT_EQ(by_secret_asking({.enabled = false}), "rights.subscriber-off");
  EXPECT_EQ(by_secret_asking({.of_secret = "initech"}), "rights.subscriber-off");
}

TEST(Subscribers, bind_names_whatever_the_secret_allows) {
  const World world{.acme = {{"names", std::string("acme-*")}}};
  EXPECT_EQ(by_secret_asking(world, "CN=acme-7"), "device of acme");
  EXPECT_EQ(by_secret_asking(world, "CN=globex-7"), "rights.name");
}

TEST(Subscribers, bind_ra_profiles_and_choose_the_first) {
  World world{.acme = {{"profiles", Texts{"tls-client", "device"}}}};
  EXPECT_EQ(by_secret_asking(world), "tls-client of acme");
  world.of_secret_profile = "device";
  EXPECT_EQ(by_secret_asking(world), "device of acme");
  world.of_secret_profile = "vpn";
  EXPECT_EQ(by_secret_asking(world), "profile.subscriber");
}

// ---- those who sign
namespace signing = protect::test;

const signing::Identity& ca() {
  static const signing::Identity all = signing::certify_ca("CN=Issuing CA");
  return all;
}

struct Owner {
  signing::Identity identity;
  CertificateRecord kept;
};
Owner owner(const std::string& subject, const std::string& subscriber,
            const std::vector<der::Oid>& purposes = {}) {
  auto identity = signing::certify({.subject = subject, .purposes = purposes}, &ca());
  auto kept = record(identity.certificate);
  kept.profile = "device";
  kept.subscriber = subscriber;
  kept.key_hash = crypto::sha256(identity.certificate.spki);
  return {std::move(identity), std::move(kept)};
}
Owner registration_authority(const std::string& subscriber) {
  return owner("CN=RA", subscriber, {x509::oids::kp_cmc_ra});
}

message::AuthenticatedMessage sent_by(const Owner& sender, message::PKIMessage m) {
  m.header.message_time = signing::kNow;
  m.header.sender = x509::directory_name(sender.identity.certificate.subject);
  m.header.sender_kid = sender.identity.certificate.subject_key_identifier();
  m.extra_certs = {sender.identity.certificate.der};
  const auto trust = signing::trust(ca());
  protect::Evidence evidence;
  evidence.own = {{sender.kept.der, protect::CertificateState::valid}};
  evidence.own_authority = &trust;
  auto proof = signing::authenticate(signing::sign(std::move(m), sender.identity.key), evidence);
  if (!proof) throw std::logic_error(std::string(proof.error().code));
  return std::move(proof->message);
}

message::PKIMessage updating(const Owner& updated) {
  der::Writer old;
  crmf::write(old, crmf::CertId{x509::directory_name(kIssuer), updated.kept.serial});
  auto request = wanted(x509::to_text(updated.identity.certificate.subject), "p384",
                        {{crmf::oids::old_cert_id, std::move(old).take()}});
  return message_of(message::BodyType::kur, std::move(request));
}

message::PKIMessage revoking(const Owner& victim) {
  message::RevDetails details;
  details.cert_details.issuer = kIssuer;
  details.cert_details.serial_number = victim.kept.serial;
  auto m = message_of(message::BodyType::rr, {});
  m.body = {message::BodyType::rr, message::RevReqContent{details}};
  return m;
}

TEST(Subscribers, keep_what_is_updated) {
  const Owner device = owner("CN=d7", "acme");
  const World world{.certificates = {device.kept}};
  EXPECT_EQ(outcome(world, sent_by(device, updating(device))), "device of acme");
  const World off{.enabled = false, .certificates = {device.kept}};
  EXPECT_EQ(outcome(off, sent_by(device, updating(device))), "rights.subscriber-off");
  EXPECT_EQ(outcome(off, sent_by(device, revoking(device))), "revoked")
      << "to end what one has is always good";
}

TEST(Subscribers, have_registration_authorities_that_touch_nothing_of_others) {
  const Owner ra = registration_authority("acme");
  const Owner ours = owner("CN=d7", "acme"), theirs = owner("CN=d8", "globex"),
              nobodys = owner("CN=d9", "");
  const World world{.certificates = {ra.kept, ours.kept, theirs.kept, nobodys.kept}};
  EXPECT_EQ(outcome(world, sent_by(ra, updating(ours))), "device of acme");
  EXPECT_EQ(outcome(world, sent_by(ra, updating(theirs))), "rights.subscriber-other");
  EXPECT_EQ(outcome(world, sent_by(ra, updating(nobodys))), "rights.subscriber-other");
  EXPECT_EQ(outcome(world, sent_by(ra, revoking(ours))), "revoked");
  EXPECT_EQ(outcome(world, sent_by(ra, revoking(theirs))), "rights.subscriber-other");
  const auto asked = message_of(message::BodyType::cr, wanted("CN=d10", "p384"));
  EXPECT_EQ(outcome(world, sent_by(ra, asked)), "device of acme");
}

TEST(Subscribers, do_not_bind_the_registration_authority_that_is_nobodys) {
  const Owner ra = registration_authority(""), theirs = owner("CN=d8", "globex");
  const World world{.certificates = {ra.kept, theirs.kept}};
  EXPECT_EQ(outcome(world, sent_by(ra, updating(theirs))), "device of globex");
  EXPECT_EQ(outcome(world, sent_by(ra, revoking(theirs))), "revoked");
}

}  // namespace
}  // namespace countersign::enrol
