// How a message came in.
#pragma once

namespace countersign::enrol {

// confidential: nobody on the way could read it, nor reads the answer.
enum class Transport { clear, confidential };

}  // namespace countersign::enrol
