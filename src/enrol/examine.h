// What is granted to whom: one verdict for each request of a first message. Rules over values; the
// look-ups were done before. RFC 9810 §5.3.1-5.3.9, RFC 9483 §4 and §5.1.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "enrol/catalogue.h"
#include "enrol/device.h"
#include "enrol/records.h"
#include "enrol/transport.h"
#include "message/authenticated.h"
#include "transaction/values.h"

namespace countersign::enrol {

// Of the messages that ask: for an issuer elsewhere (RFC 9810 §5.1.1.3).
enum class Originals { drop, keep };

// How a request was judged, for people: which RA profile it fell to, and why.
struct Noted {
  std::string ra_profile = {};
  std::string_view because = {};
};

struct Setting {  // of the endpoint that the message came in by
  const Catalogue& catalogue;
  const CmpProfile& profile;
  std::span<const x509::Name> our_issuers;  // of all generations, the present one first
  Transport transport = Transport::clear;
  Originals originals = Originals::drop;
  TokenPolicy tokens = TokenPolicy::ignore;    // of this message: what is passed on uses up none
  const crypto::BlockList* blocked = nullptr;  // keys that are never certified
  std::vector<Noted>* notes = nullptr;         // filled with one for each request, if it is there
};

struct Known {                                      // what was looked up
  const CredentialRecord* credential = nullptr;     // a MAC'd sender's
  const TrustRecord* anchor = nullptr;              // that a foreign signer's path ends in
  std::span<const CertificateRecord> certificates;  // ours that the message names
  std::span<const TokenRecord> tokens = {};         // that its requests show
  std::span<const DeviceRecord> devices = {};       // that devices_asked_for() names
};

// The RA profile that a first request of the message falls to, by what it names and by who asks;
// null: none that it may have.
const RaProfile* ra_profile_asked_for(const message::AuthenticatedMessage& m,
                                      const Setting& setting, const Known& known);

using Verdict = std::expected<transaction::Order, Error>;

// Serial numbers of the devices that its requests are for, as far as their RA profiles ask and what
// is known of them tells: before the certificates are known that they update, fewer than after.
std::vector<std::string> devices_asked_for(const message::AuthenticatedMessage& m,
                                           const Setting& setting, const Known& known);

// In the order of the message's requests; one for a p10cr or genm. Empty for other bodies.
std::vector<Verdict> examine(const message::AuthenticatedMessage& m, const Setting& setting,
                             const Known& known, Time now);

}  // namespace countersign::enrol
