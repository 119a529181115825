// What operators set, through the real programs and stock OpenSSL: RA and CMP profiles, templates,
// trust sets, changed while the server runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Profiles : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_};
  int names_ = 0;
  std::string last_;

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  Ran apply(const std::string& toml, const Words& more = {}) {
    std::ofstream(shop_.at("objects.toml")) << toml;
    Words words{"config", "apply", shop_.at("objects.toml")};
    words.insert(words.end(), more.begin(), more.end());
    Ran ran = operate(words);
    // Whoever serves looks once a second.
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    return ran;
  }
  Ran enroll(const std::string& path, const Words& more = {}) {
    const std::string name = "n" + std::to_string(++names_);
    last_ = shop_.at(name + ".pem");
    Words words{"enroll", server_.url() + path,    "--subject", "CN=" + name,
                "--key",  shop_.at(name + ".key"), "--cert",    last_};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  std::string last_certificate() {
    return shop_.openssl({"x509", "-in", last_, "-noout", "-text"}).out;
  }
};

constexpr const char* kLine = R"(
[template.line]
based_on = "tls-client"
purposes = ["clientAuth", "1.3.6.1.5.5.7.3.17"]
validity = "90d"
longest_validity = "120d"

[ra_profile.factory]
template = "line"

[cmp_profile.line1]
default_ra_profile = "factory"
ra_profiles = ["factory", "vpn"]
)";

TEST_F(Profiles, AreServedAtTheirOwnPathsAsSoonAsTheyAreSaved) {
  EXPECT_NE(enroll("/.well-known/cmp/p/line1").exit, 0) << "not there yet";
  Ran ran = apply(kLine);
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("+ template.line"), HasSubstr("+ ra_profile.factory"),
                             HasSubstr("+ cmp_profile.line1")));
  for (const char* path : {"/.well-known/cmp/p/line1", "/.well-known/cmp/p/line1/initialization",
                           "/api/v1/protocols/cmp/line1", "/api/v1/protocols/cmp/raProfile/factory",
                           "/.well-known/cmp/p/ra~factory", "/ejbca/publicweb/cmp/line1"}) {
    ran = enroll(path);
    EXPECT_EQ(ran.exit, 0) << path << ran.err << server_.log();
    EXPECT_THAT(last_certificate(), HasSubstr("ipsec Internet Key Exchange")) << path;
  }
}

TEST_F(Profiles, OfferOnlyWhatTheySay) {
  ASSERT_EQ(apply(kLine).exit, 0);
  EXPECT_EQ(enroll("/.well-known/cmp/p/line1", {"--profile", "vpn"}).exit, 0);
  Ran ran = enroll("/.well-known/cmp/p/line1", {"--profile", "device"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("may not be asked for at this endpoint"),
                             HasSubstr("factory, vpn"), Not(HasSubstr("tls-client"))));
  EXPECT_EQ(enroll("/.well-known/cmp/p/ra~factory", {"--profile", "vpn"}).exit, 3) << "locked";
}

TEST_F(Profiles, ChangeUnderTheirClientsFeet) {
  ASSERT_EQ(apply(kLine).exit, 0);
  ASSERT_EQ(enroll("/.well-known/cmp/p/line1").exit, 0);
  ASSERT_EQ(operate({"object", "set", "cmp_profile", "line1", "default_ra_profile=vpn"}).exit, 0);
  ASSERT_EQ(operate({"object", "disable", "ra_profile", "factory"}).exit, 6) << "it is offered";
  ASSERT_EQ(operate({"object", "set", "cmp_profile", "line1", "ra_profiles=vpn"}).exit, 0);
  ASSERT_EQ(operate({"object", "disable", "ra_profile", "factory"}).exit, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  ASSERT_EQ(enroll("/.well-known/cmp/p/line1").exit, 0);
  EXPECT_THAT(last_certificate(), HasSubstr("TLS Web Server Authentication")) << "as vpn";
  EXPECT_THAT(enroll("/.well-known/cmp/p/ra~factory").err, HasSubstr("404"));
  ASSERT_EQ(operate({"object", "disable", "cmp_profile", "line1"}).exit, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_THAT(enroll("/.well-known/cmp/p/line1").err, HasSubstr("switched off"));
  const Ran history = operate({"object", "history", "cmp_profile", "line1"});
  EXPECT_THAT(history.out, AllOf(HasSubstr("default_ra_profile: \"factory\" -> \"vpn\""),
                                 HasSubstr("version 1"), HasSubstr("disabled")));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("config-changed"));
}

TEST_F(Profiles, WithoutADefaultAnswerClearly) {
  const Ran ran = apply("[cmp_profile.bare]\ndefault_ra_profile = \"\"\n");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("warning: cmp_profile.bare.default_ra_profile"));
  EXPECT_THAT(enroll("/api/v1/protocols/cmp/bare").err,
              AllOf(HasSubstr("no default RA profile"), HasSubstr("certProfile")));
  EXPECT_EQ(enroll("/api/v1/protocols/cmp/bare", {"--profile", "vpn"}).exit, 0);
}

