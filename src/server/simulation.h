// What would happen to a message if it came in right now, and why: the path of the responder up to
// the pure step of the machine, run by the same functions, with nothing made of it. No commit, no
// issuer is asked, no use of a secret is counted, no reply is made.
//
// What only says that a message came before or late (messageTime outside the window, a
// transactionID that is known, an answer that is kept) is a remark and ends nothing. Not looked
// into: nested messages, and what a CA behind a registration authority would say. Blocks for the
// store; any thread but a loop's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "enrol/examine.h"
#include "enrol/lint.h"
#include "server/engine.h"

namespace countersign::server {

struct Simulator {
  Engine& engine;
  // How many officers must approve what was granted; 0: it is issued at once.
  std::function<std::size_t(const transaction::Order&)> officers;
};

struct Trial {
  Bytes request;                     // PKIMessage or PKCS #10 in DER
  std::string endpoint = "default";  // CMP profile, as a path names it
  std::string ra_profile;            // the default there, for this once; empty: as it is
  std::string as_secret;             // reference of the secret that protects what is unprotected
};

struct TrialStep {  // that the message got through
  std::string_view name;
  std::string said;
};
struct TrialRequest {
  enrol::Noted chosen;
  std::string proof;  // of possession, as it was sent
  enrol::Verdict verdict;
  std::size_t officers = 0;
  std::vector<enrol::Finding> findings;  // of lint: warnings
};
struct TrialOutcome {
  std::string endpoint;
  std::string body;    // "ir"; empty: it cannot be read
  std::string sender;  // identity; empty: it has not proved itself
  std::vector<TrialStep> steps;
  std::string_view refused_at;   // name of the step
  std::optional<Error> refusal;  // of the message as a whole
  bool passed_on = false;        // to the CA behind a registration authority
  std::vector<TrialRequest> requests;
  std::vector<std::string> remarks;
};

// Errors are of the trial itself: badRequest "simulation.endpoint", "simulation.ra-profile",
// "simulation.secret", "simulation.protected", "simulation.nested"; those of the store.
Result<TrialOutcome> simulate(const Simulator& simulator, const Trial& trial, Time now);

}  // namespace countersign::server
