// Audit rows as a scenario writes them: issued(0), with the place of the request in its message;
// refused(1,profile.key-too-short), where the place is for the reader: the row of a refusal has
// none.
#pragma once

#include <string>
#include <vector>

#include "enrol/records.h"

namespace countersign::test {

inline std::string audit_word(const enrol::AuditRow& row,
                              const std::vector<enrol::CertificateRecord>& certificates) {
  std::string place;
  for (const auto& c : certificates)
    if (!row.serial.empty() && x509::serial_text(c.serial) == row.serial)
      place = std::to_string(c.request_index);
  return row.event + "(" + place + (row.code.empty() ? "" : "," + row.code) + ")";
}

inline bool same_audit(std::vector<std::string> written, const std::vector<std::string>& found) {
  for (auto& word : written)
    if (word.starts_with("refused(") || word.starts_with("lapsed("))
      if (const auto comma = word.find(','); comma != std::string::npos)
        word = word.substr(0, word.find('(') + 1) + word.substr(comma);
  auto reduced = found;
  for (auto& word : reduced)
    if (word.starts_with("refused(") || word.starts_with("lapsed("))
      if (const auto comma = word.find(','); comma != std::string::npos)
        word = word.substr(0, word.find('(') + 1) + word.substr(comma);
  return written == reduced;
}

}  // namespace countersign::test
