// `countersign` and the mock server of `openssl cmp -port` in one temporary folder: what the tests
// of client_openssl_mock_test.cc stand on.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "support/process.h"

namespace countersign::test {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

inline std::string read(const fs::path& path) { return read_file(path); }

inline void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

class ClientAgainstMock : public testing::Test {
 protected:
  void SetUp() override {
    certificate("root", "/CN=Mock Root", "", {"keyUsage=critical,keyCertSign,cRLSign"});
    certificate("server", "/CN=Mock Server", "root",
                {"keyUsage=critical,digitalSignature", "basicConstraints=CA:FALSE",
                 "extendedKeyUsage=1.3.6.1.5.5.7.3.28"});
  }

  std::string at(const std::string& name) const { return shop_.at(name); }
  Ran run(const Words& words) { return shop_.run(words); }
  void openssl(const Words& words) {
    const Ran ran = shop_.openssl(words);
    ASSERT_EQ(ran.exit, 0) << words[0] << ": " << ran.err;
  }
  Ran countersign(const Words& words) { return shop_.countersign(words); }

  void key(const std::string& name) {
    openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
             at(name + ".key")});
  }
  // <name>.pem for <name>.key, by <issuer> or by itself.
  void certificate(const std::string& name, const std::string& subject, const std::string& issuer,
                   const Words& extensions, const std::string& key_name = "") {
    const std::string own = key_name.empty() ? name : key_name;
    if (!fs::exists(at(own + ".key"))) key(own);
    Words words{"req",   "-x509", "-new", "-key", at(own + ".key"), "-subj",
                subject, "-days", "30",   "-out", at(name + ".pem")};
    if (!issuer.empty())
      words.insert(words.end(), {"-CA", at(issuer + ".pem"), "-CAkey", at(issuer + ".key")});
    for (const auto& extension : extensions) words.insert(words.end(), {"-addext", extension});
    openssl(words);
  }

  void serve(Words words) {
    words.insert(words.begin(), {COUNTERSIGN_OPENSSL, "cmp", "-config", "", "-port", "0"});
    fs::remove(at("server.out"));
    server_.emplace(words, at("server.out"), at("server.err"));
    for (int i = 0; i < 5000; ++i) {
      const std::string out = read(at("server.out"));
      const auto accept = out.find("ACCEPT ");
      if (accept != std::string::npos && out.find('\n', accept) != std::string::npos) {
        const auto colon = out.find(" PID=", accept);
        port_ = std::stoi(out.substr(out.rfind(':', colon) + 1));
        return;
      }
      std::this_thread::sleep_for(milliseconds{2});
    }
    FAIL() << "the mock server does not start: " << read(at("server.err"));
  }
  void serve_with_secret(Words more) {
    more.insert(more.begin(), {"-srv_ref", "device-1", "-srv_secret", "pass:a long secret",
                               "-srv_trusted", at("root.pem")});
    serve(more);
  }
  void serve_with_certificate(Words more) {
    more.insert(more.begin(), {"-srv_cert", at("server.pem"), "-srv_key", at("server.key"),
                               "-srv_trusted", at("root.pem"), "-srv_untrusted", at("root.pem")});
    serve(more);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/pkix/"; }

  Words enroll(const Words& more = {}, const std::string& command = "enroll") const {
    Words words{command,     url(),   "--reference", "device-1",   "--secret", "pass:a long secret",
                "--subject", "CN=me", "--key",       at("me.key"), "--cert",   at("out.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // A certificate that the mock server can give for the client's key.
  void prepare_me() { certificate("me", "/CN=me", "root", {"basicConstraints=CA:FALSE"}); }

  void expect_pair(const std::string& key_name, const std::string& certificate_name) {
    openssl({"pkey", "-in", at(key_name), "-pubout", "-out", at("a.pub")});
    openssl({"x509", "-in", at(certificate_name), "-noout", "-pubkey", "-out", at("b.pub")});
    EXPECT_EQ(read(at("a.pub")), read(at("b.pub"))) << "key and certificate do not match";
  }
  void expect_nothing_left(const std::string& key_name = "me.key") {
    EXPECT_FALSE(fs::exists(at(key_name + ".pending")));
    for (const auto& entry : fs::directory_iterator(at("")))
      EXPECT_NE(entry.path().extension(), ".new") << entry.path();
  }

  // One message there and back, as if carried by hand.
  std::string carry(const std::string& body) {
    const std::string reply = http(
        port_, "POST /pkix/ HTTP/1.0\r\nContent-Type: application/pkixcmp\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto head = reply.find("\r\n\r\n");
    return head == std::string::npos ? "" : reply.substr(head + 4);
  }

  Workshop shop_;
  std::optional<Process> server_;
  int port_ = 0;
};

}  // namespace countersign::test
