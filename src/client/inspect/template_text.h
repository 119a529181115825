// Certificate templates, requests and extensions on a Page.
#pragma once

#include "client/inspect/page.h"
#include "crmf/crmf.h"

namespace countersign::client {

void show_template(Page& page, const crmf::CertTemplate& t);
void show_request(Page& page, const crmf::CertReqMsg& request);
void show_extensions(Page& page, const x509::Extensions& extensions);
std::string key_text(View spki);  // "p256, key id …"

}  // namespace countersign::client
