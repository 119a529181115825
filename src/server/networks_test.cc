#include "server/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Networks, are_kept_as_prefixes_each_once) {
  EXPECT_THAT(read_networks("10.0.0.0/8, 192.0.2.7 2001:DB8::/32,::1 10.0.0.0/8").value(),
              ElementsAre("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::1/128"));
  EXPECT_THAT(read_networks(std::vector<std::string>{"0.0.0.0/0", "::/0"}).value(),
              ElementsAre("0.0.0.0/0", "::/0"));
  EXPECT_TRUE(read_networks("").value().empty());
  EXPECT_TRUE(read_networks(" , ").value().empty());
}

TEST(Networks, that_are_none_are_named) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "example.com", "/8",
                            "10.0.0.0/", "10.0.0.0/8x", "fe80::1%eth0/64", "[::1]/128"}) {
    const auto read = read_networks(std::string_view(wrong));
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().code, "server.network-form");
    EXPECT_THAT(read.error().reply_text, HasSubstr(wrong));
  }
  const auto host = read_networks(std::string_view("10.1.2.3/8"));
  ASSERT_FALSE(host);
  EXPECT_THAT(host.error().reply_text, HasSubstr("write 10.0.0.0/8"));
}

TEST(Networks, hold_the_addresses_of_peers) {
  struct Case {
    const char* network;
    const char* peer;
    bool in;
  };
  for (const auto& [network, peer, in] : {
           Case{"10.0.0.0/8", "10.255.0.1:40312", true},
           Case{"10.0.0.0/8", "11.0.0.1:40312", false},
           Case{"0.0.0.0/0", "11.0.0.1:40312", true},
           Case{"192.0.2.7/32", "192.0.2.7:1", true},
           Case{"192.0.2.7/32", "192.0.2.8:1", false},
           Case{"10.0.0.0/8", "[::ffff:10.0.0.1]:40312", true},
           Case{"::/0", "10.0.0.1:40312", false},
           Case{"0.0.0.0/0", "[2001:db8::1]:40312", false},
           Case{"2001:db8::/32", "[2001:db8::1]:40312", true},
           Case{"2001:db8::/32", "[2001:db9::1]:40312", false},
           Case{"::1/128", "[::1]:40312", true},
           Case{"::/0", "", false},
           Case{"0.0.0.0/0", "coap", false},
       })
    EXPECT_EQ(is_in({network}, peer), in) << network << " and " << peer;
}

TEST(Networks, of_a_secret_are_told_to_who_has_proved_it) {
  enrol::CredentialRecord secret;
  EXPECT_TRUE(check_network(secret, "192.0.2.1:1"));
  EXPECT_TRUE(check_network(secret, ""));
  secret.networks = {"10.0.0.0/8", "::1/128"};
  EXPECT_TRUE(check_network(secret, "10.0.0.1:1"));
  EXPECT_TRUE(check_network(secret, "[::1]:1"));
  const auto refused = check_network(secret, "192.0.2.1:1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "server.network");
  EXPECT_EQ(refused.error().failure, Failure::notAuthorized);
  EXPECT_THAT(refused.error().reply_text, HasSubstr("10.0.0.0/8, ::1/128"));
}

}  // namespace
}  // namespace countersign::server
