// What a server's REST API offers, as its own OpenAPI description tells it: each operation under a
// resource and a verb, which is how a command names it. Plain values; nothing here knows a route.
//
//   GET    /api/v1/ra-profiles               ra-profiles list
//   PUT    /api/v1/ra-profiles/{name}        ra-profiles set NAME
//   POST   /api/v1/requests/{id}/approve     requests approve ID
// An operation whose verb would be another's has its operationId for a verb.
// Error: "client.admin-description".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace countersign::app::api {

enum class Kind { text, integer, number_or_text, flag, list, object };

// One that a query or a body may hold.
struct Field {
  std::string name;
  Kind kind = Kind::text;
  bool required = false;
  std::string meaning;
  std::vector<std::string> one_of = {};
  std::vector<Field> members = {};  // of an object; none: any
};

struct Operation {
  std::string resource = {}, verb = {};
  std::string id, summary;
  std::string method, path;                  // "PUT", "/api/v1/ra-profiles/{name}"
  std::vector<std::string> parameters = {};  // what stands in the path, in order
  std::vector<Field> query = {}, body = {};
  std::vector<std::string> body_types = {};  // media types; empty: it takes no body
  bool pages = false;                        // the answer is one page of a list
  std::vector<std::string> columns = {};     // members of the answer, or of an item of it
  std::vector<std::string> roles = {};       // who may; empty: everybody

  bool takes_json() const;
  bool takes_octets() const { return !body_types.empty() && !takes_json(); }
};

inline constexpr std::string_view kPrefix = "/api/v1/";

// In the order of the description.
Result<std::vector<Operation>> read_operations(View openapi);

// Nullptr: there is none.
const Operation* find(const std::vector<Operation>& all, std::string_view method,
                      std::string_view path);

}  // namespace countersign::app::api
