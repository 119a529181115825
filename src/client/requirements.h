// Following a certReqTemplate: what the server wants a request to hold. RFC 9483 §4.3.3.
// Errors: client.usage, naming what has to be given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/enrolment.h"
#include "message/info_type.h"

namespace countersign::client {

// The kind of key to make (crypto::KeySpec): the wished one if the server takes it, else p256, else
// the first of keySpec that can be made here.
Result<std::string> choose_algorithm(const message::CertReqTemplateContent& wanted,
                                     const std::optional<std::string>& wished);

// The wish with what the template fixes added: values that are given there are taken over, empty
// ones filled in from the wish, or left out where it knows none. Its issuer is the name of the CA,
// if that is known: used where the template asks for one. Names that the template has no place for
// are dropped from the subject, as the RFC has it, but not from the subject alternative names:
// each of them was given by hand.
// RDNs of several attributes come out as one each.
Result<CertificateWish> follow(const message::CertReqTemplateContent& wanted, CertificateWish wish);

}  // namespace countersign::client
