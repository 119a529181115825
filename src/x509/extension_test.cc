#include "x509/extension.h"

#include <gtest/gtest.h>

namespace countersign::x509 {
namespace {

Bytes hex(std::string_view digits) {
  Bytes out;
  EXPECT_TRUE(from_hex(digits, out)) << digits;
  return out;
}

template <class T>
std::string outcome(const der::Parsed<T>& value) {
  return value ? "ok" : std::string(der::name(value.error().code));
}

TEST(Extensions, Form) {
  constexpr struct {
    const char* sentence;
    const char* der;
    const char* outcome;
  } kCases[] = {
      {"one", "3009300706032a03040400", "ok"},
      {"one that is critical", "300c300a06032a03040101ff0400", "ok"},
      {"critical FALSE, encoded", "300c300a06032a03040101000400", "der.value at 9 [0].critical"},
      {"none", "3000", "der.empty at 2 "},
      {"the same twice", "3012300706032a03040400300706032a03040400", "der.duplicate at 11 [1]"},
      {"no value", "3007300506032a0304", "der.truncated at 9 [0].extnValue"},
      {"more behind the value", "300b300906032a030404000500", "der.trailing at 11 [0]"},
      {"an OID that is none", "3006300406000400", "der.oid at 4 [0].extnID"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sentence);
    const Bytes input = hex(c.der);
    der::Context context(input);
    der::Reader in(input, context);
    const auto list = read_extensions(in);
    EXPECT_EQ(
        list ? "ok"
             : outcome(list) + " at " + std::to_string(list.error().offset) + ' ' + context.path(),
        c.outcome);
    if (!list) continue;
    der::Writer w;
    write(w, *list);
    EXPECT_EQ(w.bytes(), input);
  }
}

TEST(Extensions, AHundredAreTheMost) {
  Extensions many;
  for (int i = 0; i <= 100; ++i) {
    der::Oid id;
    ASSERT_TRUE(der::Oid::from_dotted("1.2." + std::to_string(i), id));
    many.push_back({id, false, {}});
  }
  const auto read = [&] {
    der::Writer w;
    write(w, many);
    der::Context context(w.bytes());
    der::Reader in(w.bytes(), context);
    return outcome(read_extensions(in));
  };
  EXPECT_EQ(read(), "der.too-many");
  many.pop_back();
  EXPECT_EQ(read(), "ok");
}

TEST(Extensions, ValuesThatAreMadeAreWhatOpensslMakes) {
  EXPECT_EQ(to_hex(make_basic_constraints({}).value), "3000");
  EXPECT_EQ(to_hex(make_basic_constraints({true, {}}).value), "30030101ff");
  EXPECT_EQ(to_hex(make_basic_constraints({true, 3}).value), "30060101ff020103");
  EXPECT_EQ(to_hex(make_basic_constraints({false, 3}).value), "3000");
  EXPECT_EQ(to_hex(make_key_usage(usages({KeyUsage::digitalSignature})).value), "03020780");
  EXPECT_EQ(to_hex(make_key_usage(usages({KeyUsage::keyCertSign, KeyUsage::cRLSign})).value),
            "03020106");
  EXPECT_EQ(to_hex(make_key_usage(usages({KeyUsage::encipherOnly})).value), "03020001");
  EXPECT_EQ(to_hex(make_key_usage(usages({KeyUsage::decipherOnly})).value), "0303070080");
  EXPECT_EQ(to_hex(make_ext_key_usage({oids::kp_client_auth}).value), "300a06082b06010505070302");
  EXPECT_EQ(to_hex(make_subject_key_identifier(Bytes{1, 2}).value), "04020102");
  EXPECT_EQ(to_hex(make_authority_key_identifier(Bytes{1, 2}).value), "300480020102");
  EXPECT_EQ(to_hex(make_crl_number(Bytes{0x80}).value), "02020080");
  EXPECT_EQ(to_hex(make_reason_code(CrlReason::keyCompromise).value), "0a0101");
  EXPECT_EQ(to_hex(make_crl_distribution_point("a:b").value), "300b3009a007a0058603613a62");
}

TEST(Extensions, OurOwnComeBack) {
  for (unsigned long long bits = 1; bits < 512; ++bits)
    EXPECT_EQ(read_key_usage(make_key_usage(KeyUsages(bits)).value), KeyUsages(bits));
  const auto constraints = read_basic_constraints(make_basic_constraints({true, 200}).value);
  ASSERT_TRUE(constraints);
  EXPECT_TRUE(constraints->ca);
  EXPECT_EQ(constraints->path_length, 200);
  const std::vector purposes = {oids::kp_cmc_ra, oids::kp_client_auth};
  EXPECT_EQ(read_ext_key_usage(make_ext_key_usage(purposes).value), purposes);
  const std::vector names = {dns_name("a"), GeneralName{}};
  EXPECT_EQ(read_subject_alt_name(make_subject_alt_name(names, true).value), names);
  EXPECT_TRUE(make_subject_alt_name(names, true).critical);
  const Bytes key = {1, 2, 3};
  EXPECT_EQ(read_subject_key_identifier(make_subject_key_identifier(key).value), key);
  EXPECT_EQ(read_authority_key_identifier(make_authority_key_identifier(key).value), key);
  EXPECT_EQ(read_reason_code(make_reason_code(6).value), 6);
  EXPECT_EQ(read_invalidity_date(make_invalidity_date(from_unix(1000)).value), from_unix(1000));
}

TEST(Extensions, Values) {
  const auto constraints = [](View v) { return outcome(read_basic_constraints(v)); };
  const auto usage = [](View v) { return outcome(read_key_usage(v)); };
  const auto purposes = [](View v) { return outcome(read_ext_key_usage(v)); };
  const auto authority = [](View v) { return outcome(read_authority_key_identifier(v)); };
  const auto reason = [](View v) { return outcome(read_reason_code(v)); };
  const auto date = [](View v) { return outcome(read_invalidity_date(v)); };
  const struct {
    const char* sentence;
    std::string (*read)(View);
    const char* value;
    const char* outcome;
  } cases[] = {
      {"cA FALSE, encoded (departure 1)", constraints, "3003010100", "ok"},
      {"a negative path length", constraints, "30060101ff0201ff", "der.integer-range"},
      {"a path length of 2^31", constraints, "300a0101ff02050080000000", "der.integer-range"},
      {"more behind the constraints", constraints, "30000500", "der.trailing"},
      {"trailing zero bits (departure 2)", usage, "030200a0", "ok"},
      {"no usage", usage, "03020700", "der.empty"},
      {"a usage that is not known", usage, "0303060040", "der.value"},
      {"no purposes", purposes, "3000", "der.empty"},
      {"no key identifier", authority, "3000", "ok"},
      {"issuer and serial number", authority, "3009a10482026162820101", "ok"},
      {"an issuer alone", authority, "3006a10482026162", "der.value"},
      {"a serial number alone", authority, "3003820101", "der.value"},
      {"reason 7", reason, "0a0107", "der.value"},
      {"reason 11", reason, "0a010b", "der.value"},
      {"a negative reason", reason, "0a01ff", "der.value"},
      {"a reason as an INTEGER", reason, "020101", "der.tag"},
      {"a date as UTCTime", date, "170d3235303130313030303030305a", "der.tag"},
      {"nothing", usage, "", "der.truncated"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sentence);
    EXPECT_EQ(c.read(hex(c.value)), c.outcome);
  }
}

TEST(Extensions, Names) {
  EXPECT_EQ(name(KeyUsage::digitalSignature), "digitalSignature");
  EXPECT_EQ(name(KeyUsage::decipherOnly), "decipherOnly");
  EXPECT_EQ(name(static_cast<KeyUsage>(9)), "");
  EXPECT_EQ(reason_name(CrlReason::aACompromise), "aACompromise");
  EXPECT_EQ(reason_name(7), "");
  EXPECT_EQ(reason_name(-1), "");
  EXPECT_EQ(reason_name(11), "");
  for (const int reason : {0, 1, 2, 3, 4, 5, 6, 8, 9, 10})
    EXPECT_EQ(reason_from_name(reason_name(reason)), reason);
  EXPECT_EQ(reason_from_name(""), std::nullopt);
  EXPECT_EQ(reason_from_name("keycompromise"), std::nullopt);
}

}  // namespace
}  // namespace countersign::x509
