// What holds of the header of every reply, whatever was asked. RFC 9483 §3.1, §5.1.
#pragma once

#include <string>

#include "message/message.h"
#include "message/variant.h"

namespace countersign::test {

// A sentence for the first thing that is wrong; empty: nothing is.
std::string wrong_with(const message::PKIMessage& sent, const message::PKIMessage& reply,
                       message::Variant variant);

}  // namespace countersign::test
