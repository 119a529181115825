#include "enrol/rights.h"

#include "enrol/lightweight.h"
#include "enrol/test_values.h"

namespace countersign::enrol {
namespace {

using namespace test;
using Status = CertificateStatus;

// The present issuing CA, and one before it.
const std::vector<x509::Name> kOurs{x509::common_name("Issuing CA G2"), kIssuer};

const x509::Certificate& mine() {
  static const auto c = certificate("CN=device-7", {"dns:a.example", "ip:192.0.2.1"}, 1);
  return c;
}
const x509::Certificate& theirs() {
  static const auto c = certificate("CN=device-8", {}, 2);
  return c;
}

CredentialRecord credential(const std::string& reference, bool shared = false) {
  CredentialRecord out;
  out.reference = reference;
  out.names = shared ? "any" : "self";
  return out;
}

enum class By { itself, other, ra, secret, shared_secret, other_secret, ra_secret, ra_of_others };

struct Asker {
  message::Sender sender;
  std::optional<CredentialRecord> credential;
};
message::Sender ra_by_secret() {
  auto out = by_secret("ra");
  out.may_act_as_ra = true;
  return out;
}
Asker asker(By by) {
  switch (by) {
    case By::itself:
      return {by_certificate(mine()), {}};
    case By::other:
      return {by_certificate(theirs()), {}};
    case By::ra:
      return {by_certificate(theirs(), true), {}};
    case By::secret:
      return {by_secret("device-7"), credential("device-7")};
    case By::shared_secret:
      return {by_secret("device-7"), credential("device-7", true)};
    case By::other_secret:
      return {by_secret("device-9"), credential("device-9")};
    case By::ra_secret:
      return {ra_by_secret(), credential("ra", true)};
    case By::ra_of_others: {
      auto names_others = credential("ra");
      names_others.names = "device-8,device-9";
      return {ra_by_secret(), std::move(names_others)};
    }
  }
  return {};
}

// ---- kur
struct UpdateCase {
  const char* what;
  By by = By::itself;
  bool named = true;  // by oldCertID
  const char* code = "ok";
  const char* failure = "none";
  Status status = Status::valid;
  void (*change)(UpdateRequest&) = nullptr;
  const char* now = "2026-06-01";
};

const UpdateCase kUpdates[] = {
    {"by itself"},
    {"by itself, unnamed", By::itself, false},
    {"by an RA", By::ra},
    {"by the secret it was issued under", By::secret},
    {"by another certificate", By::other, true, "rights.update-signer", "badCertId"},
    {"by another secret", By::other_secret, true, "rights.other-reference", "notAuthorized"},
    {"by a shared secret", By::shared_secret, true, "rights.shared-secret", "notAuthorized"},
    {"by the secret of an RA", By::ra_secret},
    {"by that of an RA for others", By::ra_of_others, true, "rights.name", "notAuthorized"},
    {"by the secret of an RA, unnamed", By::ra_secret, false, "rights.update-unnamed", "badCertId"},
    {"by an RA, unnamed", By::ra, false, "rights.update-unnamed", "badCertId"},
    {"by a secret, unnamed", By::secret, false, "rights.update-unnamed", "badCertId"},
    {"another issuer", By::itself, true, "rights.update-issuer", "badCertId", Status::valid,
     [](UpdateRequest& r) { r.old_cert_id->issuer = x509::directory_name(name("CN=Other")); }},
    {"an issuer that is no directory name", By::itself, true, "rights.update-issuer", "badCertId",
     Status::valid, [](UpdateRequest& r) { r.old_cert_id->issuer = x509::dns_name("ca"); }},
    {"an issuer in another spelling", By::itself, true, "ok", "none", Status::valid,
     [](UpdateRequest& r) {
       r.old_cert_id->issuer = x509::directory_name(name("CN=issuing  ca"));
     }},
    {"an issuer of ours, but not that of the certificate", By::itself, true,
     "rights.update-unknown", "badCertId", Status::valid,
     [](UpdateRequest& r) { r.old_cert_id->issuer = x509::directory_name(kOurs.front()); }},
    {"an unknown serial number", By::itself, true, "rights.update-unknown", "badCertId",
     Status::valid, [](UpdateRequest& r) { r.old_cert_id->serial_number = {9}; }},
    {"revoked", By::ra, true, "rights.update-revoked", "certRevoked", Status::revoked},
    {"on hold", By::secret, true, "rights.update-revoked", "certRevoked", Status::held},
    {"unconfirmed", By::itself, true, "rights.update-unconfirmed", "badCertId",
     Status::unconfirmed},
    {"expired", By::secret, true, "rights.update-expired", "certRevoked", Status::valid, nullptr,
     "2027-01-02"},
    {"revoked, by somebody else: says nothing of it", By::other, true, "rights.update-signer",
     "badCertId", Status::revoked},
    {"the same subject", By::itself, true, "ok", "none", Status::valid,
     [](UpdateRequest& r) { r.has_subject = true, r.subject = name("CN=Device-7"); }},
    {"another subject", By::itself, true, "rights.update-subject", "badCertTemplate", Status::valid,
     [](UpdateRequest& r) { r.has_subject = true, r.subject = name("CN=admin"); }},
    {"another subject, by secret", By::secret, true, "rights.update-subject", "badCertTemplate",
     Status::valid, [](UpdateRequest& r) { r.has_subject = true, r.subject = name("CN=admin"); }},
    {"another subject, by an RA", By::ra, true, "ok", "none", Status::valid,
     [](UpdateRequest& r) { r.has_subject = true, r.subject = name("CN=admin"); }},
    {"the same names in another order", By::itself, true, "ok", "none", Status::valid,
     [](UpdateRequest& r) { r.sans = sans({"ip:192.0.2.1", "dns:a.example"}); }},
    {"a name more", By::itself, true, "rights.update-san", "badCertTemplate", Status::valid,
     [](UpdateRequest& r) { r.sans = sans({"ip:192.0.2.1", "dns:a.example", "dns:b"}); }},
    {"a name less", By::itself, true, "rights.update-san", "badCertTemplate", Status::valid,
     [](UpdateRequest& r) { r.sans = sans({"dns:a.example"}); }},
};

TEST(Rights, update) {
  for (const UpdateCase& c : kUpdates) {
    SCOPED_TRACE(c.what);
    const std::vector<CertificateRecord> found = {record(theirs()),
                                                  record(mine(), c.status, "device-7")};
    UpdateRequest request;
    if (c.named) request.old_cert_id = {x509::directory_name(kIssuer), mine().serial};
    if (c.change != nullptr) c.change(request);
    const Asker by = asker(c.by);
    const auto got = check_update(request, found, kOurs, by.sender,
                                  by.credential ? &*by.credential : nullptr, *from_iso(c.now));
    EXPECT_EQ(code(got), c.code) << (got ? "" : got.error().reply_text);
    EXPECT_EQ(failure(got), c.failure);
    if (got) {
      EXPECT_EQ(*got, &found[1]);
    }
  }
}

TEST(Rights, an_ra_that_names_itself_updates_its_own_certificate) {
  const std::vector<CertificateRecord> found = {record(theirs()), record(mine())};
  UpdateRequest request;
  request.has_subject = true;
  request.subject = theirs().subject;
  const auto got =
      check_update(request, found, kOurs, by_certificate(theirs(), true), nullptr, kNow);
  ASSERT_EQ(code(got), "ok");
  EXPECT_EQ(*got, found.data());
}

TEST(Rights, a_certificate_issued_by_signature_belongs_to_no_reference) {
  const std::vector<CertificateRecord> found = {record(mine())};
  UpdateRequest request;
  request.old_cert_id = {x509::directory_name(kIssuer), mine().serial};
  auto nobody = by_secret("");
  const auto empty = credential("");
  EXPECT_EQ(code(check_update(request, found, kOurs, nobody, &empty, kNow)),
            "rights.other-reference");
  EXPECT_EQ(code(check_update(request, found, kOurs, by_secret("device-7"), nullptr, kNow)),
            "rights.other-reference");
}

// A device's maker that asked for its certificate, by one of its own.
TEST(Rights, whoAskedForACertificateMayUpdateAndRevokeIt) {
  auto maker = by_certificate(certificate("CN=maker"));
  maker.identity = "certificate:01";
  auto mine_of = record(mine());
  message::RevDetails details;
  details.cert_details.issuer = mine().issuer;
  details.cert_details.serial_number = mine().serial;
  details.crl_entry_details = {x509::make_reason_code(1)};
  UpdateRequest request;
  request.old_cert_id = crmf::CertId{x509::directory_name(mine().issuer), mine().serial};
  const auto may = [&] {
    const std::vector<CertificateRecord> found = {mine_of};
    const auto update = check_update(request, found, kOurs, maker, nullptr, kNow);
    const auto revocation = check_revocation(details, found, kOurs, maker, nullptr, kNow);
    return std::string(update ? "ok" : update.error().code) + " " +
           std::string(revocation ? "ok" : revocation.error().code);
  };
  mine_of.sender = maker.identity;
  EXPECT_EQ(may(), "ok ok");
  mine_of.sender = "certificate:00";
  EXPECT_EQ(may(), "rights.update-signer rights.revoke-signer") << "somebody else asked";
  mine_of.sender.clear();
  maker.identity.clear();
  EXPECT_EQ(may(), "rights.update-signer rights.revoke-signer") << "nobody did";
}

// RFC 9483 §4.2, §5.3.2
TEST(Rights, underTheLightweightVariantACertificateIsRevokedByItselfOrAnRa) {
  auto maker = by_certificate(certificate("CN=maker", {}, 9));
  const auto says = [&](const message::Sender& sender) {
    return std::string(code(check_lightweight_revoker(sender, mine().serial)));
  };
  EXPECT_EQ(says(by_certificate(mine())), "ok");
  EXPECT_EQ(says(maker), "lightweight.revoker");
  maker.may_act_as_ra = true;
  EXPECT_EQ(says(maker), "ok");
  auto foreign = by_certificate(mine());
  foreign.issued_by_us = false;
  EXPECT_EQ(says(foreign), "lightweight.revoker") << "the same number, of another CA";
}

// ---- rr
struct RevocationCase {
  const char* what;
  By by = By::itself;
  const char* code = "ok";
  const char* failure = "none";
  Status status = Status::valid;
  void (*change)(message::RevDetails&) = nullptr;
  int reason = x509::CrlReason::keyCompromise;  // of the order
  const char* now = "2026-06-01";
};

void with_reason(message::RevDetails& d, int reason) {
  d.crl_entry_details = {x509::make_reason_code(reason)};
}

const RevocationCase kRevocations[] = {
    {"by itself"},
    {"by an RA", By::ra},
    {"by the secret it was issued under", By::secret},
    {"by another certificate", By::other, "rights.revoke-signer", "notAuthorized"},
    {"by another secret", By::other_secret, "rights.other-reference", "notAuthorized"},
    {"by a shared secret", By::shared_secret, "rights.shared-secret", "notAuthorized"},
    {"by the secret of an RA", By::ra_secret},
    {"by that of an RA for others", By::ra_of_others, "rights.name", "notAuthorized"},
    {"no serial number", By::itself, "rights.revoke-unnamed", "badCertId", Status::valid,
     [](auto& d) { d.cert_details.serial_number.reset(); }},
    {"no issuer", By::itself, "rights.revoke-unnamed", "badCertId", Status::valid,
     [](auto& d) { d.cert_details.issuer.reset(); }},
    {"another issuer", By::itself, "rights.revoke-issuer", "wrongAuthority", Status::valid,
     [](auto& d) { d.cert_details.issuer = name("CN=Other"); }},
    {"an issuer of ours, but not that of the certificate", By::itself, "rights.revoke-unknown",
     "badCertId", Status::valid, [](auto& d) { d.cert_details.issuer = kOurs.front(); }},
    {"an unknown serial number", By::itself, "rights.revoke-unknown", "badCertId", Status::valid,
     [](auto& d) { d.cert_details.serial_number = Bytes{9}; }},
    {"its subject and key too", By::itself, "ok", "none", Status::valid,
     [](auto& d) {
       d.cert_details.subject = mine().subject;
       d.cert_details.public_key = mine().spki;
     }},
    {"version 3", By::itself, "ok", "none", Status::valid,
     [](auto& d) { d.cert_details.version = 2; }},
    {"version 1", By::itself, "rights.revoke-version", "badRequest", Status::valid,
     [](auto& d) { d.cert_details.version = 0; }},
    {"another subject", By::itself, "rights.revoke-differs", "badCertId", Status::valid,
     [](auto& d) { d.cert_details.subject = name("CN=other"); }},
    {"another key", By::itself, "rights.revoke-differs", "badCertId", Status::valid,
     [](auto& d) { d.cert_details.public_key = spki("ed25519"); }},
    {"revoked already", By::ra, "rights.revoke-again", "certRevoked", Status::revoked},
    {"revoked already, asked by another", By::other, "rights.revoke-signer", "notAuthorized",
     Status::revoked},
    {"expired", By::secret, "rights.revoke-expired", "certRevoked", Status::valid, nullptr, 1,
     "2027-01-02"},
    {"unconfirmed", By::secret, "ok", "none", Status::unconfirmed},
    {"on hold, for good", By::secret, "ok", "none", Status::held},
    {"on hold, held again", By::secret, "rights.revoke-again", "certRevoked", Status::held,
     [](auto& d) { with_reason(d, x509::CrlReason::certificateHold); }},
    {"hold by its owner", By::itself, "ok", "none", Status::valid,
     [](auto& d) { with_reason(d, x509::CrlReason::certificateHold); }, 6},
    {"no details", By::itself, "ok", "none", Status::valid,
     [](auto& d) { d.crl_entry_details.clear(); }, 0},
    {"reason 7", By::itself, "rights.reason", "badRequest", Status::valid,
     [](auto& d) { d.crl_entry_details[0].value = {0x0a, 1, 7}; }},
    {"reason 11", By::itself, "rights.reason", "badRequest", Status::valid,
     [](auto& d) { d.crl_entry_details[0].value = {0x0a, 1, 11}; }},
    {"a reason that is no ENUMERATED", By::itself, "rights.reason", "badRequest", Status::valid,
     [](auto& d) { d.crl_entry_details[0].value = {0x02, 1, 1}; }},
    {"hold before it is confirmed", By::secret, "rights.hold-unconfirmed", "badRequest",
     Status::unconfirmed, [](auto& d) { with_reason(d, x509::CrlReason::certificateHold); }},
    {"released by its owner", By::itself, "rights.reason-officer", "notAuthorized", Status::held,
     [](auto& d) { with_reason(d, x509::CrlReason::removeFromCRL); }},
    {"released by a secret", By::secret, "rights.reason-officer", "notAuthorized", Status::held,
     [](auto& d) { with_reason(d, x509::CrlReason::removeFromCRL); }},
    {"released by an RA", By::ra, "ok", "none", Status::held,
     [](auto& d) { with_reason(d, x509::CrlReason::removeFromCRL); }, 8},
    {"released though not on hold", By::ra, "rights.not-held", "badRequest", Status::valid,
     [](auto& d) { with_reason(d, x509::CrlReason::removeFromCRL); }},
    {"released though revoked for good", By::ra, "rights.revoke-again", "certRevoked",
     Status::revoked, [](auto& d) { with_reason(d, x509::CrlReason::removeFromCRL); }},
    {"invalidityDate in the future", By::itself, "rights.invalidity-date", "badRequest",
     Status::valid,
     [](auto& d) {
       d.crl_entry_details.push_back(x509::make_invalidity_date(kNow + Seconds{86400}));
     }},
    {"an unknown critical extension", By::itself, "rights.crl-entry-extension", "badRequest",
     Status::valid,
     [](auto& d) { d.crl_entry_details.push_back({der::Oid::of("1.2.3"), true, {5, 0}}); }},
    {"an unknown extension that is not critical", By::itself, "ok", "none", Status::valid,
     [](auto& d) { d.crl_entry_details.push_back({der::Oid::of("1.2.3"), false, {5, 0}}); }},
};

TEST(Rights, revocation) {
  for (const RevocationCase& c : kRevocations) {
    SCOPED_TRACE(c.what);
    const std::vector<CertificateRecord> found = {record(theirs()),
                                                  record(mine(), c.status, "device-7")};
    message::RevDetails details;
    details.cert_details.serial_number = mine().serial;
    details.cert_details.issuer = kIssuer;
    with_reason(details, x509::CrlReason::keyCompromise);
    if (c.change != nullptr) c.change(details);
    const Asker by = asker(c.by);
    const auto got = check_revocation(details, found, kOurs, by.sender,
                                      by.credential ? &*by.credential : nullptr, *from_iso(c.now));
    EXPECT_EQ(code(got), c.code) << (got ? "" : got.error().reply_text);
    EXPECT_EQ(failure(got), c.failure);
    if (!got) continue;
    EXPECT_EQ(got->serial, mine().serial);
    EXPECT_EQ(got->reason, c.reason);
  }
}

// RFC 9810 §5.3.9
TEST(Rights, a_revocation_by_the_public_key_alone) {
  const auto another = certificate("CN=device-9", {}, 3);
  const auto of = [](const x509::Certificate& certificate, Status status = Status::valid) {
    auto out = record(certificate, status);
    out.key_hash = crypto::sha256(certificate.spki);
    return out;
  };
  struct Named {
    const char* what;
    By by;
    std::vector<CertificateRecord> found;
    const char* code;
  };
  const Named cases[] = {
      {"of one", By::ra, {of(mine())}, "ok"},
      {"of none", By::ra, {of(certificate("CN=x", {}, 4, "ed25519"))}, "rights.revoke-unknown"},
      {"of one that is revoked", By::ra, {of(mine(), Status::revoked)}, "rights.revoke-unknown"},
      {"of two", By::ra, {of(another), of(mine())}, "rights.revoke-ambiguous"},
      {"of two, one revoked", By::ra, {of(another, Status::revoked), of(mine())}, "ok"},
      {"of two, by one of them", By::itself, {of(another), of(mine())}, "ok"},
      {"of another's", By::other, {of(mine())}, "rights.revoke-signer"},
  };
  for (const Named& c : cases) {
    message::RevDetails details;
    details.cert_details.public_key = mine().spki;
    details.cert_details.subject = mine().subject;
    const Asker by = asker(c.by);
    const auto got = check_revocation(details, c.found, kOurs, by.sender,
                                      by.credential ? &*by.credential : nullptr, kNow);
    EXPECT_EQ(code(got), c.code) << c.what;
    if (!got) continue;
    EXPECT_EQ(got->serial, mine().serial) << c.what;
  }
}

TEST(Rights, a_revocation_keeps_its_invalidityDate) {
  const std::vector<CertificateRecord> found = {record(mine())};
  message::RevDetails details;
  details.cert_details.serial_number = mine().serial;
  details.cert_details.issuer = kIssuer;
  details.crl_entry_details = {x509::make_invalidity_date(kNow - Seconds{3600})};
  const auto got = check_revocation(details, found, kOurs, by_certificate(mine()), nullptr, kNow);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->invalidity_date, kNow - Seconds{3600});
}

// ---- policy of key updates
TEST(Rights, update_policy) {
  using SameKey = UpdatePolicy::SameKey;
  using Again = UpdatePolicy::Again;
  auto fresh = record(mine());
  fresh.key_hash = crypto::sha256(spki("p256"));
  auto updated = fresh;
  updated.replaced_by = {0x41, 0x02};
  const Bytes same = spki("p256"), other = spki("p384");
  EXPECT_EQ(code(check_update_policy({}, updated, same)), "ok") << "all is granted by default";
  const UpdatePolicy new_key{SameKey::refuse, Again::grant};
  EXPECT_EQ(code(check_update_policy(new_key, fresh, same)), "rights.same-key");
  EXPECT_EQ(failure(check_update_policy(new_key, fresh, same)), "badCertTemplate");
  EXPECT_EQ(code(check_update_policy(new_key, fresh, other)), "ok");
  EXPECT_EQ(code(check_update_policy(new_key, fresh, {})), "ok") << "a key that is made here";
  const UpdatePolicy once{SameKey::allow, Again::refuse};
  EXPECT_EQ(code(check_update_policy(once, fresh, other)), "ok");
  EXPECT_EQ(code(check_update_policy(once, updated, other)), "rights.update-again");
  EXPECT_EQ(failure(check_update_policy(once, updated, other)), "badRequest");
  EXPECT_EQ(code(check_update_policy({SameKey::allow, Again::warn}, updated, other)), "ok");
}

// ---- duplicate keys
TEST(Rights, key_reuse) {
  struct Case {
    const char* what;
    DuplicateKeys policy;
    const char* subject;
    Status status;
    int reason;
    bool replaced;
    const char* code;
  };
  const Case cases[] = {
      {"allow", DuplicateKeys::allow, "CN=x", Status::valid, 0, false, "ok"},
      {"the same subject", DuplicateKeys::same_subject, "CN=device-7", Status::valid, 0, false,
       "ok"},
      {"another subject", DuplicateKeys::same_subject, "CN=x", Status::valid, 0, false,
       "rights.key-in-use"},
      {"refuse", DuplicateKeys::refuse, "CN=device-7", Status::valid, 0, false,
       "rights.key-in-use"},
      {"an unconfirmed one counts", DuplicateKeys::refuse, "CN=device-7", Status::unconfirmed, 0,
       false, "rights.key-in-use"},
      {"the replaced one does not count", DuplicateKeys::refuse, "CN=device-7", Status::valid, 0,
       true, "ok"},
      {"a revoked one does not count", DuplicateKeys::refuse, "CN=device-7", Status::revoked, 4,
       false, "ok"},
      {"compromised, allow", DuplicateKeys::allow, "CN=device-7", Status::revoked, 1, false,
       "rights.key-compromised"},
      {"compromised, replaced", DuplicateKeys::refuse, "CN=device-7", Status::revoked, 1, true,
       "rights.key-compromised"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    std::vector<CertificateRecord> same_key = {record(mine(), c.status)};
    same_key[0].reason = c.reason;
    const auto got = check_key_reuse({c.policy, CompromisedKeys::refuse}, name(c.subject), same_key,
                                     c.replaced ? &same_key[0] : nullptr);
    EXPECT_EQ(code(got), c.code);
    if (!got) {
      EXPECT_EQ(failure(got), "badCertTemplate");
    }
  }
  std::vector<CertificateRecord> burnt = {record(mine(), Status::revoked)};
  burnt[0].reason = 1;
  EXPECT_EQ(code(check_key_reuse({DuplicateKeys::allow, CompromisedKeys::allow}, name("CN=x"),
                                 burnt, nullptr)),
            "ok")
      << "where the operator wants it so";
  EXPECT_EQ(code(check_key_reuse({DuplicateKeys::refuse}, name("CN=x"), {}, nullptr)), "ok");
}

}  // namespace
}  // namespace countersign::enrol
