// RA profiles: by which certificate template is issued, and what else must be so.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "enrol/field.h"
#include "enrol/template.h"

namespace countersign::enrol {

inline constexpr std::string_view kDefaultCmpProfile = "default";

// Which name of a request, or of its credential, is the serial number of the device that it is for.
// The credential is the secret, or the certificate that the sender signed with. What an update is
// for is told by its certificate.
enum class DeviceKey : Byte {
  subject_serial_number,
  subject_cn,
  san_dns,
  credential_reference,
  credential_note,
  credential_serial_number,
  credential_cn,
};
inline constexpr std::array<std::string_view, 7> kDeviceKeys = {
    "subject.serialNumber",    "subject.CN",   "san.dns", "credential.reference", "credential.note",
    "credential.serialNumber", "credential.CN"};

struct RaProfile {
  std::string name;
  std::string summary;
  std::string template_name;                    // in a catalogue never empty
  std::string cmp_profile{kDefaultCmpProfile};  // how its own path speaks
  std::string names = "any";             // what may be asked for here, beside what its sender may
  std::vector<std::string> authorities;  // that issue, the preferred one first; empty: default
  bool by_credential_only = false;
  std::size_t approvals = 0;  // officers that must approve; 0: nobody is asked
  bool approve_updates = false;
  bool approve_revocations = false;
  Seconds approval_wait{30LL * 86400};
  Seconds approval_check_after{60};
  Seconds escalate_after{0};             // undecided for so long; 0: never
  std::vector<std::string> escalate_to;  // operators or roles; empty: administrators
  enum class Devices : Byte { not_asked, must_be_known } devices = Devices::not_asked;
  DeviceKey device_key = DeviceKey::subject_serial_number;
  Template t = {};  // of that name
};

std::span<const Field<RaProfile>> ra_profile_fields();

// Is a device looked up for its requests?
inline bool asks_for_device(const RaProfile& profile) noexcept {
  return profile.devices == RaProfile::Devices::must_be_known || asks_for_device(profile.t);
}

}  // namespace countersign::enrol
