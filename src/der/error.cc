#include "der/error.h"

#include <string>

namespace countersign::der {

Error to_error(const Fault& fault, const Context& context, std::string_view what) {
  std::string text(what);
  if (!context.path().empty()) {
    if (!text.empty() && context.path().front() != '[') text += '.';
    text += context.path();
  }
  text += " at " + std::to_string(fault.offset) + ": ";
  text += sentence(fault.code);
  return {fault.failure, name(fault.code), std::move(text), {}};
}

}  // namespace countersign::der
