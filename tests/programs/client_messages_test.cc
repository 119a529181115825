// What our client sends, message by message, as it writes them to be carried by hand.
// RFC 9483 §3.1, §3.3, §4.1.3, §4.2, §4.4
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "message/info_type.h"
#include "message/message.h"
#include "support/process.h"
#include "x509/certificate.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

PKIMessage message_in(const std::string& path) {
  const std::string octets = read_file(path);
  auto out = message::parse_message(view(octets));
  EXPECT_TRUE(out) << path << ": " << out.error().reply_text;
  return out ? *std::move(out) : PKIMessage{};
}

bool asks_implicit_confirm(const PKIMessage& m) {
  return message::find(m.header.general_info, message::it::implicitConfirm) != nullptr;
}

// The first of a file.
x509::Certificate certificate_in(const std::string& path) {
  const std::string pem = read_file(path);
  return x509::parse_certificate(x509::certificates_from_file(view(pem)).value().at(0)).value();
}

// The first message of each command; nobody has to answer it.
class ClientRequests : public testing::Test {
 protected:
  void SetUp() override {
    certify("root", "CN=Root", "", "basicConstraints=critical,CA:TRUE");
    certify("issuing", "CN=Issuing", "root", "basicConstraints=critical,CA:TRUE");
    certify("me", "CN=me", "issuing", "basicConstraints=CA:FALSE");
    certify("other", "CN=Other Root", "", "basicConstraints=critical,CA:TRUE");
    const std::string chain = read_file(at("me.pem")) + read_file(at("issuing.pem"));
    std::ofstream(at("me.pem")) << chain;
  }

  std::string at(const std::string& name) const { return shop_.at(name); }
  void certify(const std::string& name, const std::string& subject, const std::string& issuer,
               const std::string& constraints) {
    Words words{"req",
                "-x509",
                "-config",
                "/dev/null",
                "-newkey",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-noenc",
                "-keyout",
                at(name + ".key"),
                "-out",
                at(name + ".pem"),
                "-subj",
                "/" + subject,
                "-days",
                "30",
                "-addext",
                constraints};
    if (!issuer.empty()) append(words, {"-CA", at(issuer + ".pem"), "-CAkey", at(issuer + ".key")});
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }

  PKIMessage sent(Words words, const Words& more = {}) {
    append(words, more);
    append(words, {"--start-over", "--request-out", at("request.pki")});
    words.insert(words.begin() + 1, "http://ca.example");
    const Ran ran = shop_.countersign(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return message_in(at("request.pki"));
  }
  Words own(const std::string& trust = "root") const {
    return {"--key", at("me.key"), "--cert", at("me.pem"), "--trust", at(trust + ".pem")};
  }
  Words via() const {
    return {"--via-cert", at("me.pem"), "--via-key", at("me.key"), "--trust", at("root.pem")};
  }
  Words fresh() const {
    return {"--subject", "CN=me", "--key", at("new.key"), "--cert", at("new.pem")};
  }

  Workshop shop_;
};

// RFC 9483 §3.1
TEST_F(ClientRequests, GoToTheCaThatIsAsked) {
  struct Case {
    const char* sentence;
    Words command, more;
    const char* recipient;
  };
  for (const Case& c :
       {Case{"a renewal to who issued the old certificate", {"renew"}, own(), "dn:CN=Issuing"},
        {"also where answers come under another root", {"renew"}, own("other"), "dn:CN=Issuing"},
        {"a revocation to who issued the certificate", {"revoke"}, own("other"), "dn:CN=Issuing"},
        {"whoever asks for it",
         {"revoke", "--issuer", "CN=Elsewhere", "--serial", "1A"},
         via(),
         "dn:CN=Elsewhere"},
        {"a question to who issued one's own certificate", {"info"}, own(), "dn:CN=Issuing"},
        {"unless answers come under another root", {"info"}, own("other"), "dn:NULL-DN"},
        {"a name that is given goes first",
         {"renew", "--recipient", "CN=Given"},
         own(),
         "dn:CN=Given"}}) {
    Words more = c.more;
    if (c.command[0] == "info") append(more, {"--type", "caCerts"});
    EXPECT_EQ(x509::to_text(sent(c.command, more).header.recipient), c.recipient) << c.sentence;
  }
  Words request{"request"};
  append(request, fresh());
  EXPECT_EQ(x509::to_text(sent(request, via()).header.recipient), "dn:CN=Issuing");
}

// RFC 9483 §4.1.3
TEST_F(ClientRequests, KurNamesTheCertificateThatItReplacesAndNothingElse) {
  const x509::Certificate old = certificate_in(at("me.pem"));
  for (const Words& way : {Words{"renew"}, {"renew", "--same-key"}, {"renew", "--central-key"}}) {
    const PKIMessage kur = sent(way, own());
    ASSERT_EQ(kur.body.type, BodyType::kur) << way.back();
    const auto& list = std::get<crmf::CertReqMessages>(kur.body.content);
    ASSERT_EQ(list.size(), 1U);
    const auto& controls = list[0].cert_req.controls;
    ASSERT_EQ(controls.size(), 1U) << way.back();
    EXPECT_EQ(controls[0].type.dotted(), "1.3.6.1.5.5.7.5.1.5") << "id-regCtrl-oldCertID";
    der::Context context(controls[0].value);
    der::Reader in(controls[0].value, context);
    const auto id = crmf::read_cert_id(in);
    ASSERT_TRUE(id && in.at_end()) << way.back();
    EXPECT_EQ(id->issuer, x509::directory_name(old.issuer));
    EXPECT_EQ(id->serial_number, old.serial);
  }
}

// RFC 9483 §4.2
TEST_F(ClientRequests, RrHasOneReasonAndUnspecifiedWhereNoneIsKnown) {
  struct Case {
    Words command;
    int reason;
  };
  for (const Case& c : {Case{{"revoke"}, 0}, Case{{"revoke", "--reason", "superseded"}, 4}}) {
    const PKIMessage rr = sent(c.command, own());
    ASSERT_EQ(rr.body.type, BodyType::rr);
    const auto& list = std::get<message::RevReqContent>(rr.body.content);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].crl_entry_details, x509::Extensions{x509::make_reason_code(c.reason)});
  }
}

