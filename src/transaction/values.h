// The words of a transaction: what is asked of an issuer, what it answers, and what the machines
// want done. Values only.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "message/message.h"
#include "x509/certificate.h"

namespace countersign::transaction {

// ---- what an issuer is asked
// A key pair that is made here for the requester (RFC 9483 §4.1.6), and how it reaches it.
struct CentralKey {
  std::string algorithm;  // crypto key spec, "rsa3072"
  // certificate: the key of its protection certificate; secret: the secret that it used.
  enum class Delivery : Byte { certificate, secret } delivery = Delivery::certificate;
  friend bool operator==(const CentralKey&, const CentralKey&) = default;
};
// One certificate to make: everything the rules decide. The issuer adds serial, key identifiers,
// its URLs, and cuts the validity to its own.
struct CertificateOrder {
  std::string profile;  // RA profile, "device"
  x509::Name subject;
  Bytes spki;  // empty when central_key is there: made before the issuer is asked
  x509::Extensions extensions;
  x509::Validity validity;
  std::string modifications;      // what differs from the wish, for people; empty: nothing
  std::optional<Bytes> replaces;  // kur: the serial of the old certificate
  std::optional<CentralKey> central_key = {};
  std::string ignored = {};        // names of controls that changed nothing, for the audit
  bool updated_before = false;     // kur: the requester is told so
  std::vector<Bytes> tokens = {};  // digests of those that it uses up
  Bytes original = {};             // the message that asked, where the issuer is to see it
  std::string authority = {};      // that is to issue it; empty: the server's own
  std::string device = {};         // serial number in the registry that it is for
  std::string subscriber = {};     // whose it will be; empty: nobody's in particular
};
struct RevocationOrder {
  Bytes serial;    // INTEGER content octets, of our own CA
  int reason = 0;  // certificateHold suspends, removeFromCRL releases
  std::optional<Time> invalidity_date;
  std::string profile = {};    // RA profile that it was issued under
  std::string authority = {};  // that issued it; empty: the server's own
};
// A genm to be answered: the items that the sender asked for.
struct InformationOrder {
  std::vector<message::InfoTypeAndValue> items;
  std::string profile;  // certificate template that the answer is about; empty: about none
};
using Order = std::variant<CertificateOrder, RevocationOrder, InformationOrder>;

// ---- what it answers
struct Issued {
  Bytes certificate;               // DER
  Bytes serial;                    // INTEGER content octets
  std::vector<Bytes> chain;        // of its issuers, nearest first, without the root
  Bytes root;                      // the anchor, for caPubs of a MAC'd ip
  std::string modifications = {};  // what the issuer changed, in its words; empty: nothing
};
struct Revoked {
  Bytes serial;
  int reason = 0;
  std::optional<Time> invalidity_date = {};
};
struct Informed {
  std::vector<message::InfoTypeAndValue> items;
};
struct Refused {
  Error error;
};
struct Pending {  // the answer comes later, as an Answered event
  Seconds check_after{60};
};
using Answer = std::variant<Issued, Revoked, Informed, Refused, Pending>;

}  // namespace countersign::transaction
