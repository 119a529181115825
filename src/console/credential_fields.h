// What the routes of shared secrets and tokens take and answer: for the table.
#pragma once

#include <array>

#include "console/device_fields.h"

namespace countersign::console::credential_fields {

using enum Type;
using enum Need;

inline constexpr Field kNames{.name = "names",
                              .need = optional,
                              .meaning =
                                  "what may be asked for with it: self, any, or names and patterns "
                                  "with commas between them",
                              .most = 4096};
inline constexpr Field kProfile{.name = "profile",
                                .need = optional,
                                .meaning = "the one RA profile it is for; any unless given"};
inline constexpr Field kUses{.name = "uses",
                             .type = uses,
                             .need = optional,
                             .meaning = "how often it is good",
                             .most = 1'000'000'000};
inline constexpr Field kExpires{
    .name = "expires", .type = expiry, .need = optional, .meaning = "until when it is good"};
inline constexpr Field kDeliver{.name = "deliver",
                                .need = optional,
                                .meaning =
                                    "address that the program of credentials.deliver takes the "
                                    "secret to; then it is not shown, and one that is not "
                                    "delivered is not kept"};
inline constexpr Field kOfSubscriber{
    .name = "subscriber", .need = optional, .meaning = "only those of this subscriber"};
inline constexpr Fields<12> kNewCredential = {
    {kNames,
     kProfile,
     kUses,
     kExpires,
     {.name = "reference",
      .need = optional,
      .meaning = "what senderKID will hold; a random one unless "
                 "given",
      .most = 64},
     {.name = "cmp_profile",
      .need = optional,
      .meaning = "the one CMP profile it may be used at; any "
                 "unless given"},
     {.name = "begins",
      .type = expiry,
      .need = optional,
      .meaning = "from when it is good; at once unless given"},
     {.name = "note", .need = optional, .meaning = "for people: whose it is, what for"},
     {.name = "networks",
      .type = list,
      .need = optional,
      .meaning = "where alone it may be used from: 10.0.0.0/8, 2001:db8::/32; anywhere unless "
                 "given",
      .most = 64},
     {.name = "subscriber",
      .need = optional,
      .meaning = "whose it is, and what is issued under it; nobody's in particular unless given"},
     {.name = "ra",
      .type = flag,
      .need = optional,
      .meaning = "true: a registration authority's, which vouches for others within its names; an "
                 "administrator's to make"},
     kDeliver}};
inline constexpr Fields<3> kRotation = {
    {{.name = "overlap",
      .type = expiry,
      .need = optional,
      .meaning = "until when the former secret passes, too; 7d unless given"},
     {.name = "at_once",
      .type = flag,
      .need = optional,
      .meaning = "the former secret is void at once"},
     kDeliver}};
inline constexpr Field kUsesLeft{.name = "uses_left",
                                 .type = integer,
                                 .need = optional,
                                 .meaning = "how often it is good yet; null: any number of times"};
inline constexpr Field kExpiry{
    .name = "expires", .type = time, .need = optional, .meaning = "null: it has no end"};
inline constexpr Field kCreated{.name = "created", .type = time, .meaning = "when it was made"};
inline constexpr Fields<17> kCredential = {{
    {.name = "reference", .meaning = "what senderKID holds"},
    {.name = "names", .meaning = "what may be asked for with it"},
    {.name = "profile", .meaning = "the one RA profile it is for; \"\": any"},
    kUsesLeft,
    kExpiry,
    kCreated,
    {.name = "made_by_us", .type = flag, .meaning = "false: a person chose the secret"},
    {.name = "cmp_profile", .meaning = "the one CMP profile it may be used at; \"\": any"},
    {.name = "begins", .type = time, .need = optional, .meaning = "null: it is good at once"},
    {.name = "enabled", .type = flag, .meaning = "whether it is in use"},
    {.name = "note", .meaning = "for people"},
    {.name = "author", .meaning = "the operator who made it"},
    {.name = "networks", .type = list, .meaning = "where alone it may be used from; []: anywhere"},
    {.name = "subscriber", .meaning = "whose it is; \"\": nobody's in particular"},
    {.name = "ra", .type = flag, .meaning = "whether it is a registration authority's"},
    {.name = "former_until",
     .type = time,
     .need = optional,
     .meaning = "until when the secret from before its rotation passes, too; null: there is none"},
    {.name = "secret", .need = optional, .meaning = "shown once, when it is made; else left out"},
}};
inline constexpr Fields<5> kNewToken = {
    {{.name = "kind",
      .need = optional,
      .meaning = "which control carries it; regToken unless given",
      .one_of = "regToken|authenticator"},
     kNames,
     kProfile,
     kUses,
     kExpires}};
inline constexpr Fields<8> kToken = {{
    {.name = "id", .meaning = "the beginning of its digest"},
    {.name = "kind", .meaning = "which control carries it", .one_of = "regToken|authenticator"},
    {.name = "names", .meaning = "what may be asked for with it"},
    {.name = "profile", .meaning = "the one RA profile it is for; \"\": any"},
    kUsesLeft,
    kExpiry,
    kCreated,
    {.name = "token", .need = optional, .meaning = "shown once, when it is made; else left out"},
}};

}  // namespace countersign::console::credential_fields
