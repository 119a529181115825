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

// The wish with what the template fixes added: values that are given there are taken over, those
// that are empty have to be in the wish. What is empty and not understood is left out.
Result<CertificateWish> follow(const message::CertReqTemplateContent& wanted, CertificateWish wish);

}  // namespace countersign::client
