#include "console/rows.h"

#include "server/officer.h"
#include "x509/certificate.h"
#include "x509/extension.h"

namespace countersign::console {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<Time>& time) {
  return time ? json::value(to_iso(*time)) : json::value(nullptr);
}
json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}
json::value or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value serial_or_null(View serial) {
  return serial.empty() ? json::value(nullptr) : json::value(x509::serial_text(serial));
}
json::value reason_or_null(const enrol::CertificateRecord& record) {
  return record.revoked_at ? json::value(x509::reason_name(record.reason)) : json::value(nullptr);
}
json::value value_of(const enrol::FieldValue& value) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    return json::value_from(*list);
  if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return std::get<bool>(value);
}

}  // namespace

json::object to_json(const enrol::CertificateRecord& r) {
  return {{"serial", x509::serial_text(r.serial)},
          {"subject", r.subject},
          {"status", enrol::name(r.status)},
          {"profile", r.profile},
          {"not_before", to_iso(r.validity.not_before)},
          {"not_after", to_iso(r.validity.not_after)},
          {"issued_at", to_iso(r.issued_at)},
          {"sender", r.sender},
          {"reference", or_null(r.reference)},
          {"revoked_at", or_null(r.revoked_at)},
          {"reason", reason_or_null(r)},
          {"invalidity_date", or_null(r.invalidity_date)},
          {"replaced_by", serial_or_null(r.replaced_by)},
          {"subscriber", or_null(r.subscriber)},
          {"fingerprint", to_hex(r.fingerprint)}};
}

json::object to_json(const enrol::CredentialRecord& r) {
  return {{"reference", r.reference},
          {"names", r.names},
          {"profile", r.profile},
          {"uses_left", or_null(r.uses_left)},
          {"expires", or_null(r.expires)},
          {"created", to_iso(r.created)},
          {"made_by_us", r.made_by_us},
          {"cmp_profile", r.cmp_profile},
          {"begins", or_null(r.begins)},
          {"enabled", r.enabled},
          {"note", r.note},
          {"author", r.author},
          {"networks", json::value_from(r.networks)},
          {"subscriber", r.subscriber},
          {"ra", r.is_ra},
          {"former_until", or_null(r.former ? std::optional(r.former->until) : std::nullopt)}};
}

json::object to_json(const enrol::TokenRecord& r) {
  return {{"id", server::token_id(r)},
          {"kind", server::name(r.kind)},
          {"names", r.names},
          {"profile", r.profile},
          {"uses_left", or_null(r.uses_left)},
          {"expires", or_null(r.expires)},
          {"created", to_iso(r.created)}};
}

json::object to_json(const enrol::TrustRecord& r) {
  const auto parsed = x509::parse_certificate(r.der);
  return {{"fingerprint", to_hex(r.fingerprint)},
          {"subject", parsed ? x509::to_text(parsed->subject) : "unreadable"},
          {"names", r.names},
          {"ra", r.is_ra},
          {"not_after",
           parsed ? json::value(to_iso(parsed->validity.not_after)) : json::value(nullptr)},
          {"created", to_iso(r.created)}};
}

json::object to_json(const enrol::DeviceRecord& r) {
  json::object out{{"serial", r.serial}, {"state", enrol::name(r.state)}};
  for (const std::string_view field : enrol::device_fields())
    if (field != "serial") out[field] = enrol::field_of(r, field).value_or("");
  json::object attributes;
  for (const auto& [name, value] : r.attributes) attributes.emplace(name, value);
  out["attributes"] = std::move(attributes);
  out["author"] = r.author;
  out["created"] = to_iso(r.created);
  out["enrolled"] = or_null(r.enrolled);
  out["good_until"] = or_null(r.good_until);
  return out;
}

json::object to_json(const enrol::AuditRow& r) {
  return {{"at", to_iso(r.at)}, {"event", r.event},     {"transaction", r.transaction},
          {"sender", r.sender}, {"subject", r.subject}, {"serial", r.serial},
          {"code", r.code},     {"detail", r.detail}};
}

json::object to_json(const enrol::Fields& fields) {
  json::object out;
  for (const auto& [name, value] : fields) out.emplace(name, value_of(value));
  return out;
}

json::object to_json(const enrol::ObjectRecord& o) {
  json::object out{{"name", o.name},
                   {"version", o.version},
                   {"enabled", o.enabled},
                   {"fields", to_json(o.fields)}};
  // What is there by itself was changed by nobody.
  if (o.version != 0) out.insert({{"author", o.author}, {"changed", to_iso(o.changed)}});
  return out;
}

}  // namespace countersign::console
