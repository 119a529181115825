// What a person does to the data of a server, by the command line or the API: the parts that both
// have in common.
#pragma once

#include <optional>
#include <string>

#include "base/ports.h"
#include "ports/store.h"

namespace countersign::server {

// Waits for the store: not for an event loop.
Result<std::optional<enrol::CertificateRecord>> find_certificate(ports::Store& store, View serial);

// Does the change say something of a certificate in this state?
bool applies_to(const enrol::CertificateRecord& record, const ports::StatusChange& change) noexcept;

// Of a change of status; `comment` may be empty.
enrol::AuditRow status_row(const enrol::CertificateRecord& record, int reason, std::string by,
                           const std::string& comment, Time now);

// What whoever issued the certificate is to be told of that change, where it is another CA: stored
// with the change, carried out by whoever serves. `own`: who issues what no authority is named of.
enum class OwnAuthority { our_ca, another };
std::vector<enrol::OrderRecord> tidings(const enrol::CertificateRecord& record,
                                        const ports::StatusChange& change, const std::string& by,
                                        OwnAuthority own, Time now);

// Of all certificates of a subscriber that have not expired, and that the reason applies to: each
// with its row, in a commit of its own. What is issued meanwhile is not among them.
struct StatusOfAll {
  std::string_view subscriber;
  int reason = 0;  // CRLReason
  std::string by;  // for the audit
  std::string comment;
  std::string officer;  // for the authority that issued it
  OwnAuthority own = OwnAuthority::our_ca;
};
struct Changed {
  std::size_t changed = 0;
  std::size_t left = 0;  // to be held, and not confirmed yet; or changed at the same time
};
Result<bool> has_certificates(ports::Ledger& ledger, std::string_view subscriber);
Result<Changed> change_all(ports::Ledger& ledger, const StatusOfAll& wanted, Time now);

// 4 letters and digits that are not mistaken for one another.
std::string random_tag(Entropy& entropy);
// 128 random bits as 32 hexadecimal digits: the secret is this text.
std::string random_secret(Entropy& entropy);

// How people name a token: by the beginning of its digest.
std::string token_id(const enrol::TokenRecord& record);
std::string_view name(enrol::TokenKind kind) noexcept;  // "regToken", "authenticator"
std::optional<enrol::TokenKind> token_kind_from_name(std::string_view name) noexcept;

}  // namespace countersign::server
