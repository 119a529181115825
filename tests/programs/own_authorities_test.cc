// Several CAs of our own in one server: who asks where gets certificates of which, and what each
// publishes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <functional>
#include <thread>

#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class OwnAuthorities : public testing::Test {
 protected:
  Workshop shop_;
  RunningServer server_{shop_, "[cmp]\ncentral_keys = \"any\"\n"};

  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string servers_root() const { return server_.data() + "/root.pem"; }

  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  bool comes(const std::function<bool()>& what) {
    for (int i = 0; i < 200; ++i) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return false;
  }
  bool fetch(const std::string& path, const std::string& file) {
    const std::string answer = server_.http("GET " + path + " HTTP/1.0\r\n\r\n");
    std::ofstream(at(file), std::ios::binary) << answer.substr(answer.find("\r\n\r\n") + 4);
    return answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.0 200");
  }
  // An authority of that name, and an RA profile of the same name before it.
  void set_up(const std::string& name, const Words& settings) {
    Words words{"object", "set", "authority", name, "kind=own"};
    words.insert(words.end(), settings.begin(), settings.end());
    Ran ran = operate(words);
    ASSERT_EQ(ran.exit, 0) << ran.err;
    ran = operate({"object", "set", "ra_profile", name, "template=device", "authorities=" + name});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    EXPECT_TRUE(comes([&] { return fetch("/crl/" + name + "/issuing.crl", name + ".crl"); }))
        << server_.log();
    EXPECT_TRUE(fetch("/ca/" + name + "/issuing.pem", name + "-issuing.pem"));
    const std::string path = "GET /.well-known/cmp/p/" + name + " HTTP/1.0\r\n\r\n";
    EXPECT_TRUE(comes([&] { return !server_.http(path).contains(" 404 "); })) << server_.log();
  }
  Ran enroll(const std::string& name, const std::string& where, const std::string& trust,
             const Words& more = {}) {
    Words words{"enroll",    server_.url() + "/.well-known/cmp/p/" + where,
                "--subject", "CN=" + name,
                "--cert",    at(name + ".pem"),
                "--key",     at(name + ".key"),
                "--trust",   trust};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  Ran by_certificate(const std::string& verb, const std::string& name, const std::string& where,
                     const std::string& trust, const Words& more = {}) {
    Words words{verb,      server_.url() + "/.well-known/cmp/p/" + where,
                "--cert",  at(name + ".pem"),
                "--key",   at(name + ".key"),
                "--trust", trust};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  std::string shown(const std::string& name, const std::string& what) {
    return shop_.openssl({"x509", "-in", at(name + ".pem"), "-noout", what}).out;
  }
  std::string serial(const std::string& name) {
    const std::string out = shown(name, "-serial");
    return out.substr(out.find('=') + 1, out.find('\n') - out.find('=') - 1);
  }
  bool lists(const std::string& crl, const std::string& number) {
    return fetch("/crl/" + crl, "crl") &&
           shop_.openssl({"crl", "-in", at("crl"), "-noout", "-text"}).out.contains(number);
  }
  bool verifies(const std::string& name, const std::string& root, const std::string& issuing) {
    return shop_.openssl({"verify", "-CAfile", root, "-untrusted", issuing, at(name + ".pem")})
               .exit == 0;
  }
};

TEST_F(OwnAuthorities, WithARootOfItsOwnIsAllThatItsDevicesTrust) {
  set_up("meters", {"root=own", "ca_name=Meters", "algorithm=p384", "lives=730d"});
  ASSERT_TRUE(fetch("/ca/meters/root.pem", "root.pem"));
  const std::string root = server_.data() + "/authorities/meters/root.pem";
  EXPECT_EQ(read_file(root), read_file(at("root.pem")));
  Ran ran = enroll("one", "meters", root);
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(shown("one", "-issuer"), HasSubstr("CN=Meters Issuing CA"));
  EXPECT_TRUE(verifies("one", root, at("meters-issuing.pem")));
  EXPECT_FALSE(verifies("one", servers_root(), at("meters-issuing.pem")));
  EXPECT_THAT(shown("one", "-text"),
              AllOf(HasSubstr("/crl/meters/issuing.crl"), HasSubstr("/ca/meters/issuing.cer")));
  EXPECT_THAT(shown("meters-issuing", "-text"),
              AllOf(HasSubstr("/crl/meters/root.crl"), HasSubstr("secp384r1")));
  // Its answers are signed so that who trusts it alone believes them.
  ran = by_certificate("renew", "one", "meters", root);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  ran = enroll("keyless", "meters", root, {"--central-key"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  ran = by_certificate("revoke", "one", "meters", root, {"--reason", "superseded"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(comes([&] { return lists("meters/issuing.crl", serial("one")); }));
  EXPECT_FALSE(lists("issuing.crl", serial("one")));
}

TEST_F(OwnAuthorities, BelowTheSharedRootAreTrustedWithIt) {
  set_up("meters", {});
  const Ran ran = enroll("one", "meters", servers_root());
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(shown("one", "-issuer"), HasSubstr("meters Issuing CA"));
  EXPECT_TRUE(verifies("one", servers_root(), at("meters-issuing.pem")));
  EXPECT_FALSE(fetch("/crl/meters/root.crl", "x"));
  EXPECT_THAT(shown("meters-issuing", "-text"), HasSubstr("/crl/root.crl"));
  // What an officer revokes is in the list of whoever issued it, and in no other.
  ASSERT_EQ(enroll("two", "default", servers_root()).exit, 0);
  ASSERT_EQ(operate({"revoke", serial("one")}).exit, 0);
  ASSERT_EQ(operate({"revoke", serial("two")}).exit, 0);
  EXPECT_TRUE(comes([&] { return lists("meters/issuing.crl", serial("one")); }));
  EXPECT_TRUE(comes([&] { return lists("issuing.crl", serial("two")); }));
  EXPECT_FALSE(lists("issuing.crl", serial("one")));
  EXPECT_FALSE(lists("meters/issuing.crl", serial("two")));
}

TEST_F(OwnAuthorities, TellTheirOwnCertificatesAndLists) {
  set_up("meters", {"root=own"});
  ASSERT_TRUE(fetch("/ca/meters/root.pem", "root.pem"));
  ASSERT_EQ(enroll("one", "meters", at("root.pem")).exit, 0);
  Ran ran = by_certificate("info", "one", "meters", at("root.pem"),
                           {"--type", "caCerts", "--out", at("told.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(shown("told", "-subject"), HasSubstr("meters Issuing CA"));
  ran = by_certificate("info", "one", "meters", at("root.pem"),
                       {"--type", "crlStatusList=" + at("one.pem"), "--out", at("told.crl")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(shop_.openssl({"crl", "-in", at("told.crl"), "-noout", "-issuer"}).out,
              HasSubstr("meters Issuing CA"));
}

TEST_F(OwnAuthorities, KeepTheirKeysOverAStartAndOutOfUse) {
  set_up("meters", {});
  ASSERT_EQ(enroll("one", "meters", servers_root()).exit, 0);
  const std::string before = read_file(at("meters-issuing.pem"));
  server_.stop();
  server_.start();
  ASSERT_TRUE(fetch("/ca/meters/issuing.pem", "after.pem"));
  EXPECT_EQ(read_file(at("after.pem")), before);
  ASSERT_EQ(enroll("two", "meters", servers_root()).exit, 0);
  // Out of use it issues nothing, but what it issued can be revoked, and is listed.
  EXPECT_THAT(operate({"object", "disable", "authority", "meters"}).err,
              HasSubstr("ra_profile.meters"));
  ASSERT_EQ(operate({"object", "set", "ra_profile", "meters", "authorities=default"}).exit, 0);
  ASSERT_EQ(operate({"object", "disable", "authority", "meters"}).exit, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  ASSERT_EQ(enroll("three", "meters", servers_root()).exit, 0);
  EXPECT_THAT(shown("three", "-issuer"), Not(HasSubstr("meters")));
  ASSERT_EQ(operate({"revoke", serial("two")}).exit, 0);
  EXPECT_TRUE(comes([&] { return lists("meters/issuing.crl", serial("two")); }));
  EXPECT_EQ(by_certificate("revoke", "one", "default", servers_root()).exit, 0) << server_.log();
  EXPECT_TRUE(comes([&] { return lists("meters/issuing.crl", serial("one")); }));
  EXPECT_THAT(server_.log(), Not(HasSubstr("issuer.no-authority")));
  EXPECT_THAT(operate({"ca", "list"}).out, HasSubstr("meters  issuing  1  present"));
  EXPECT_THAT(operate({"check"}).out, HasSubstr("meters: a CA of this server that is out of use"));
  // Its root is what it was made with.
  ASSERT_EQ(operate({"object", "set", "authority", "meters", "root=own"}).exit, 0);
  ASSERT_EQ(operate({"object", "enable", "authority", "meters"}).exit, 0);
  EXPECT_TRUE(comes([&] { return server_.log().contains("app.ca-made"); }));
}

TEST_F(OwnAuthorities, GetNewKeysWhileTheyServe) {
  set_up("meters", {"root=own"});
  set_up("taps", {});
  ASSERT_TRUE(fetch("/ca/meters/root.pem", "old.pem"));
  ASSERT_EQ(enroll("before", "meters", at("old.pem")).exit, 0);
  ASSERT_EQ(enroll("tap", "taps", servers_root()).exit, 0);

  Ran ran = operate({"ca", "rollover", "--issuing", "--authority", "meters"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("/authorities/meters/issuing.pem"));
  EXPECT_TRUE(comes([&] { return fetch("/crl/meters/issuing-2.crl", "x"); })) << server_.log();
  ASSERT_EQ(enroll("after", "meters", at("old.pem")).exit, 0);
  EXPECT_THAT(shown("after", "-issuer"), HasSubstr("meters Issuing CA G2"));
  // Each is in the list of whoever issued it.
  ASSERT_EQ(operate({"revoke", serial("before")}).exit, 0);
  EXPECT_TRUE(comes([&] { return lists("meters/issuing.crl", serial("before")); }));
  EXPECT_FALSE(lists("meters/issuing-2.crl", serial("before")));

  ran = operate({"ca", "rollover", "--root", "--authority", "meters"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(comes([&] { return fetch("/ca/meters/root-2.pem", "new.pem"); })) << server_.log();
  ASSERT_EQ(by_certificate("renew", "after", "meters", at("new.pem")).exit, 0);
  ASSERT_EQ(by_certificate("renew", "after", "meters", at("old.pem")).exit, 0);

  EXPECT_THAT(operate({"ca", "rollover", "--root", "--authority", "taps"}).err,
              HasSubstr("app.shared-root"));
  ASSERT_EQ(operate({"ca", "rollover", "--root"}).exit, 0);
  EXPECT_TRUE(comes([&] { return fetch("/ca/root-2.pem", "servers-new.pem"); }));
  const auto of_new_root = [&] {
    return fetch("/ca/taps/issuing.pem", "taps-new.pem") &&
           shown("taps-new", "-text").contains("/crl/root-2.crl");
  };
  EXPECT_TRUE(comes(of_new_root)) << server_.log();
  EXPECT_TRUE(verifies("tap", at("servers-new.pem"), at("taps-new.pem")));
  ASSERT_EQ(by_certificate("renew", "tap", "taps", at("servers-new.pem")).exit, 0);
  EXPECT_EQ(operate({"check"}).exit, 0);
  EXPECT_THAT(operate({"ca", "rollover", "--issuing", "--authority", "nobody"}).err,
              HasSubstr("there is no CA of the name \"nobody\""));
}

TEST_F(OwnAuthorities, NeedNamesOfTheirOwn) {
  set_up("meters", {"ca_name=Utility"});
  ASSERT_EQ(operate({"object", "set", "authority", "taps", "kind=own", "ca_name=Utility"}).exit, 0);
  EXPECT_TRUE(comes([&] { return server_.log().contains("app.ca-name"); }));
  EXPECT_THAT(server_.log(), HasSubstr("set ca_name to a name that no other has"));
  EXPECT_THAT(operate({"ca", "list"}).out, Not(HasSubstr("taps")));
  // A name that an earlier key bears is taken, too.
  ASSERT_EQ(operate({"ca", "rollover", "--issuing"}).exit, 0);
  ASSERT_EQ(
      operate({"object", "set", "authority", "clash", "kind=own", "ca_name=Countersign"}).exit, 0);
  EXPECT_TRUE(comes([&] { return server_.log().contains("authority clash cannot be used"); }));
  const std::string name(54, 'n');
  EXPECT_THAT(operate({"object", "set", "authority", "old", "kind=own", "ca_name=" + name}).err,
              HasSubstr("has more than 53 octets"));
}

// Certified anew below the next root, or refused: never left behind by one that came between.
TEST_F(OwnAuthorities, AreNotLeftBehindByARollOverOfTheRoot) {
  set_up("taps", {});
  std::jthread other([&] {
    operate({"ca", "rollover", "--issuing", "--authority", "taps", "--algorithm", "rsa4096"});
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{120});
  const Ran root = operate({"ca", "rollover", "--root"});
  other.join();
  if (root.exit != 0) {
    EXPECT_THAT(root.err, HasSubstr("store.conflict"));
  }
  const std::string now = root.exit == 0 ? "/crl/root-2.crl" : "/crl/root.crl";
  const std::string issuing = server_.data() + "/authorities/taps/issuing.pem";
  EXPECT_TRUE(comes([&] {
    return shop_.openssl({"x509", "-in", issuing, "-noout", "-text"}).out.contains(now);
  }));
}

// Another kind of authority may have borne the name before.
TEST_F(OwnAuthorities, ListNothingThatAnotherAuthorityOfTheirNameIssued) {
  shop_.certificate("theirs", {"-subj", "/CN=Their CA", "-days", "3650", "-addext",
                               "basicConstraints=critical,CA:TRUE"});
  const WebService theirs([&](const WebRequest& request) -> WebAnswer {
    const auto question = boost::json::parse(request.body);
    if (question.at("operation").as_string() == "revoke") return {.body = R"({"revoked":true})"};
    std::ofstream(at("pub")) << question.at("public_key").as_string().c_str();
    (void)shop_.openssl({"x509", "-new", "-force_pubkey", at("pub"), "-subj", "/CN=one", "-CA",
                         at("theirs.pem"), "-CAkey", at("theirs.key"), "-out", at("new.pem")});
    return {.body = read_file(at("new.pem"))};
  });
  ASSERT_EQ(operate({"object", "set", "authority", "meters", "kind=webhook",
                     "url=" + theirs.url("/"), "ca=" + at("theirs.pem")})
                .exit,
            0);
  ASSERT_EQ(
      operate({"object", "set", "ra_profile", "meters", "template=device", "authorities=meters"})
          .exit,
      0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  const Ran ran = enroll("one", "meters", at("theirs.pem"));
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  ASSERT_EQ(operate({"revoke", serial("one")}).exit, 0);
  set_up("meters", {"url=", "ca="});
  EXPECT_THAT(shown("meters-issuing", "-subject"), HasSubstr("meters Issuing CA"));
  EXPECT_FALSE(lists("meters/issuing.crl", serial("one")));
  EXPECT_TRUE(fetch("/crl/meters/issuing.crl", "x"));
}

TEST_F(OwnAuthorities, TellTheirOwnWhenTheyHaveExpired) {
  set_up("short", {"root=own", "lives=8s"});
  ASSERT_TRUE(fetch("/ca/short/root.pem", "root.pem"));
  std::this_thread::sleep_for(std::chrono::seconds{9});
  const Ran ran = shop_.countersign({"info", server_.url() + "/.well-known/cmp/p/short", "--type",
                                     "caCerts", "--out", at("told.pem"), "--reference",
                                     server_.reference(), "--secret", "pass:" + server_.secret()});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(shown("told", "-subject"), HasSubstr("short Issuing CA"));
  EXPECT_EQ(enroll("late", "short", at("root.pem")).exit, 3);
}

TEST_F(OwnAuthorities, AreAskedByWhoeverElsesClient) {
  set_up("meters", {"root=own"});
  ASSERT_TRUE(fetch("/ca/meters/root.pem", "root.pem"));
  ASSERT_EQ(enroll("one", "meters", at("root.pem")).exit, 0);
  const std::string server = server_.host_port();
  const Ran ran = shop_.openssl(
      {"cmp", "-cmd", "kur", "-server", server, "-path", ".well-known/cmp/p/meters", "-trusted",
       at("root.pem"), "-cert", at("one.pem"), "-key", at("one.key"), "-untrusted",
       at("meters-issuing.pem"), "-newkey", at("one.key"), "-certout", at("two.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_TRUE(verifies("two", at("root.pem"), at("meters-issuing.pem")));
}

TEST_F(OwnAuthorities, HaveCertificatesThatSignOnlyWhereAProfileTakesThem) {
  set_up("meters", {"ca_name=Meters"});
  Ran ran = operate({"object", "set", "cmp_profile", "line", "default_ra_profile=meters",
                     "signers_issued_by=meters"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ASSERT_EQ(enroll("meter", "meters", servers_root()).exit, 0) << server_.log();
  ASSERT_EQ(enroll("person", "default", servers_root()).exit, 0) << server_.log();
  const std::string line = "GET /.well-known/cmp/p/line HTTP/1.0\r\n\r\n";
  EXPECT_TRUE(comes([&] { return !server_.http(line).contains(" 404 "); })) << server_.log();
  EXPECT_EQ(by_certificate("renew", "meter", "line", servers_root()).exit, 0) << server_.log();
  ran = by_certificate("renew", "person", "line", servers_root());
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("certificates of the authority \"default\" may not sign"));
  EXPECT_EQ(by_certificate("renew", "person", "default", servers_root()).exit, 0);
  ran = operate({"object", "set", "cmp_profile", "line", "signers_issued_by=nobody"});
  EXPECT_THAT(ran.err, HasSubstr("there is no authority nobody; there are meters"));
}

TEST_F(OwnAuthorities, IssueNoMoreInADayThanTheyMay) {
  set_up("meters", {"ca_name=Meters", "most_per_day=2"});
  for (const char* name : {"m1", "m2"}) {
    ASSERT_EQ(enroll(name, "meters", servers_root()).exit, 0) << server_.log();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  const Ran third = enroll("m3", "meters", servers_root());
  EXPECT_NE(third.exit, 0);
  EXPECT_THAT(third.err, HasSubstr("as many certificates in the last 24 hours as it may"));
  const Ran more = operate({"object", "set", "authority", "meters", "most_per_day=3"});
  ASSERT_EQ(more.exit, 0) << more.err;
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_EQ(enroll("m4", "meters", servers_root()).exit, 0) << server_.log();
}

TEST_F(OwnAuthorities, IssueNoMoreThanTheyMayInPlaceOfOneThatIsAway) {
  set_up("south", {"ca_name=South", "most_per_day=1"});
  const std::string ca = server_.data() + "/root.pem";
  ASSERT_EQ(
      operate({"object", "set", "authority", "north", "kind=command", "command=nobody", "ca=" + ca})
          .exit,
      0);
  ASSERT_EQ(
      operate({"object", "set", "ra_profile", "both", "template=device", "authorities=north,south"})
          .exit,
      0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  ASSERT_EQ(enroll("m1", "both", servers_root()).exit, 0) << server_.log();
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_NE(enroll("m2", "both", servers_root()).exit, 0);
  EXPECT_NE(enroll("m3", "both", servers_root()).exit, 0);
}

}  // namespace
}  // namespace countersign::test
