// Shared secrets through the real programs: where they may be used from, rotation, how they are
// handed over, and which of them a message names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "base/bytes.h"
#include "support/process.h"

namespace countersign::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace json = boost::json;

class Secrets : public testing::Test {
 protected:
  Workshop shop_;
  std::unique_ptr<RunningServer> server_;

  void serve(const std::string& config = {}) {
    server_ = std::make_unique<RunningServer>(shop_, config);
  }
  // Its invitations lead to it.
  void serve_in_public(const std::string& config = {}) {
    serve();
    server_->stop();
    write("data/config.toml", "public_url = \"" + server_->url() + "\"\nlisten = \"" +
                                  server_->host_port() + "\"\n" + config);
    server_->start();
  }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_->data()});
    return shop_.countersignd(words);
  }
  json::object told(Words words) {
    words.emplace_back("--json");
    const Ran ran = operate(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.exit == 0 ? json::parse(ran.out).as_object() : json::object();
  }
  static std::string text(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value == nullptr ? "(absent)" : std::string(value->as_string());
  }
  Ran enroll(const std::string& name, const Words& how) {
    Words words{"enroll", server_->url(),          "--subject", "CN=" + name,
                "--key",  shop_.at(name + ".key"), "--cert",    shop_.at(name + ".pem")};
    words.insert(words.end(), how.begin(), how.end());
    return shop_.countersign(words);
  }
  static Words by(const std::string& reference, const std::string& secret) {
    return {"--reference", reference, "--secret", "pass:" + secret};
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(shop_.at(name), std::ios::binary) << content;
  }
  // A program of the operator's.
  std::string script(const std::string& name, const std::string& content) {
    write(name, "#!/bin/sh\n" + content);
    std::filesystem::permissions(shop_.at(name), std::filesystem::perms::owner_all);
    return shop_.at(name);
  }
  std::string list() { return operate({"secret", "list", "--json"}).out; }
};

TEST_F(Secrets, OfANetworkAreGoodThereAlone) {
  serve();
  const std::string far = text(told({"secret", "add", "--reference", "far", "--uses", "any",
                                     "--network", "10.0.0.0/8", "--network", "2001:db8::/32"}),
                               "secret");
  Ran ran = enroll("far", by("far", far));
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("notAuthorized"), HasSubstr("10.0.0.0/8, 2001:db8::/32"),
                             HasSubstr("server.network")));
  ran = enroll("far", by("far", "a-wrong-secret-of-some-length"));
  EXPECT_THAT(ran.err, AllOf(HasSubstr("the MAC does not verify"), Not(HasSubstr("10.0.0.0"))))
      << "a stranger learns nothing";
  const std::string near =
      text(told({"secret", "add", "--reference", "near", "--network", "127.0.0.0/8"}), "secret");
  ran = enroll("near", by("near", near));
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(operate({"secret", "list"}).out, HasSubstr("from 10.0.0.0/8, 2001:db8::/32"));
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("server.network"));
}

TEST_F(Secrets, OfWhatIsNoNetworkAreNotMade) {
  serve();
  const Ran ran = operate({"secret", "add", "--network", "10.1.2.3/8"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("10.1.2.3/8"), HasSubstr("write 10.0.0.0/8")));
  write("units.csv", "reference,networks\na,\"10.0.0.0/8, ::1\"\nb,here\n");
  Ran import = operate({"secret", "import", shop_.at("units.csv")});
  EXPECT_EQ(import.exit, 6);
  EXPECT_THAT(import.err, AllOf(HasSubstr("line 3"), HasSubstr("is no network: here")));
  import = operate({"secret", "import", shop_.at("units.csv"), "--skip-broken"});
  EXPECT_THAT(import.out, HasSubstr("\"10.0.0.0/8, ::1/128\""));
  EXPECT_THAT(list(), AllOf(HasSubstr("::1/128"), Not(HasSubstr("\"b\""))));
}

