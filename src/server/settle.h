// The second half of the path, the same for a message, an issuer's late answer and a timer: run the
// machine, let the fast effects happen, and put everything into one Commit.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>

#include "server/central_key.h"
#include "server/engine.h"
#include "transaction/server_machine.h"

namespace countersign::server {

struct Outcome {
  transaction::Transaction state;
  std::optional<transaction::Reply> reply;
  std::vector<transaction::Effect> effects;               // all but Ask, in order
  std::map<std::size_t, transaction::Issued> issued;      // by request index
  std::vector<transaction::RevocationOrder> revocations;  // granted: part of the commit
};

// Steps until nothing is left to ask, and has an issuer elsewhere settle its certificates. Nothing
// is durable here yet. `orders` names the transaction; `requester` is who gets the keys that are
// made for this message; null where none can be.
boost::asio::awaitable<Result<Outcome>> settle(Engine& engine, transaction::Transaction state,
                                               const transaction::Event& event,
                                               const transaction::Facts& facts,
                                               const ports::OrderKey& orders, Time now,
                                               const KeyRequester* requester = nullptr);

// What a certificate says of itself; who has it and how it came is for the caller to add.
enrol::CertificateRecord describe(const x509::Certificate& certificate);

boost::asio::awaitable<Result<ports::Snapshot>> load(Engine& engine, ports::Lookup lookup);
boost::asio::awaitable<Result<ports::Committed>> save(Engine& engine, ports::Commit commit);

struct CommitContext {
  std::string endpoint;
  std::string sender;     // identity
  std::string reference;  // of its credential; empty: by signature
  TransactionId id;
  std::int64_t version = 0;
};
// Guards, rows and audit of an outcome; the reply is added by the caller.
ports::Commit make_commit(const Engine& engine, const Outcome& outcome,
                          const CommitContext& context, Time now);

// What a genm is answered, from what is published now.
// `endpoint` is the one that it came by.
transaction::Answer inform(const Engine& engine, std::string_view endpoint,
                           const transaction::InformationOrder& order);

}  // namespace countersign::server
