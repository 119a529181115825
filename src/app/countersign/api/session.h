// One server's REST API, asked over HTTP by one command: requests one after the other, on kept
// connections, each with the operator's token if there is one.
//
// The token comes from a file and goes over https alone, or to this machine. Redirects are answers
// like others. Blocks. Errors: those of HttpClient, of the files, and "client.usage".
#pragma once

#include <memory>
#include <string>

#include "app/countersign/options.h"
#include "base/secret.h"
#include "ports/web.h"

namespace countersign::app::api {

class Session {
 public:
  static Result<Session> open(const Options& options);
  Session(Session&& other) noexcept;
  ~Session();

  // `target`: path and query, encoded.
  Result<ports::WebResponse> send(const std::string& method, const std::string& target,
                                  ports::TextPairs headers = {}, Bytes body = {});
  // Whether the server is told who asks.
  bool names_operator() const noexcept;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

// Of a header that must differ each time: 32 hexadecimal digits.
Result<std::string> new_key();

// "" unless the answer has it; the name in small letters.
std::string header(const ports::WebResponse& answer, std::string_view name);

}  // namespace countersign::app::api
