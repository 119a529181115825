// What 3GPP TS 33.310 clause 9.5 asks of the messages of a base station beyond RFC 9810, as far as
// it can be seen in the message alone. Asked after check_header(), first fault counts.
//
//   badRequest       base-station.body        (9.5.4: ir, kur and certConf; and pollReq)
//   wrongIntegrity   base-station.protection  (9.5.3: by signature)
//   badDataFormat    base-station.one         (9.5.4: one certificate request in a message)
//   badCertTemplate  base-station.public-key  (9.5.4.2: the key is the base station's own)
//   badPOP           base-station.pop         (9.5.4.2: by POPOSigningKey)
//   badMessageCheck  base-station.extra-certs (9.5.4.2: the vendor's certificates in an ir)
#pragma once

#include "message/message.h"

namespace countersign::protect {

Result<> check_base_station(const message::PKIMessage& message);

}  // namespace countersign::protect
