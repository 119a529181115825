// HttpClient::call: any method, any answer.
#include <gmock/gmock.h>

#include "transport/http/caller_test.h"

namespace countersign::transport::http {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using namespace testing;  // NOLINT(google-build-using-namespace): what loopback_test.h offers

// What a call sends, and what is made of the answer.
std::string sent_by(HttpCall call, const std::string& answer, Result<ports::WebResponse>& got) {
  std::string seen;
  ScriptedServer server({[&](RawPeer& peer) {
    seen = peer.message();
    peer.send(answer);
  }});
  Caller caller;
  got = caller.ask(server.url("/a?b=c"), std::move(call));
  return seen;
}

TEST(HttpCall, SendsMethodAndHeadersAndGivesAnyAnswer) {
  Result<ports::WebResponse> got;
  const auto seen =
      sent_by({.method = "PUT", .headers = {{"If-Match", "\"3\""}}, .body = to_bytes("{}")},
              "HTTP/1.1 412 Precondition Failed\r\nETag: \"4\"\r\n"
              "Content-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}",
              got);
  EXPECT_THAT(seen, AllOf(StartsWith("PUT /a?b=c HTTP/1.1\r\n"), HasSubstr("If-Match: \"3\"\r\n"),
                          HasSubstr("Content-Length: 2\r\n")));
  EXPECT_THAT(seen, Not(HasSubstr("pkixcmp")));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 412);
  EXPECT_EQ(got->content_type, "application/problem+json");
  EXPECT_EQ(text(got->body), "{}");
  EXPECT_THAT(got->headers, Contains(Pair("etag", "\"4\"")));
}

TEST(HttpCall, SendsALengthWhereABodyIsExpected) {
  Result<ports::WebResponse> got;
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  EXPECT_THAT(sent_by({.method = "DELETE"}, answer, got), HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(got ? got->status : 0, 204);
  EXPECT_THAT(sent_by({.method = "GET"}, answer, got), Not(HasSubstr("Content-Length")));
}

TEST(HttpCall, AwaitsNoBodyOfAHead) {
  Result<ports::WebResponse> got;
  sent_by({.method = "HEAD"}, "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n", got);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_TRUE(got->body.empty());
}

TEST(HttpCall, FollowsNoRedirect) {
  Result<ports::WebResponse> got;
  sent_by({}, "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", got);
  EXPECT_EQ(got ? got->status : 0, 302);
}

}  // namespace
}  // namespace countersign::transport::http
