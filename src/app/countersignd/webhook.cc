#include "app/countersignd/webhook.h"

namespace countersign::app {
namespace {

constexpr int kFirstGood = 200, kFirstMoved = 300, kFirstRefusal = 400, kFirstFailure = 500;
constexpr std::string_view kJson = "application/json";

Result<std::string> answer_in(Result<ports::WebResponse> answer) {
  if (!answer) return std::unexpected(std::move(answer).error());
  const bool good = answer->status >= kFirstGood && answer->status < kFirstMoved;
  const bool refuses = answer->status >= kFirstRefusal && answer->status < kFirstFailure;
  std::string body(text(answer->body));
  const bool says_why =
      refuses && answer->content_type.starts_with(kJson) && body.find("\"refused\"") != body.npos;
  if (good || says_why) return body;
  return fail(Failure::systemUnavail, "issuer.program-failed",
              "the web service answered with HTTP status " + std::to_string(answer->status),
              body.substr(0, 1000));
}

}  // namespace

void Webhook::ask(const std::string& question, Seconds limit, Done<std::string> done) {
  transport::http::HttpCall call{.method = "POST", .headers = {}, .body = to_bytes(question)};
  call.headers.emplace_back("Content-Type", kJson);
  call.headers.emplace_back("Accept", kJson);
  if (!token_.empty())
    call.headers.emplace_back("Authorization", "Bearer " + std::string(text(token_.expose())));
  http_.call({url_, {}}, std::move(call), limit,
             [done = std::move(done)](Result<ports::WebResponse> answer) mutable {
               done(answer_in(std::move(answer)));
             });
}

}  // namespace countersign::app