// RFC 9483 §3.1
TEST_F(ClientRequests, OnlyThoseForACertificateAskForImplicitConfirm) {
  Words request{"request", "--implicit-confirm"};
  append(request, fresh());
  EXPECT_TRUE(asks_implicit_confirm(sent(request, via())));
  EXPECT_TRUE(asks_implicit_confirm(sent({"renew", "--implicit-confirm"}, own())));
  EXPECT_FALSE(asks_implicit_confirm(sent({"revoke"}, own())));
  EXPECT_FALSE(asks_implicit_confirm(sent({"info", "--type", "caCerts"}, own())));
}

// A signed request that waits for an officer, step by step.
class SignedConversation : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return shop_.at(name); }
  void enrol_without_waiting(const std::string& name) {
    Words words{"enroll",     server_.url(), "--profile",       "tls-client", "--subject",
                "CN=" + name, "--key",       at(name + ".key"), "--cert",     at(name + ".pem")};
    append(words, server_.by_secret());
    const Ran ran = shop_.countersign(words);
    ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  }
  // What the client sends next, after that answer if there was one.
  PKIMessage next(const Words& after = {}) {
    Words words{"request",
                server_.url(),
                "--subject",
                "CN=me",
                "--implicit-confirm",
                "--key",
                at("new.key"),
                "--cert",
                at("new.pem"),
                "--via-cert",
                at("me.pem"),
                "--via-key",
                at("me.key"),
                "--trust",
                server_.data() + "/root.pem",
                "--request-out",
                at("request.pki")};
    append(words, after);
    const Ran ran = shop_.countersign(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return message_in(at("request.pki"));
  }
  PKIMessage after_answer() { return next({"--response-in", at("answer.pki")}); }
  PKIMessage answer() {
    const std::string request = read_file(at("request.pki"));
    std::ofstream(at("answer.pki"), std::ios::binary) << text(server_.post(view(request)));
    return message_in(at("answer.pki"));
  }
  void approve_what_waits() {
    const Ran listed = shop_.countersignd({"requests", "list", "--json", "--data", server_.data()});
    ASSERT_EQ(listed.exit, 0) << listed.err;
    const auto rows = boost::json::parse(listed.out);
    ASSERT_EQ(rows.as_array().size(), 1U);
    const std::string id(rows.as_array()[0].as_object().at("id").as_string());
    const Ran ran = shop_.countersignd({"requests", "approve", id, "--data", server_.data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }

  Workshop shop_;
  RunningServer server_{shop_,
                        "[cmp]\nimplicit_confirm = false\n[approval]\ntemplates = [\"device\"]\n"
                        "check_after = \"1s\"\n"};
};

// RFC 9483 §3.1, §3.3, §4.1.1, §4.4
TEST_F(SignedConversation, HasExtraCertsInEachMessageAndImplicitConfirmInTheFirstAlone) {
  enrol_without_waiting("me");
  const Bytes own = certificate_in(at("me.pem")).der;
  PKIMessage sent = next();
  ASSERT_EQ(sent.body.type, BodyType::cr);
  EXPECT_TRUE(asks_implicit_confirm(sent));
  PKIMessage got = answer();
  ASSERT_EQ(got.body.type, BodyType::cp) << "which says that the request waits";

  const auto expect_to_be_signed = [&](BodyType type) {
    ASSERT_EQ(sent.body.type, type);
    EXPECT_FALSE(asks_implicit_confirm(sent)) << message::name(type);
    ASSERT_FALSE(sent.extra_certs.empty()) << message::name(type);
    EXPECT_EQ(sent.extra_certs.front(), own) << message::name(type);
  };
  sent = after_answer();
  expect_to_be_signed(BodyType::pollReq);
  got = answer();
  ASSERT_EQ(got.body.type, BodyType::pollRep);
  const auto server = certificate_in(server_.data() + "/cmp.pem").der;
  ASSERT_FALSE(got.extra_certs.empty());
  EXPECT_EQ(got.extra_certs.front(), server) << "of who signed the pollRep";

  approve_what_waits();
  for (int polls = 0; got.body.type == BodyType::pollRep && polls < 100; ++polls) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    sent = after_answer();
    expect_to_be_signed(BodyType::pollReq);
    got = answer();
  }
  ASSERT_EQ(got.body.type, BodyType::cp) << server_.log();
  sent = after_answer();
  expect_to_be_signed(BodyType::certConf);
  EXPECT_EQ(answer().body.type, BodyType::pkiconf);
}

}  // namespace
}  // namespace countersign::test
