// The contract of ports/store.h as tests: every adapter runs all of them.
//
//   INSTANTIATE_STORE_CONTRACT(Sqlite, SqlitePlace);   // a Place: store_contract_fixture.h
#pragma once

#include "ports/store_contract_commit.h"
#include "ports/store_contract_credentials.h"
#include "ports/store_contract_devices.h"
#include "ports/store_contract_durability.h"
#include "ports/store_contract_ledger.h"
#include "ports/store_contract_lookup.h"

#define INSTANTIATE_STORE_CONTRACT(name, ...)                                 \
  namespace countersign::ports::contract {                                    \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreCommitContract, __VA_ARGS__);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreLookupContract, __VA_ARGS__);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreLedgerContract, __VA_ARGS__);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreDurabilityContract, __VA_ARGS__); \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreDeviceContract, __VA_ARGS__);     \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StoreCredentialContract, __VA_ARGS__); \
  }                                                                           \
  static_assert(true)
