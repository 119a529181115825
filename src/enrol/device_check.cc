// Which device a request is for, and whether the registry lets it have a certificate.
#include <algorithm>

#include "crypto/digest.h"
#include "enrol/controls.h"
#include "enrol/examination.h"

namespace countersign::enrol {

// kur: what the client leaves out is taken from the old certificate.
void inherit_names(crmf::CertTemplate& wish, const x509::Certificate& old) {
  if (!wish.subject) wish.subject = old.subject;
  if (x509::find(wish.extensions, x509::oids::subject_alt_name) == nullptr)
    if (const auto* san = x509::find(old.extensions, x509::oids::subject_alt_name))
      wish.extensions.push_back(*san);
}

// 3GPP TS 33.310 §9.5.4.2: a base station that does not know its name is given the one that its
// vendor's certificate has.
Result<> name_after_signer(const Examination& e, crmf::CertTemplate& wish) {
  const auto& signer = e.m.sender().certificate;
  const bool is_named = wish.subject && !wish.subject->is_null();
  if (e.setting.profile.rules.variant != message::Variant::base_station || !signer || is_named)
    return {};
  wish.subject.reset();
  inherit_names(wish, TRY(x509::parse_certificate(signer->der)));
  return {};
}

std::vector<x509::GeneralName> sans_of(const x509::Extensions& extensions) {
  const auto* san = x509::find(extensions, x509::oids::subject_alt_name);
  if (san == nullptr) return {};
  auto names = x509::read_subject_alt_name(san->value);
  return names ? *names : std::vector<x509::GeneralName>{};
}

namespace {

constexpr auto kCommonName = der::Oid::of("2.5.4.3");
constexpr auto kSerialNumber = der::Oid::of("2.5.4.5");

std::string first_of(const x509::Name& name, const der::Oid& type) {
  const auto values = x509::attributes(name, type);
  return values.empty() ? std::string() : values.front();
}

std::string first_host(const x509::Extensions& extensions) {
  for (const auto& name : sans_of(extensions))
    if (name.kind() == x509::GeneralName::Kind::dNSName)
      return x509::to_text(name).substr(std::string_view("dns:").size());
  return {};
}

// Empty: not to be told.
std::string serial_of(const Examination& e, DeviceKey key, const crmf::CertTemplate& wish,
                      const CertificateRecord* updated) {
  if (updated != nullptr && !updated->device.empty()) return updated->device;
  const x509::Name subject = wish.subject.value_or(x509::Name{});
  const auto& signer = e.m.sender().certificate;
  switch (key) {
    case DeviceKey::subject_serial_number:
      return first_of(subject, kSerialNumber);
    case DeviceKey::subject_cn:
      return first_of(subject, kCommonName);
    case DeviceKey::san_dns:
      return first_host(wish.extensions);
    case DeviceKey::credential_reference:
      if (updated != nullptr) return updated->reference;
      return e.known.credential != nullptr ? e.known.credential->reference : std::string();
    case DeviceKey::credential_note:
      return e.known.credential != nullptr ? e.known.credential->note : std::string();
    case DeviceKey::credential_serial_number:
      return signer ? first_of(signer->subject, kSerialNumber) : std::string();
    case DeviceKey::credential_cn:
      break;
  }
  return signer ? first_of(signer->subject, kCommonName) : std::string();
}

std::unexpected<Error> refuse(std::string_view code, std::string sentence) {
  return fail(Failure::notAuthorized, code, std::move(sentence));
}

// Of a first certificate; an update is signed by the one before.
Result<> check_proof(const Examination& e, const DeviceRecord& device,
                     const crmf::CertTemplate& wish) {
  const auto& signer = e.m.sender().certificate;
  const auto is = [&](View spki) { return equal(crypto::sha256(spki), device.key_hash); };
  const bool by_key = device.key_hash.empty() || (wish.public_key && is(*wish.public_key)) ||
                      (signer && is(signer->spki));
  if (!by_key)
    return refuse("device.key",
                  "the registry has another public key for this device; ask with its own, or have "
                  "the entry corrected");
  const bool by_certificate =
      device.certificate_hash.empty() ||
      (signer && equal(crypto::sha256(signer->der), device.certificate_hash));
  if (by_certificate) return {};
  return refuse("device.certificate",
                "the registry has another certificate of its maker for this device; sign with that "
                "one, or have the entry corrected");
}

// The certificate that a key update is about, if it is known yet.
const CertificateRecord* updated_by(const Examination& e, const crmf::CertRequest& wanted) {
  Bytes serial;
  if (const auto* old = crmf::find(wanted.controls, crmf::oids::old_cert_id)) {
    der::Context context(old->value);
    der::Reader in(old->value, context);
    if (auto id = crmf::read_cert_id(in)) serial = id->serial_number;
  }
  const auto& signer = e.m.sender().certificate;
  for (const CertificateRecord& one : e.known.certificates)
    if (serial.empty() ? signer && equal(signer->der, one.der) : equal(serial, one.serial))
      return &one;
  return nullptr;
}

// What does not hold is refused later; here it asks for no device.
std::string asked_for(const Examination& e, crmf::CertTemplate wish,
                      const CertificateRecord* updated) {
  Tokens tokens;
  for (const TokenRecord& token : e.known.tokens) tokens.push_back(&token);
  const auto profile = choose_profile(e, updated, tokens);
  if (!profile || !asks_for_device(**profile)) return {};
  const auto old = updated != nullptr ? x509::parse_certificate(updated->der)
                                      : Result<x509::Certificate>(x509::Certificate{});
  if (updated != nullptr && old) inherit_names(wish, *old);
  if (updated == nullptr && !name_after_signer(e, wish)) return {};
  return serial_of(e, (*profile)->device_key, wish, updated);
}

}  // namespace

Result<const DeviceRecord*> check_device(const Examination& e, const RaProfile& profile,
                                         const crmf::CertTemplate& wish,
                                         const CertificateRecord* updated) {
  if (!asks_for_device(profile)) return nullptr;
  const std::string serial = serial_of(e, profile.device_key, wish, updated);
  if (serial.empty())
    return fail(Failure::badCertTemplate, "device.unnamed",
                "the RA profile \"" + profile.name +
                    "\" is for devices that are known, by the serial number in " +
                    std::string(kDeviceKeys[static_cast<std::size_t>(profile.device_key)]) +
                    "; put it there");
  const auto at = std::ranges::find(e.known.devices, serial, &DeviceRecord::serial);
  if (at == e.known.devices.end())
    return refuse("device.unknown", "the device " + serial +
                                        " is not in the registry; correct its serial number, or "
                                        "have it entered: countersignd device add " +
                                        serial);
  if (at->state == DeviceState::blocked)
    return refuse("device.blocked",
                  "the device " + serial + " is blocked; ask the operator of this CA");
  if (!at->profile.empty() && at->profile != profile.name)
    return refuse("device.profile", "the device " + serial + " is for the RA profile \"" +
                                        at->profile + "\"; name that one by certProfile");
  if (updated == nullptr) TRY(check_proof(e, *at, wish));
  return &*at;
}

std::vector<std::string> devices_asked_for(const message::AuthenticatedMessage& m,
                                           const Setting& setting, const Known& known) {
  std::vector<std::string> out;
  if (!setting.catalogue.asks_for_devices()) return out;
  const Examination e{m, setting, known, Time{}};
  const auto add = [&](std::string serial) {
    if (!serial.empty() && std::ranges::find(out, serial) == out.end())
      out.push_back(std::move(serial));
  };
  if (const auto* csr = std::get_if<x509::CertificationRequest>(&m->body.content))
    add(asked_for(e, as_template(*csr), nullptr));
  const auto* requests = std::get_if<crmf::CertReqMessages>(&m->body.content);
  if (requests == nullptr) return out;
  for (const auto& r : *requests) {
    const auto wanted = wanted_request(r, m.sender());
    if (!wanted) continue;
    const bool update = m->body.type == message::BodyType::kur;
    const auto* updated = update ? updated_by(e, *wanted) : nullptr;
    if (!update || updated != nullptr) add(asked_for(e, wanted->cert_template, updated));
  }
  return out;
}

}  // namespace countersign::enrol
