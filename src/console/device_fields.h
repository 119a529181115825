// What the routes of the device registry take and answer: for the table.
#pragma once

#include <array>

#include "console/page.h"

namespace countersign::console {

template <std::size_t Size>
using Fields = std::array<Field, Size>;

namespace device_fields {

using enum Type;
using enum Need;

inline constexpr Fields<4> kDeviceFilters = {
    {{.name = "state",
      .need = optional,
      .meaning = "only those in this state",
      .one_of = "expected|enrolled|blocked"},
     {.name = "group", .need = optional, .meaning = "only those of this group"},
     kLimit,
     kAfter}};
inline constexpr Fields<10> kNewDevice = {{
    {.name = "model", .need = optional, .meaning = "what it is"},
    {.name = "group", .need = optional, .meaning = "what it belongs to"},
    {.name = "mac", .need = optional, .meaning = "six octets, 00:1a:2b:3c:4d:5e"},
    {.name = "hostname", .need = optional, .meaning = "its host name"},
    {.name = "profile", .need = optional, .meaning = "the one RA profile it is for"},
    {.name = "key",
     .need = optional,
     .meaning = "SHA-256 of the public key that it comes with, hexadecimal"},
    {.name = "certificate",
     .need = optional,
     .meaning = "SHA-256 of its maker's certificate, which it signs with, hexadecimal"},
    {.name = "note", .need = optional, .meaning = "for people"},
    {.name = "attributes",
     .type = settings,
     .need = optional,
     .meaning = "what else is known of it: texts by name, 32 at most"},
    {.name = "blocked", .type = flag, .need = optional, .meaning = "it gets no certificate"},
}};
inline constexpr Fields<15> kDevice = {{
    {.name = "serial", .meaning = "its serial number"},
    {.name = "state", .meaning = "how it stands", .one_of = "expected|enrolled|blocked"},
    {.name = "model", .meaning = "what it is; \"\", as all that follow: not known"},
    {.name = "group", .meaning = "what it belongs to"},
    {.name = "mac", .meaning = "six octets"},
    {.name = "hostname", .meaning = "its host name"},
    {.name = "profile", .meaning = "the one RA profile it is for; \"\": any"},
    {.name = "key", .meaning = "SHA-256 of the public key that it comes with"},
    {.name = "certificate", .meaning = "SHA-256 of its maker's certificate"},
    {.name = "note", .meaning = "for people"},
    {.name = "attributes", .type = settings, .meaning = "what else is known of it"},
    {.name = "author", .meaning = "who made this version of it"},
    {.name = "created", .type = time, .meaning = "when it was entered"},
    {.name = "enrolled",
     .type = time,
     .need = optional,
     .meaning = "when it got its first certificate; null: not yet"},
    {.name = "good_until",
     .type = time,
     .need = optional,
     .meaning = "when the webhook that told of it is asked again; null: never"},
}};
inline constexpr Fields<4> kNewDevices = {{
    {.name = "csv",
     .type = lines,
     .meaning = "a first line with serial and others of model, group, mac, hostname, profile, key, "
                "certificate, note and attributes.NAME; a row for each device",
     .most = 100'000},
    {.name = "skip_broken",
     .type = flag,
     .need = optional,
     .meaning = "import the other rows when some are broken; else none"},
    {.name = "replace",
     .type = flag,
     .need = optional,
     .meaning = "rows may be of devices that are there; else those are broken"},
    {.name = "trial", .type = flag, .need = optional, .meaning = "tell what is broken, only"},
}};
inline constexpr Fields<3> kImported = {{
    {.name = "rows", .type = integer, .meaning = "how many there were"},
    {.name = "imported", .type = integer, .meaning = "how many of them were saved"},
    {.name = "broken", .type = objects, .meaning = "line and what is wrong, of each such row"},
}};

}  // namespace device_fields
}  // namespace countersign::console
