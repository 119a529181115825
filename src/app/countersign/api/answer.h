// An answer of the API as people read it: a list as a table, one thing line by line, a transaction
// as what happened one after the other. Values are laid out as they come; a column that is empty in
// every row is left out, and on a terminal those that do not fit, which is said.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "app/common/terminal.h"

namespace countersign::app::api {

struct Table {
  std::string text;
  std::vector<std::string> left_out;  // columns that did not fit
};
// `columns`: in this order; others that an item has follow. `width` in columns, if it is limited.
Table table(const Style& style, const boost::json::array& items,
            const std::vector<std::string>& columns, std::optional<std::size_t> width);

std::string one(const Style& style, const boost::json::object& thing);

// {"transaction": …, "events": [{"at", "event", "sender", "subject", "serial", "code", "detail"}]}
std::string timeline(const Style& style, const boost::json::object& transaction);

}  // namespace countersign::app::api
