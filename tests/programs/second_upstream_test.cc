// A registration authority of two CAs over CMP: the one that its configuration names, and one that
// is an object. Three countersignd; what goes to the second is seen on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "message/message.h"
#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;
using testing::HasSubstr;

class UpstreamCa {
 public:
  explicit UpstreamCa(const std::string& name, const std::string& configuration = {})
      : server_(shop_, configuration, {"--name", name}) {
    std::ofstream(chain()) << read_file(server_.data() + "/issuing.pem") << read_file(root());
  }
  std::string root() const { return server_.data() + "/root.pem"; }
  std::string chain() const { return shop_.at("chain.pem"); }
  RunningServer& server() { return server_; }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", server_.data()});
    return shop_.countersignd(words);
  }

  // NAME.key and NAME.pem of a registration authority, in that workshop.
  void make_ra(Workshop& shop, const std::string& name) {
    const Ran secret =
        shop_.countersignd({"secret", "add", "--data", server_.data(), "--profile", "ra", "--names",
                            "any", "--reference", name, "--secret", "pass:for-this-ra-alone"});
    if (secret.exit != 0) throw std::runtime_error(secret.err);
    const Ran made = shop.countersign({"enroll", server_.url(), "--reference", name, "--secret",
                                       "pass:for-this-ra-alone", "--subject", "CN=" + name, "--key",
                                       shop.at(name + ".key"), "--cert", shop.at(name + ".pem")});
    if (made.exit != 0) throw std::runtime_error(made.err);
  }
  // What an authority's configuration says of it.
  std::string as_upstream(const Workshop& shop, const std::string& ra) const {
    return "url = \"" + tap_.url("/.well-known/cmp") + "\"\ncertificate = \"" +
           shop.at(ra + ".pem") + "\"\nkey = \"" + shop.at(ra + ".key") + "\"\nca = \"" + chain() +
           "\"\n";
  }
  // All that came by that URL, oldest first.
  std::vector<PKIMessage> seen() const {
    std::vector<PKIMessage> out;
    for (const auto& request : tap_.asked())
      out.push_back(message::parse_message(view(request.body)).value());
    return out;
  }

 private:
  Workshop shop_;
  RunningServer server_;
  WebService tap_{[this](const WebRequest& request) {
    const Bytes reply = server_.post(view(request.body));
    return WebAnswer{.body = std::string(text(reply)), .type = "application/pkixcmp"};
  }};
};

class SecondUpstream : public testing::Test {
 protected:
  Workshop shop_;
  UpstreamCa first_{"First", "[cmp]\ncentral_keys = \"any\"\n"}, second_{"Second"};
  std::optional<RunningServer> ra_;

