// What it means that an exchange with an upstream CA failed: was anything there to receive the
// message, does another try help, and what is whoever waits told.
#pragma once

#include <chrono>

#include "base/result.h"

namespace countersign::issuer {

// Nothing was there to receive it.
bool is_surely_lost(const Error& error) noexcept;
// Only a change of configuration helps, here or there.
bool is_lasting(const Error& error) noexcept;

// RFC 9483 §6.1: systemFailure "issuer.upstream-status" where only a person can help;
// systemUnavail "issuer.upstream-unreachable" where it may be better later.
Error unanswered(const Error& why);

// Before the next try, after so many.
std::chrono::milliseconds delay_after(int tries) noexcept;

}  // namespace countersign::issuer
