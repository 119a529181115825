// The 27 bodies on a Page.
#pragma once

#include "client/inspect/page.h"
#include "message/message.h"

namespace countersign::client {

void show_body(Page& page, const message::PKIBody& body);
void show_info(Page& page, const message::InfoTypeAndValue& item);
void show_certificate(Page& page, std::string_view name, View der);
std::string algorithm_text(const der::AlgorithmIdentifier& algorithm);

}  // namespace countersign::client
