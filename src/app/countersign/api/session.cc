#include "app/countersign/api/session.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdlib>

#include "app/countersign/wishes.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/identity.h"
#include "crypto/os_entropy.h"
#include "transport/http/client.h"
#include "transport/http/url.h"

namespace countersign::app::api {
namespace {

using transport::http::Url;

constexpr const char* kUsualApi = "https://127.0.0.1:8830";

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool is_this_machine(const Url& url) {
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(url.host, no_address);
  return url.host == "localhost" || (!no_address && address.is_loopback());
}

Result<Secret> token_of(const Options& options, const Url& url) {
  const auto path =
      options.token_file ? options.token_file : variable("COUNTERSIGN_API_TOKEN_FILE");
  if (!path) return Secret();
  if (url.scheme != "https" && !is_this_machine(url))
    return client::wrong_usage("a token goes over https alone: write --api https://" + url.host);
  auto token = TRY(client::read_first_line(*path));
  const auto good = [](char c) { return c > 0x20 && c < 0x7f; };
  if (token.empty() || !std::ranges::all_of(text(token.expose()), good))
    return fail(Failure::systemFailure, "client.file-token",
                *path +
                    " holds no token: its first line is to be the one that countersignd "
                    "operator add has shown");
  return token;
}

// Of what --api says: the server; a path behind it is the API's own, or none.
Result<Url> url_of(const Options& options) {
  std::string api = options.api ? *options.api : variable("COUNTERSIGN_API").value_or(kUsualApi);
  if (!api.contains("://")) api = "https://" + api;
  return client::recode(transport::http::parse_url(api), "client.usage", "--api");
}

}  // namespace

struct Session::State {
  explicit State(transport::http::HttpClientOptions with) : http(loop, std::move(with)) {}
  boost::asio::io_context loop;
  transport::http::HttpClient http;
  ports::Target target;
  Url url;
  Secret token;
  Seconds patience{};
  bool by_certificate = false;
};

Session::Session(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Session::Session(Session&& other) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const Options& options) {
  const Url url = TRY(url_of(options));
  auto token = TRY(token_of(options, url));
  Options reach = options;
  reach.url = url.text();
  auto target = TRY(target_of(reach, {}));
  // A proxy of the environment is for what is far away.
  if (is_this_machine(url) && !options.proxy) target.proxy.clear();
  transport::http::HttpClientOptions with;
  with.user_agent = "countersign/" COUNTERSIGN_VERSION;
  with.tls = TRY(tls_of(reach, target));
  auto state = std::make_unique<State>(std::move(with));
  state->target = std::move(target);
  state->url = url;
  state->token = std::move(token);
  state->patience = TRY(duration_of("--timeout", options.timeout, Seconds{30}));
  state->by_certificate = options.tls_cert.has_value();
  return Session(std::move(state));
}

bool Session::names_operator() const noexcept {
  return !state_->token.empty() || state_->by_certificate;
}

Result<ports::WebResponse> Session::send(const std::string& method, const std::string& target,
                                         ports::TextPairs headers, Bytes body) {
  ports::Target to = state_->target;
  Url url = state_->url;
  url.target = target;
  to.url = url.text();
  if (!state_->token.empty())
    headers.emplace_back("Authorization", "Bearer " + std::string(text(state_->token.expose())));
  std::optional<Result<ports::WebResponse>> answer;
  state_->http.call(to, {method, std::move(headers), std::move(body)}, state_->patience,
                    [&](Result<ports::WebResponse> got) {
                      answer = std::move(got);
                      state_->loop.stop();  // a kept connection must not keep the program
                    });
  state_->loop.restart();
  if (!answer) state_->loop.run();
  return std::move(*answer);
}

Result<std::string> new_key() {
  Bytes octets(16);
  crypto::OsEntropy entropy;
  TRY(entropy.fill(octets));
  return to_hex(octets);
}

std::string header(const ports::WebResponse& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return {};
}

}  // namespace countersign::app::api
