// The REST API: from a request to the row of the table that it means, whether who asks may, and the
// answer. One Api for all loops, thread-safe; one ApiDoor a loop, which the listener calls.
//
// What is decided in memory (who asks, which route, whether they may) is decided on the loop; the
// handlers, which wait for the store, run where `run_elsewhere` puts them, 64 waiting at most and
// 16 of one address; beyond that the answer is 503. Nobody learns from a refusal what exists before
// it is known that they may see it: an unknown path is 401 to who is unknown, and a role that does
// not suffice is refused before anything is looked up.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "console/answers_kept.h"
#include "console/doorkeeper.h"
#include "console/route.h"
#include "ports/web.h"
#include "server/costly_work.h"

namespace countersign::console {

// One request that was answered. Views are valid during the call.
struct ApiRecord {
  std::string_view id;  // `instance` of a problem
  std::string_view method, path, peer;
  std::string_view operator_name;  // empty: nobody
  int status = 0;
  std::string_view code;    // of a problem
  std::string_view detail;  // for the log alone
};

struct ApiParts {
  Workplace at;
  Doorkeeper::Known operators;                          // called for every request, on any thread
  server::CostlyWork::RunElsewhere run_elsewhere = {};  // in place without
  std::function<void(const ApiRecord&)> log = {};       // on any thread
};

class Api {
 public:
  explicit Api(ApiParts parts);

  // A request that its sender may make, of a route that there is.
  struct Admitted {
    std::string id;
    ports::WebRequest request;
    const Route* route;
    std::string parameter;
    Operator by;
    Time now{};
  };
  std::variant<Admitted, ports::WebResponse> admit(ports::WebRequest request);
  // Blocks. Never throws.
  ports::WebResponse perform(const Admitted& admitted);
  ports::WebResponse busy(const Admitted& admitted, const Error& error);
  ports::WebResponse refusal(int status, std::string_view sentence) const;

  server::CostlyWork& work() noexcept { return work_; }

 private:
  Outcome<> find_route(Admitted& into) const;
  Outcome<ports::WebResponse> answer(const Admitted& admitted);
  Outcome<ports::WebResponse> answer_once(const Admitted& admitted, const Call& call);
  ports::WebResponse told(const Admitted& admitted, const Problem& problem) const;
  void log(const Admitted& admitted, int status, std::string_view code,
           std::string_view detail) const;
  std::string new_id() const;

  const ApiParts parts_;
  Doorkeeper doorkeeper_;
  AnswersKept kept_;
  server::CostlyWork work_{{.waiting = 64, .of_one_source = 16}};
};

class ApiDoor final : public ports::Web {
 public:
  ApiDoor(Api& api, boost::asio::io_context& loop) : api_(api), loop_(loop) {}
  void handle(ports::WebRequest request, Done<ports::WebResponse> done) override;
  ports::WebResponse refusal(int status, std::string_view sentence) const override {
    return api_.refusal(status, sentence);
  }

 private:
  boost::asio::awaitable<ports::WebResponse> answered(ports::WebRequest request);

  Api& api_;
  boost::asio::io_context& loop_;
};

}  // namespace countersign::console
