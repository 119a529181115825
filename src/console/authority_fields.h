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
inline constexpr std::array<Field, 6> kAuthorityHealth = {{
    {.name = "name", .meaning = "of the authority"},
    {.name = "state", .meaning = "well, resting, full or unusable"},
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
