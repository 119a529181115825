#include "client/operation.h"

#include "client/failure.h"

namespace countersign::client {
namespace {

bool takes_labels(std::string_view path) {
  constexpr std::string_view kWellKnown = "/.well-known/cmp";
  if (!path.starts_with(kWellKnown)) return false;
  path.remove_prefix(kWellKnown.size());
  if (path.empty()) return true;
  return path.starts_with("/p/") && path.size() > 3 && path.find('/', 3) == std::string_view::npos;
}

}  // namespace

Result<std::string> labelled_path(std::string_view path, std::string_view label) {
  std::string out(path);
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  if (!takes_labels(out))
    return wrong_usage("--label stands behind /.well-known/cmp or /.well-known/cmp/p/NAME, not " +
                       std::string(path) + "; leave it out, or write the label yourself");
  if (!label.empty()) out.append("/").append(label);
  return out;
}

}  // namespace countersign::client
