// The rows of the table `certificates`. Functions that write belong in a writer's job.
// Errors: those of database.h; "store.conflict" when a guard fails.
#pragma once

#include "ports/store.h"
#include "store/sqlite/writer.h"

namespace countersign::store::sqlite {

using CertificateRecords = std::vector<enrol::CertificateRecord>;

// What a row's key_id means: empty stands for the beginning of its key_hash.
View stored_key_id(View column, View key_hash);

// Guard: serial and (request, request_index) are new. `transaction`, already stored, is null when
// the certificate was issued in none.
Result<> insert_certificate(WriteSession& session, const enrol::CertificateRecord& record,
                            const enrol::TransactionRecord* transaction);
// Guard: the status is one of change.from.
Result<> replace_certificate(WriteSession& session, const ports::Replacement& replacement);
Result<> change_status(WriteSession& session, const ports::StatusChange& change);

// What the lookup names by serial, key and transaction, each certificate once.
Result<CertificateRecords> find_certificates(Database& database, const ports::Lookup& lookup);
Result<bool> was_issued_for(Database& database, const RequestDigest& request);

// Newest first.
Result<CertificateRecords> list_certificates(Database& database,
                                             const ports::Ledger::CertificateFilter& filter);
// Revoked or held, not expired at `now`, in order of serial.
Result<std::int64_t> count_issued(Database& database, std::string_view authority, Time since);
Result<CertificateRecords> list_revoked(Database& database, Time now);

}  // namespace countersign::store::sqlite
