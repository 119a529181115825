// What a request says beside its certificate template: controls (RFC 4211 §6, RFC 9810 §5.2.1 and
// §5.3.19.16) and regInfo (RFC 4211 §7). What becomes of each is a row of kControls. Rules over
// values.
//
//   badDataFormat    control.malformed
//   badCertTemplate  control.twice, control.unknown, control.refused, control.archive,
//                    control.other-certificate, control.encryption-key, control.key-size
//   notAuthorized    control.replacement
//   badRequest       control.replacement-differs
#pragma once

#include <optional>
#include <string>

#include "crmf/crmf.h"
#include "enrol/tokens.h"
#include "message/authenticated.h"
#include "message/variant.h"

namespace countersign::enrol {

enum class UnknownControls { refuse, ignore };

// Who makes the key pair of a request.
enum class KeyMaker { requester, server };

struct ControlContext {
  message::BodyType type = message::BodyType::ir;
  KeyMaker key_maker = KeyMaker::requester;
  UnknownControls unknown = UnknownControls::refuse;
  message::Variant variant = message::Variant::general;
  TokenPolicy tokens = TokenPolicy::ignore;
};

struct Controls {
  std::optional<crmf::CertId> old_cert_id;                // in a kur alone
  std::optional<der::AlgorithmIdentifier> key_algorithm;  // of a key that the server makes
  std::optional<unsigned> rsa_bits;                       // the same, for RSA
  std::string ignored;  // the names of those that changed nothing, for the audit
};
// Of the CertRequest that wanted_request() names, and of the message's regInfo.
Result<Controls> read_controls(const crmf::CertRequest& wanted,
                               const std::vector<crmf::Attribute>& reg_info,
                               const ControlContext& context);

// The CertRequest that is asked for: the request's own, or the one that a registration authority
// put into regInfo in its stead (RFC 4211 §7.2). The proof of possession covers the own one.
Result<crmf::CertRequest> wanted_request(const crmf::CertReqMsg& request,
                                         const message::Sender& sender);

}  // namespace countersign::enrol
