#include "x509/csr.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "x509/certificate.h"
#include "x509/vector_file.h"

namespace countersign::x509 {
namespace {

constexpr const char* kAll[] = {"csr-rsa", "csr-ec", "csr-ed25519", "csr-ml-dsa-44",
                                "csr-challenge"};

CertificationRequest read(const std::string& file) {
  const auto csr = parse_csr(vector(file));
  EXPECT_TRUE(csr) << file << ": " << (csr ? std::string() : csr.error().reply_text);
  return csr.value_or(CertificationRequest{});
}

TEST(Csr, IsReadAsOpensslReadsIt) {
  for (const char* file : kAll) {
    SCOPED_TRACE(file);
    const CertificationRequest csr = read(file);
    EXPECT_EQ(csr.der, vector(file));
    EXPECT_EQ(join_signed(csr.info, csr.signature_algorithm, csr.signature), csr.der);
    if (!csr.subject.is_null()) {
      EXPECT_EQ(to_text(csr.subject), seen_by_openssl(file, "subject"));
    }
  }
  EXPECT_TRUE(read("csr-ed25519").subject.is_null());
}

TEST(Csr, RequestedExtensions) {
  for (const char* file : {"csr-rsa", "csr-ml-dsa-44", "csr-challenge"}) {
    SCOPED_TRACE(file);
    const CertificationRequest csr = read(file);
    EXPECT_EQ(csr.extensions.size(), 3U);
    const Extension* names = find(csr.extensions, oids::subject_alt_name);
    ASSERT_NE(names, nullptr);
    EXPECT_EQ(read_subject_alt_name(names->value)->size(), 2U);
  }
  EXPECT_TRUE(read("csr-ec").extensions.empty());
}

TEST(Csr, IsEncodedAsItWasRead) {
  for (const char* file : kAll) {
    if (std::string_view(file) == "csr-challenge") continue;  // we write no challengePassword
    SCOPED_TRACE(file);
    const CertificationRequest csr = read(file);
    EXPECT_EQ(to_hex(encode_csr_info(csr.subject, csr.spki, {csr.extensions})), to_hex(csr.info));
  }
}

TEST(Csr, OpensslReadsWhatWeMake) {
  const CertificationRequest other = read("csr-ec");
  const Bytes info = encode_csr_info(*name_from_text("CN=x,C=DE"), other.spki,
                                     {{make_key_usage(usages({KeyUsage::digitalSignature})),
                                       make_subject_alt_name({dns_name("a.example")}, false)},
                                      "open sesame – ü"});
  const std::string seen = openssl("req -noout -text -nameopt rfc2253",
                                   join_signed(info, other.signature_algorithm, other.signature));
  for (const char* part : {"Version: 1 (0x0)", "Subject: CN=x,C=DE", "X509v3 Key Usage: critical",
                           "Digital Signature", "DNS:a.example", "challengePassword"})
    EXPECT_TRUE(seen.contains(part)) << part << "\nin\n" << seen;
}

TEST(Csr, AnImplicitTagIsUndone) {
  const Bytes plain = vector("csr-ec");
  Bytes tagged = plain;
  tagged[0] = static_cast<Byte>(der::context(4));
  der::Context context(tagged);
  der::Reader in(tagged, context);
  const auto csr = read_csr(in, der::context(4));
  ASSERT_TRUE(csr);
  EXPECT_EQ(csr->der, plain);
}

// A request with these attributes.
Bytes request(std::string_view attributes) {
  const CertificationRequest other = read("csr-ec");
  Bytes more;
  EXPECT_TRUE(from_hex(attributes, more));
  der::Writer w;
  w.sequence([&](der::Writer& info) {
    info.integer(0);
    write(info, other.subject);
    info.raw(other.spki);
    info.raw(more);
  });
  return join_signed(w.bytes(), other.signature_algorithm, other.signature);
}

TEST(Csr, Attributes) {
  const std::string extensions = "301806092a864886f70d01090e310b3009300706032a03040400";
  const struct {
    const char* sentence;
    std::string attributes;
    const char* code;
    const char* starts;
  } cases[] = {
      {"none", "a000", "ok", ""},
      {"no field (departure 1)", "", "ok", ""},
      {"an extension request", "a01a" + extensions, "ok", ""},
      {"two extension requests", "a034" + extensions + extensions, "der.duplicate",
       "csr.certificationRequestInfo.attributes[1] at "},
      {"out of order (departure 2)", "a024" + extensions + "300806022a0331020500", "ok", ""},
      {"two values of an extension request",
       "a023302106092a864886f70d01090e31143009300706032a030404003007300506022a030400",
       "der.trailing", "csr.certificationRequestInfo.attributes[0] at "},
      {"an attribute without a value", "a008300606022a033100", "der.empty",
       "csr.certificationRequestInfo.attributes[0] at "},
      {"a value that is no DER", "a00b300906022a033103010105", "der.boolean",
       "csr.certificationRequestInfo.attributes[0].values at "},
      {"an empty list of extensions",
       "a013301106092a864886f70d01090e31043000"
       "0500",
       "der.", "csr.certificationRequestInfo.attributes[0]"},
      {"another tag", "a100", "der.tag", "csr.certificationRequestInfo.attributes at "},
      {"more behind the attributes", "a0000500", "der.trailing",
       "csr.certificationRequestInfo at "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    const auto csr = parse_csr(request(c.attributes));
    EXPECT_TRUE((csr ? "ok" : csr.error().code).starts_with(c.code))
        << (csr ? "" : csr.error().reply_text);
    if (!csr) {
      EXPECT_TRUE(csr.error().reply_text.starts_with(c.starts)) << csr.error().reply_text;
    }
  }
}

TEST(Csr, ChallengePassword) {
  const struct {
    const char* sentence;
    std::string attributes;
    std::string password;
  } cases[] = {
      {"none", "a000", ""},
      {"a PrintableString", "a012301006092a864886f70d0109073103130161", "a"},
      {"a UTF8String", "a012301006092a864886f70d01090731030c0161", "a"},
      {"an IA5String", "a012301006092a864886f70d0109073103160161", "a"},
      {"a BMPString, which nobody uses", "a013301106092a864886f70d01090731041e020061", ""},
      {"a UTF8String that is none", "a012301006092a864886f70d01090731030c01ff", ""},
  };
  for (const auto& c : cases) {
    const auto csr = parse_csr(request(c.attributes));
    EXPECT_EQ(csr ? csr->challenge_password : "", c.password) << c.sentence;
  }
  const CertificationRequest other = read("csr-ec");
  const Bytes info = encode_csr_info(other.subject, other.spki, {{}, "open sesame – ü"});
  const auto back = parse_csr(join_signed(info, other.signature_algorithm, other.signature));
  ASSERT_TRUE(back) << back.error().reply_text;
  EXPECT_EQ(back->challenge_password, "open sesame – ü");
}

TEST(Csr, AnotherVersionIsRefused) {
  Bytes der = vector("csr-ec");
  const Bytes info = read("csr-ec").info;
  const auto at = static_cast<std::size_t>(
      std::search(der.begin(), der.end(), info.begin(), info.end()) - der.begin());
  const std::size_t head = info[1] < 0x80 ? 2 : info[1] == 0x81 ? 3 : 4;
  der[at + head + 2] = 1;
  const auto csr = parse_csr(der);
  ASSERT_FALSE(csr);
  EXPECT_EQ(csr.error().code, "der.value");
  EXPECT_TRUE(csr.error().reply_text.starts_with("csr.certificationRequestInfo.version at "));
}

TEST(Csr, IsRefusedWhenCutOrExtended) {
  const Bytes whole = vector("csr-challenge");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_csr(View(whole).first(size))) << size;
  Bytes more = whole;
  more.push_back(0);
  ASSERT_FALSE(parse_csr(more));
  EXPECT_EQ(parse_csr(more).error().code, "der.trailing");
}

}  // namespace
}  // namespace countersign::x509
