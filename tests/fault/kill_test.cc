// kill -9 at any instant: every certificate in the store has an answer that resending fetches, or
// is withdrawn at its time; none that a client has seen is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "support/process.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

Words enrolment(const Workshop& shop, const RunningServer& server, const std::string& name) {
  Words words{"enroll", server.url(),           "--subject", "CN=" + name,
              "--key",  shop.at(name + ".key"), "--cert",    shop.at(name + ".pem")};
  const Words secret = server.by_secret();
  words.insert(words.end(), secret.begin(), secret.end());
  return words;
}

bool key_fits(Workshop& shop, const std::string& name) {
  const Ran key = shop.openssl({"pkey", "-in", shop.at(name + ".key"), "-pubout"});
  const Ran certificate =
      shop.openssl({"x509", "-in", shop.at(name + ".pem"), "-noout", "-pubkey"});
  return key.exit == 0 && certificate.exit == 0 && key.out == certificate.out;
}

TEST(Kill, of_the_server_at_any_instant_loses_no_certificate) {
  Workshop shop;
  RunningServer server(shop);
  std::minstd_rand random(7);
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    const std::string name = "device" + std::to_string(round);
    Process client(
        [&] {
          Words words = enrolment(shop, server, name);
          words.insert(words.begin(), std::string(COUNTERSIGN_BIN_DIR) + "/countersign");
          return words;
        }(),
        shop.at(name + ".out"), shop.at(name + ".err"));
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % 120});
    server.kill();
    server.start();
    // It resends by itself; the same command again goes on if it has given up.
    if (client.wait(std::chrono::seconds{60}) != 0) {
      const Ran again = shop.countersign(enrolment(shop, server, name));
      ASSERT_EQ(again.exit, 0) << again.err;
    }
    EXPECT_TRUE(key_fits(shop, name)) << name;
    EXPECT_EQ(count(server.certificates(), " CN=" + name + "\n"), 1U) << "one certificate each";
  }
  EXPECT_EQ(count(server.certificates(), " valid "), static_cast<std::size_t>(kRounds));
  EXPECT_EQ(shop.countersignd({"audit", "verify", "--data", server.data()}).exit, 0);
  EXPECT_EQ(server.stop(), 0);
}

TEST(Kill, of_the_client_at_any_instant_leaves_what_the_same_command_completes) {
  Workshop shop;
  RunningServer server(shop);
  std::minstd_rand random(11);
  for (int round = 0; round < 10; ++round) {
    const std::string name = "device" + std::to_string(round);
    Words words = enrolment(shop, server, name);
    words.insert(words.begin(), std::string(COUNTERSIGN_BIN_DIR) + "/countersign");
    {
      Process client(words, shop.at(name + ".out"), shop.at(name + ".err"));
      std::this_thread::sleep_for(std::chrono::milliseconds{random() % 150});
    }  // killed
    // Done already, but for its own exit: the same command again would be a second enrolment.
    if (!std::filesystem::exists(shop.at(name + ".key.pending")) &&
        std::filesystem::exists(shop.at(name + ".pem")))
      continue;
    const Ran again = shop.countersign(enrolment(shop, server, name));
    ASSERT_EQ(again.exit, 0) << again.err;
    EXPECT_TRUE(key_fits(shop, name)) << name;
    EXPECT_EQ(count(server.certificates(), " valid CN=" + name + "\n"), 1U);
    EXPECT_EQ(count(server.certificates(), " CN=" + name + "\n"), 1U);
  }
}

// Request and reply as `openssl cmp` wrote them.
// An ir by `openssl cmp` for CN=<reference>, with a fresh key in <reference>.key.
Ran openssl_ir(Workshop& shop, const RunningServer& server, const std::string& reference,
               const std::string& secret, const Words& more) {
  const std::string key = shop.at(reference + ".key");
  Ran made = shop.openssl(
      {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key});
  if (made.exit != 0) return made;
  Words words{"cmp",
              "-config",
              "",
              "-cmd",
              "ir",
              "-server",
              server.host_port(),
              "-path",
              ".well-known/cmp",
              "-recipient",
              "/CN=Countersign Issuing CA",
              "-ref",
              reference,
              "-secret",
              "pass:" + secret,
              "-subject",
              "/CN=" + reference,
              "-newkey",
              key};
  words.insert(words.end(), more.begin(), more.end());
  return shop.openssl(words);
}

