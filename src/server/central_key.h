// Makes the key pair of a request that has none, and wraps the private key for its owner alone:
// EnvelopedData( SignedData( AsymmetricKeyPackage )). RFC 9483 §4.1.6, RFC 9810 §5.2.2.
//
// Key generation and derivation are done on the slow pool. The private key is in wiped memory only,
// and is gone when this is done: what is kept, sealed, until confirmation is the EnvelopedData.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "message/authenticated.h"
#include "server/engine.h"

namespace countersign::server {

struct KeyRequester {  // borrowed while the key is made
  const message::Sender& sender;
  const Secret* secret;  // the shared secret that it used; null: it signed
  std::int64_t pvno;
  const std::string& peer;
};
struct KeyPair {
  Bytes spki;
  Bytes private_key;  // EnvelopedData
};
// Errors: "server.busy", "server.no-kga" (systemUnavail), and those of the parts.
boost::asio::awaitable<Result<KeyPair>> make_key_pair(Engine& engine, const std::string& authority,
                                                      const transaction::CentralKey& wish,
                                                      const KeyRequester& requester, Time now);

}  // namespace countersign::server
