#include "x509/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "der/pem.h"
#include "x509/vector_file.h"

namespace countersign::x509 {
namespace {

constexpr const char* kAll[] = {"rsa",
                                "ec",
                                "ed25519",
                                "ml-dsa-44",
                                "ml-dsa-65",
                                "as-ours",
                                "year-2050",
                                "year-9999",
                                "serial-20-octets",
                                "serial-0",
                                "serial-negative",
                                "v1",
                                "all-extensions",
                                "name-multivalued",
                                "name-escapes",
                                "name-all-types",
                                "name-teletex",
                                "name-bmp",
                                "name-universal",
                                "empty-subject"};

Certificate read(const std::string& file) {
  const auto certificate = parse_certificate(vector(file));
  EXPECT_TRUE(certificate) << file << ": "
                           << (certificate ? std::string() : certificate.error().reply_text);
  return certificate.value_or(Certificate{});
}

std::string as_openssl_prints(Time t) {
  std::string text = to_iso(t);
  text[10] = ' ';
  return text;
}

CertificateFields fields_of(const Certificate& c) {
  return {c.serial, c.signature_algorithm, c.issuer, c.subject, c.validity, c.spki, c.extensions};
}

TEST(Certificate, IsReadAsOpensslReadsIt) {
  for (const char* file : kAll) {
    SCOPED_TRACE(file);
    const Certificate c = read(file);
    EXPECT_EQ(c.der, vector(file));
    EXPECT_EQ(serial_text(c.serial), seen_by_openssl(file, "serial"));
    EXPECT_EQ(as_openssl_prints(c.validity.not_before), seen_by_openssl(file, "notBefore"));
    EXPECT_EQ(as_openssl_prints(c.validity.not_after), seen_by_openssl(file, "notAfter"));
    EXPECT_EQ(to_text(c.issuer), seen_by_openssl(file, "issuer"));
    if (!c.subject.is_null()) {
      EXPECT_EQ(to_text(c.subject), seen_by_openssl(file, "subject"));
    }
  }
}

TEST(Certificate, GivesItsSerialNumberWithoutTheRest) {
  for (const char* file : kAll) EXPECT_EQ(serial_of(vector(file)), read(file).serial) << file;
  EXPECT_EQ(serial_of({}), std::nullopt);
  EXPECT_EQ(serial_of(Bytes{0x30, 0x00}), std::nullopt);
  Bytes cut = vector("ec");
  cut.resize(10);
  EXPECT_EQ(serial_of(cut), std::nullopt);
}

TEST(Certificate, JoinsToTheOctetsThatArrived) {
  for (const char* file : kAll) {
    SCOPED_TRACE(file);
    const Certificate c = read(file);
    EXPECT_EQ(join_signed(c.tbs, c.signature_algorithm, c.signature), c.der);
  }
}

TEST(Certificate, IsEncodedAsItWasRead) {
  for (const char* file : kAll) {
    const std::string_view name = file;
    if (name == "v1" || name == "serial-negative") continue;  // we make neither
    SCOPED_TRACE(file);
    const Certificate c = read(file);
    EXPECT_EQ(to_hex(encode_tbs(fields_of(c))), to_hex(c.tbs));
  }
}

TEST(Certificate, ExtensionsAreUnderstood) {
  const Certificate leaf = read("all-extensions");
  EXPECT_EQ(leaf.extensions.size(), 15U);
  EXPECT_EQ(leaf.key_usage(),
            usages({KeyUsage::digitalSignature, KeyUsage::keyAgreement, KeyUsage::decipherOnly}));
  EXPECT_EQ(leaf.ext_key_usage(),
            (std::vector{oids::kp_client_auth, oids::kp_server_auth, oids::kp_cmc_ra}));
  EXPECT_TRUE(leaf.has_purpose(oids::kp_cmc_ra));
  EXPECT_FALSE(leaf.has_purpose(oids::kp_cmc_ca));
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_TRUE(leaf.self_issued());
  EXPECT_EQ(leaf.subject_key_identifier().size(), 20U);
  const Extension* critical = find(leaf.extensions, der::Oid::of("1.2.3.4.5"));
  ASSERT_NE(critical, nullptr);
  EXPECT_TRUE(critical->critical);
  std::vector<std::string> names;
  for (const GeneralName& name : leaf.subject_alt_names()) names.push_back(to_text(name));
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "dn:CN=first,O=Example", "dns:device.example", "email:device@example",
                       "ip:192.0.2.1", "ip:2001:db8::1", "other:#a00e06032a0304a0070c056f74686572",
                       "rid:1.2.3.4", "uri:https://device.example/x"}));
  const Certificate ca = read("ec");
  EXPECT_TRUE(ca.is_ca());
  EXPECT_EQ(ca.key_usage(), usages({KeyUsage::keyCertSign, KeyUsage::cRLSign}));
  const Certificate plain = read("v1");
  EXPECT_TRUE(plain.extensions.empty());
  EXPECT_EQ(plain.key_usage(), std::nullopt);
  EXPECT_FALSE(plain.is_ca());
}

