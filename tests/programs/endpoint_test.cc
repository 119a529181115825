// What the server answers, and where, before it knows who asks. RFC 9483 §3.6.4, §6.1, §8
#include <gtest/gtest.h>

#include "message/message.h"
#include "support/process.h"

namespace countersign::test {
namespace {

using message::BodyType;
using message::PKIMessage;

// An ir under that secret, as our client makes it.
std::string ir_under(Workshop& shop, const std::string& reference, const std::string& secret) {
  const Ran ran = shop.countersign(
      {"enroll", "http://ca.example", "--reference", reference, "--secret", "pass:" + secret,
       "--profile", "none-such", "--subject", "CN=me", "--key", shop.at("me.key"), "--cert",
       shop.at("me.pem"), "--start-over", "--request-out", shop.at("ir.pki")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  return read_file(shop.at("ir.pki"));
}

PKIMessage answer(const RunningServer& server, const std::string& request) {
  auto out = message::parse_message(server.post(view(request)));
  EXPECT_TRUE(out) << server.log();
  return out ? *std::move(out) : PKIMessage{};
}

// RFC 9483 §3.6.4
TEST(Refusals, AreSignedUnlessTheOperatorSaysOtherwise) {
  for (const bool sign : {true, false}) {
    Workshop shop;
    const RunningServer server(shop, sign ? "" : "[cmp]\nsign_refusals = false\n");
    const PKIMessage to_nobody = answer(server, ir_under(shop, "nobody", "a guess"));
    EXPECT_EQ(to_nobody.body.type, BodyType::error);
    EXPECT_EQ(to_nobody.protection.has_value(), sign);
    EXPECT_EQ(to_nobody.header.protection_alg.has_value(), sign);
    EXPECT_EQ(to_nobody.extra_certs.empty(), !sign);
    const PKIMessage to_a_client =
        answer(server, ir_under(shop, server.reference(), server.secret()));
    EXPECT_EQ(to_a_client.body.type, BodyType::ip) << "a rejection";
    EXPECT_TRUE(to_a_client.protection) << "its secret is known";
  }
}

// RFC 9483 §8 with RFC 9811 §3.5: the labels as IANA has them
TEST(Paths, AllThatAreRegisteredAreServedWithAndWithoutAProfile) {
  Workshop shop;
  const RunningServer server(shop);
  const std::string request = ir_under(shop, "nobody", "a guess");
  const auto status = [&](const std::string& path) {
    const std::string whole =
        server.http("POST " + path + " HTTP/1.0\r\nContent-Type: application/pkixcmp\r\n" +
                    "Content-Length: " + std::to_string(request.size()) + "\r\n\r\n" + request);
    return whole.substr(whole.find(' ') + 1, 3);
  };
  for (const std::string root : {"/.well-known/cmp", "/.well-known/cmp/p/tls-server"}) {
    EXPECT_EQ(status(root), "200") << root;
    for (const char* label :
         {"initialization", "certification", "keyupdate", "pkcs10", "revocation", "getcacerts",
          "getrootupdate", "getcertreqtemplate", "getcrls", "nested"})
      EXPECT_EQ(status(root + "/" + label), "200") << root << " " << label;
    EXPECT_EQ(status(root + "/enrolment"), "404") << "not registered";
  }
  EXPECT_EQ(status("/.well-known/cmp/p/none-such/initialization"), "404");
  for (const char* path : {"/.well-known/cmp/", "/.well-known/cmp////", "/pkix", "/pkix/", "/",
                           "//", "/.well-known/cmp/p/device/", "/.well-known/cmp/pkcs10/"})
    EXPECT_EQ(status(path), "200") << path;
  EXPECT_EQ(status("/.Well-Known/cmp"), "404") << "paths have a case";
}

}  // namespace
}  // namespace countersign::test
