// What `secret add` and `token add` have in common: where a value comes from, how often and how
// long it is good.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "enrol/catalogue.h"
#include "ports/store.h"

namespace countersign::app {

// pass:TEXT env:NAME file:PATH stdin: ; "app.secret-source", "app.secret-empty".
Result<Secret> read_source(const std::string& option, const std::string& source);
// A number from 1; nullopt for "any". "app.uses".
Result<std::optional<std::int64_t>> read_uses(const std::string& text);
// A duration from `now`, or a date; nullopt for "". "app.expires".
Result<std::optional<Time>> read_expiry(const std::string& text, Time now);
// "2 of 5", "any number".
std::string uses_text(const std::optional<std::int64_t>& left, std::int64_t granted);
// "app.profile" unless it is empty or one of ours.
Result<> check_profile(const enrol::Catalogue& catalogue, const std::string& name);
Result<> check_subscriber(const enrol::Catalogue& catalogue, const std::string& name);
Result<> check_cmp_profile(const enrol::Catalogue& catalogue, const std::string& name);
// As what the operators set has it now.
Result<std::shared_ptr<const enrol::Catalogue>> catalogue_of(ports::Ledger& ledger);

}  // namespace countersign::app
