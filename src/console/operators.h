// Who may use the API, and as what. Values: whoever makes the Api says where they come from.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace countersign::console {

enum class Role : Byte { administrator, ra_officer, auditor, read_only };

struct RoleName {
  Role role;
  std::string_view name;
};
inline constexpr std::array<RoleName, 4> kRoles = {{{Role::administrator, "administrator"},
                                                    {Role::ra_officer, "ra_officer"},
                                                    {Role::auditor, "auditor"},
                                                    {Role::read_only, "read_only"}}};
constexpr std::string_view name(Role role) noexcept {
  return kRoles[static_cast<std::size_t>(role)].name;
}
constexpr std::optional<Role> role_from_name(std::string_view name) noexcept {
  for (const RoleName& row : kRoles)
    if (row.name == name) return row.role;
  return std::nullopt;
}

// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= bit(role);
  }
  constexpr bool has(Role role) const noexcept { return (bits_ & bit(role)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

 private:
  static constexpr unsigned bit(Role role) noexcept { return 1U << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

struct Operator {
  std::string name;
  std::vector<Role> roles;
  Bytes token_digest;             // SHA-256 of the token's text; empty: has none
  Bytes certificate_fingerprint;  // SHA-256 of the DER; empty: has none
  std::optional<Time> expires;
  bool enabled = true;

  bool is_any_of(Roles those) const noexcept {
    for (const Role role : roles)
      if (those.has(role)) return true;
    return false;
  }
};
using Operators = std::vector<Operator>;

}  // namespace countersign::console
