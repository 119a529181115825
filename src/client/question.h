// What the client asks in a genm, as people write it. RFC 9810 §5.3.19, RFC 9483 §4.3.
//
//   caCerts                       rootCaCert            rootCaCert=root.pem
//   certReqTemplate               crlStatusList=last.crl | device.pem | CN=Issuing CA
//   suppLangTags=de,en            keyPairParamReq=p256 | 1.2.840.10045.2.1
//
// Errors: client.usage, client.answer, and those of files.h and identity.h.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "message/info_type.h"

namespace countersign::client {

// A rootCaCert without a file asks about the first of `roots`, if there is one.
Result<message::InfoTypeAndValue> question_from_text(std::string_view text,
                                                     const std::vector<Bytes>& roots);

// RFC 9483 §4.3 [MUST] a genp answers the question that was put, by one item of the type that
// belongs to it (rootCaCert: rootCaKeyUpdate, crlStatusList: crls, keyPairParamReq:
// keyPairParamRep). unsupportedOIDs is an answer if it names the question. Of several questions
// (RFC 9810 §5.3.19) each has at most one answer, and at least one has.
Result<> check_answers(const std::vector<message::InfoTypeAndValue>& questions,
                       const std::vector<message::InfoTypeAndValue>& answers);

}  // namespace countersign::client
