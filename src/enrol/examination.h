// What the parts of examine.h share: the message under examination. Internal to this folder.
#pragma once

#include <vector>

#include "enrol/examine.h"

namespace countersign::enrol {

struct Examination {
  const message::AuthenticatedMessage& m;
  const Setting& setting;
  const Known& known;
  Time now;
};

// sender_rule_check.cc: the rule of its trust set that fits who signs; null: it is under none that
// has rules. notAuthorized "rights.sender-rule": none fits, or the one that does refuses.
Result<const SenderRule*> rule_of_sender(const Examination& e);
// notAuthorized "profile.sender-rule": it may not ask for that RA profile.
Result<> check_rule_has(const Examination& e, const SenderRule* rule, const std::string& profile);

// subscriber_check.cc: whose the secret, or our certificate, of the sender is; empty: nobody's.
const std::string& subscriber_of_sender(const Examination& e);
// Whose the certificate will be, null: nobody's: who asks, or who has the one that is updated.
// notAuthorized "rights.subscriber-off": it is out of use; "rights.subscriber-other".
Result<const Subscriber*> subscriber_of(const Examination& e, const CertificateRecord* updated);
// notAuthorized "rights.subscriber-other": what has a subscriber touches nothing of others.
Result<> check_own_subscriber(const Examination& e, const CertificateRecord& record);
// notAuthorized "profile.subscriber": it may not have that RA profile.
Result<> check_subscriber_has(const Subscriber* subscriber, const std::string& profile);

using Tokens = std::vector<const TokenRecord*>;

// choose_profile.cc. Codes: profile.one, -update, -out-of-use, -none, -unknown, -not-here,
// -credential, -by-credential, -sender-rule, -subscriber; those of subscriber_of().
Result<const RaProfile*> choose_profile(const Examination& e, const CertificateRecord* updated,
                                        const Tokens& tokens = {});

// device_check.cc: the names that a request does not ask for and yet means, and the device.
void inherit_names(crmf::CertTemplate& wish, const x509::Certificate& old);
Result<> name_after_signer(const Examination& e, crmf::CertTemplate& wish);
std::vector<x509::GeneralName> sans_of(const x509::Extensions& extensions);

// Null where the RA profile does not ask. badCertTemplate "device.unnamed"; notAuthorized
// "device.unknown", "device.blocked", "device.profile", "device.key", "device.certificate".
Result<const DeviceRecord*> check_device(const Examination& e, const RaProfile& profile,
                                         const crmf::CertTemplate& wish,
                                         const CertificateRecord* updated);

}  // namespace countersign::enrol
