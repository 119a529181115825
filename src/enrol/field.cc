#include "enrol/field.h"

namespace countersign::enrol {
namespace {

std::string in_quotes(std::string_view s) { return '"' + std::string(s) + '"'; }

struct Shown {
  std::string operator()(const std::string& s) const { return in_quotes(s); }
  std::string operator()(std::int64_t n) const { return std::to_string(n); }
  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(const std::vector<std::string>& list) const {
    std::string out;
    for (const std::string& s : list) (out += out.empty() ? "" : ", ") += in_quotes(s);
    return '[' + out + ']';
  }
};

}  // namespace

std::string shown(const FieldValue& value) { return std::visit(Shown{}, value); }

}  // namespace countersign::enrol