TEST_F(Profiles, AreSavedOnlyIfSound) {
  ASSERT_EQ(apply(kLine).exit, 0);
  Ran ran = operate({"object", "remove", "template", "line"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("admin.in-use"), HasSubstr("ra_profile.factory")));
  ran = operate({"object", "set", "ra_profile", "factory", "template=gone", "names=a b\xff"});
  EXPECT_THAT(ran.err, AllOf(HasSubstr("admin.unsound"), HasSubstr("ra_profile.factory.template"),
                             HasSubstr("there is no template gone")));
  ran = operate({"object", "set", "template", "line", "validity=soon"});
  EXPECT_THAT(ran.err, AllOf(HasSubstr("template.line.validity"), HasSubstr("\"soon\"")));
  EXPECT_EQ(operate({"object", "set", "template", "line", "san_required=maybe"}).exit, 6);
  EXPECT_EQ(operate({"object", "set", "templat", "line"}).exit, 6);
  EXPECT_THAT(operate({"object", "show", "template", "line"}).out,
              AllOf(HasSubstr("version 1"), HasSubstr("san_kinds = [")));
  // All of a file, or nothing.
  ran = apply("[ra_profile.good]\n[ra_profile.bad]\ntemplate = \"gone\"\n");
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(operate({"object", "list"}).out, Not(HasSubstr("good")));
}

TEST_F(Profiles, ThatNobodySetAreShownAndCanBeChanged) {
  EXPECT_THAT(operate({"object", "list"}).out, HasSubstr("ra_profile.vpn   by itself"));
  Ran ran = operate({"object", "show", "ra_profile", "vpn"});
  EXPECT_THAT(ran.out, HasSubstr("template = \"vpn\"   not set here"));
  ran = operate({"object", "remove", "ra_profile", "vpn"});
  EXPECT_THAT(ran.err, AllOf(HasSubstr("admin.built-in"), HasSubstr("disabled")));
  ASSERT_EQ(operate({"object", "set", "ra_profile", "vpn", "summary=Of the road"}).exit, 0);
  ran = operate({"object", "show", "ra_profile", "vpn"});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("version 1"), HasSubstr("template = \"vpn\"")))
      << "not that of devices";
  EXPECT_THAT(operate({"config", "export"}).out, Not(HasSubstr("ra_profile.device")));
}

TEST_F(Profiles, MoveAsOneFile) {
  ASSERT_EQ(apply(kLine).exit, 0);
  const Ran exported = operate({"config", "export"});
  ASSERT_EQ(exported.exit, 0);
  std::ofstream(shop_.at("all.toml")) << exported.out;
  Ran ran = operate({"config", "diff", shop_.at("all.toml")});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  ASSERT_EQ(operate({"object", "set", "template", "line", "validity=80d"}).exit, 0);
  ASSERT_EQ(operate({"object", "set", "template", "other"}).exit, 0);
  ran = operate({"config", "diff", shop_.at("all.toml"), "--remove"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("~ template.line   validity: \"80d\" -> \"90d\""),
                             HasSubstr("- template.other")));
  ASSERT_EQ(operate({"config", "apply", shop_.at("all.toml"), "--remove"}).exit, 0);
  EXPECT_EQ(operate({"config", "export"}).out, exported.out);
}

