// One request on its way through the responder: what came in, and what is known of it so far.
#pragma once

#include <optional>
#include <string>

#include "server/responder.h"

namespace countersign::server {

struct Responder::Request {
  ports::Inbound in;
  std::shared_ptr<const enrol::Catalogue> catalogue;  // as of when it came in
  message::PKIHeader header;                          // as far as it is known, for replies and logs
  bool parsed = false;
  std::optional<std::string> secret;  // reference, where the body names it: reference_in_body
  std::optional<protect::MacKey> mac_key;
  bool by_former = false;  // that key is of the credential's former secret
  std::string sender;      // identity; empty until it has proved itself
  Time now{};
  Nonce nonce;
  int depth = 0;            // of messages that it came nested in
  std::string approved_by;  // identity of the RA that added its protection to this one message

  // Another may have taken the endpoint away since its listener found it.
  const enrol::CmpEndpoint& endpoint() const {
    return catalogue->endpoint_or_default(in.endpoint.profile);
  }
  const enrol::CmpProfile& profile() const { return endpoint().profile; }
  ReplyContext context() const {
    return {parsed ? &header : nullptr, mac_key ? &*mac_key : nullptr, !sender.empty(), &profile()};
  }
};

// Are all messages passed on before anything is asked of them? relay.cc
bool is_relayed_unseen(const Engine& engine) noexcept;
}  // namespace countersign::server
