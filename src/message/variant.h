// How closely an endpoint keeps to RFC 9483.
#pragma once

#include "base/bytes.h"

namespace countersign::message {

// general: RFC 9810, tolerant of what clients in the field send. lightweight: RFC 9483 to the
// letter, every deviation refused with the bit of its §3.5 and §3.6.
enum class Variant : Byte { general, lightweight };

}  // namespace countersign::message
