// What the routes about authorities and about unknown vendors take and answer: for the table.
#pragma once

#include <array>

#include "console/route.h"

namespace countersign::console::authority_fields {

using enum Type;
using enum Need;

inline constexpr std::array<Field, 11> kStranger = {{
    {.name = "fingerprint", .meaning = "SHA-256 of the certificate"},
    {.name = "subject", .meaning = "of the highest certificate that it showed"},
    {.name = "issuer", .meaning = "of the same"},
    {.name = "authority",
     .type = flag,
     .meaning = "whether that is a CA's; else it cannot be trusted as one"},
    {.name = "sender", .meaning = "subject of what the latest of them signed with"},
    {.name = "endpoint", .meaning = "CMP profile that it came to last"},
    {.name = "peer", .meaning = "address that it came from last; nothing of all this is proved"},
    {.name = "count", .type = integer, .meaning = "how often"},
    {.name = "first", .type = time, .meaning = "when it first came"},
    {.name = "last", .type = time, .meaning = "when it last came"},
    {.name = "certificate", .meaning = "PEM"},
}};
inline constexpr std::array<Field, 1> kTrustSetAlone = {{
    {.name = "trust_set", .meaning = "name of the trust set; made if it is not there", .most = 64},
}};
inline constexpr std::array<Field, 11> kCaKey = {{
    {.name = "authority", .meaning = "whose it is; `default`: the server's own CA"},
    {.name = "role", .meaning = "what it signs for", .one_of = "root|issuing"},
    {.name = "generation", .type = integer, .meaning = "1: the first of its role"},
    {.name = "state",
     .meaning = "present: it signs; earlier: what it signed is good still",
     .one_of = "present|earlier|expired"},
    {.name = "subject", .meaning = "of its certificate, as RFC 4514 writes it"},
    {.name = "issuer", .meaning = "of the same"},
    {.name = "serial", .meaning = "of the same, hexadecimal"},
    {.name = "algorithm", .meaning = "p256, rsa3072 …"},
    {.name = "not_before", .type = time, .meaning = "from when it holds"},
    {.name = "not_after", .type = time, .meaning = "until when it holds"},
    {.name = "fingerprint", .meaning = "SHA-256 of its certificate, hexadecimal"},
}};
inline constexpr std::array<Field, 3> kNewCaKey = {{
    {.name = "role", .meaning = "which one is replaced", .one_of = "root|issuing"},
    {.name = "authority", .need = optional, .meaning = "whose; `default` unless given"},
    {.name = "algorithm", .need = optional, .meaning = "as the present key unless given"},
}};
inline constexpr std::array<Field, 6> kAuthorityHealth = {{
    {.name = "name", .meaning = "of the authority"},
    {.name = "state", .meaning = "well, resting, full, spent or unusable"},
    {.name = "under_way",
     .type = integer,
     .meaning = "messages, or programs, that it has not answered"},
    {.name = "waiting", .type = integer, .meaning = "requests that wait for their turn"},
    {.name = "answered",
     .type = time,
     .meaning = "when it last did; null: not since the server began"},
    {.name = "trouble", .meaning = "what went wrong last; empty: nothing since it answered"},
}};

}  // namespace countersign::console::authority_fields