TEST_F(Secrets, AreRotatedWithAnOverlap) {
  serve();
  const std::string first =
      text(told({"secret", "add", "--reference", "unit", "--uses", "any"}), "secret");
  ASSERT_EQ(enroll("unit", by("unit", first)).exit, 0);
  const auto rotated = told({"secret", "rotate", "unit", "--overlap", "5s"});
  const std::string second = text(rotated, "secret");
  EXPECT_NE(second, first);
  EXPECT_NE(text(rotated, "former_until"), "");
  EXPECT_THAT(list(), AllOf(HasSubstr("former_until\":\"2"), Not(HasSubstr(second))));
  Ran ran = enroll("unit", by("unit", first));
  EXPECT_EQ(ran.exit, 0) << "the former one passes, too: " << ran.err;
  ran = enroll("unit", by("unit", second));
  EXPECT_EQ(ran.exit, 0) << ran.err;
  std::this_thread::sleep_for(milliseconds{6000});
  ran = enroll("unit", by("unit", first));
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("the MAC does not verify"));
  EXPECT_EQ(enroll("unit", by("unit", second)).exit, 0);
  const std::string third = text(told({"secret", "rotate", "unit", "--overlap", "0"}), "secret");
  EXPECT_NE(enroll("unit", by("unit", second)).exit, 0) << "void at once";
  EXPECT_EQ(enroll("unit", by("unit", third)).exit, 0);
  EXPECT_THAT(operate({"audit", "list"}).out,
              AllOf(HasSubstr("secret-rotated"), HasSubstr("the former one is void"),
                    Not(HasSubstr(third))));
  EXPECT_EQ(operate({"secret", "rotate", "nobody"}).exit, 6);
  EXPECT_EQ(operate({"secret", "rotate", "unit", "--overlap", "soon"}).exit, 6);
}

// A message that was answered, and what follows it, do not care.
TEST_F(Secrets, MayBeRotatedInTheMiddleOfATransaction) {
  serve("[approval]\ntemplates = [\"*\"]\ncheck_after = \"1s\"\n");
  const std::string first = text(told({"secret", "add", "--reference", "unit"}), "secret");
  // One message out, its answer in.
  const auto step = [&](const std::string& out, const std::string& in) {
    Words words = by("unit", first);
    words.insert(words.end(), {"--request-out", shop_.at(out)});
    if (!in.empty()) words.insert(words.end(), {"--response-in", shop_.at(in)});
    return enroll("unit", words);
  };
  const auto answer = [&](const std::string& request, const std::string& reply) {
    const Bytes octets = server_->post(to_bytes(read_file(shop_.at(request))));
    write(reply, std::string(countersign::text(octets)));
    return octets;
  };
  step("ir.pki", "");
  const Bytes waits = answer("ir.pki", "waits.pki");
  told({"secret", "rotate", "unit", "--overlap", "1s"});
  std::this_thread::sleep_for(milliseconds{2000});
  EXPECT_EQ(answer("ir.pki", "again.pki"), waits) << "sent again it gets the same answer";
  const auto requests = json::parse(operate({"requests", "list", "--json"}).out).as_array();
  ASSERT_EQ(requests.size(), 1u);
  ASSERT_EQ(operate({"operator", "add", "ada", "--role", "ra_officer"}).exit, 0);
  const std::string id = text(requests[0].as_object(), "id");
  ASSERT_EQ(operate({"requests", "approve", id, "--as", "ada"}).exit, 0);
  std::this_thread::sleep_for(milliseconds{1500});
  step("pollReq.pki", "waits.pki");
  answer("pollReq.pki", "ip.pki");
  step("certConf.pki", "ip.pki");
  answer("certConf.pki", "pkiConf.pki");
  const Ran ran = step("none.pki", "pkiConf.pki");
  EXPECT_EQ(ran.exit, 0) << ran.err << server_->log();
  EXPECT_THAT(server_->certificates(), HasSubstr("valid CN=unit"));
}

