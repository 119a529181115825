// Authorities beside the server's own, through the real programs: a program that asks a CA of two
// files, a CA over CMP, several of them in one RA profile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A CA of two files, and what a program does with them. `mood` beside it tells what it does first.
constexpr const char* kProgram = R"sh(#!/bin/sh
set -eu
cd "$1"
cat > "question-$COUNTERSIGN_OPERATION.json"
echo "$COUNTERSIGN_OPERATION $COUNTERSIGN_ID" >> asked.txt
mood=$(cat mood 2>/dev/null || true)
case $mood in
fails) exit 1 ;;
later) exit 75 ;;
refuses) echo "we know no such customer" >&2; exit 65 ;;
babbles) echo "what?"; exit 0 ;;
hangs) sleep 600 ;;
lies) cat other.pem; exit 0 ;;
alone)
  mkdir running || echo "$COUNTERSIGN_ID" >> overlaps.txt
  sleep 1
  rmdir running || true ;;
waits) echo '{"pending": 1}'; exit 0 ;;
esac
if [ "$COUNTERSIGN_OPERATION" = revoke ]; then
  echo "$COUNTERSIGN_SERIAL $COUNTERSIGN_REASON" >> revoked.txt
  echo '{"revoked": true}'
  exit 0
fi
if [ ! -f "$COUNTERSIGN_ID.pem" ]; then
  printf '%s' "$COUNTERSIGN_PUBLIC_KEY" > key.pub
  echo "keyUsage=critical,$COUNTERSIGN_KEY_USAGE" > ext.cnf
  [ -z "$COUNTERSIGN_SAN" ] || echo "subjectAltName=$COUNTERSIGN_SAN" >> ext.cnf
  echo "subjectKeyIdentifier=hash" >> ext.cnf
  "$2" x509 -new -force_pubkey key.pub -subj "$COUNTERSIGN_SUBJECT_SLASHES" -CA ca.pem -CAkey ca.key \
    -days "$COUNTERSIGN_DAYS" -extfile ext.cnf -out new.pem $(cat more 2>/dev/null || true)
  mv new.pem "$COUNTERSIGN_ID.pem"
fi
cat "$COUNTERSIGN_ID.pem"
)sh";

class Authorities : public testing::Test {
 protected:
  Workshop shop_;
  std::string their_ = shop_.at("their");
  std::optional<RunningServer> server_;
  int names_ = 0;
  std::string last_;

  void SetUp() override {
    std::filesystem::create_directories(their_);
    std::filesystem::create_directories(shop_.at("commands"));
    const std::string program = shop_.at("commands") + "/theirs.sh";
    std::ofstream(program) << kProgram;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    shop_.certificate("their/ca", {"-subj", "/CN=Their CA", "-days", "3650", "-addext",
                                   "basicConstraints=critical,CA:TRUE", "-addext",
                                   "keyUsage=critical,keyCertSign,cRLSign"});
    server_.emplace(shop_, "[authorities]\ncommands = \"" + shop_.at("commands") + "\"\n");
    const Ran ran = apply(theirs("") + R"(
[ra_profile.elsewhere]
template = "device"
authorities = ["theirs"]
)");
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }

  std::string theirs(const std::string& more) const {
    return "[authority.theirs]\nkind = \"command\"\ncommand = [\"theirs.sh\", \"" + their_ +
           "\", \"" COUNTERSIGN_OPENSSL "\"]\nca = \"" + their_ + "/ca.pem\"\n" +
           "retry = \"1s\"\n" + more;
  }
  void mood(const std::string& word) { std::ofstream(their_ + "/mood") << word; }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_->data()});
    return shop_.countersignd(words);
  }
  Ran apply(const std::string& toml) {
    std::ofstream(shop_.at("objects.toml")) << toml;
    Ran ran = operate({"config", "apply", shop_.at("objects.toml")});
    // Whoever serves looks once a second.
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
    return ran;
  }
  Ran enroll(const Words& more = {}, const std::string& profile = "elsewhere") {
    const std::string name = "n" + std::to_string(++names_);
    last_ = shop_.at(name + ".pem");
    Words words{"enroll",    server_->url() + "/.well-known/cmp/p/" + profile,
                "--subject", "CN=" + name + ",O=A/B",
                "--san",     "dns:" + name + ".example",
                "--key",     shop_.at(name + ".key"),
                "--cert",    last_};
    const Words secret = server_->by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  std::string shown(const std::string& what) {
    return shop_.openssl({"x509", "-in", last_, "-noout", what}).out;
  }
  std::string theirs_file(const std::string& name) { return read_file(their_ + "/" + name); }
};

