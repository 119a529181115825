// What a MAC or signature covers, in two pieces: no copy of the message is made. Borrows the
// message. Private to this folder.
#pragma once

#include "base/bytes.h"
#include "message/message.h"

namespace countersign::protect {

// RFC 9810 §5.1.3
// ProtectedPart ::= SEQUENCE {
//    header    PKIHeader,
//    body      PKIBody
// }
class ProtectedPart {
 public:
  // The message has its header_and_body: as it arrived, or as it was encoded to be protected.
  explicit ProtectedPart(const message::PKIMessage& message);
  explicit ProtectedPart(const message::PKIMessage&&) = delete;
  View head() const noexcept { return head_; }  // tag and length of the SEQUENCE
  View content() const noexcept { return content_; }

 private:
  Bytes head_;
  View content_;
};

}  // namespace countersign::protect
