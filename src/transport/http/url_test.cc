#include "transport/http/url.h"

#include <gtest/gtest.h>

namespace countersign::transport::http {
namespace {

struct Good {
  const char* text;
  Url url;
  const char* authority;
};

TEST(Url, IsTakenApart) {
  const Good cases[] = {
      {"http://ca.example", {"http", "ca.example", 80, "/.well-known/cmp"}, "ca.example"},
      {"http://ca.example/", {"http", "ca.example", 80, "/.well-known/cmp"}, "ca.example"},
      {"http://ca.example?a=b", {"http", "ca.example", 80, "/.well-known/cmp?a=b"}, "ca.example"},
      {"HTTP://CA.Example:8829/Pkix/", {"http", "ca.example", 8829, "/Pkix/"}, "ca.example:8829"},
      {"http://ca.example:/x", {"http", "ca.example", 80, "/x"}, "ca.example"},
      {"http://ca.example:80/x", {"http", "ca.example", 80, "/x"}, "ca.example"},
      {"https://ca.example/x?y=%20z", {"https", "ca.example", 443, "/x?y=%20z"}, "ca.example"},
      {"http://127.0.0.1:1/x", {"http", "127.0.0.1", 1, "/x"}, "127.0.0.1:1"},
      {"http://[::1]:8829/x", {"http", "::1", 8829, "/x"}, "[::1]:8829"},
      {"http://[2001:DB8::1]", {"http", "2001:db8::1", 80, "/.well-known/cmp"}, "[2001:db8::1]"},
      {"http://ca.example/a%2fb/~c", {"http", "ca.example", 80, "/a%2fb/~c"}, "ca.example"},
  };
  for (const auto& c : cases) {
    const auto url = parse_url(c.text);
    ASSERT_TRUE(url) << c.text;
    EXPECT_EQ(*url, c.url) << c.text << ": " << url->text();
    EXPECT_EQ(url->authority(), c.authority);
    EXPECT_EQ(parse_url(url->text()), *url);
  }
}

// RFC 9110 §7.2, §9.3.6: CONNECT always names the port.
TEST(Url, NamesItsPortForATunnel) {
  EXPECT_EQ(parse_url("https://ca.example/x")->host_and_port(), "ca.example:443");
  EXPECT_EQ(parse_url("https://[::1]:8843")->host_and_port(), "[::1]:8843");
}

TEST(Url, IsRefused) {
  for (const char* text : {"",
                           "ca.example",
                           "ca.example:8829",
                           "//ca.example/x",
                           "/x",
                           "http:",
                           "http://",
                           "http:///x",
                           "http://:80/x",
                           "http:ca.example",
                           "ftp://ca.example/",
                           "http://user@ca.example/",
                           "http://user:pw@ca.example/",
                           "http://ca.example/#a",
                           "http://ca.example:0/",
                           "http://ca.example:65536/",
                           "http://ca.example:x/",
                           "http://ca.example/a b",
                           "http://ca.example/\r\nX: y",
                           "http://a%0d%0aX:b/",
                           "http://a%0d%0aX/",
                           "http://c\xc3\xa4.example/",
                           "http://[::1/",
                           "http://[v1.x]/",
                           "http://[fe80::1%25eth0]/",
                           "http://ca,example/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, "transport.url");
  }
}

}  // namespace
}  // namespace countersign::transport::http
