// A QR code (ISO/IEC 18004) for a terminal, by libqrencode: two rows of modules to a line of half
// blocks, dark on light whatever the terminal's colours are, with the margin that readers need.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::app {

// "app.qr": more than fits in one, about 2,300 octets.
Result<std::string> qr_code(std::string_view text);

}  // namespace countersign::app
