// Carries questions to a web service: each is one POST of JSON. What comes with a 2xx is the
// answer; so is a 4xx that has one with "refused". On the loop of its HTTP client.
//
// Errors: systemUnavail "issuer.program-failed"; those of the HTTP client.
#pragma once

#include "base/secret.h"
#include "issuer/program/program.h"
#include "transport/http/client.h"

namespace countersign::app {

class Webhook final : public issuer::Courier {
 public:
  // `token`: sent as Authorization: Bearer; empty: none.
  Webhook(boost::asio::io_context& loop, transport::http::HttpClientOptions options,
          std::string url, Secret token)
      : http_(loop, std::move(options)), url_(std::move(url)), token_(std::move(token)) {}

  void ask(const std::string& question, Seconds limit, Done<std::string> done) override;

 private:
  transport::http::HttpClient http_;
  std::string url_;
  Secret token_;
};

}  // namespace countersign::app
