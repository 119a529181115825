// The authority of a data folder: certificates as PEM files and in the store, keys sealed in the
// store alone.
#pragma once

#include <memory>
#include <string>

#include "issuer/authority.h"
#include "issuer/software_signer.h"
#include "server/engine.h"
#include "store/data_folder.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_key.h"

namespace countersign::app {

// An opened data folder.
struct Data {
  store::DataFolder folder;
  store::StoreKey::Source key_source = store::StoreKey::Source::file;
  std::unique_ptr<store::sqlite::SqliteStore> store;
};
Result<Data> open_data(const std::string& path, store::Exclusive exclusive, Entropy& entropy,
                       Time now);
// A new folder with a store key and an empty store. "app.data-exists" when there is one already.
Result<Data> create_data(const std::string& path, Entropy& entropy, Time now);
bool has_data(const std::string& path);

struct AuthorityCertificates {  // the present ones
  Bytes root, issuing, cmp;
};
Result<> save_authority(Data& data, const issuer::NewAuthority& authority,
                        const issuer::AuthoritySpec& spec);
Result<AuthorityCertificates> load_certificates(ports::Ledger& ledger, const std::string& ca = {});
// "key.root", "key.issuing.2", "key.cmp"
Result<std::shared_ptr<const ports::Signer>> load_signer(ports::Ledger& ledger,
                                                         std::string_view name,
                                                         const issuer::RunElsewhere& run);
// What follows is of the CA of that name; empty: the server's own.
// The CMP signer, with the chain of the CA that issued it.
Result<std::shared_ptr<const server::CmpSigner>> load_cmp(ports::Ledger& ledger,
                                                          const server::Publications& known,
                                                          const issuer::RunElsewhere& run,
                                                          const std::string& ca = {});
Result<> save_cmp_signer(ports::Ledger& ledger, const issuer::NewSigner& signer,
                         const std::string& ca = {});
// The key generation authority, where there is one yet.
Result<> save_kga(ports::Ledger& ledger, const issuer::NewSigner& signer,
                  const std::string& ca = {});
Result<std::shared_ptr<const server::CmpSigner>> load_kga(ports::Ledger& ledger,
                                                          const server::Publications& known,
                                                          const issuer::RunElsewhere& run,
                                                          const std::string& ca = {});
// What the CMP signer is renewed by: under the present issuing CA.
Result<issuer::AuthoritySpec> load_spec(ports::Ledger& ledger, const std::string& ca = {});
// As the value "authority" has it.
std::string spec_json(const issuer::AuthoritySpec& spec);

// Of a CA beside the server's own, in a folder authorities/NAME; it has no file for the CMP signer.
struct CertificatePaths {
  std::string root, issuing, cmp;
};
CertificatePaths certificate_paths(const store::DataFolder& folder, const std::string& ca = {});
// The files of the present certificates, where they are not so already: those of a roll-over come
// after its commit.
Result<> write_certificates(Data& data, const std::string& ca = {});

}  // namespace countersign::app
