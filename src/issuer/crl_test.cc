#include "issuer/authority.h"
#include "issuer/test_values.h"

namespace countersign::issuer {
namespace {

using namespace test;
namespace oid = x509::oids;

const NewAuthority& authority() {
  static const NewAuthority made = [] {
    CountingEntropy entropy;
    return make_authority({}, kNow, entropy).value();
  }();
  return made;
}

Result<Bytes> crl(const CrlOrder& order) {
  Got<Bytes> got;
  make_crl(order, x509::parse_certificate(authority().issuing_certificate).value(),
           *open_software_signer(authority().issuing_key).value(), got.done());
  return std::move(*got.result);
}

CrlOrder order() {
  CrlOrder out;
  out.number = 258;
  out.this_update = kNow;
  out.next_update = kNow + Seconds{86400};
  out.revoked = {
      {{0x01, 0x00}, kNow - Seconds{60}, x509::CrlReason::keyCompromise, kNow - Seconds{7200}},
      {{0x7f}, kNow - Seconds{50}, x509::CrlReason::unspecified, {}},
      {{0x00, 0xff}, kNow - Seconds{40}, x509::CrlReason::certificateHold, {}},
  };
  return out;
}

TEST(CrlOfAnAuthority, openssl_reads_and_verifies_it) {
  const auto made = crl(order());
  ASSERT_TRUE(made) << made.error().reply_text;
  Folder folder;
  const auto issuing =
      folder.write_pem("issuing.pem", "CERTIFICATE", authority().issuing_certificate);
  const auto shown = openssl("crl -noout -text -inform DER -in " + folder.write("a.crl", *made) +
                             " -CAfile " + issuing);
  EXPECT_TRUE(good(shown)) << shown;
  for (const char* part :
       {"verify OK", "Version 2", "X509v3 Authority Key Identifier", "X509v3 CRL Number",
        "Key Compromise", "Certificate Hold", "Invalidity Date", "Jun  1 10:00:00 2026 GMT"})
    EXPECT_TRUE(shown.contains(part)) << part << '\n' << shown;
  EXPECT_FALSE(shown.contains("Unspecified")) << shown;
}

TEST(CrlOfAnAuthority, its_entries_stand_in_order_of_serial) {
  const auto parsed = x509::parse_crl(crl(order()).value());
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->fields.revoked.size(), 3U);
  EXPECT_EQ(parsed->fields.revoked[0].serial, Bytes{0x7f});
  EXPECT_EQ(parsed->fields.revoked[1].serial, (Bytes{0x00, 0xff}));
  EXPECT_EQ(parsed->fields.revoked[2].serial, (Bytes{0x01, 0x00}));
  EXPECT_EQ(parsed->fields.revoked[2].reason, x509::CrlReason::keyCompromise);
  EXPECT_EQ(parsed->fields.revoked[2].invalidity_date, kNow - Seconds{7200});
  EXPECT_EQ(parsed->fields.this_update, kNow);
  EXPECT_EQ(parsed->fields.next_update, kNow + Seconds{86400});
  EXPECT_EQ(x509::find(parsed->fields.extensions, oid::crl_number)->value, (Bytes{2, 2, 1, 2}));
}

TEST(CrlOfAnAuthority, one_without_entries_is_good_too) {
  CrlOrder none = order();
  none.revoked.clear();
  const auto made = crl(none);
  ASSERT_TRUE(made);
  Folder folder;
  const auto shown = openssl("crl -noout -text -inform DER -in " + folder.write("a.crl", *made));
  EXPECT_TRUE(shown.contains("No Revoked Certificates")) << shown;
}

TEST(CrlOfAnAuthority, removeFromCRL_is_not_for_a_full_list) {
  CrlOrder removed = order();
  removed.revoked = {{{1}, kNow, x509::CrlReason::removeFromCRL, {}}};
  EXPECT_TRUE(x509::parse_crl(crl(removed).value())->fields.revoked.empty());
}

TEST(CrlOfAnAuthority, a_next_update_that_is_not_later_is_refused) {
  CrlOrder late = order();
  late.next_update = late.this_update;
  EXPECT_EQ(code(crl(late)), "issuer.crl-times");
}

}  // namespace
}  // namespace countersign::issuer