TEST(Certificate, MalformedExtensionsAllowNothing) {
  Certificate c;
  c.extensions = {{oids::key_usage, true, {0x05, 0x00}},
                  {oids::ext_key_usage, false, {0x30, 0x00}},
                  {oids::basic_constraints, true, {0x01}},
                  {oids::subject_alt_name, true, {0x30, 0x00}},
                  {oids::subject_key_identifier, false, {}}};
  EXPECT_EQ(c.key_usage(), KeyUsages{});
  EXPECT_TRUE(c.ext_key_usage().empty());
  EXPECT_FALSE(c.is_ca());
  EXPECT_TRUE(c.subject_alt_names().empty());
  EXPECT_TRUE(c.subject_key_identifier().empty());
}

// The vector with one place of its TBSCertificate replaced, signed anew by nobody.
Bytes changed(std::string_view from, std::string_view to, const char* file = "as-ours") {
  std::string digits = to_hex(read(file).tbs.empty() ? Bytes{} : vector(file));
  const auto at = digits.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(from.size(), to.size());
  digits.replace(at, to.size(), to);
  Bytes der;
  EXPECT_TRUE(from_hex(digits, der));
  return der;
}

TEST(Certificate, FaultsNameTheirPlace) {
  const struct {
    const char* sentence;
    Bytes der;
    const char* code;
    const char* starts;
  } cases[] = {
      {"version 1, encoded", changed("a003020102", "a003020100"), "der.value",
       "certificate.tbsCertificate.version at 10: "},
      {"version 4", changed("a003020102", "a003020103"), "der.value",
       "certificate.tbsCertificate.version at "},
      {"version 2 with extensions", changed("a003020102", "a003020101"), "der.trailing",
       "certificate.tbsCertificate at "},
      {"a serial number with a needless 00", changed("0203008001", "0203000001"), "der.integer",
       "certificate.tbsCertificate.serialNumber at 13: "},
      {"another algorithm inside", changed("06082a8648ce3d040302", "06082a8648ce3d040303"),
       "der.value", "certificate.signatureAlgorithm at "},
      {"a month 13", changed("3235303130313030", "3235313330313030"), "der.time-format",
       "certificate.tbsCertificate.validity.notBefore at "},
      {"a time without its Z", changed("303030305a170d", "3030303030170d"), "der.time-format",
       "certificate.tbsCertificate.validity.notBefore at "},
      {"a name whose value is wrong UTF-8", changed("0c074578616d706c65", "0c07ff78616d706c65"),
       "der.string", "certificate.tbsCertificate.issuer.rdn[0].attribute[0].value at "},
      {"a key with unused bits", changed("03420004", "03420104"), "der.bit-string",
       "certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey at "},
      {"critical FALSE, encoded", changed("551d130101ff", "551d13010100"), "der.value",
       "certificate.tbsCertificate.extensions[0]"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    const auto certificate = parse_certificate(c.der);
    ASSERT_FALSE(certificate);
    EXPECT_EQ(certificate.error().failure, Failure::badDataFormat);
    EXPECT_EQ(certificate.error().code, c.code);
    EXPECT_TRUE(certificate.error().reply_text.starts_with(c.starts))
        << certificate.error().reply_text;
  }
}

TEST(Certificate, AnEmptyIssuerIsRefused) {
  CertificateFields fields = fields_of(read("as-ours"));
  fields.issuer = Name{};
  const auto certificate =
      parse_certificate(join_signed(encode_tbs(fields), fields.signature_algorithm, Bytes{1}));
  ASSERT_FALSE(certificate);
  EXPECT_EQ(certificate.error().code, "der.empty");
  EXPECT_TRUE(certificate.error().reply_text.starts_with("certificate.tbsCertificate.issuer at "));
}

TEST(Certificate, IsRefusedWhenCutOrExtended) {
  const Bytes whole = vector("all-extensions");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_certificate(View(whole).first(size))) << size;
  Bytes more = whole;
  more.push_back(0);
  const auto certificate = parse_certificate(more);
  ASSERT_FALSE(certificate);
  EXPECT_EQ(certificate.error().code, "der.trailing");
  const auto large = parse_certificate(Bytes((1 << 20) + 1, 0x30));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "der.too-large");
}

