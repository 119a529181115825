// countersignd ca rollover beside a server that goes on serving: who trusts the old root, who
// trusts the new one, who has a certificate of before. RFC 9810 §4.4, RFC 9483 §4.3.2
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Rollover : public testing::Test {
 protected:
  explicit Rollover(const Words& init = {})
      : server_(shop_, "[cmp]\ncentral_keys = \"any\"\n", init) {}

  Workshop shop_;
  RunningServer server_;

  std::string at(const std::string& name) const { return shop_.at(name); }
  std::string root() const { return server_.data() + "/root.pem"; }

  Ran officer(const Words& more) {
    Words words = more;
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }
  // By the secret; the answer is to be trusted under that root alone.
  Ran enroll(const std::string& name, const std::string& trust, const Words& more = {}) {
    Words words{"enroll",          server_.url(), "--subject",       "CN=" + name, "--key",
                at(name + ".key"), "--cert",      at(name + ".pem"), "--trust",    trust};
    const Words secret = server_.by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  Ran by_certificate(const std::string& verb, const std::string& name, const std::string& trust,
                     const Words& more = {}) {
    Words words{verb,    server_.url(),     "--cert",  at(name + ".pem"),
                "--key", at(name + ".key"), "--trust", trust};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  // Saves what GET gives; the status line.
  std::string fetch(const std::string& path, const std::string& file) {
    const std::string answer = server_.http("GET " + path + " HTTP/1.0\r\n\r\n");
    const auto end = answer.find("\r\n\r\n");
    std::ofstream(at(file), std::ios::binary)
        << (end == std::string::npos ? "" : answer.substr(end + 4));
    return answer.substr(0, answer.find('\r'));
  }
  bool comes(const std::function<bool()>& what) {
    for (int i = 0; i < 200; ++i) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return false;
  }
  void replace(const std::string& which, const std::string& document) {
    const Ran ran = officer({"ca", "rollover", which});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    // The server hears of it within about a second, and renews its signer then.
    EXPECT_TRUE(comes([&] { return fetch(document, "x").contains("200"); })) << server_.log();
  }
  std::string serial(const std::string& certificate) {
    const Ran shown = shop_.openssl({"x509", "-in", at(certificate), "-noout", "-serial"});
    std::string out = shown.out.substr(shown.out.find('=') + 1);
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
  }
  bool lists(const std::string& crl, const std::string& number) {
    (void)fetch("/crl/" + crl, crl);
    return shop_.openssl({"crl", "-in", at(crl), "-noout", "-text"}).out.contains(number);
  }
  // The verdict of the openssl command, with CRLs of every CA on the way.
  Ran verify(const std::string& name, const std::string& trusted, const Words& crls,
             const Words& more = {}) {
    Words words{"verify", "-x509_strict", "-crl_check_all", "-CAfile",
                trusted,  "-untrusted",   at(name + ".pem")};
    for (const auto& crl : crls) {
      EXPECT_THAT(fetch("/crl/" + crl, crl), HasSubstr("200")) << crl;
      words.insert(words.end(), {"-CRLfile", at(crl)});
    }
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(at(name + ".pem"));
    return shop_.openssl(words);
  }
};

TEST_F(Rollover, ReplacesTheRootWhileTheServerServes) {
  std::filesystem::copy_file(root(), at("old.pem"));
  const std::string old = at("old.pem");
  for (const char* name : {"first", "second", "third"}) ASSERT_EQ(enroll(name, old).exit, 0);

  replace("--root", "/ca/root-2.cer");
  EXPECT_NE(read_file(root()), read_file(old));

  // Who knows the old root alone goes on …
  Ran ran = enroll("with-old", old);
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_EQ(verify("with-old", old, {"issuing.crl", "root.crl", "root-2.crl"}).exit, 0);
  // … and who knows the new one alone begins.
  ran = enroll("with-new", root());
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(verify("with-new", root(), {"issuing.crl", "root-2.crl"}).exit, 0);
  // Who has a certificate of before renews and revokes it.
  ran = by_certificate("renew", "first", old);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  ran = by_certificate("renew", "second", root());
  EXPECT_EQ(ran.exit, 0) << ran.err;
  ran = by_certificate("revoke", "third", old);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(comes([&] { return lists("issuing.crl", serial("third.pem")); }));
  ran = verify("third", old, {"issuing.crl", "root.crl", "root-2.crl"});
  EXPECT_THAT(ran.err, HasSubstr("certificate revoked"));

  // The old root leads to the new one, and only with its word is it taken.
  std::filesystem::copy_file(old, at("trust.pem"));
  const Words accept{"--accept-root", at("trust.pem")};
  ran = by_certificate("info", "first", at("trust.pem"), accept);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(read_file(at("trust.pem")), read_file(root()) + read_file(old));
  ran = by_certificate("info", "first", at("trust.pem"), accept);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("no root follows"));
  EXPECT_EQ(read_file(at("trust.pem")), read_file(root()) + read_file(old));

  EXPECT_THAT(officer({"audit", "list"}).out, HasSubstr("root-replaced"));
  EXPECT_THAT(officer({"check"}).out, HasSubstr("root CA certificate, generation 2 expires"));
  const std::string log = server_.log();
  EXPECT_EQ(server_.stop(), 0);
  EXPECT_THAT(log, Not(HasSubstr("Z error "))) << "nothing went wrong meanwhile";

  // Served anew, it is the same authority.
  server_.start();
  EXPECT_EQ(enroll("after", old).exit, 0) << server_.log();
  EXPECT_EQ(enroll("after-too", root()).exit, 0);
  EXPECT_EQ(verify("after", old, {"issuing.crl", "root.crl", "root-2.crl"}).exit, 0);
}

TEST_F(Rollover, LeadsOverSeveralRootsOneByOne) {
  std::filesystem::copy_file(root(), at("first.pem"));
  std::filesystem::copy_file(root(), at("trust.pem"));
  ASSERT_EQ(enroll("device", root()).exit, 0);
  for (const char* document : {"/ca/root-2.cer", "/ca/root-3.cer"}) replace("--root", document);
  Ran ran = enroll("with-first", at("first.pem"));
  EXPECT_EQ(ran.exit, 0) << ran.err << "two links lead from the first root to the third";
  const Words accept{"--accept-root", at("trust.pem")};
  for (int i = 0; i < 2; ++i) {
    ran = by_certificate("info", "device", at("trust.pem"), accept);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("accepted into"));
  }
  EXPECT_THAT(read_file(at("trust.pem")), testing::StartsWith(read_file(root())));
  ran = by_certificate("info", "device", at("trust.pem"), accept);
  EXPECT_THAT(ran.err, HasSubstr("no root follows"));
}

