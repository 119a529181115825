// One raw request each, and the status of its answer.
#include <gmock/gmock.h>

#include "transport/http/loopback_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers

struct Case {
  const char* says;
  std::string sent;
  int status;
  std::string body = {};  // part of it
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.says; }

const Case kCases[] = {
    {"a POST", post("abc"), 200, "[abc]"},
    {"an operation in the path", post("abc", "/.well-known/cmp/p/x/initialization"), 200,
     "[initialization:abc]"},
    {"a target in absolute form", post("abc", "http://ca.example:8829/.well-known/cmp"), 200,
     "[abc]"},
    {"the same under https", post("abc", "https://ca.example:8829/.well-known/cmp"), 200, "[abc]"},
    {"another case, and a parameter, in the content type",
     "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\ncontent-type: Application/PKIXCMP; a=b\r\n"
     "Content-Length: 1\r\n\r\na",
     200, "[a]"},
    {"an older content type",
     "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-pkixcmp\r\n"
     "Content-Length: 1\r\n\r\na",
     200, "[a]"},
    {"the content type of polling",
     "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp-poll\r\n"
     "Content-Length: 1\r\n\r\na",
     200, "[a]"},
    {"a chunked body",
     request("POST /.well-known/cmp",
             "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"),
     200, "[abc]"},
    {"empty lines before the request line", "\r\n\r\n" + post("abc"), 200, "[abc]"},
    {"HTTP/1.0 without a Host header",
     "POST /.well-known/cmp HTTP/1.0\r\nContent-Type: application/pkixcmp\r\n"
     "Content-Length: 1\r\n\r\na",
     200, "[a]"},
    {"a document", request("GET /ca.crl", "\r\n"), 200, "CRL"},

    {"no Host header", "POST /.well-known/cmp HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400, "Host"},
    {"two Host headers", "GET /ca.crl HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Host"},
    {"an empty body", post(""), 400, "empty"},
    {"a POST without any body", request("POST /.well-known/cmp", "\r\n"), 400, "empty"},
    {"no HTTP at all", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 hello\r\n\r\n", 400, "HTTP"},
    {"an unknown version", "GET /ca.crl HTTP/2.0\r\nHost: a\r\n\r\n", 400, "HTTP"},
    {"a header without a colon", "GET /ca.crl HTTP/1.1\r\nHost a\r\n\r\n", 400, "HTTP"},
    {"two lengths",
     request("POST /.well-known/cmp", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400,
     "HTTP"},
    {"a length and chunks",
     request("POST /.well-known/cmp",
             "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
     400, "HTTP"},
    {"a length that is no number", request("POST /.well-known/cmp", "Content-Length: -1\r\n\r\n"),
     400},
    {"a chunk of nonsense",
     request("POST /.well-known/cmp", "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"), 400,
     "HTTP"},
    {"chunks in HTTP/1.0",
     "POST /.well-known/cmp HTTP/1.0\r\nContent-Type: application/pkixcmp\r\n"
     "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
     400, "Content-Length"},
    {"another transfer encoding",
     request("POST /.well-known/cmp", "Transfer-Encoding: gzip\r\n\r\n"), 501, "chunked"},
    {"an unknown expectation",
     request("POST /.well-known/cmp", "Expect: more\r\nContent-Length: 1\r\n\r\na"), 417, "Expect"},

    {"an unknown path", post("abc", "/nowhere"), 404, "check the URL"},
    {"an unknown path to read", request("GET /nowhere", "\r\n"), 404, "check the URL"},
    {"a path in another case", post("abc", "/.Well-Known/cmp"), 404},
    {"a query", post("abc", "/.well-known/cmp?a=b"), 404},
    {"a query on a document", request("GET /ca.crl?a", "\r\n"), 404},
    {"GET of an endpoint", request("GET /.well-known/cmp", "\r\n"), 405, "use POST."},
    {"POST to a document", post("abc", "/ca.crl"), 405, "use GET, HEAD."},
    {"DELETE of what can be both", request("DELETE /both", "\r\n"), 405, "use GET, HEAD, POST."},
    {"a method nobody knows", request("BREW /.well-known/cmp", "\r\n"), 405, "use POST."},
    {"another content type",
     "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
     "Content-Length: 2\r\n\r\n{}",
     415, "application/pkixcmp"},
    {"no content type", "POST /.well-known/cmp HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
     415, "application/pkixcmp"},
    {"a compressed body", post("abc", "/.well-known/cmp", "Content-Encoding: gzip\r\n"), 415,
     "Content-Encoding"},

    {"a length over the limit", request("POST /.well-known/cmp", "Content-Length: 1001\r\n\r\nabc"),
     413, "1000 octets"},
    {"a body over the limit", post(std::string(300'000, 'x')), 413, "1000 octets"},
    {"chunks over the limit",
     request("POST /.well-known/cmp", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                                          std::string(1001, 'x') + "\r\n0\r\n\r\n"),
     413, "1000 octets"},
    {"headers over the limit", "GET /ca.crl HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n",
     431, "2000 octets"},
    {"a request line over the limit", "GET /" + std::string(300'000, 'x'), 431, "2000 octets"},
};

class RequestTest : public ::testing::TestWithParam<Case> {};

TEST_P(RequestTest, HasItsAnswer) {
  Served served({.header_limit = 2000, .body_limit = 1000});
  RawPeer peer = served.connect();
  const std::string answer = peer.send(GetParam().sent).message();
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_THAT(body_of(answer), HasSubstr(GetParam().body));
  EXPECT_THAT(answer, HasSubstr("Content-Length: "));
  EXPECT_THAT(answer, Not(HasSubstr("chunked\r\n")));
  if (status_of(answer) != 200) {
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  }
  EXPECT_EQ(served.log_of(1).front().status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(All, RequestTest, ::testing::ValuesIn(kCases));

}  // namespace
}  // namespace countersign::transport::http
