// From a message to what must be looked up, and from what was found to what protect and enrol need.
#pragma once

#include <optional>
#include <string>

#include "enrol/examine.h"
#include "enrol/tokens.h"
#include "ports/responder.h"
#include "ports/store.h"
#include "protect/protect.h"
#include "server/engine.h"
#include "transaction/server_machine.h"

namespace countersign::server {

// SHA-256 over endpoint, header, body and protection as received; extraCerts are not in it, since
// relays may reorder them.
RequestDigest digest_of(const ports::Endpoint& endpoint, const message::PKIMessage& m);

// Before authentication: everything that the header and extraCerts name.
ports::Lookup first_lookup(const ports::Endpoint& endpoint, const message::PKIMessage& m,
                           const RequestDigest& digest);

// Of a MAC'd message whose header names no secret that was found, where the CMP profile says how to
// go on: the one that the subject names; of what follows, the one that its transaction began
// under; or the default.
std::optional<std::string> reference_in_body(const enrol::CmpProfile& profile,
                                             const message::PKIMessage& m,
                                             const ports::Snapshot& found);

// After it: what the body names; nullopt when it names nothing.
std::optional<ports::Lookup> second_lookup(const message::AuthenticatedMessage& m,
                                           enrol::TokenPolicy tokens);

// The transactions of that ID, opened. What cannot be read any more is left out and logged.
struct OpenTransaction {
  enrol::TransactionRecord record;
  transaction::Transaction state;
};
std::vector<OpenTransaction> open_transactions(const Engine& engine, ports::Snapshot& found);

// Borrows from `found` and `trust`.
protect::Evidence evidence(const Trust& trust, const enrol::CmpEndpoint& endpoint,
                           const ports::Snapshot& found,
                           const std::vector<OpenTransaction>& transactions, Time now);

// The message was proved by the former secret of its credential: that is the secret of the request
// from here on.
void take_former_secret(ports::Snapshot& found);

// To whom a message is passed on; no relay: it is not. relay.cc
struct Route {
  std::shared_ptr<ports::Relay> relay;
  std::string authority;                      // empty: the server's own
  std::string key;                            // of the transaction in Engine::routes
  std::vector<RelayedRequest> requests = {};  // what was granted before it is passed on
  std::string subscriber = {};                // of the sender: of what nothing is known
};
// `anchor`: that a foreign signer's path ends in, or null. `known`: its transaction is one of ours.
Route route_of(Engine& engine, const enrol::Catalogue& catalogue, const std::string& endpoint,
               const message::AuthenticatedMessage& message, const ports::Snapshot& found,
               const enrol::TrustRecord* anchor, bool known);
// A key update goes to whoever issued what it updates; refused where that one may issue no more.
void take_orders(Route& route, const Engine& engine, const ports::Snapshot& found,
                 std::vector<enrol::Verdict>& verdicts);

// Of the endpoint that a first message came by, and what becomes of it there.
struct Situation {
  const enrol::Catalogue& catalogue;
  const enrol::CmpProfile& profile;
  enrol::Transport transport = enrol::Transport::clear;
  bool relayed = false;                        // what is passed on is used up where it is issued
  std::vector<enrol::Noted>* notes = nullptr;  // as enrol::Setting
};
// What enrol's rules say to each request of the message, and who is to issue what is granted.
std::vector<enrol::Verdict> verdicts_on(const Engine& engine, const Situation& situation,
                                        const message::AuthenticatedMessage& message,
                                        const ports::Snapshot& found,
                                        const enrol::TrustRecord* anchor, Time now);

}  // namespace countersign::server