TEST_F(Authorities, AProgramIssuesAndIsToldOfARevocation) {
  Ran ran = enroll();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(shown("-issuer"), HasSubstr("Their CA"));
  EXPECT_THAT(shown("-text"), AllOf(HasSubstr("DNS:n1.example"), HasSubstr("A/B")));
  EXPECT_EQ(shop_.openssl({"verify", "-CAfile", their_ + "/ca.pem", last_}).exit, 0);
  EXPECT_THAT(theirs_file("question-issue.json"),
              AllOf(HasSubstr(R"("operation":"issue")"), HasSubstr(R"("ra_profile":"elsewhere")"),
                    HasSubstr(R"("subject":"CN=n1,O=A/B")")));
  ran = shop_.countersign({"revoke", server_->url(), "--key", shop_.at("n1.key"), "--cert", last_,
                           "--trust", server_->data() + "/root.pem", "--reason", "superseded"});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(theirs_file("revoked.txt"), HasSubstr(" superseded"));
  EXPECT_THAT(operate({"certificates"}).out, HasSubstr("revoked"));
}

TEST_F(Authorities, AnOfficersRevocationIsToldToWhoIssuedAndIsNotInOurOwnCrl) {
  ASSERT_EQ(enroll().exit, 0);
  const std::string serial = shown("-serial").substr(7, 40);
  ASSERT_EQ(operate({"revoke", serial}).exit, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  EXPECT_THAT(theirs_file("revoked.txt"), HasSubstr(serial + " unspecified"));
  EXPECT_THAT(operate({"requests", "list"}).out, Not(HasSubstr(serial)));
  const std::string answer = server_->http("GET /crl/issuing.crl HTTP/1.0\r\n\r\n");
  std::ofstream(shop_.at("crl")) << answer.substr(answer.find("\r\n\r\n") + 4);
  const std::string crl =
      shop_.openssl({"crl", "-inform", "DER", "-in", shop_.at("crl"), "-noout", "-text"}).out;
  EXPECT_THAT(crl, AllOf(HasSubstr("Countersign Issuing CA"), Not(HasSubstr(serial))));
  EXPECT_THAT(operate({"certificates"}).out, HasSubstr("revoked"));
}

TEST_F(Authorities, AKeyUpdateStaysWithItsAuthority) {
  ASSERT_EQ(enroll().exit, 0);
  const Ran changed = apply(
      "[ra_profile.elsewhere]\ntemplate = \"device\"\n"
      "authorities = [\"default\", \"theirs\"]\n");
  ASSERT_EQ(changed.exit, 0) << changed.err;
  const std::string first = last_;
  ASSERT_EQ(enroll().exit, 0);
  EXPECT_THAT(shown("-issuer"), HasSubstr("Countersign")) << "the list begins with our own now";
  // Our answer is signed under our own root; the certificate is under theirs.
  std::ofstream(shop_.at("roots.pem"))
      << read_file(server_->data() + "/root.pem") << theirs_file("ca.pem");
  const Ran ran = shop_.countersign({"renew", server_->url(), "--key", shop_.at("n1.key"), "--cert",
                                     first, "--trust", shop_.at("roots.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << server_->log();
  last_ = first;
  EXPECT_THAT(shown("-issuer"), HasSubstr("Their CA"));
}

struct Mood {
  const char* sentence;
  const char* word;
  int exit;
  const char* told;
};
class Moods : public Authorities, public testing::WithParamInterface<Mood> {};

TEST_P(Moods, IsToldToWhoAsks) {
  mood(GetParam().word);
  const Ran ran = enroll({"--patience", "3s"});
  EXPECT_EQ(ran.exit, GetParam().exit) << ran.err << server_->log();
  EXPECT_THAT(ran.err + server_->log(), HasSubstr(GetParam().told));
  EXPECT_FALSE(std::filesystem::exists(last_));
}
INSTANTIATE_TEST_SUITE_P(
    Programs, Moods,
    testing::Values(Mood{"its_refusal_with_its_words", "refuses", 3, "we know no such customer"},
                    Mood{"that_it_waits", "later", 5, "wait"},
                    Mood{"a_failure_as_a_wait", "fails", 5, "exit code 1"},
                    Mood{"nonsense_as_a_wait", "babbles", 5, "issuer.program-answer"}),
    [](const auto& mood) { return mood.param.sentence; });

// It is somebody's, and in use.
TEST_F(Authorities, ACertificateForAnotherKeyIsRefusedAndLeftAlone) {
  ASSERT_EQ(enroll().exit, 0);
  std::filesystem::copy(last_, their_ + "/other.pem");
  mood("lies");
  const Ran ran = enroll();
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_THAT(server_->log(), HasSubstr("it is for another key"));
  EXPECT_FALSE(std::filesystem::exists(last_));
  EXPECT_FALSE(std::filesystem::exists(their_ + "/revoked.txt"));
}

class TakenSerials : public Authorities, public testing::WithParamInterface<const char*> {};

// At once, and when it comes late.
TEST_P(TakenSerials, AreRefusedAndGivenBack) {
  std::ofstream(their_ + "/more") << "-set_serial 0x7777";
  ASSERT_EQ(enroll().exit, 0);
  mood(GetParam());
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::seconds{3});
    mood("");
  });
  const Ran ran = enroll();
  EXPECT_EQ(ran.exit, 3) << ran.err << server_->log();
  EXPECT_THAT(ran.err, HasSubstr("a certificate of another CA has here"));
  for (int tries = 0; tries < 50 && !std::filesystem::exists(their_ + "/revoked.txt"); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_THAT(theirs_file("revoked.txt"), HasSubstr("7777 "));
}
INSTANTIATE_TEST_SUITE_P(Of, TakenSerials, testing::Values("", "waits"), [](const auto& mood) {
  return std::string(mood.param).empty() ? "an_answer" : "a_late_answer";
});

TEST_F(Authorities, AQuestionSurvivesAFailureAndACrash) {
  mood("fails");
  Ran ran = enroll({"--patience", "2s"});
  ASSERT_EQ(ran.exit, 5) << ran.err;
  server_->kill();
  mood("");
  server_->start();
  std::this_thread::sleep_for(std::chrono::seconds{3});
  --names_;  // the same command again goes on with what was begun
  ran = enroll();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(shown("-issuer"), HasSubstr("Their CA"));
}

TEST_F(Authorities, AProgramThatHangsIsEnded) {
  ASSERT_EQ(apply(theirs("timeout = \"1s\"\n")).exit, 0);
  mood("hangs");
  const Ran ran = enroll({"--patience", "3s"});
  EXPECT_EQ(ran.exit, 5) << ran.err;
  EXPECT_THAT(server_->log(), HasSubstr("issuer.program-time"));
}

// Each of its runs takes a second, so that two at once would meet.
TEST_F(Authorities, AProgramIsNotRunMoreOftenAtOnceThanItMayBe) {
  ASSERT_EQ(apply(theirs("most_at_once = 1\n")).exit, 0);
  mood("alone");
  const Words secret = server_->by_secret();
  std::vector<std::unique_ptr<Workshop>> shops;
  std::vector<Ran> ran(4);
  std::vector<std::jthread> devices;
  for (std::size_t i = 0; i < ran.size(); ++i) {
    shops.push_back(std::make_unique<Workshop>());
    devices.emplace_back([&, i] {
      Words words{"enroll",    server_->url() + "/.well-known/cmp/p/elsewhere",
                  "--subject", "CN=n" + std::to_string(i),
                  "--timeout", "2m",
                  "--key",     shops[i]->at("k"),
                  "--cert",    shops[i]->at("c")};
      words.insert(words.end(), secret.begin(), secret.end());
      ran[i] = shops[i]->countersign(words);
    });
  }
  devices.clear();
  for (std::size_t i = 0; i < ran.size(); ++i) {
    EXPECT_EQ(ran[i].exit, 0) << ran[i].err << server_->log();
    EXPECT_EQ(shop_.openssl({"verify", "-CAfile", their_ + "/ca.pem", shops[i]->at("c")}).exit, 0);
  }
  const std::string asked = theirs_file("asked.txt");
  EXPECT_EQ(std::ranges::count(asked, '\n'), 4) << asked;
  EXPECT_FALSE(std::filesystem::exists(their_ + "/overlaps.txt"));
}

TEST_F(Authorities, TheNextOfTheListIssuesWhenTheFirstCannotBeReached) {
  // Port 9 of loopback: nobody listens there.
  const std::string gone = "[authority.gone]\nurl = \"http://127.0.0.1:9/\"\ncertificate = \"" +
                           shop_.at("ra.pem") + "\"\nkey = \"" + shop_.at("ra.key") +
                           "\"\nca = \"" + their_ + "/ca.pem\"\npatience = \"1s\"\n";
  Words words{"enroll",    server_->url() + "/.well-known/cmp/p/ra",
              "--subject", "CN=ra",
              "--key",     shop_.at("ra.key"),
              "--cert",    shop_.at("ra.pem")};
  ASSERT_EQ(operate({"secret", "add", "--reference", "ra", "--profile", "ra", "--names", "ra",
                     "--secret", "pass:for-the-ra-alone"})
                .exit,
            0);
  words.insert(words.end(), {"--reference", "ra", "--secret", "pass:for-the-ra-alone"});
  Ran ran = shop_.countersign(words);
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ran = apply(gone +
              "[ra_profile.elsewhere]\ntemplate = \"device\"\n"
              "authorities = [\"gone\", \"theirs\"]\n");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ran = enroll();
  ASSERT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(shown("-issuer"), HasSubstr("Their CA"));
}

struct Unsound {
  const char* sentence;
  const char* toml;
  const char* path;
};
class UnsoundAuthorities : public Authorities, public testing::WithParamInterface<Unsound> {};

TEST_P(UnsoundAuthorities, IsNotSaved) {
  const Ran ran = apply(GetParam().toml);
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().path));
}
INSTANTIATE_TEST_SUITE_P(
    What, UnsoundAuthorities,
    testing::Values(
        Unsound{"a_list_that_names_nobody", "[ra_profile.x]\nauthorities = [\"nobody\"]\n",
                "ra_profile.x.authorities"},
        Unsound{"a_program_outside_its_folder",
                "[authority.x]\nkind = \"command\"\ncommand = [\"../../bin/sh\"]\nca = \"y\"\n",
                "authority.x.command"},
        Unsound{"one_over_CMP_without_a_certificate",
                "[authority.x]\nurl = \"http://a/\"\nca = \"y\"\n", "authority.x.certificate"},
        Unsound{"the_name_of_the_servers_own",
                "[authority.default]\nkind = \"command\"\ncommand = [\"a\"]\nca = \"y\"\n",
                "authority.default.name"}),
    [](const auto& unsound) { return unsound.param.sentence; });

