// The rows of the table `devices`. Functions that write belong in a writer's job; none of them
// makes the generation grow, since nobody keeps devices in memory. Errors: those of database.h;
// store.object-format; store.conflict.
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

Result<std::optional<enrol::DeviceRecord>> find_device(Database& database, std::string_view serial);
Result<std::vector<enrol::DeviceRecord>> list_devices(Database& database,
                                                      const ports::Ledger::DeviceFilter& filter);
Result<> change_device(WriteSession& session, const ports::Ledger::DeviceChange& change);
Result<> enrol_device(WriteSession& session, const ports::DeviceEnrolment& enrolment);
Result<> put_told_device(WriteSession& session, const enrol::DeviceRecord& device);

}  // namespace countersign::store::sqlite
