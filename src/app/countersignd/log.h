// The server's log on stderr: a line for people, or one JSON object a line.
#pragma once

#include <functional>

#include "server/config.h"
#include "server/engine.h"

namespace countersign::app {

std::function<void(const server::LogEvent&)> make_log(const server::Config& config);

}  // namespace countersign::app
