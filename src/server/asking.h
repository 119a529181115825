// Who answers an order: the authority that it names, or we a genm.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "server/central_key.h"
#include "server/engine.h"

namespace countersign::server {

struct Asking {
  Engine& engine;
  const ports::OrderKey& orders;  // of the transaction
  Time now;
  const KeyRequester* requester;  // null: no key can be made for it
};
struct Asked {
  transaction::AnswerArrived answer;
  std::string authority;  // that gave it
};

// The key of one order of a transaction.
ports::OrderKey order_of(ports::OrderKey orders, std::size_t index, std::string authority);

// A key that is to be made is made first. Where an authority cannot be reached, the next one of the
// RA profile is asked; that of a key update, and of a revocation, is the only one.
boost::asio::awaitable<Result<Asked>> ask(const Asking& asking, transaction::Order order,
                                          std::size_t index);

// A serial number is unique among all that a server issues: by it, it finds a certificate. One of
// another authority that is taken is refused, and given back: systemFailure "server.serial-taken".
boost::asio::awaitable<Result<transaction::Answer>> refuse_taken_serial(const Asking& asking,
                                                                        transaction::Answer answer,
                                                                        const ports::OrderKey& key);

}  // namespace countersign::server