TEST_F(Profiles, TrustWhomTheyName) {
  ASSERT_EQ(shop_
                .openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-nodes", "-subj", "/CN=Vendor CA", "-keyout", shop_.at("v.key"), "-out",
                          shop_.at("v.pem"), "-days", "30"})
                .exit,
            0);
  ASSERT_EQ(shop_
                .openssl({"req",
                          "-x509",
                          "-newkey",
                          "ec",
                          "-pkeyopt",
                          "ec_paramgen_curve:P-256",
                          "-nodes",
                          "-subj",
                          "/CN=unit-7",
                          "-keyout",
                          shop_.at("u.key"),
                          "-out",
                          shop_.at("u.pem"),
                          "-days",
                          "30",
                          "-CA",
                          shop_.at("v.pem"),
                          "-CAkey",
                          shop_.at("v.key"),
                          "-addext",
                          "basicConstraints=critical,CA:FALSE",
                          "-addext",
                          "keyUsage=digitalSignature"})
                .exit,
            0);
  const std::string pem = read_file(shop_.at("v.pem"));
  ASSERT_EQ(apply("[trust_set.vendor]\ncertificates = ['''" + pem + "''']\nnames = \"unit-*\"\n" +
                  "[cmp_profile.units]\ntrust_sets = [\"vendor\"]\n")
                .exit,
            0);
  const auto ask = [&](const std::string& path, const std::string& name) {
    return shop_.countersign({"enroll", server_.url() + path, "--subject", "CN=" + name, "--key",
                              shop_.at(name + ".key"), "--cert", shop_.at(name + ".pem"),
                              "--via-key", shop_.at("u.key"), "--via-cert", shop_.at("u.pem"),
                              "--trust", server_.data() + "/root.pem"});
  };
  const Ran ran = ask("/.well-known/cmp/p/units", "unit-8");
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_EQ(ask("/.well-known/cmp/p/units", "other").exit, 3) << "not its names";
  EXPECT_EQ(ask("/.well-known/cmp", "unit-9").exit, 3) << "trusted at that endpoint alone";
}

