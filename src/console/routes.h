// The handlers of the routes, by the file that has them. Internal to console: for the table.
#pragma once

#include "console/route.h"
#include "enrol/object.h"

namespace countersign::console {

using Handled = Outcome<ports::WebResponse>;

// certificates.cc
Handled list_certificates(const Call& call);
Handled show_certificate(const Call& call);
Handled revoke_certificate(const Call& call);
Handled hold_certificate(const Call& call);
Handled release_certificate(const Call& call);
Handled revoke_subscriber(const Call& call);
// ca_keys.cc
Handled list_ca_keys(const Call& call);
Handled add_ca_key(const Call& call);
// credentials.cc
Handled list_credentials(const Call& call);
Handled show_credential(const Call& call);
Handled add_credential(const Call& call);
Handled rotate_credential(const Call& call);
Handled remove_credential(const Call& call);
// tokens.cc
Handled list_tokens(const Call& call);
Handled add_token(const Call& call);
Handled remove_token(const Call& call);
// devices.cc
Handled list_devices(const Call& call);
Handled show_device(const Call& call);
Handled save_device(const Call& call);
Handled remove_device(const Call& call);
Handled import_devices(const Call& call);
// trust.cc
Handled list_trust(const Call& call);
Handled add_trust(const Call& call);
Handled remove_trust(const Call& call);
// audit.cc
Handled list_audit(const Call& call);
Handled verify_audit(const Call& call);
// objects.cc
template <enrol::ObjectKind kind>
Handled list_objects(const Call& call);
template <enrol::ObjectKind kind>
Handled show_object(const Call& call);
template <enrol::ObjectKind kind>
Handled show_object_in_effect(const Call& call);
template <enrol::ObjectKind kind>
Handled save_object(const Call& call);
template <enrol::ObjectKind kind>
Handled remove_object(const Call& call);
template <enrol::ObjectKind kind>
Handled enable_object(const Call& call);
template <enrol::ObjectKind kind>
Handled disable_object(const Call& call);
template <enrol::ObjectKind kind>
Handled show_object_history(const Call& call);
Handled export_config(const Call& call);
Handled apply_config(const Call& call);
// requests.cc
Handled list_requests(const Call& call);
Handled show_request(const Call& call);
Handled approve_request(const Call& call);
Handled reject_request(const Call& call);
// transactions.cc
Handled list_transactions(const Call& call);
Handled show_transaction(const Call& call);
// simulation.cc
Handled simulate_request(const Call& call);
// status.cc
Handled show_status(const Call& call);
Handled list_authority_health(const Call& call);
Handled list_unknown_vendors(const Call& call);
Handled accept_unknown_vendor(const Call& call);
Handled show_me(const Call& call);
// openapi.cc
Handled show_openapi(const Call& call);

}  // namespace countersign::console
