#include "server/networks.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>

namespace countersign::server {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

std::unexpected<Error> no_network(std::string_view text, const std::string& what) {
  return fail(Failure::systemFailure, "server.network-form",
              "this is no network: " + std::string(text) + "; " + what);
}

// With the length that makes it a network of itself, where there is none.
std::string with_length(std::string_view text) {
  std::string out(text);
  if (out.contains('/')) return out;
  return out + (out.contains(':') ? "/128" : "/32");
}

template <class Network>
Result<std::string> canonical(std::string_view text, const Network& network, error_code error) {
  if (error) return no_network(text, "write it as 10.0.0.0/8 or 2001:db8::/32");
  const Network whole = network.canonical();
  if (whole != network)
    return no_network(text, "its address has bits behind the prefix; write " + whole.to_string());
  return whole.to_string();
}

Result<std::string> read_network(std::string_view text) {
  const std::string whole = with_length(text);
  error_code error;
  if (whole.contains(':')) {
    const auto network = ip::make_network_v6(whole, error);
    return canonical(text, network, error);
  }
  const auto network = ip::make_network_v4(whole, error);
  return canonical(text, network, error);
}

std::optional<ip::address> address_of(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code error;
  auto address = ip::make_address(std::string(host), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

// A network of one address that lies in the other, or is it.
bool holds(const std::string& network, const ip::address& address) {
  error_code error;
  if (network.contains(':') != address.is_v6()) return false;
  if (address.is_v4()) {
    const auto wide = ip::make_network_v4(network, error);
    const ip::network_v4 own(address.to_v4(), 32);
    return !error && (own == wide || own.is_subnet_of(wide));
  }
  const auto wide = ip::make_network_v6(network, error);
  const ip::network_v6 own(address.to_v6(), 128);
  return !error && (own == wide || own.is_subnet_of(wide));
}

}  // namespace

Result<std::vector<std::string>> read_networks(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) {
    std::string network = TRY(read_network(text));
    if (std::ranges::find(out, network) == out.end()) out.push_back(std::move(network));
  }
  return out;
}

Result<std::vector<std::string>> read_networks(std::string_view text) {
  std::vector<std::string> texts;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(", "), text.size());
    if (end > 0) texts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return read_networks(texts);
}

std::string networks_text(const std::vector<std::string>& networks) {
  std::string out;
  for (const std::string& one : networks) out.append(out.empty() ? "" : ", ").append(one);
  return out;
}

bool is_in(const std::vector<std::string>& networks, std::string_view peer) {
  const auto address = address_of(peer);
  return address &&
         std::ranges::any_of(networks, [&](const auto& n) { return holds(n, *address); });
}

Result<> check_network(const enrol::CredentialRecord& credential, std::string_view peer) {
  if (credential.networks.empty() || is_in(credential.networks, peer)) return {};
  return fail(Failure::notAuthorized, "server.network",
              "this secret may be used from " + networks_text(credential.networks) +
                  " alone; send the request from there, or ask for another secret",
              "secret " + credential.reference + ", from " + std::string(peer));
}

}  // namespace countersign::server
