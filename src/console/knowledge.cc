#include "console/knowledge.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "enrol/rights.h"
#include "enrol/template.h"

namespace countersign::console {

Outcome<> check_names(const Call& call) {
  const std::string names = call.body.text("names", "self");
  const auto good = enrol::check_name_rule(names);
  if (good) return {};
  return refuse({"/names", names, "a rule of names: " + good.error().reply_text});
}

Outcome<> check_knowledge(const Call& call) {
  TRY(check_names(call));
  const std::string profile = call.body.text("profile");
  const auto templates = enrol::built_in_templates();
  if (profile.empty() || enrol::find_template(templates, profile) != nullptr) return {};
  std::string list;
  for (const auto& one : templates) list.append(list.empty() ? "" : ", ").append(one.name);
  return refuse({"/profile", profile, "one of " + list});
}

std::string path_to(std::string_view collection, std::string_view name) {
  return std::string(collection) + "/" +
         boost::urls::encode({name.data(), name.size()}, boost::urls::unreserved_chars);
}

}  // namespace countersign::console
