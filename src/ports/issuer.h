// Who grants: our own CA, an upstream one, an officer. Answers now or later.
#pragma once

#include <functional>
#include <string>

#include "transaction/values.h"

namespace countersign::ports {

struct Issuer {
  virtual ~Issuer() = default;
  // in_place: Done is called before issue() returns or soon after, and the reply waits for it.
  // queued: the order is committed first, and its answer arrives as an event.
  enum class Speed { in_place, queued };
  virtual Speed speed() const noexcept = 0;
  // Idempotent by order_id (hex of transaction, sender and request). Nothing is stored here: the
  // certificate exists only once the commit that holds it succeeds.
  virtual void issue(const std::string& order_id, const transaction::CertificateOrder& order,
                     Time now, Done<transaction::Answer> done) = 0;
};

}  // namespace countersign::ports
