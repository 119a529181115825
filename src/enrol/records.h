// What a store keeps, as values: certificates, credentials, transactions, audit rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "x509/certificate.h"

namespace countersign::enrol {

enum class CertificateStatus : Byte { unconfirmed, valid, revoked, held };
std::string_view name(CertificateStatus status) noexcept;
std::optional<CertificateStatus> certificate_status_from_name(std::string_view name) noexcept;

struct CertificateRecord {
  Bytes serial;       // INTEGER content octets; unique
  Bytes fingerprint;  // SHA-256 of der
  Bytes der;
  Bytes key_hash;       // SHA-256 of the SubjectPublicKeyInfo
  Bytes key_id;         // subjectKeyIdentifier
  std::string subject;  // text, for people and searches
  x509::Validity validity;
  CertificateStatus status = CertificateStatus::unconfirmed;
  std::optional<Time> revoked_at;
  int reason = 0;  // CRLReason
  std::optional<Time> invalidity_date;
  std::string profile;    // certificate template
  std::string sender;     // identity of who asked (message::Sender::identity)
  std::string reference;  // the credential it was issued under; empty: by signature
  TransactionId transaction;
  RequestDigest request;  // of the message that asked; with request_index unique
  int request_index = 0;
  Time issued_at{};
  std::string authority;        // that issued it; empty: the server's own
  Bytes replaced_by;            // serial of the confirmed certificate that a key update made of it
  std::string device;           // serial number in the registry; empty: it was not asked
  std::string subscriber = {};  // whose it is; empty: nobody's in particular
};

// The secret that a credential had before its rotation: it passes too, until then.
struct FormerSecret {
  Secret secret;
  bool made_by_us = true;
  Time until{};
};

// A shared secret. `uses_left` nullopt: any number.
struct CredentialRecord {
  std::string reference;  // what senderKID holds
  Secret secret;
  bool made_by_us = true;  // >= 128 random bits
  std::string profile;     // certificate template it may use; empty: the endpoint's
  std::string names;       // "self", "any", a list, a pattern
  std::optional<std::int64_t> uses_left;
  std::int64_t uses_granted = 0;  // 0: any number
  std::optional<Time> expires;
  Time created{};
  std::string cmp_profile = {};     // where alone it may be used; empty: anywhere
  std::optional<Time> begins = {};  // not before
  std::string note = {};            // for people
  std::string author = {};          // operator who made it
  bool enabled = true;
  std::vector<std::string> networks = {};  // prefixes that alone it may come from; empty: any
  std::optional<FormerSecret> former = {};
  std::string subscriber = {};  // whose it is; empty: nobody's in particular
  bool is_ra = false;           // who proves itself with it may act as a registration authority
  // Several may hold it: then it proves nobody's ownership of a certificate (kur, rr).
  bool shared() const noexcept { return uses_granted != 1 && names != "self"; }
};

// Knowledge agreed on beforehand, shown beside a request (enrol/tokens.h).
enum class TokenKind : Byte { regToken, authenticator };
struct TokenRecord {
  Bytes digest;  // enrol/tokens.h; unique
  TokenKind kind = TokenKind::regToken;
  std::string profile;  // the one certificate template it is for; empty: any
  std::string names;    // what may be asked for with it, beside what its sender may
  std::optional<std::int64_t> uses_left;  // nullopt: any number
  std::int64_t uses_granted = 0;          // 0: any number
  std::optional<Time> expires;
  Time created{};
};

struct SenderRule;  // enrol/sender_rule.h

// An anchor for senders that sign with certificates which are not ours.
struct TrustRecord {
  Bytes fingerprint;  // SHA-256
  Bytes der;
  std::string names;  // what its holders may ask for
  bool is_ra = false;
  Time created{};
  std::string set = {};  // the trust set that it is of; empty: none
  // Which of its holders may ask for what; null: all of them for the same.
  std::shared_ptr<const std::vector<SenderRule>> rules = {};
};

// Keyed by (endpoint, sender, id): nobody can block or probe another's ID.
struct TransactionRecord {
  std::string endpoint;  // CMP profile
  std::string sender;    // message::Sender::identity
  TransactionId id;
  std::int64_t version = 0;  // 0: not stored before
  Bytes state;               // transaction/codec.h
  std::optional<Time> wake_at;
  Time ends_at{};  // when the row may go
};

// Who must remember an order that is not answered at once.
enum class OrderKind : Byte {
  upstream,  // the client of another CA
  approval,  // an officer
  notice,    // whoever tells officers of it: the memo is what is told
};

// What whoever answers an order later must remember of it.
struct OrderRecord {
  std::string id;        // unique: ports/issuer.h
  std::string endpoint;  // these four say whose order it is
  std::string sender;
  TransactionId transaction;
  std::size_t index = 0;
  Bytes memo;               // the issuer's own
  std::optional<Time> due;  // when it goes on by itself; nullopt: when it is asked
  Time ends_at{};           // when the row may go
  OrderKind kind = OrderKind::upstream;
  std::string authority = {};  // whose memo it is; empty: the server's own
};

struct AuditRow {
  Time at{};
  std::string event;  // "issued" "confirmed" "rejected" "revoked" "refused" "lapsed" …
  std::string transaction;
  std::string sender;
  std::string subject;
  std::string serial;
  std::string code;
  std::string detail;
};

}  // namespace countersign::enrol
