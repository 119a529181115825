#include "enrol/records.h"

#include <array>

namespace countersign::enrol {
namespace {

constexpr std::array<std::string_view, 4> kStatusNames = {"unconfirmed", "valid", "revoked",
                                                          "held"};

}  // namespace

std::string_view name(CertificateStatus status) noexcept {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

std::optional<CertificateStatus> certificate_status_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i)
    if (kStatusNames[i] == name) return static_cast<CertificateStatus>(i);
  return std::nullopt;
}

}  // namespace countersign::enrol
