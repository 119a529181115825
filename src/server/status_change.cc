#include "server/status_change.h"

#include "x509/extension.h"

namespace countersign::server {

using enrol::CertificateStatus;

ports::StatusChange change_for(const transaction::RevocationOrder& order, Time now) {
  switch (order.reason) {
    case x509::CrlReason::certificateHold:
      return {order.serial, {CertificateStatus::valid}, CertificateStatus::held, now,
              order.reason, order.invalidity_date};
    case x509::CrlReason::removeFromCRL:
      return {order.serial, {CertificateStatus::held}, CertificateStatus::valid, {}, 0, {}};
    default:
      return {order.serial,
              {CertificateStatus::valid, CertificateStatus::unconfirmed, CertificateStatus::held},
              CertificateStatus::revoked,
              now,
              order.reason,
              order.invalidity_date};
  }
}

std::string_view event_for(int reason) noexcept {
  if (reason == x509::CrlReason::certificateHold) return "held";
  return reason == x509::CrlReason::removeFromCRL ? "released" : "revoked";
}

}  // namespace countersign::server