TEST_F(Rollover, ReplacesTheIssuingCaWhileTheServerServes) {
  for (const char* name : {"first", "second", "third"}) ASSERT_EQ(enroll(name, root()).exit, 0);
  // The key generation authority is of this CA too.
  Ran ran = enroll("keyless", root(), {"--central-key"});
  EXPECT_EQ(ran.exit, 0) << ran.err;

  replace("--issuing", "/ca/issuing-2.cer");
  ran = enroll("young", root());
  ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
  EXPECT_THAT(ran.out, HasSubstr("Issuing CA G2"));
  EXPECT_EQ(verify("young", root(), {"issuing-2.crl", "root.crl"}).exit, 0);
  // The CMP signer is one of the new CA, soon.
  EXPECT_TRUE(comes([&] {
    return shop_.openssl({"x509", "-in", server_.data() + "/cmp.pem", "-noout", "-issuer"})
        .out.contains("G2");
  }));
  // What is of the CA before is still its own.
  EXPECT_EQ(verify("first", root(), {"issuing.crl", "root.crl"}).exit, 0);
  ran = by_certificate("renew", "first", root());
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Issuing CA G2"));
  ran = enroll("keyless-too", root(), {"--central-key"});
  EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  // Each is on the list of its own issuer, and on no other.
  for (const char* name : {"third", "young"}) {
    ran = by_certificate("revoke", name, root());
    EXPECT_EQ(ran.exit, 0) << ran.err;
  }
  const std::string old_one = serial("third.pem"), new_one = serial("young.pem");
  EXPECT_TRUE(comes([&] { return lists("issuing.crl", old_one); }));
  EXPECT_TRUE(comes([&] { return lists("issuing-2.crl", new_one); }));
  EXPECT_FALSE(lists("issuing.crl", new_one));
  EXPECT_FALSE(lists("issuing-2.crl", old_one));
  EXPECT_THAT(verify("third", root(), {"issuing.crl", "root.crl"}).err,
              HasSubstr("certificate revoked"));
  EXPECT_THAT(verify("young", root(), {"issuing-2.crl", "root.crl"}).err,
              HasSubstr("certificate revoked"));
  // By name each is told too.
  for (const auto& [issuer, number] : {std::pair{"CN=Countersign Issuing CA", old_one},
                                       {"CN=Countersign Issuing CA G2", new_one}}) {
    ran = by_certificate("info", "first", root(),
                         {"--type", std::string("crlStatusList=") + issuer, "--out", at("told")});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(shop_.openssl({"crl", "-in", at("told"), "-noout", "-text"}).out,
                HasSubstr(number));
  }
  EXPECT_EQ(server_.stop(), 0);

  // A root that comes later vouches for both.
  std::filesystem::copy_file(root(), at("old.pem"));
  ran = officer({"ca", "rollover", "--root", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.err << "without a server, too";
  EXPECT_THAT(ran.out, HasSubstr("\"generation\":2"));
  server_.start();
  for (const std::string& trust : {at("old.pem"), root()}) {
    ran = by_certificate("renew", "second", trust);
    EXPECT_EQ(ran.exit, 0) << ran.err << server_.log();
  }
  EXPECT_TRUE(lists("issuing.crl", old_one)) << "still listed";
  const Ran list = officer({"ca", "list"});
  for (const char* line :
       {"root  2  present", "root  1  earlier", "issuing  2  present", "issuing  1  earlier"})
    EXPECT_THAT(list.out, HasSubstr(line));
}

// One commit: the authority is the one before or the one after, whole.
TEST_F(Rollover, KilledAtAnyMomentLeavesOneAuthority) {
  std::filesystem::copy_file(root(), at("old.pem"));
  EXPECT_EQ(server_.stop(), 0);
  for (int after = 0; after < 400; after += 50) {
    Process command({std::string(COUNTERSIGN_BIN_DIR) + "/countersignd", "ca", "rollover",
                     after % 100 == 0 ? "--root" : "--issuing", "--data", server_.data()},
                    at("out"), at("err"));
    std::this_thread::sleep_for(std::chrono::milliseconds{after});
    command.send(SIGKILL);
    EXPECT_TRUE(command.wait(std::chrono::seconds{10}));
    const Ran check = officer({"check"});
    EXPECT_EQ(check.exit, 0) << check.out << check.err;
  }
  server_.start();
  ASSERT_THAT(fetch("/ca/root.cer", "root.der"), HasSubstr("200"));
  EXPECT_EQ(shop_.openssl({"x509", "-in", at("root.der"), "-out", at("served.pem")}).exit, 0);
  EXPECT_EQ(read_file(at("served.pem")), read_file(root())) << "the file follows, if it was behind";
  for (const std::string& trust : {at("old.pem"), root()})
    EXPECT_EQ(enroll(trust == root() ? "by-new" : "by-old", trust).exit, 0) << server_.log();
}

TEST_F(Rollover, IsToldWhatIsWrong) {
  EXPECT_THAT(officer({"ca", "rollover"}).err, HasSubstr("app.rollover"));
  EXPECT_THAT(officer({"ca", "rollover", "--root", "--issuing"}).err, HasSubstr("app.rollover"));
  EXPECT_THAT(officer({"ca", "rollover", "--root", "--algorithm", "rot13"}).err,
              HasSubstr("issuer.algorithm"));
  std::ofstream(at("ra.toml")) << "[upstream]\nurl = \"http://ca.example/\"\n";
  EXPECT_THAT(officer({"ca", "rollover", "--root", "--config", at("ra.toml")}).err,
              HasSubstr("app.no-own-ca"));
  EXPECT_THAT(officer({"ca", "list"}).out, Not(HasSubstr("2  present"))) << "nothing came of it";
}

class PostQuantumRollover : public Rollover {
 protected:
  PostQuantumRollover() : Rollover({"--algorithm", "ml-dsa-65"}) {}
};

TEST_F(PostQuantumRollover, ReplacesBoth) {
  std::filesystem::copy_file(root(), at("old.pem"));
  replace("--root", "/ca/root-2.cer");
  replace("--issuing", "/ca/issuing-2.cer");
  for (const std::string& trust : {at("old.pem"), root()}) {
    const std::string name = trust == root() ? "by-new" : "by-old";
    const Ran ran = enroll(name, trust);
    ASSERT_EQ(ran.exit, 0) << ran.err << server_.log();
    const Ran verified = verify(name, trust, {"issuing-2.crl", "root.crl", "root-2.crl"});
    EXPECT_EQ(verified.exit, 0) << name << verified.err;
  }
  EXPECT_THAT(officer({"ca", "list"}).out, HasSubstr("issuing  2  present  ml-dsa-65"));
}

}  // namespace
}  // namespace countersign::test