  void SetUp() override {
    first_.make_ra(shop_, "ra-of-first");
    second_.make_ra(shop_, "ra-of-second");
    ra_.emplace(shop_, "[cmp]\ncentral_keys = \"any\"\n[upstream]\n" +
                           first_.as_upstream(shop_, "ra-of-first"));
    std::ofstream(shop_.at("objects.toml"))
        << "[authority.second]\n"
        << second_.as_upstream(shop_, "ra-of-second")
        << "[ra_profile.second]\ntemplate = \"device\"\nauthorities = [\"second\"]\n";
    const Ran ran =
        shop_.countersignd({"config", "apply", shop_.at("objects.toml"), "--data", ra_->data()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    // Whoever serves looks once a second.
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  Ran enroll(const std::string& name, const std::string& path = {}) {
    Words words{"enroll", ra_->url() + path,       "--subject", "CN=" + name,
                "--key",  shop_.at(name + ".key"), "--cert",    shop_.at(name + ".pem")};
    const Words secret = ra_->by_secret();
    words.insert(words.end(), secret.begin(), secret.end());
    return shop_.countersign(words);
  }
  Ran renew(const std::string& name, const UpstreamCa& of) {
    return shop_.countersign({"renew", ra_->url(), "--key", shop_.at(name + ".key"), "--cert",
                              shop_.at(name + ".pem"), "--trust", of.root()});
  }
  std::string issuer_of(const std::string& name) {
    return shop_.openssl({"x509", "-in", shop_.at(name + ".pem"), "-noout", "-issuer"}).out;
  }
  static std::vector<BodyType> types(const std::vector<PKIMessage>& all) {
    std::vector<BodyType> out(all.size());
    std::ranges::transform(all, out.begin(), [](const auto& m) { return m.body.type; });
    return out;
  }
  std::string all_logs() {
    return ra_->log() + "\n--\n" + first_.server().log() + "\n--\n" + second_.server().log();
  }
};

// RFC 9483 §5.2.3 [MUST NOT] replace the protection of a kur; §5.2.2.1: ours around it
TEST_F(SecondUpstream, GetsAKeyUpdateWithItsProtectionAndOursAround) {
  ASSERT_EQ(enroll("dev", "/.well-known/cmp/p/second").exit, 0) << all_logs();
  EXPECT_THAT(issuer_of("dev"), HasSubstr("Second"));
  const auto before = second_.seen();
  EXPECT_EQ(types(before), (std::vector{BodyType::ir, BodyType::certConf}));
  const std::string old = read_file(shop_.at("dev.pem"));
  const std::size_t at_first = first_.seen().size();

  const Ran ran = renew("dev", second_);
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  EXPECT_NE(read_file(shop_.at("dev.pem")), old);
  EXPECT_THAT(issuer_of("dev"), HasSubstr("Second"));
  EXPECT_EQ(shop_
                .openssl({"verify", "-CAfile", second_.root(), "-untrusted", second_.chain(),
                          shop_.at("dev.pem")})
                .exit,
            0);
  EXPECT_EQ(first_.seen().size(), at_first) << "nothing of it is the other's business";

  const auto seen = second_.seen();
  ASSERT_EQ(seen.size(), 4u);
  const std::vector<BodyType> within{BodyType::kur, BodyType::certConf};
  const auto device = x509::directory_name(x509::common_name("dev"));
  for (std::size_t i = 0; i < within.size(); ++i) {
    const PKIMessage& around = seen.at(2 + i);
    ASSERT_EQ(around.body.type, BodyType::nested);
    EXPECT_EQ(around.header.sender, x509::directory_name(x509::common_name("ra-of-second")));
    EXPECT_TRUE(around.protection);
    const auto& nested = std::get<message::NestedMessageContent>(around.body.content);
    ASSERT_EQ(nested.messages.size(), 1u);
    EXPECT_EQ(nested.messages[0].body.type, within[i]);
    EXPECT_EQ(nested.messages[0].header.sender, device);
    EXPECT_TRUE(nested.messages[0].protection);
  }
  const std::string known = ra_->certificates();
  EXPECT_NE(known.find("valid CN=dev"), known.rfind("valid CN=dev")) << known;
}

TEST_F(SecondUpstream, LeavesTheFirstItsOwn) {
  ASSERT_EQ(enroll("dev").exit, 0) << all_logs();
  EXPECT_THAT(issuer_of("dev"), HasSubstr("First"));
  const Ran ran = renew("dev", first_);
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  EXPECT_THAT(issuer_of("dev"), HasSubstr("First"));
  EXPECT_EQ(types(first_.seen()),
            (std::vector{BodyType::ir, BodyType::certConf, BodyType::nested, BodyType::nested}));
  EXPECT_TRUE(second_.seen().empty());
}

class CustomerOfAnRa : public SecondUpstream {
 protected:
  void SetUp() override {
    SecondUpstream::SetUp();
    ASSERT_EQ(operate({"object", "set", "subscriber", "acme"}).exit, 0);
    ASSERT_EQ(operate({"secret", "add", "--subscriber", "acme", "--reference", "s", "--secret",
                       "pass:long-enough-for-this", "--names", "any"})
                  .exit,
              0);
    std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  }
  Ran operate(Words words) {
    words.insert(words.end(), {"--data", ra_->data()});
    return shop_.countersignd(words);
  }
  Ran enroll_dev(const std::string& path, const Words& more = {}) {
    Words words{"enroll",      ra_->url() + path,
                "--subject",   "CN=dev",
                "--reference", "s",
                "--secret",    "pass:long-enough-for-this",
                "--key",       shop_.at("dev.key"),
                "--cert",      shop_.at("dev.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }
  void expect_two_of_acme() {
    const Ran listed = operate({"certificates", "--subscriber", "acme"});
    EXPECT_NE(listed.out.find("CN=dev"), listed.out.rfind("CN=dev")) << listed.out;
  }
};

TEST_F(CustomerOfAnRa, OwnsWhatIsPassedOn) {
  const Ran ran = enroll_dev("/.well-known/cmp/p/second");
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  ASSERT_EQ(renew("dev", second_).exit, 0) << all_logs();
  expect_two_of_acme();
}

// RFC 9483 §5.2.3 [MUST NOT] replace the protection of a request for a key
TEST_F(CustomerOfAnRa, OwnsTheCertificateOfAKeyThatTheCaMakes) {
  ASSERT_EQ(shop_.openssl({"genpkey", "-algorithm", "RSA", "-out", shop_.at("dev.key")}).exit, 0);
  Ran ran = enroll_dev({}, {"--profile", "tls-server", "--san", "dns:dev.example"});
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  ran = shop_.countersign({"enroll", ra_->url(), "--central-key", "--via-cert", shop_.at("dev.pem"),
                           "--via-key", shop_.at("dev.key"), "--subject", "CN=dev", "--key",
                           shop_.at("made.key"), "--cert", shop_.at("made.pem"), "--trust",
                           first_.root()});
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  expect_two_of_acme();
}

TEST_F(CustomerOfAnRa, OwnsAnUpdateThatCameLate) {
  Ran ran = enroll_dev("/.well-known/cmp/p/second");
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  ASSERT_EQ(second_
                .operate({"object", "set", "ra_profile", "device", "template=device", "approvals=1",
                          "approve_updates=true", "approval_check_after=1s"})
                .exit,
            0);
  ASSERT_EQ(second_.operate({"operator", "add", "ada", "--role", "ra_officer"}).exit, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  std::thread client([&] { ran = renew("dev", second_); });
  std::string id;
  for (int tries = 0; tries < 200 && id.empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    const auto all =
        boost::json::parse(second_.operate({"requests", "list", "--json"}).out).as_array();
    if (!all.empty()) id = std::string(all[0].at("id").as_string());
  }
  const Ran approved = second_.operate({"requests", "approve", id, "--as", "ada"});
  EXPECT_EQ(approved.exit, 0) << approved.err << all_logs();
  client.join();
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  expect_two_of_acme();
}

// What is passed on with our protection added is examined, and so it is known whose it will be.
TEST(AddedProtection, LeavesWhatIsPassedOnToItsSubscriber) {
  Workshop shop;
  UpstreamCa ca{"Upstream"};
  ca.make_ra(shop, "ra");
  RunningServer ra(shop, "[upstream]\nstrategy = \"add\"\n" + ca.as_upstream(shop, "ra"));
  const auto add = [&](const std::string& data, const Words& more) {
    Words words{"secret",  "add", "--reference", "s", "--secret", "pass:long-enough-for-this",
                "--names", "any", "--data",      data};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(shop.countersignd(words).exit, 0);
  };
  ASSERT_EQ(shop.countersignd({"object", "set", "subscriber", "acme", "--data", ra.data()}).exit,
            0);
  add(ra.data(), {"--subscriber", "acme"});
  add(ca.server().data(), {});
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  const Ran ran = shop.countersign({"enroll", ra.url(), "--subject", "CN=dev", "--reference", "s",
                                    "--secret", "pass:long-enough-for-this", "--key",
                                    shop.at("dev.key"), "--cert", shop.at("dev.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << ra.log();
  const Ran listed =
      shop.countersignd({"certificates", "--subscriber", "acme", "--json", "--data", ra.data()});
  EXPECT_THAT(listed.out, HasSubstr("CN=dev"));
  EXPECT_THAT(listed.out, HasSubstr("\"profile\":\"device\""));
}

}  // namespace
}  // namespace countersign::test
