// What every request needs and no request owns: the ports, the rules, the keys. Made by app,
// shared by all loops; what changes while running is swapped whole.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ports.h"
#include "base/secret.h"
#include "base/swappable.h"
#include "crypto/path_cache.h"
#include "crypto/public_key_cache.h"
#include "crypto/trust_set.h"
#include "enrol/catalogue.h"
#include "enrol/records.h"
#include "ports/device_source.h"
#include "ports/issuer.h"
#include "ports/relay.h"
#include "ports/signer.h"
#include "ports/store.h"
#include "protect/protect.h"
#include "server/authorities.h"
#include "server/back_off.h"
#include "server/costly_work.h"
#include "server/publications.h"
#include "server/ready_keys.h"
#include "server/refusals.h"
#include "server/routes.h"
#include "server/strangers.h"
#include "server/turnstile.h"
#include "transaction/server_machine.h"
#include "x509/certificate.h"

namespace countersign::server {

// Whom an endpoint trusts beside our own CA.
struct ForeignTrust {
  std::optional<crypto::TrustSet> anchors;  // nullopt: none
  std::vector<enrol::TrustRecord> records;
  std::vector<Bytes> ra_fingerprints;
};
// Who is trusted, as of one generation of the store.
struct Trust {
  crypto::TrustSet own;  // our CA certificates
  // Names (DER) of those among them that issue elsewhere, too: IssuesWhere.
  std::vector<Bytes> elsewhere = {};
  // By the trust sets of a CMP profile; none: the anchors that are in no set.
  std::map<std::vector<std::string>, ForeignTrust> foreign;
};

using enrol::Relaying;

// The certificate and key that sign our messages.
struct CmpSigner {
  x509::Certificate certificate;
  std::vector<Bytes> extra_certs;  // protection certificate first, then its chain without the root
  Bytes key_id;
  std::shared_ptr<const ports::Signer> signer;
  Bytes root = {};  // where it came along; empty: that of whoever issued the certificate here
};

// The signer of a CMP profile that has one of its own.
struct ProfileSigner {
  std::shared_ptr<const CmpSigner> signer;  // null: it cannot be used
  std::string trouble;                      // and why
  std::set<std::string> profiles;           // whose it is
};
using ProfileSigners = std::map<enrol::SignerFiles, ProfileSigner>;

struct LogEvent {
  enum class Level { debug, info, warning, error } level = Level::info;
  std::string message;
  std::string transaction;  // hex
  std::string peer;
  std::string code;
  std::string detail;
};

template <class T>
using Swappable = countersign::Swappable<const T>;

struct Engine {
  ports::Store& store;
  ports::Issuer& issuer;
  const Clock& clock;
  Entropy& entropy;
  Seconds keep_replies;
  Secret poll_key;  // derives the nonces of pollReps
  std::function<void(const LogEvent&)> log;

  Swappable<enrol::Catalogue> catalogue{};
  Swappable<crypto::BlockList> blocked_keys{};  // never certified; null: none
  Swappable<Trust> trust{};
  Swappable<CmpSigner> signer{};
  Swappable<ProfileSigners> profile_signers{};  // null: none
  Swappable<CmpSigner> kga{};  // signs private keys on their way; null: none are made
  Swappable<Publications> publications{};
  Swappable<AuthoritiesInUse> authorities{};  // beside the server's own; null: none
  ports::Relay* relay = nullptr;              // of a registration authority
  Relaying relaying = Relaying::updates;
  ports::DeviceSource* devices = nullptr;  // asked about those that the registry does not know
  std::function<void()> revoked{};         // called after a commit that revoked something

  crypto::PublicKeyCache keys{};
  crypto::PathCache paths{};
  crypto::DerivedKeys derived{};
  Turnstile turnstile{};
  CostlyWork costly{};
  BackOff back_off{};
  ReadyKeys ready_keys{};
  Refusals refusals{};
  Strangers strangers{};
  Routes routes{};
};

}  // namespace countersign::server
