// Protecting messages and authenticating their senders. RFC 9810 §5.1.3, RFC 9481, RFC 9483 §3.
//
// Pure: time, randomness, secrets, certificates and their status are arguments. Signing is not
// done here (a key may live in an HSM): prepare_signature gives the octets to sign,
// attach_signature puts the result in.
#pragma once

#include "protect/authenticator.h"     // the server's side
#include "protect/header_check.h"      // what needs no look-up
#include "protect/mac_key.h"           // MAC
#include "protect/policy.h"            // what is accepted
#include "protect/protection_table.h"  // MAC or signature?
#include "protect/response_check.h"    // the client's side
#include "protect/signature.h"         // signature
