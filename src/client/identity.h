// Keys, certificates, anchors and secrets as the client has them: in files, named on the command
// line.
// Errors: those of files.h, client.key, client.key-passphrase, client.file-certificate,
// client.usage.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "crypto/keys.h"
#include "crypto/trust_set.h"
#include "x509/certificate.h"
#include "x509/csr.h"

namespace countersign::client {

// SOURCE ::= "pass:" text | "env:" name | "file:" path | "stdin:"; of the last two the first line.
Result<Secret> read_secret(std::string_view source);

Result<crypto::PrivateKey> load_key(const std::string& path, const Secret& passphrase);
// PKCS#8 in PEM, 0600; encrypted unless the passphrase is empty.
Result<> save_key(const std::string& path, const crypto::PrivateKey& key, const Secret& passphrase);
Result<crypto::PrivateKey> generate_key(std::string_view algorithm);
// The key in the file; made, and written there, if there is no such file.
Result<crypto::PrivateKey> load_or_make_key(const std::string& path,
                                            const std::optional<std::string>& algorithm,
                                            const Secret& passphrase);

struct CertificateFile {
  x509::Certificate leaf;   // the first of the file
  std::vector<Bytes> rest;  // the others, in their order
};
Result<CertificateFile> load_certificates(const std::string& path);
Result<std::vector<Bytes>> load_anchor_list(const std::string& path);
Result<crypto::TrustSet> load_anchors(const std::string& path);
// Revocation lists in PEM or one in DER: DER each.
Result<std::vector<Bytes>> load_crls(const std::string& path);
Result<x509::CertificationRequest> load_csr(const std::string& path);

std::string to_pem(const std::vector<Bytes>& certificates);

// Whether the certificate certifies this key.
bool certifies(const x509::Certificate& certificate, const crypto::PublicKey& key);

}  // namespace countersign::client