TEST_F(Authorities, NewFilesAreTakenUpWithoutARestart) {
  ASSERT_EQ(enroll().exit, 0);
  const auto said = [this](const std::string& words) {
    for (int i = 0; i < 50 && !server_->log().contains(words); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    EXPECT_THAT(server_->log(), HasSubstr(words));
  };
  shop_.certificate("their/ca", {"-subj", "/CN=Their second CA", "-days", "3650", "-addext",
                                 "basicConstraints=critical,CA:TRUE", "-addext",
                                 "keyUsage=critical,keyCertSign,cRLSign"});
  said("the authority theirs has new files");
  const Ran ran = enroll();
  EXPECT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(shown("-issuer"), HasSubstr("Their second CA"));
  const std::string good = theirs_file("ca.pem");
  std::ofstream(their_ + "/ca.pem") << "half a file";
  said("goes on as before");
  EXPECT_THAT(server_->log(), HasSubstr("authority.theirs.ca"));
  std::ofstream(their_ + "/ca.pem") << good;  // what the program signs by
  EXPECT_EQ(enroll().exit, 0);
}

TEST_F(Authorities, OneThatCannotBeOpenedIsLoggedAndRefusedByName) {
  ASSERT_EQ(apply("[authority.theirs]\nkind = \"command\"\ncommand = [\"no-such.sh\"]\nca = \"" +
                  their_ + "/ca.pem\"\n")
                .exit,
            0);
  EXPECT_THAT(server_->log(), HasSubstr("no-such.sh"));
  const Ran ran = enroll();
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("no CA that issues by the RA profile"));
}

}  // namespace
}  // namespace countersign::test
