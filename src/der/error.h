// A Fault as an Error: done once, at the edge of a parse, where the path is known.
#pragma once

#include <string_view>

#include "base/result.h"
#include "der/reader.h"

namespace countersign::der {

// reply_text is "<what>.<path> at <offset>: <sentence>", code the fault's stable name.
Error to_error(const Fault& fault, const Context& context, std::string_view what);

}  // namespace countersign::der