TEST(Certificate, UniqueIdentifiersAreReadOver) {
  const CertificateFields fields = fields_of(read("as-ours"));
  const Bytes ours = encode_tbs(fields);
  der::Writer w;
  w.sequence([&](der::Writer& tbs) {
    tbs.tagged(0, [](der::Writer& version) { version.integer(1); });
    tbs.integer(5);
    write(tbs, fields.signature_algorithm);
    write(tbs, fields.issuer);
    tbs.sequence([&](der::Writer& validity) {
      validity.x509_time(fields.validity.not_before);
      validity.generalized_time(fields.validity.not_after);  // departure 2
    });
    write(tbs, fields.subject);
    tbs.raw(fields.spki);
    tbs.bit_octets(Bytes{1}, der::primitive_context(1));
    tbs.bit_octets(Bytes{2}, der::primitive_context(2));
  });
  const auto certificate =
      parse_certificate(join_signed(w.bytes(), fields.signature_algorithm, Bytes{1}));
  ASSERT_TRUE(certificate) << certificate.error().reply_text;
  EXPECT_EQ(certificate->validity, fields.validity);
  EXPECT_TRUE(certificate->extensions.empty());
}

TEST(Certificate, OpensslReadsWhatWeMake) {
  CertificateFields fields = fields_of(read("as-ours"));
  fields.serial = {0x00, 0xff, 0x01};
  fields.subject = *name_from_text("CN=first-device,O=Example");
  fields.validity = {from_unix(0), *from_iso("2051-01-01")};
  fields.extensions = {
      make_basic_constraints({true, 2}),
      make_key_usage(usages({KeyUsage::keyCertSign, KeyUsage::decipherOnly})),
      make_ext_key_usage({oids::kp_cmc_ra, oids::kp_client_auth}),
      make_subject_alt_name({dns_name("a.example"), *general_name_from_text("2001:db8::1")}, false),
      make_subject_key_identifier(Bytes{1, 2}),
      make_authority_key_identifier(Bytes{3, 4}),
      make_crl_distribution_point("http://ca.example/crl"),
      make_authority_info_access("http://ca.example/ca", "http://ca.example/ocsp")};
  const std::string seen =
      openssl("x509 -noout -text -nameopt rfc2253",
              join_signed(encode_tbs(fields), fields.signature_algorithm, Bytes{1}));
  for (const char* part : {"Version: 3", "65281 (0xff01)", "Subject: CN=first-device,O=Example",
                           "Jan  1 00:00:00 1970", "Jan  1 00:00:00 2051", "CA:TRUE, pathlen:2",
                           "Certificate Sign, Decipher Only",
                           "CMC Registration Authority, TLS Web Client Authentication",
                           "DNS:a.example, IP Address:2001:DB8:0:0:0:0:0:1", "01:02", "03:04",
                           "URI:http://ca.example/crl", "CA Issuers - URI:http://ca.example/ca",
                           "OCSP - URI:http://ca.example/ocsp"})
    EXPECT_TRUE(seen.contains(part)) << part << "\nin\n" << seen;
}

TEST(Certificate, SerialText) {
  EXPECT_EQ(serial_text(Bytes{0x00}), "00");
  EXPECT_EQ(serial_text(Bytes{0x3f, 0xa1}), "3FA1");
  EXPECT_EQ(serial_text(Bytes{0x00, 0x80}), "80");
  EXPECT_EQ(serial_text(Bytes{0x80}), "-80");
  EXPECT_EQ(serial_text(Bytes{0xff, 0x7f}), "-81");
  EXPECT_EQ(serial_text(Bytes{0xff}), "-01");
}

TEST(CertificateFile, PemAndDer) {
  const auto chain = certificates_from_file(view(text_vector("chain.pem")));
  ASSERT_TRUE(chain);
  EXPECT_EQ(*chain, (std::vector{vector("rsa"), vector("ed25519")}));
  Bytes two = vector("ec");
  append(two, vector("rsa"));
  const auto der = certificates_from_file(two);
  ASSERT_TRUE(der);
  EXPECT_EQ(*der, (std::vector{vector("ec"), vector("rsa")}));
}

TEST(CertificateFile, WithoutACertificate) {
  const auto code = [](std::string_view content) {
    const auto found = certificates_from_file(view(content));
    return found ? std::string_view("ok") : found.error().code;
  };
  EXPECT_EQ(code(""), "x509.no-certificate");
  EXPECT_EQ(code("-----BEGIN X"), "x509.no-certificate");
  EXPECT_EQ(code(der::to_pem("PRIVATE KEY", Bytes{1})), "x509.no-certificate");
  EXPECT_EQ(code(der::to_pem("CERTIFICATE", Bytes{0x30, 0x00})), "der.truncated");
  EXPECT_EQ(code("hello"), "der.tag");
  EXPECT_EQ(code(text(Bytes{0x30, 0x00})), "der.truncated");
}

}  // namespace
}  // namespace countersign::x509
