// What the words of a command ask of the API: the operation they name, and the values it takes.
//
//   requests approve 3f… --comment "known"      an operation, what stands in its path, a field
//   ra-profiles set factory names=a,b approvals=2
// A value is read as the field's type wants it: a list with commas, true or false, a number;
// "@FILE" is the content of a file, "@@" stands for "@". A flag alone is true. In `set` a name
// alone takes a field back. Errors: "client.usage", which says what there is; those of files.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "app/countersign/api/operation.h"
#include "app/countersign/options.h"
#include "ports/web.h"

namespace countersign::app::api {

struct Order {
  const Operation* operation = nullptr;  // borrowed
  std::vector<std::string> parameters;
  ports::TextPairs query;
  boost::json::object body;             // values that were given
  std::vector<std::string> taken_back;  // names of fields of an object in the body
  std::optional<Bytes> octets;          // of --body, or the file of an operation that takes one
};

Result<Order> read_order(const std::vector<Operation>& all, const Options& options);

// What --body names: a file, or - for standard input.
Result<Bytes> read_body(const std::string& path);

// Path and query, encoded.
std::string target_of(const Order& order);

// Of `into`, what the order says becomes of it: a member of an object is set or goes, the others
// stay.
void merge(const Order& order, boost::json::object& into);

}  // namespace countersign::app::api
