// A new root certificate that the old one vouches for. RFC 9810 §4.4, RFC 9483 §4.3.2.
// Error: client.root-update, with what does not hold.
#pragma once

#include <vector>

#include "base/result.h"
#include "message/message.h"

namespace countersign::client {

// newWithNew is signed by itself, newWithOld holds the same key and name and leads to one of
// `roots`, oldWithNew, if there, holds that root's key and leads to newWithNew. All at `now`.
Result<> check_root_update(const message::RootCaKeyUpdateContent& update,
                           const std::vector<Bytes>& roots, Time now);

}  // namespace countersign::client
