// countersignd as a registration authority in front of another countersignd.
#pragma once

#include <gmock/gmock.h>

#include "interop/openssl_mock.h"

namespace countersign::test {

// By `openssl cmp`, under the secret that the server was given first.
inline Words ir_to(const RunningServer& server, const std::string& recipient,
                   const std::string& subject) {
  return {"cmp",
          "-config",
          "",
          "-cmd",
          "ir",
          "-server",
          server.host_port(),
          "-path",
          ".well-known/cmp",
          "-ref",
          server.reference(),
          "-secret",
          "pass:" + server.secret(),
          "-recipient",
          recipient,
          "-subject",
          subject};
}

// A CA and an RA, each a countersignd.
class RaBeforeOurCa : public testing::Test {
 protected:
  // `config` is the RA's, after its [upstream].
  void start(const std::string& config = {}) {
    const Ran secret =
        ca_shop_.countersignd({"secret", "add", "--data", ca_.data(), "--profile", "ra", "--names",
                               "any", "--reference", "ra-1", "--json"});
    ASSERT_EQ(secret.exit, 0) << secret.err;
    const auto from = secret.out.find("\"secret\":\"") + 10;
    const std::string value = secret.out.substr(from, secret.out.find('"', from) - from);
    const Ran made =
        shop_.countersign({"enroll", ca_.url(), "--reference", "ra-1", "--secret", "pass:" + value,
                           "--subject", "CN=RA 1", "--key", at("ra.key"), "--cert", at("ra.pem")});
    ASSERT_EQ(made.exit, 0) << made.err << ca_.log();
    write(at("ca.pem"), read(ca_.data() + "/issuing.pem") + read(ca_.data() + "/root.pem"));
    ra_.emplace(shop_, "[upstream]\nurl = \"" + ca_.url() + path_ + "\"\ncertificate = \"" +
                           at("ra.pem") + "\"\nkey = \"" + at("ra.key") + "\"\nca = \"" +
                           at("ca.pem") + "\"\n" + config);
  }
  std::string at(const std::string& name) const { return shop_.at(name); }
  Ran enrol(const std::string& name, const Words& more = {}) {
    Words words{"enroll",          ra_->url(),   "--reference",
                ra_->reference(),  "--secret",   "pass:" + ra_->secret(),
                "--subject",       "CN=" + name, "--key",
                at(name + ".key"), "--cert",     at(name + ".pem")};
    words.insert(words.end(), more.begin(), more.end());
    return shop_.countersign(words);
  }

  Workshop ca_shop_, shop_;
  RunningServer ca_{ca_shop_};
  std::string path_ = "/.well-known/cmp";  // of the CA, as the RA has it
  std::optional<RunningServer> ra_;
};

}  // namespace countersign::test
