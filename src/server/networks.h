// Networks that a shared secret may be used from: CIDR prefixes (RFC 4632, RFC 4291 §2.3) of IPv4
// and IPv6. An IPv4 address that comes as an IPv6 one (::ffff:192.0.2.1) is the IPv4 address.
//
// Whoever is seen is whoever the connection comes from: behind a proxy, or behind a registration
// authority that passes messages on, that one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "enrol/records.h"

namespace countersign::server {

// Each as it is kept: "10.0.0.0/8", "2001:db8::/32"; an address alone is a network of itself.
// "server.network-form" names the first that is none.
Result<std::vector<std::string>> read_networks(const std::vector<std::string>& texts);
// The same of one text, with commas or spaces between them.
Result<std::vector<std::string>> read_networks(std::string_view text);
std::string networks_text(const std::vector<std::string>& networks);  // "10.0.0.0/8, ::1/128"

// `peer` as listeners have it: "192.0.2.1:40312", "[2001:db8::1]:40312". One that is no address is
// in no network.
bool is_in(const std::vector<std::string>& networks, std::string_view peer);

// notAuthorized "server.network". For who has proved the secret alone: it says where it may be
// used.
Result<> check_network(const enrol::CredentialRecord& credential, std::string_view peer);

}  // namespace countersign::server
