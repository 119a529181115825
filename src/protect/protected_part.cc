#include "protect/protected_part.h"

#include "der/tag.h"

namespace countersign::protect {

ProtectedPart::ProtectedPart(const message::PKIMessage& message)
    : content_(message.header_and_body) {
  const std::size_t size = content_.size();
  Bytes length;  // least significant first
  for (std::size_t rest = size; rest != 0; rest >>= 8U) length.push_back(static_cast<Byte>(rest));
  head_.push_back(static_cast<Byte>(der::Tag::sequence));
  if (size >= 0x80) {
    head_.push_back(static_cast<Byte>(0x80U | length.size()));
    head_.insert(head_.end(), length.rbegin(), length.rend());
    return;
  }
  head_.push_back(static_cast<Byte>(size));
}

}  // namespace countersign::protect
