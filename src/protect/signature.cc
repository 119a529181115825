#include "protect/signature.h"

#include <utility>

namespace countersign::protect {

Bytes prepare_signature(message::PKIMessage& message, const der::AlgorithmIdentifier& algorithm) {
  message.header.protection_alg = algorithm;
  message.header_and_body.clear();
  message.header_and_body = message::encode_header_and_body(message);
  return message::protected_part(View(message.header_and_body));
}

void attach_signature(message::PKIMessage& message, Bytes signature) {
  message.protection = der::BitString{std::move(signature), 0};
}

}  // namespace countersign::protect
