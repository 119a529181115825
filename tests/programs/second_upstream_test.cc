// A registration authority of two CAs over CMP: the one that its configuration names, and one that
// is an object. Three countersignd; what goes to the second is seen on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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
  explicit UpstreamCa(const std::string& name) : server_(shop_, {}, {"--name", name}) {
    std::ofstream(chain()) << read_file(server_.data() + "/issuing.pem") << read_file(root());
  }
  std::string root() const { return server_.data() + "/root.pem"; }
  std::string chain() const { return shop_.at("chain.pem"); }
  RunningServer& server() { return server_; }

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
  UpstreamCa first_{"First"}, second_{"Second"};
  std::optional<RunningServer> ra_;

  void SetUp() override {
    first_.make_ra(shop_, "ra-of-first");
    second_.make_ra(shop_, "ra-of-second");
    ra_.emplace(shop_, "[upstream]\n" + first_.as_upstream(shop_, "ra-of-first"));
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

TEST_F(SecondUpstream, LeavesWhatIsPassedOnToItsSubscriber) {
  const std::string data = ra_->data();
  ASSERT_EQ(shop_.countersignd({"object", "set", "subscriber", "acme", "--data", data}).exit, 0);
  ASSERT_EQ(
      shop_
          .countersignd({"secret", "add", "--subscriber", "acme", "--reference", "s", "--secret",
                         "pass:long-enough-for-this", "--names", "any", "--data", data})
          .exit,
      0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  const Ran ran =
      shop_.countersign({"enroll", ra_->url() + "/.well-known/cmp/p/second", "--subject", "CN=dev",
                         "--reference", "s", "--secret", "pass:long-enough-for-this", "--key",
                         shop_.at("dev.key"), "--cert", shop_.at("dev.pem")});
  ASSERT_EQ(ran.exit, 0) << ran.err << all_logs();
  ASSERT_EQ(renew("dev", second_).exit, 0) << all_logs();
  const Ran listed = shop_.countersignd({"certificates", "--subscriber", "acme", "--data", data});
  EXPECT_NE(listed.out.find("CN=dev"), listed.out.rfind("CN=dev")) << listed.out;
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
