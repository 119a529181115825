#include "x509/crl.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "x509/certificate.h"
#include "x509/vector_file.h"

namespace countersign::x509 {
namespace {

Crl read(const std::string& file) {
  const auto crl = parse_crl(vector(file));
  EXPECT_TRUE(crl) << file << ": " << (crl ? std::string() : crl.error().reply_text);
  return crl.value_or(Crl{});
}

TEST(Crl, IsReadAsOpensslWroteIt) {
  const Crl crl = read("crl-entries");
  EXPECT_EQ(to_text(crl.fields.issuer), seen_by_openssl("crl-entries", "issuer"));
  EXPECT_EQ(to_iso(crl.fields.this_update), "2025-07-01T00:00:00Z");
  EXPECT_EQ(to_iso(crl.fields.next_update), "2055-01-01T00:00:00Z");
  ASSERT_EQ(crl.fields.revoked.size(), 5U);
  const struct {
    const char* serial;
    const char* revoked_at;
    int reason;
  } entries[] = {
      {"01", "2025-06-01T12:00:00Z", CrlReason::unspecified},
      {"80FF", "2025-06-02T12:00:00Z", CrlReason::keyCompromise},
      {"F0E1D2C3B4A59687", "2025-06-03T12:00:00Z", CrlReason::keyCompromise},
      {"04", "2025-06-04T12:00:00Z", CrlReason::certificateHold},
      {"05", "2025-06-05T12:00:00Z", CrlReason::superseded},
  };
  for (const auto& e : entries) {
    SCOPED_TRACE(e.serial);
    const auto found = std::ranges::find_if(crl.fields.revoked, [&](const RevokedEntry& r) {
      return serial_text(r.serial) == e.serial;
    });
    ASSERT_NE(found, crl.fields.revoked.end());
    EXPECT_EQ(to_iso(found->revoked_at), e.revoked_at);
    EXPECT_EQ(found->reason, e.reason);
    EXPECT_EQ(found->invalidity_date.has_value(), std::string_view(e.serial).starts_with('F'));
    if (found->invalidity_date) {
      EXPECT_EQ(to_iso(*found->invalidity_date), "2025-05-01T00:00:00Z");
    }
  }
  const Extension* number = find(crl.fields.extensions, oids::crl_number);
  ASSERT_NE(number, nullptr);
  EXPECT_EQ(*number, make_crl_number(Bytes{0x8a}));
}

TEST(Crl, IsEncodedAsItWasRead) {
  const Crl empty = read("crl-empty");
  EXPECT_TRUE(empty.fields.revoked.empty());
  EXPECT_EQ(to_hex(encode_tbs_crl(empty.fields)), to_hex(empty.tbs));
  EXPECT_EQ(join_signed(empty.tbs, empty.fields.signature_algorithm, empty.signature), empty.der);
}

CrlFields fields() {
  CrlFields out = read("crl-empty").fields;
  out.extensions = {make_authority_key_identifier(Bytes{1, 2}), make_crl_number(Bytes{0x80})};
  out.revoked = {
      {{0x00, 0xff}, *from_iso("2026-01-02"), 0, {}},
      {{0x05}, *from_iso("2050-01-02"), CrlReason::superseded, {}},
      {{0x06}, *from_iso("2026-01-02"), CrlReason::keyCompromise, *from_iso("2026-01-01")}};
  return out;
}

Bytes joined(const CrlFields& fields) {
  return join_signed(encode_tbs_crl(fields), fields.signature_algorithm, Bytes{1});
}

TEST(Crl, OurOwnComeBack) {
  const auto crl = parse_crl(joined(fields()));
  ASSERT_TRUE(crl) << crl.error().reply_text;
  EXPECT_EQ(encode_tbs_crl(crl->fields), crl->tbs);
  ASSERT_EQ(crl->fields.revoked.size(), 3U);
  EXPECT_EQ(crl->fields.revoked[0].serial, (Bytes{0x00, 0xff}));
  EXPECT_EQ(crl->fields.revoked[1].revoked_at, from_iso("2050-01-02"));
  EXPECT_EQ(crl->fields.revoked[2].invalidity_date, from_iso("2026-01-01"));
  EXPECT_EQ(crl->fields.extensions, fields().extensions);
}

TEST(Crl, OpensslReadsWhatWeMake) {
  const std::string seen = openssl("crl -noout -text -nameopt rfc2253", joined(fields()));
  for (const char* part :
       {"Version 2", "Issuer: CN=EC CA,O=Example,C=DE", "Serial Number: FF", "Superseded",
        "Key Compromise", "Invalidity Date", "Jan  2 00:00:00 2050", "01:02", "128"})
    EXPECT_TRUE(seen.contains(part)) << part << "\nin\n" << seen;
}

TEST(Crl, AnUnspecifiedReasonIsNotWritten) {
  CrlFields one = fields();
  one.revoked.resize(1);
  EXPECT_FALSE(to_hex(encode_tbs_crl(one)).contains(to_hex(oids::reason_code.content())));
}

// Built by hand: what lies between issuer and signature.
Bytes list(std::string_view version, const std::string& rest) {
  const CrlFields base = fields();
  Bytes head, tail;
  EXPECT_TRUE(from_hex(version, head) && from_hex(rest, tail)) << version << rest;
  der::Writer w;
  w.sequence([&](der::Writer& tbs) {
    tbs.raw(head);
    write(tbs, base.signature_algorithm);
    write(tbs, base.issuer);
    tbs.raw(tail);
  });
  return join_signed(w.bytes(), base.signature_algorithm, Bytes{1});
}

TEST(Crl, Faults) {
  const std::string time = "170d3236303130323030303030305a";
  const std::string times = time + time;
  const struct {
    const char* sentence;
    const char* version;
    std::string rest;
    const char* code;
    const char* starts;
  } cases[] = {
      {"no entries and no extensions", "020101", times, "ok", ""},
      {"version 1", "", times, "der.tag", "crl.tbsCertList.version at "},
      {"version 3", "020102", times, "der.value", "crl.tbsCertList.version at "},
      {"no nextUpdate", "020101", time, "der.truncated", "crl.tbsCertList.nextUpdate at "},
      {"an empty list", "020101", times + "3000", "der.empty",
       "crl.tbsCertList.revokedCertificates at "},
      {"an entry", "020101", times + "30143012020105" + time, "ok", ""},
      {"an entry without its time", "020101", times + "30053003020105", "der.truncated",
       "crl.tbsCertList.revokedCertificates[0].revocationDate at "},
      {"an entry with a critical extension that we do not know", "020101",
       times + "30223020020105" + time + "300c300a06032a03040101ff0400", "der.unsupported",
       "crl.tbsCertList.revokedCertificates[0].crlEntryExtensions at "},
      {"an entry with another extension", "020101",
       times + "301f301d020105" + time + "3009300706032a03040400", "ok", ""},
      {"a reason that is none", "020101",
       times + "30223020020105" + time + "300c300a0603551d1504030a0107", "der.value",
       "crl.tbsCertList.revokedCertificates[0].crlEntryExtensions at "},
      {"empty extensions", "020101", times + "a0023000", "der.empty",
       "crl.tbsCertList.crlExtensions at "},
      {"more behind the extensions", "020101", times + "a00b3009300706032a030404000500",
       "der.trailing", "crl.tbsCertList at "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    const auto crl = parse_crl(list(c.version, c.rest));
    EXPECT_EQ(crl ? std::string_view("ok") : crl.error().code, c.code)
        << (crl ? "" : crl.error().reply_text);
    if (!crl) {
      EXPECT_TRUE(crl.error().reply_text.starts_with(c.starts)) << crl.error().reply_text;
    }
  }
}

TEST(Crl, ManyEntries) {
  CrlFields large = fields();
  large.revoked.clear();
  for (int i = 0; i < 20000; ++i)
    large.revoked.push_back({{0x01, static_cast<Byte>(i >> 8), static_cast<Byte>(i)},
                             from_unix(1'700'000'000 + i),
                             i % 7,
                             {}});
  const auto crl = parse_crl(joined(large));
  ASSERT_TRUE(crl) << crl.error().reply_text;
  EXPECT_EQ(crl->fields.revoked.size(), 20000U);
  EXPECT_EQ(encode_tbs_crl(crl->fields), crl->tbs);
}

TEST(Crl, IsRefusedWhenCutOrExtended) {
  const Bytes whole = vector("crl-entries");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_crl(View(whole).first(size))) << size;
  Bytes more = whole;
  more.push_back(0);
  ASSERT_FALSE(parse_crl(more));
  EXPECT_EQ(parse_crl(more).error().code, "der.trailing");
}

}  // namespace
}  // namespace countersign::x509
