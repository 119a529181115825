// serve --demo: a CA on one's desk, a first certificate before one's eyes, and two lines to paste.
#pragma once

#include "app/countersignd/commands.h"
#include "app/countersignd/init.h"
#include "server/config.h"

namespace countersign::app {

// A credential for a demo over a CA that is there already: a fresh one, for any name, a day.
Result<Made> adopt(const Host& host, Data data);

Result<int> run_demo(const Host& host, Made made, server::Config config, bool temporary);

void stay_until_stopped();  // serve.cc

}  // namespace countersign::app
