// One route of the API: what the table's rows hold, and what a handler is given.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ports.h"
#include "console/arguments.h"
#include "console/ca_keys.h"
#include "console/operators.h"
#include "console/problem.h"
#include "enrol/cmp_profile.h"
#include "ports/store.h"
#include "ports/web.h"
#include "server/authorities.h"
#include "server/engine.h"
#include "server/officer.h"
#include "server/publications.h"
#include "server/simulation.h"
#include "server/strangers.h"

namespace countersign::console {

enum class Method : Byte { get, post, put, remove };
constexpr bool takes_body(Method method) noexcept {
  return method == Method::post || method == Method::put;
}
std::string_view name(Method method) noexcept;  // "GET", "POST", "PUT", "DELETE"

// What handlers work on. Borrowed; outlives the Api.
struct Workplace {
  ports::Ledger& ledger;
  ports::Store& store;
  const Clock& clock;
  Entropy& entropy;
  server::Strangers* strangers = nullptr;  // null: nobody is refused here
  server::OwnAuthority own = server::OwnAuthority::our_ca;
  const enrol::CmpProfile& standard;  // the CMP profile `default` of the configuration file
  // Empty, or giving null: the status tells of no CA.
  std::function<std::shared_ptr<const server::Publications>()> publications = {};
  // Those beside the server's own. Empty, or giving null: none.
  std::function<std::shared_ptr<const server::AuthoritiesInUse>()> authorities = {};
  // Carries a new secret to whom it is for. Empty: nobody does.
  std::function<Result<>(const enrol::CredentialRecord&, const std::string& secret,
                         const std::string& address)>
      deliver = {};
  // Of CMP profiles that have one of their own. Empty, or giving null: none.
  std::function<std::shared_ptr<const server::ProfileSigners>()> signers = {};
  CaKeys ca_keys = {};
  std::optional<server::Simulator> simulator = {};  // none: nothing is served beside the API
};

// A request that somebody may make, with its arguments read. Borrows all of it.
struct Call {
  const Workplace& at;
  const Operator& by;
  const ports::WebRequest& request;
  std::string_view parameter;  // what stands in the path for {…}
  const Arguments& query;
  const Arguments& body;
  Time now;
};
using Handler = Outcome<ports::WebResponse> (*)(const Call&);

struct Answer {
  enum class Shape : Byte {
    one,       // an object of the fields
    page,      // {"items": [objects of the fields], "next": …}
    nothing,   // 204
    document,  // of a form of its own
  };
  Shape shape = Shape::one;
  int status = 200;
  std::span<const Field> fields = {};
  // What `Accept` may ask for beside application/json.
  std::span<const std::string_view> other_types = {};
};

struct Route {
  Method method;
  // "/api/v1/certificates/{serial}": at most one parameter, which takes one segment, or "{name*}",
  // which takes slashes, too.
  std::string_view path;
  std::string_view operation;  // operationId
  std::string_view summary;    // one line
  Roles may;                   // empty: everybody, without authentication
  std::span<const Field> query;
  std::span<const Field> body;
  Answer answer;
  Handler handle;
  // Media types of a body that is no JSON, which the handler reads by itself; empty: it is JSON.
  std::span<const std::string_view> body_types = {};
};

// Whether the path is the route's, and what stands for its parameter.
std::optional<std::string> match(std::string_view pattern, std::string_view path);

ports::WebResponse json_response(int status, const boost::json::value& value,
                                 ports::TextPairs headers = {});

// The row of a change that is not of a certificate, and who made it.
std::string audit_name(const Operator& by);  // "operator:<name>"
enrol::AuditRow row_of(const Call& call, std::string event, std::string detail);

}  // namespace countersign::console
