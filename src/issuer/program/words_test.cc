#include "issuer/program/words.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "der/pem.h"
#include "issuer/program/memo.h"
#include "x509/certificate.h"

namespace countersign::issuer {
namespace {

ports::OrderKey key() {
  return {"order-1", "default", "secret:unit-1", TransactionId{Bytes(16, 1)}, 0, "theirs"};
}

boost::json::object asked(const transaction::CertificateOrder& order) {
  return boost::json::parse(question_for(key(), order, from_unix(1'800'000'000))).as_object();
}

transaction::CertificateOrder order() {
  transaction::CertificateOrder out;
  out.profile = "device";
  out.subject = *x509::name_from_text("CN=unit-1,O=A\\, B/C");
  out.spki = {0x30, 0x00};
  out.validity = {from_unix(1'800'000'000), from_unix(1'800'000'000 + 10LL * 86400)};
  out.extensions = {
      x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature})),
      x509::make_ext_key_usage({x509::oids::kp_client_auth}),
      x509::make_subject_alt_name(
          {x509::dns_name("a.example"), *x509::general_name_from_text("ip:192.0.2.1")}, false)};
  return out;
}

TEST(Words, AskForACertificateInWordsThatAShellCanUse) {
  const auto question = asked(order());
  EXPECT_EQ(question.at("operation"), "issue");
  EXPECT_EQ(question.at("id"), "order-1");
  EXPECT_EQ(question.at("requester"), "secret:unit-1");
  EXPECT_EQ(question.at("subject"), "CN=unit-1,O=A\\, B/C");
  EXPECT_EQ(question.at("subject_slashes"), "/O=A\\, B\\/C/CN=unit-1");
  EXPECT_EQ(question.at("san"), "DNS:a.example,IP:192.0.2.1");
  EXPECT_EQ(question.at("key_usage"), "digitalSignature");
  EXPECT_EQ(question.at("extended_key_usage"), "clientAuth");
  EXPECT_EQ(question.at("days"), 10);
  EXPECT_EQ(question.at("extensions").as_array().size(), 3U);
}

TEST(Words, AskForARevocationByNumberAndReason) {
  const transaction::RevocationOrder revocation{{0x3f, 0xa1}, 1, {}, {}, {}};
  const auto question = boost::json::parse(question_for(key(), revocation)).as_object();
  EXPECT_EQ(question.at("serial"), "3FA1");
  EXPECT_EQ(question.at("reason"), "keyCompromise");
}

struct Case {
  const char* sentence;
  std::string answer;
  const char* heard;  // "granted", "revoked", "waits", a failure; empty: cannot be read
};
class Answers : public testing::TestWithParam<Case> {};

std::string heard(const Result<Said>& said) {
  if (!said) return {};
  if (std::holds_alternative<Granted>(*said)) return "granted";
  if (std::holds_alternative<HasRevoked>(*said)) return "revoked";
  if (const auto* waits = std::get_if<Waits>(&*said))
    return "waits " + std::to_string(waits->check_after.count());
  const auto& error = std::get<transaction::Refused>(*said).error;
  return std::string(name(error.failure)) + ": " + error.reply_text;
}

TEST_P(Answers, AreHeardAsTheyAreMeant) {
  const auto said = read_said(GetParam().answer);
  EXPECT_EQ(heard(said), GetParam().heard);
  if (!said) {
    EXPECT_EQ(said.error().code, "issuer.program-answer");
  }
}

const std::string kPem = der::to_pem("CERTIFICATE", Bytes{0x30, 0x00});
std::string with(const std::string& name, const boost::json::value& value) {
  return boost::json::serialize(boost::json::object{{name, value}});
}

INSTANTIATE_TEST_SUITE_P(
    Words, Answers,
    testing::Values(Case{"a_certificate_alone", "\n" + kPem, "granted"},
                    Case{"a_certificate_in_JSON", with("certificate", kPem.c_str()), "granted"},
                    Case{"another_block", der::to_pem("PUBLIC KEY", Bytes{0x30, 0x00}), ""},
                    Case{"no_PEM_where_there_should_be", R"({"certificate": "x"})", ""},
                    Case{"a_revocation", R"({"revoked": true})", "revoked"},
                    Case{"no_revocation", R"({"revoked": false})", ""},
                    Case{"a_wait", R"({"pending": 60})", "waits 60"},
                    Case{"no_wait", R"({"pending": 0})", ""},
                    Case{"a_long_wait", R"({"pending": 604801})", ""},
                    Case{"a_wait_in_words", R"({"pending": "soon"})", ""},
                    Case{"a_refusal", R"({"refused": "not you"})", "badRequest: not you"},
                    Case{"a_refusal_with_its_bit",
                         R"({"refused": "no", "failure": "badCertTemplate"})",
                         "badCertTemplate: no"},
                    Case{"a_refusal_with_no_bit", R"({"refused": "no", "failure": "noSuch"})", ""},
                    Case{"a_silent_refusal", R"({"refused": ""})",
                         "badRequest: the CA behind this server refused, and did not say why"},
                    Case{"nothing", " \n", ""}, Case{"nonsense", "what?", ""},
                    Case{"a_list", "[]", ""}, Case{"none_of_the_words", "{}", ""}),
    [](const auto& c) { return c.param.sentence; });

TEST(ProgramMemo, ReadsAsItWasWritten) {
  ProgramMemo memo;
  memo.stage = ProgramMemo::Stage::revoking;
  memo.order = Bytes(32, 1);
  memo.subject = {7};
  memo.question = "{}";
  memo.certificate = {1, 2};
  memo.until = from_unix(1'900'000'000);
  memo.reason = 4;
  memo.invalidity_date = from_unix(1'800'000'000);
  const Bytes octets = encode(memo);
  const auto again = decode_program_memo(octets);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(encode(*again), octets);
  EXPECT_EQ(again->invalidity_date, memo.invalidity_date);
}

TEST(ProgramMemo, CutShortIsAnError) {
  const Bytes octets = encode(ProgramMemo{});
  for (std::size_t n = 0; n < octets.size(); ++n) {
    const auto memo = decode_program_memo(View(octets).first(n));
    ASSERT_FALSE(memo) << n;
    EXPECT_EQ(memo.error().code, "issuer.program-memo");
  }
}

}  // namespace
}  // namespace countersign::issuer