TEST_F(Profiles, MayAnswerAMacBySignature) {
  ASSERT_EQ(apply("[cmp_profile.signed]\nresponse_protection = \"signature\"\n").exit, 0);
  ASSERT_EQ(shop_
                .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", shop_.at("k.pem")})
                .exit,
            0);
  const auto ask = [&](const std::string& path, const Words& more) {
    Words words{"cmp",
                "-cmd",
                "ir",
                "-server",
                server_.host_port(),
                "-path",
                path,
                "-ref",
                server_.reference(),
                "-secret",
                "pass:" + server_.secret(),
                "-subject",
                "/CN=x",
                "-newkey",
                shop_.at("k.pem"),
                "-certout",
                shop_.at("c.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.openssl(words);
  };
  const Words trusting{"-trusted", server_.data() + "/root.pem"};
  EXPECT_EQ(ask(".well-known/cmp/p/signed", trusting).exit, 0) << server_.log();
  EXPECT_EQ(ask(".well-known/cmp", {}).exit, 0) << "by MAC";
  EXPECT_NE(ask(".well-known/cmp/p/signed", {}).exit, 0) << "without an anchor nothing says who";
}

TEST_F(Profiles, OperatorsGetATokenThatIsShownOnce) {
  Ran ran = operate({"operator", "add", "ada", "--role", "administrator", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string token(boost::json::parse(ran.out).as_object().at("token").as_string());
  EXPECT_GE(token.size(), 32U);
  EXPECT_THAT(operate({"config", "export"}).out,
              AllOf(HasSubstr("[operator.ada]"), Not(HasSubstr(token))));
  EXPECT_EQ(operate({"operator", "add", "ada", "--role", "auditor"}).exit, 6);
  EXPECT_EQ(operate({"operator", "add", "eve", "--role", "king"}).exit, 6);
  ran = operate({"operator", "add", "ada", "--renew", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, Not(HasSubstr(token)));
}

// Else what a profile asks of a first certificate would be got round by updating another one.
TEST_F(Profiles, AreKeptByAnUpdate) {
  ASSERT_EQ(
      apply(std::string(kLine) + "[ra_profile.desk]\ntemplate = \"tls-client\"\napprovals = 1\n")
          .exit,
      0);
  ASSERT_EQ(enroll("/.well-known/cmp/p/line1").exit, 0);
  const std::string key = last_.substr(0, last_.size() - 4) + ".key";
  const auto renew = [&](const Words& more) {
    Words words{"renew",   server_.url() + "/.well-known/cmp/p/line1",
                "--cert",  last_,
                "--key",   key,
                "--trust", server_.data() + "/root.pem"};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  };
  EXPECT_THAT(renew({"--profile", "vpn"}).err, HasSubstr("keeps the RA profile"));
  EXPECT_THAT(renew({"--profile", "desk", "--start-over"}).err, HasSubstr("keeps the RA profile"));
  Ran ran = renew({"--start-over"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  ASSERT_EQ(apply("[cmp_profile.line1]\ndefault_ra_profile = \"vpn\"\n"
                  "[ra_profile.factory]\nenabled = false\ntemplate = \"line\"\n")
                .exit,
            0);
  EXPECT_THAT(renew({"--start-over"}).err, HasSubstr("out of use"));
}

TEST_F(Profiles, AskOfficersUntilTheirTimeIsUp) {
  ASSERT_EQ(apply("[ra_profile.desk]\ntemplate = \"tls-client\"\napprovals = 1\n"
                  "approval_wait = \"2s\"\napproval_check_after = \"1s\"\n"
                  "[operator.aud]\nroles = [\"auditor\"]\n")
                .exit,
            0);
  const Ran ran = enroll("/.well-known/cmp", {"--profile", "desk"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("no officer of the CA decided this request in time"));
  const auto rows = boost::json::parse(operate({"requests", "list", "--all", "--json"}).out);
  const auto& row = rows.as_array().at(0).as_object();
  EXPECT_EQ(row.at("state").as_string(), "rejected");
  const std::string id(row.at("id").as_string());
  EXPECT_THAT(operate({"requests", "approve", id}).err, HasSubstr("approval.decided"));
  EXPECT_THAT(operate({"requests", "approve", id, "--as", "aud"}).err, HasSubstr("ra_officer"));
}

TEST(BlockedKeys, AreNotCertified) {
  Workshop shop;
  const std::string key = shop.at("k.pem"), der = shop.at("k.der"), list = shop.at("blocked");
  ASSERT_EQ(shop.openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", key})
                .exit,
            0);
  ASSERT_EQ(shop.openssl({"pkey", "-in", key, "-pubout", "-outform", "DER", "-out", der}).exit, 0);
  const Ran digest = shop.openssl({"dgst", "-sha256", "-r", der});
  std::ofstream(list) << "# known to others\n" << digest.out.substr(0, 64) << "\n";
  const RunningServer server(shop, "[cmp]\nblocked_keys = \"" + list + "\"\n");
  const auto ask = [&](const Words& more) {
    Words words{"enroll", server.url(), "--subject", "CN=x"};
    const Words secret = server.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop.countersign(words);
  };
  const Ran blocked = ask({"--key", key, "--cert", shop.at("a.pem")});
  EXPECT_EQ(blocked.exit, 3);
  EXPECT_THAT(blocked.err, AllOf(HasSubstr("badCertTemplate"), HasSubstr("private half is known")));
  EXPECT_EQ(ask({"--key", shop.at("other.pem"), "--cert", shop.at("b.pem")}).exit, 0);
}

class SecretImport : public Profiles {
 protected:
  Ran import(const std::string& csv, const Words& more = {}) {
    std::ofstream(shop_.at("in.csv")) << csv;
    Words words{"secret", "import", shop_.at("in.csv")};
    words.insert(words.end(), more.begin(), more.end());
    return operate(words);
  }
};

TEST_F(SecretImport, NamesEveryBrokenRowAndImportsNoneOfThem) {
  const std::string csv =
      "reference,names,uses,expires\n"
      "a,,,\n"
      "b,,often,\n"
      "\n"
      "c,,,yesterday\n"
      "a,,,\n"
      "d,,\n"
      "\"e\",\"x,y\",any,30d\n";
  Ran ran = import(csv);
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("line 3: "), HasSubstr("line 5: "), HasSubstr("line 6: "),
                             HasSubstr("line 7: 3 fields"), HasSubstr("4 of 6 rows")));
  EXPECT_THAT(operate({"secret", "list"}).out, Not(HasSubstr("a   names")));
  ran = import(csv, {"--skip-broken", "--out", shop_.at("out.csv"), "--note", "first shelf"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("imported 2 secrets, left out 4"));
  const std::string out = read_file(shop_.at("out.csv"));
  EXPECT_THAT(
      out, AllOf(HasSubstr("reference,secret,"), HasSubstr("\"x,y\""), HasSubstr("first shelf")));
  EXPECT_EQ(std::filesystem::status(shop_.at("out.csv")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(import("reference,colour\na,red\n").err, HasSubstr("there is no column colour"));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("secret-added"));
}

TEST_F(Profiles, ASecretIsGoodOnlyWhereAndWhenItIsBoundTo) {
  ASSERT_EQ(apply(kLine).exit, 0);
  const auto ask = [&](const std::string& reference, const std::string& path) {
    const std::string name = "b" + std::to_string(++names_);
    return shop_.countersign({"enroll", server_.url() + path, "--subject", "CN=x", "--key",
                              shop_.at(name + ".key"), "--cert", shop_.at(name + ".pem"),
                              "--reference", reference, "--secret", "pass:a secret of ours"});
  };
  const auto add = [&](const std::string& reference, const Words& more) {
    Words words{"secret",  "add", "--reference", reference, "--secret", "pass:a secret of ours",
                "--names", "any", "--uses",      "any"};
    words.insert(words.end(), more.begin(), more.end());
    return operate(words).exit;
  };
  ASSERT_EQ(add("here", {"--cmp-profile", "line1"}), 0);
  EXPECT_EQ(ask("here", "/.well-known/cmp/p/line1").exit, 0);
  const Ran elsewhere = ask("here", "/.well-known/cmp");
  const Ran nowhere = ask("nobody", "/.well-known/cmp");
  EXPECT_EQ(elsewhere.exit, nowhere.exit);
  EXPECT_THAT(elsewhere.err, HasSubstr("badMessageCheck"));
  EXPECT_THAT(nowhere.err, HasSubstr("badMessageCheck")) << "the same as one that is not there";
  ASSERT_EQ(add("later", {"--begins", "1h"}), 0);
  EXPECT_NE(ask("later", "/.well-known/cmp").exit, 0);
  ASSERT_EQ(add("only", {"--profile", "factory"}), 0);
  EXPECT_EQ(ask("only", "/.well-known/cmp").exit, 0);
  EXPECT_EQ(ask("only", "/.well-known/cmp/p/vpn").exit, 0) << "by its own profile, there too";
  EXPECT_EQ(ask("only", "/.well-known/cmp/p/ra~vpn").exit, 3) << "which has another";
  EXPECT_EQ(add("wrong", {"--profile", "gone"}), 6);
  EXPECT_EQ(add("wrong", {"--cmp-profile", "gone"}), 6);
}

TEST_F(Profiles, HaveExtensionsOfTheirOwn) {
  ASSERT_EQ(apply(R"(
[template.stapled]
based_on = "tls-server"
extensions = ["1.3.6.1.5.5.7.1.24 = fixed:3003020105", "1.3.6.1.4.1.99999.2 = request"]
[ra_profile.stapled]
template = "stapled"
)")
                .exit,
            0);
  const Words csr{"req",
                  "-new",
                  "-newkey",
                  "rsa:2048",
                  "-nodes",
                  "-subj",
                  "/CN=www.example",
                  "-keyout",
                  shop_.at("www.key"),
                  "-out",
                  shop_.at("www.csr"),
                  "-addext",
                  "subjectAltName=DNS:www.example",
                  "-addext",
                  "1.3.6.1.4.1.99999.2=ASN1:UTF8String:line 7"};
  ASSERT_EQ(shop_.openssl(csr).exit, 0);
  Words ask{"pkcs10",  server_.url() + "/.well-known/cmp/p/ra~stapled",
            "--csr",   shop_.at("www.csr"),
            "--cert",  shop_.at("www.pem"),
            "--trust", server_.data() + "/root.pem"};
  const Words secret = server_.by_secret();
  ask.insert(ask.end(), secret.begin(), secret.end());
  const Ran ran = shop_.countersign(ask);
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(ran.err, Not(HasSubstr("left out")));
  EXPECT_THAT(shop_.openssl({"x509", "-in", shop_.at("www.pem"), "-noout", "-text"}).out,
              AllOf(HasSubstr("TLS Feature"), HasSubstr("status_request"),
                    HasSubstr("1.3.6.1.4.1.99999.2"), HasSubstr("line 7")));
  EXPECT_THAT(apply("[template.wrong]\nextensions = [\"2.5.29.15 = request\"]\n").err,
              HasSubstr("none of 2.5.29"));
}

}  // namespace
}  // namespace countersign::test
