// Which profile of CMP an endpoint keeps to.
#pragma once

#include "base/bytes.h"

namespace countersign::message {

// general: RFC 9810, tolerant of what clients in the field send. lightweight: RFC 9483 to the
// letter, every deviation refused with the bit of its §3.5 and §3.6. base_station: 3GPP TS 33.310
// clause 9, of devices that come with their vendor's certificate. v2, v3: as general, and of pvno 2
// only, or of either.
enum class Variant : Byte { general, lightweight, base_station, v2, v3 };

}  // namespace countersign::message