TEST_F(Secrets, AreHandedOverAsAnInvitation) {
  serve();
  const auto made =
      told({"secret", "add", "--reference", "unit 1&2%2B+=", "--network", "127.0.0.1"});
  const std::string invitation = text(made, "invitation");
  EXPECT_THAT(invitation, StartsWith("countersign:enroll?url="));
  write("invitation", invitation + "\n");
  Ran ran =
      shop_.countersign({"enroll", server_->url(), "--invite", "file:" + shop_.at("invitation"),
                         "--key", shop_.at("k"), "--cert", shop_.at("c.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server_->certificates(), HasSubstr("CN=unit 1&2%2B\\+="));
  ran = shop_.countersign({"enroll", "--invite", invitation, "--secret", "pass:x", "--key",
                           shop_.at("k2"), "--cert", shop_.at("c2.pem")});
  EXPECT_EQ(ran.exit, 1);
  ran = shop_.countersign({"enroll", "--invite", "pass:countersign:enroll?secret=hush", "--key",
                           shop_.at("k2"), "--cert", shop_.at("c2.pem")});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("is no invitation"), Not(HasSubstr("hush"))));
}

TEST_F(Secrets, AreShownAsAQrCodeOfTheirInvitation) {
  serve_in_public();
  const Ran shown = operate({"secret", "add", "--reference", "unit", "--qr"});
  ASSERT_EQ(shown.exit, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("█"));
  const std::string invitation = shown.out.substr(shown.out.find("countersign:enroll?"));
  const Ran ran = shop_.countersign(
      {"enroll", "--invite", invitation, "--key", shop_.at("k"), "--cert", shop_.at("c.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server_->certificates(), HasSubstr("CN=unit"));
}

TEST_F(Secrets, AreMadeByTheDozen) {
  serve();
  const Ran ran = operate({"secret", "add", "--count", "12", "--reference", "unit-", "--expires",
                           "30d", "--out", shop_.at("all.csv")});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  std::istringstream lines(read_file(shop_.at("all.csv")));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(line);
  ASSERT_EQ(rows.size(), 13u);
  EXPECT_THAT(rows[0], StartsWith("reference,secret,names"));
  EXPECT_THAT(rows[1], StartsWith("unit-01,"));
  EXPECT_THAT(rows[12], StartsWith("unit-12,"));
  const std::string secret = rows[12].substr(8, 32);
  EXPECT_EQ(enroll("unit-12", by("unit-12", secret)).exit, 0);
  // Its columns are those of `secret import`, and two more.
  const std::string columns =
      "names,profile,cmp_profile,uses,begins,expires,note,networks,subscriber";
  EXPECT_EQ(rows[0], "reference,secret," + columns + ",invitation");
  EXPECT_EQ(operate({"secret", "add", "--count", "3", "--qr"}).exit, 6);
  EXPECT_EQ(operate({"secret", "add", "--count", "12", "--reference", "unit-"}).exit, 6);
  EXPECT_THAT(operate({"secret", "add", "--count", "2"}).out, HasSubstr("\nref-"));
}

TEST_F(Secrets, AreDeliveredByAProgram) {
  const std::string post =
      script("post", R"(
test "$COUNTERSIGN_ADDRESS" = nobody@example && { echo "no such mailbox" >&2; exit 1; }
{ echo "To: $COUNTERSIGN_ADDRESS"; echo; echo "$COUNTERSIGN_INVITATION"; } > ")" +
                         shop_.at("mail") + "\"\ncat > \"" + shop_.at("question") + "\"\n");
  serve("[credentials]\ndeliver = \"" + post + "\"\n");
  Ran ran = operate({"secret", "add", "--reference", "unit", "--deliver", "ada@example"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("delivered to ada@example"), Not(HasSubstr("secret "))));
  const auto question = json::parse(read_file(shop_.at("question"))).as_object();
  EXPECT_EQ(text(question, "reference"), "unit");
  EXPECT_EQ(text(question, "names"), "self");
  const std::string mail = read_file(shop_.at("mail"));
  EXPECT_THAT(mail, StartsWith("To: ada@example\n\ncountersign:enroll?"));
  write("invitation", mail.substr(mail.find("countersign:")));
  ran = shop_.countersign({"enroll", server_->url(), "--invite", "file:" + shop_.at("invitation"),
                           "--key", shop_.at("k"), "--cert", shop_.at("c.pem")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(operate({"audit", "list"}).out, HasSubstr("delivered to ada@example"));

  ran = operate({"secret", "add", "--reference", "lost", "--deliver", "nobody@example"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("not delivered"), HasSubstr("no such mailbox")));
  EXPECT_THAT(list(), Not(HasSubstr("lost")));
  ran = operate({"secret", "rotate", "unit", "--deliver", "nobody@example"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(list(), Not(HasSubstr("former_until\":\"2"))) << "the present one stays";
  ran = operate({"secret", "rotate", "unit", "--deliver", "ada@example"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(text(json::parse(read_file(shop_.at("question"))).as_object(), "secret").size(), 32u);
}

// The script of docs/operate.md, but for the mail.
TEST_F(Secrets, AreDeliveredByTheScriptOfTheManual) {
  const std::string page = read_file(std::string(COUNTERSIGN_SOURCE_DIR) + "/docs/operate.md");
  const auto begin = page.find("#!/bin/sh\n") + 10;
  std::string content = page.substr(begin, page.find("```", begin) - begin);
  const std::string mailer = "| /usr/sbin/sendmail -t";
  const auto at = content.find(mailer);
  ASSERT_NE(at, std::string::npos);
  content.replace(at, mailer.size(), "> \"" + shop_.at("mail") + "\"");
  serve_in_public("[credentials]\ndeliver = \"" + script("deliver", content) + "\"\n");
  Ran ran = operate({"secret", "add", "--reference", "unit", "--deliver", "ada@example"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string mail = read_file(shop_.at("mail"));
  EXPECT_THAT(mail, StartsWith("To: ada@example\nSubject: Your certificate\n\n"));
  const std::string command = mail.substr(mail.find("countersign enroll"));
  ran = shop_.run({"/bin/sh", "-c",
                   "cd '" + shop_.at("") + "' && PATH='" COUNTERSIGN_BIN_DIR "' && " + command});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server_->certificates(), HasSubstr("CN=unit"));
}

// The same program, asked by who uses the API.
TEST_F(Secrets, AreDeliveredForTheApi) {
  const std::string post =
      script("post", "test \"$COUNTERSIGN_ADDRESS\" = ada || exit 1\ncat > \"" +
                         shop_.at("question") + "\"\n");
  serve("[api]\nlisten = \"127.0.0.1:0\"\ntls = false\n[credentials]\ndeliver = \"" + post +
        "\"\n");
  const Ran made = operate({"operator", "add", "eve", "--role", "ra_officer", "--json"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const std::string token = text(json::parse(made.out).as_object(), "token");
  std::smatch found;
  std::string log;
  for (int tries = 0; tries < 100 && found.empty(); ++tries) {
    std::this_thread::sleep_for(milliseconds{100});
    log = server_->log();
    std::regex_search(log, found,
                      std::regex("the API is served at http://127\\.0\\.0\\.1:([0-9]+)"));
  }
  ASSERT_FALSE(found.empty()) << log;
  const int port = std::stoi(found[1]);
  const auto post_to = [&](const std::string& path, const std::string& body) {
    return http(port, "POST /api/v1/credentials" + path +
                          " HTTP/1.0\r\nHost: x\r\nAuthorization: "
                          "Bearer " +
                          token + "\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_THAT(post_to("", R"({"reference":"unit","deliver":"ada"})"), HasSubstr(" 201 "));
  const auto question = json::parse(read_file(shop_.at("question"))).as_object();
  EXPECT_EQ(enroll("unit", by("unit", text(question, "secret"))).exit, 0);
  EXPECT_THAT(post_to("/unit/rotate", R"({"deliver":"ada"})"), HasSubstr(" 200 "));
  EXPECT_NE(text(json::parse(read_file(shop_.at("question"))).as_object(), "secret"),
            text(question, "secret"));
  EXPECT_THAT(post_to("", R"({"reference":"lost","deliver":"bob"})"),
              AllOf(HasSubstr(" 502 "), HasSubstr("console.deliver")));
  EXPECT_THAT(list(), Not(HasSubstr("lost")));
}

TEST_F(Secrets, AreNotDeliveredByNothing) {
  serve();
  const Ran ran = operate({"secret", "add", "--reference", "unit", "--deliver", "ada@example"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_THAT(ran.err, HasSubstr("credentials.deliver"));
  EXPECT_THAT(list(), Not(HasSubstr("unit")));
}

// As clients that were made for EJBCA's client mode name themselves: neither senderKID nor a sender
// that is known.
TEST_F(Secrets, AreNamedByTheSubjectWhereTheProfileSaysSo) {
  serve();
  const std::string secret =
      text(told({"secret", "add", "--reference", "unit-7", "--uses", "any", "--names", "any"}),
           "secret");
  ASSERT_EQ(shop_
                .openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-out", shop_.at("k.pem")})
                .exit,
            0);
  std::string path = "/.well-known/cmp";
  const auto ask = [&](const std::string& command, const std::string& subject,
                       const std::string& password) {
    Words words{"cmp",
                "-cmd",
                command,
                "-server",
                server_->host_port(),
                "-path",
                path,
                "-secret",
                "pass:" + password,
                "-recipient",
                "/CN=CA",
                "-subject",
                subject,
                "-newkey",
                shop_.at("k.pem"),
                "-certout",
                shop_.at("out.pem"),
                "-unprotected_errors"};
    if (command == "p10cr") words.insert(words.end(), {"-csr", shop_.at("csr.pem")});
    return shop_.openssl(words);
  };
  const std::string subject = "/UID=unit-7/CN=somebody";
  ASSERT_EQ(shop_
                .openssl({"req", "-new", "-key", shop_.at("k.pem"), "-subj", subject, "-out",
                          shop_.at("csr.pem")})
                .exit,
            0);
  Ran ran = ask("ir", subject, secret);
  EXPECT_NE(ran.exit, 0) << "off by itself";
  path = "/.well-known/cmp/p/ejbca";
  ran = operate({"object", "set", "cmp_profile", "ejbca", "reference_from_subject=uid"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  std::this_thread::sleep_for(milliseconds{2000});
  for (const char* command : {"ir", "cr", "p10cr"}) {
    ran = ask(command, subject, secret);
    EXPECT_EQ(ran.exit, 0) << command << ": " << ran.err << server_->log();
  }
  EXPECT_THAT(server_->certificates(), HasSubstr("valid"));
  EXPECT_NE(ask("ir", subject, "wrong-secret-of-some-length").exit, 0);
  EXPECT_NE(ask("ir", "/UID=unit-8/CN=somebody", secret).exit, 0);
  EXPECT_NE(ask("ir", "/UID=unit-7/UID=unit-7/CN=somebody", secret).exit, 0) << "which of them?";
  ran = operate({"object", "set", "cmp_profile", "ejbca", "reference_from_subject=colour"});
  EXPECT_NE(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("an attribute type"));
}

}  // namespace
}  // namespace countersign::test
