// The keys of the CAs of this server, as the API and `countersignd ca list` tell them, and new
// ones.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "x509/certificate.h"

namespace countersign::console {

struct CaKey {
  std::string authority;  // empty: the server's own
  std::string_view role;  // "root", "issuing"
  int generation = 1;
  bool present = false;   // it signs; others vouch for what they signed
  std::string algorithm;  // crypto key spec
  x509::Certificate certificate;
};
boost::json::object to_json(const CaKey& key, Time now);
std::string_view state_of(const CaKey& key, Time now);  // "present", "earlier", "expired"

struct NewCaKey {
  std::string authority;  // empty: the server's own
  std::string role;
  std::string algorithm;  // empty: as the present one has it
  std::string by;         // for the audit
};
// Any thread but a loop's: making keys takes up to seconds. Empty functions: this server has no CA.
struct CaKeys {
  std::function<Result<std::vector<CaKey>>()> all;
  std::function<Result<CaKey>(const NewCaKey&)> make;
};

}  // namespace countersign::console