struct Recorded {
  Bytes request, reply;
};
Recorded record(Workshop& shop, const RunningServer& server, const std::string& reference,
                const std::string& secret) {
  const Ran ran = openssl_ir(
      shop, server, reference, secret,
      {"-certout", shop.at("r.pem"), "-reqout", shop.at("ir.der") + "," + shop.at("certConf.der"),
       "-rspout", shop.at("ip.der") + "," + shop.at("pkiConf.der")});
  EXPECT_EQ(ran.exit, 0) << ran.err << server.log();
  return {to_bytes(read_file(shop.at("ir.der"))), to_bytes(read_file(shop.at("ip.der")))};
}

TEST(Resend, fetches_the_same_octets_on_another_connection_after_a_restart_with_a_spent_secret) {
  Workshop shop;
  RunningServer server(shop, "[cmp]\nmin_iterations_chosen = 10000\n");
  ASSERT_EQ(shop.countersignd({"secret", "add", "--data", server.data(), "--reference", "once",
                               "--secret", "pass:0123456789abcdef0123456789abcdef", "--names",
                               "self", "--uses", "1"})
                .exit,
            0);
  // A chosen secret wants more iterations here than stock openssl makes: this one is told so.
  const Ran refused =
      openssl_ir(shop, server, "once", "0123456789abcdef0123456789abcdef",
                 {"-certout", shop.at("none.pem"), "-trusted", server.data() + "/root.pem"});
  EXPECT_NE(refused.exit, 0);
  EXPECT_THAT(refused.err, HasSubstr("protect.iterations-too-few"));

  const Ran made = shop.countersignd(
      {"secret", "add", "--data", server.data(), "--reference", "device-7", "--json"});
  ASSERT_EQ(made.exit, 0);
  const auto from = made.out.find("\"secret\":\"") + 10;
  const std::string secret = made.out.substr(from, 32);
  const Recorded first = record(shop, server, "device-7", secret);
  ASSERT_FALSE(first.request.empty());
  EXPECT_EQ(server.post(first.request), first.reply) << "after the transaction";
  server.kill();
  server.start();
  EXPECT_EQ(server.post(first.request), first.reply) << "after a restart";
  EXPECT_EQ(server.post(to_bytes(read_file(shop.at("certConf.der")))),
            to_bytes(read_file(shop.at("pkiConf.der"))));
  EXPECT_EQ(count(server.certificates(), "CN=device-7"), 1U);
  // The secret is spent: a new request is not told from one under an unknown reference.
  const Ran again =
      openssl_ir(shop, server, "device-7", secret,
                 {"-certout", shop.at("none.pem"), "-trusted", server.data() + "/root.pem"});
  EXPECT_NE(again.exit, 0);
  EXPECT_THAT(again.err, HasSubstr("badMessageCheck"));
}

TEST(Lapse, withdraws_what_nobody_confirmed_and_gives_the_use_back) {
  Workshop shop;
  RunningServer server(shop, "[cmp]\nconfirm_wait = \"1s\"\n");
  const Ran made = shop.countersignd(
      {"secret", "add", "--data", server.data(), "--reference", "late", "--json"});
  ASSERT_EQ(made.exit, 0);
  const std::string secret = made.out.substr(made.out.find("\"secret\":\"") + 10, 32);
  const Ran ran =
      openssl_ir(shop, server, "late", secret, {"-certout", shop.at("l.pem"), "-disable_confirm"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  for (int i = 0; i < 300 && count(server.certificates(), "revoked CN=late") == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  EXPECT_THAT(server.certificates(), HasSubstr("revoked CN=late"));
  EXPECT_THAT(shop.countersignd({"secret", "list", "--data", server.data()}).out,
              HasSubstr("late   names self   uses left 1 of 1"));
}

TEST(Trouble, is_told_in_a_sentence_and_a_non_zero_exit) {
  Workshop shop;
  RunningServer server(shop);
  const Ran second =
      shop.countersignd({"serve", "--data", server.data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit, 6);
  EXPECT_THAT(second.err, HasSubstr("store.in-use"));
  const Ran init = shop.countersignd({"init", "--data", server.data()});
  EXPECT_EQ(init.exit, 6);
  EXPECT_THAT(init.err, HasSubstr("app.data-exists"));
  Workshop other;
  ASSERT_EQ(other.countersignd({"init", "--data", other.at("data")}).exit, 0);
  const Ran taken =
      other.countersignd({"serve", "--data", other.at("data"), "--listen", server.host_port()});
  EXPECT_EQ(taken.exit, 6);
  EXPECT_THAT(taken.err, HasSubstr("transport.listen-taken"));
  std::filesystem::permissions(other.at("data/store.key"), std::filesystem::perms::all);
  const Ran open = other.countersignd({"check", "--data", other.at("data")});
  EXPECT_EQ(open.exit, 6);
  EXPECT_THAT(open.err, HasSubstr("store.key-permissions"));
}

}  // namespace
}  // namespace countersign::test
