// The small decisions along the path: may it come in, does it fit its path, whose rules apply.
#pragma once

#include <string>

#include "message/authenticated.h"
#include "ports/responder.h"
#include "ports/store.h"
#include "server/engine.h"

namespace countersign::server {

bool opens_transaction(message::BodyType type) noexcept;
// Decided before any signature is made or checked, and after the look-up: what was answered before
// passes whatever the load. What opens a transaction is turned away first; what ends one may still
// pass. "server.busy"
Result<> check_load(const ports::Load& load, message::BodyType type);

// RFC 9811 §3.3: an operation label that contradicts the body is refused.
Result<> check_label(const ports::Endpoint& endpoint, const message::PKIBody& body);

// What can be said of a message alone, by the rules of its endpoint.
Result<> check_form(const enrol::CmpProfile& profile, const message::PKIMessage& m);
// What can be said of who has proved itself. `ours`: certificates that were looked up for it.
Result<> check_sender(const enrol::CmpProfile& profile, const message::AuthenticatedMessage& m,
                      std::span<const enrol::CertificateRecord> ours);

// An authenticated sender whose certificate awaits its own confirmation may do nothing else.
Result<> check_standing(const message::AuthenticatedMessage& m);

// The request was answered with a certificate once, and its reply is kept no more.
Error answered_long_ago(const ports::Snapshot& found, const RequestDigest& digest);

// Of the whole transaction: settle() makes one for each request of it.
ports::OrderKey order_key(const std::string& endpoint, const std::string& sender,
                          const TransactionId& id);
// Is anything served there? systemUnavail "profile.off"
Result<> check_open(const enrol::CmpEndpoint& endpoint);
// Can its answers be signed, where it has a signer of its own? systemUnavail "profile.signer"
Result<> check_signer(const Engine& engine, const enrol::CmpProfile& profile);
// Of the endpoints with that profile; there is one for each of the catalogue.
const ForeignTrust& foreign_trust(const Trust& trust, const enrol::CmpProfile& profile);
// The configured anchor that a foreign signer's path ends in.
const enrol::TrustRecord* anchor_of(const ForeignTrust& trust, const message::Sender& sender);
// Which registration authority vouched for what this commit does: into its audit rows.
void note_approval(ports::Commit& commit, const std::string& approved_by);
bool revokes_something(const ports::Commit& commit) noexcept;

}  // namespace countersign::server
