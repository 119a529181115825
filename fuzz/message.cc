// Whatever parses as a message is encoded to the octets it came from: as kept, and anew from its
// fields. The same for every info value that can be decoded.
#include <cstdint>
#include <cstdlib>

#include "message/info_type.h"
#include "message/translation.h"

namespace {

using namespace countersign;
using message::PKIMessage;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_info(const std::vector<message::InfoTypeAndValue>& items) {
  for (const auto& item : items)
    if (const auto value = message::decode(item))
      require(message::make_info(item.type, *value) == item);
}

// Checks what can be checked of each part, and drops the octets that were kept.
void check_and_forget(PKIMessage& m) {
  require(message::protected_part(m) == message::protected_part(View(m.header_and_body)));
  m.header_and_body.clear();
  check_info(m.header.general_info);
  if (const auto* general = std::get_if<message::InfoMsgContent>(&m.body.content))
    check_info(general->items);
  if (auto* requests = std::get_if<crmf::CertReqMessages>(&m.body.content))
    for (auto& request : *requests) request.cert_req_der.clear();
  if (auto* nested = std::get_if<message::NestedMessageContent>(&m.body.content))
    for (PKIMessage& inner : nested->messages) check_and_forget(inner);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View input(data, size);
  const auto header = message::salvage_header(input);
  auto parsed = message::parse_message(input);
  if (!parsed) {
    require(!parsed.error().code.empty() && !parsed.error().reply_text.empty());
    return 0;
  }
  require(header == parsed->header);
  (void)message::wanted_language(parsed->header);
  require(equal(message::encode(*parsed), input));
  check_and_forget(*parsed);
  require(equal(message::encode(*parsed), input));
  return 0;
}
