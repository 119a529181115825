// Whose a request is, and what its subscriber lets it ask for.
#include <algorithm>

#include "enrol/examination.h"
#include "enrol/subscriber_use.h"

namespace countersign::enrol {
namespace {

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::notAuthorized, code, std::move(sentence));
}

// Null: nobody's.
Result<const Subscriber*> in_use(const Examination& e, const std::string& name) {
  if (name.empty()) return nullptr;
  TRY(check_in_use(e.setting.catalogue, name));
  return &e.setting.catalogue.subscribers().find(name)->second;
}

}  // namespace

Result<> check_in_use(const Catalogue& catalogue, const std::string& subscriber) {
  if (subscriber.empty() || catalogue.subscribers().contains(subscriber)) return {};
  return refuse("rights.subscriber-off", "the subscriber " + subscriber +
                                             " is out of use, and gets no certificates; ask the "
                                             "operator of this server");
}

const std::string& subscriber_of_sender(const Examination& e) {
  static const std::string nobody;
  if (e.known.credential != nullptr) return e.known.credential->subscriber;
  const auto& signer = e.m.sender().certificate;
  if (!signer) return nobody;
  const auto at = std::ranges::find_if(e.known.certificates, [&](const CertificateRecord& record) {
    return equal(record.der, signer->der);
  });
  return at == e.known.certificates.end() ? nobody : at->subscriber;
}

Result<> check_own_subscriber(const Examination& e, const CertificateRecord& record) {
  const std::string& sender = subscriber_of_sender(e);
  if (sender.empty() || sender == record.subscriber) return {};
  return refuse("rights.subscriber-other",
                "the certificate of the serial number " + x509::serial_text(record.serial) +
                    " is not of the subscriber " + sender +
                    ", whose secret, or certificate, "
                    "protects this message; ask for what is of that one only");
}

Result<const Subscriber*> subscriber_of(const Examination& e, const CertificateRecord* updated) {
  const Subscriber* of_sender = TRY(in_use(e, subscriber_of_sender(e)));
  if (updated == nullptr) return of_sender;
  TRY(check_own_subscriber(e, *updated));
  return in_use(e, updated->subscriber);
}

Result<> check_subscriber_has(const Subscriber* subscriber, const std::string& profile) {
  if (subscriber == nullptr || subscriber->profiles.empty()) return {};
  if (std::ranges::find(subscriber->profiles, profile) != subscriber->profiles.end()) return {};
  std::string allowed;
  for (const std::string& name : subscriber->profiles)
    allowed += (allowed.empty() ? "" : ", ") + name;
  return refuse("profile.subscriber",
                "the subscriber " + subscriber->name + " may have the RA profiles " + allowed +
                    ", not \"" + profile + "\"; name one of these by certProfile, or none");
}

}  // namespace countersign::enrol
