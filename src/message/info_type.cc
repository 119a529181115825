// Typed values of InfoTypeAndValue, in and out. RFC 9810 §5.3.19.
#include "message/info_type.h"

#include <algorithm>

#include "der/error.h"
#include "message/codec.h"

namespace countersign::message {
namespace {

using der::Parsed;
using der::Reader;
using der::Writer;

Parsed<InfoValue> read_whole(const InfoType& type, View value, der::Context& context) {
  Reader in(value, context);
  auto out = type.read(in);
  if (out) TRY(in.finish());
  return out;
}

void write(Writer& w, const CRLStatus& value) {
  w.sequence([&](Writer& s) {
    if (const auto* dpn = std::get_if<CRLStatus::DistributionPointName>(&value.source))
      s.tagged(0, [&](Writer& t) { t.raw(dpn->der); });
    else
      s.tagged(1, [&](Writer& t) {
        x509::write(t, std::get<std::vector<x509::GeneralName>>(value.source));
      });
    if (value.this_update) crmf::write(s, *value.this_update);
  });
}

struct ValueWriter {
  Writer& w;

  void operator()(const Absent&) const {}
  void operator()(const NullValue&) const { w.null(); }
  void operator()(const OneCertificate& v) const { w.raw(v.certificate); }
  void operator()(const Certificates& v) const { write_certificates(w, v.certificates); }
  void operator()(const OneCrl& v) const { w.raw(v.crl); }
  void operator()(const Crls& v) const { write_certificates(w, v.crls); }
  void operator()(const der::AlgorithmIdentifier& v) const { der::write(w, v); }
  void operator()(const Algorithms& v) const {
    write_list(w, v.algorithms,
               [](Writer& s, const der::AlgorithmIdentifier& a) { der::write(s, a); });
  }
  void operator()(const der::Oid& v) const { w.oid(v); }
  void operator()(const Oids& v) const {
    write_list(w, v.oids, [](Writer& s, const der::Oid& oid) { s.oid(oid); });
  }
  void operator()(const Texts& v) const { write_free_text(w, v.texts); }
  void operator()(const Time& v) const { w.generalized_time(v); }
  void operator()(const crmf::EncryptedKey& v) const { crmf::write(w, v); }
  void operator()(const CAKeyUpdAnnContent& v) const { message::write(w, v); }
  void operator()(const RootCaKeyUpdateContent& v) const { message::write(w, v); }
  void operator()(const CertReqTemplateContent& v) const {
    w.sequence([&](Writer& s) {
      crmf::write(s, v.cert_template);
      if (!v.key_spec.empty()) crmf::write(s, v.key_spec);
    });
  }
  void operator()(const CrlStatuses& v) const {
    write_list(w, v.statuses, [](Writer& s, const CRLStatus& status) { write(s, status); });
  }
  void operator()(const KemCiphertextInfo& v) const {
    w.sequence([&](Writer& s) {
      der::write(s, v.kem);
      s.octets(v.ct);
    });
  }
  void operator()(const OrigMessages& v) const { write_messages(w, v.messages); }
};

}  // namespace

Result<InfoValue> decode(const InfoTypeAndValue& item) {
  const InfoType* const type = find_info_type(item.type);
  if (type == nullptr)
    return fail(Failure::badRequest, "message.unknown-info-type",
                "info type " + item.type.dotted() + " is not known here; leave it out");
  if (item.value.empty()) return Absent{};
  der::Context context(item.value);
  auto value = read_whole(*type, item.value, context);
  if (!value) return std::unexpected(der::to_error(value.error(), context, type->name));
  return *std::move(value);
}

InfoTypeAndValue make_info(const der::Oid& type, const InfoValue& value) {
  Writer w;
  std::visit(ValueWriter{w}, value);
  return {type, std::move(w).take()};
}

const InfoTypeAndValue* find(const std::vector<InfoTypeAndValue>& items,
                             const der::Oid& type) noexcept {
  const auto at = std::ranges::find(items, type, &InfoTypeAndValue::type);
  return at == items.end() ? nullptr : &*at;
}

}  // namespace countersign::message
