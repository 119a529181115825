// What a connection answers, before it is put in HTTP's form. Internal to transport/http.
#pragma once

#include <boost/system/error_code.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ports/responder.h"
#include "ports/web.h"
#include "transport/http/rules.h"
#include "transport/http/server.h"

namespace countersign::transport::http {

struct Reply {
  // After a request of doubtful form nobody knows where the next one begins.
  enum class Next { awaited, in_doubt };

  int status = 200;
  std::string content_type = {};  // empty: no body
  Bytes body = {};
  std::string_view allow = {};
  std::string cache_control = {};
  std::optional<Seconds> retry_after = {};
  ports::TextPairs headers = {};
  std::string refusal = {};  // the sentence, for the log
  Next next = Next::awaited;
};

// One sentence as plain text.
Reply plain(int status, std::string sentence);
Reply reply_of(Refusal refusal);
Reply reply_of(Result<ports::Outbound> answer);
Reply reply_of(ports::Document& document);
Reply reply_of(ports::WebResponse response);

// How a request that could not be read is answered; nullopt: nobody is there to read an answer.
std::optional<Reply> reply_to_broken(const boost::system::error_code& error,
                                     const HttpOptions& options);

// The same refusal as `web` puts it.
Reply in_words_of(const ports::Web& web, Reply refusal);

// What every answer of a Web says to browsers. RFC 6797 §7.2 [MUST NOT] over plain HTTP:
// Strict-Transport-Security is for `confidential` alone.
void add_security_headers(Reply& reply, enrol::Transport transport);

}  // namespace countersign::transport::http
