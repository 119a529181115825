// Records as the API shows them: the objects whose members the table lists.
#pragma once

#include <boost/json.hpp>

#include "enrol/device.h"
#include "enrol/object.h"
#include "enrol/records.h"

namespace countersign::console {

boost::json::object to_json(const enrol::CertificateRecord& record);
boost::json::object to_json(const enrol::CredentialRecord& record);  // without the secret
boost::json::object to_json(const enrol::TokenRecord& record);
boost::json::object to_json(const enrol::TrustRecord& record);
boost::json::object to_json(const enrol::DeviceRecord& record);
boost::json::object to_json(const enrol::AuditRow& row);
boost::json::object to_json(const enrol::Fields& fields);
boost::json::object to_json(const enrol::ObjectRecord& record);  // without its kind

}  // namespace countersign::console
