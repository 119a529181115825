// DER and what is built on it: whatever arrives, reading it ends with a value or a fault; and what
// was read is written as the same octets, or reads as the same value again.
#include <cstdint>
#include <cstdlib>

#include "der/pem.h"
#include "der/reader.h"
#include "der/writer.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/csr.h"

namespace countersign {
namespace {

using x509::encode_tbs_crl;
using x509::join_signed;

void require(bool holds) {
  if (!holds) std::abort();
}

// Every value type at every place, and all that is inside.
void walk(der::Reader in) {
  while (!in.at_end()) {
    for (auto read : {+[](der::Reader r) { return r.boolean().has_value(); },
                      +[](der::Reader r) { return r.small_integer().has_value(); },
                      +[](der::Reader r) { return r.bits().has_value(); },
                      +[](der::Reader r) { return r.bit_octets().has_value(); },
                      +[](der::Reader r) { return r.oid().has_value(); },
                      +[](der::Reader r) { return r.null().has_value(); },
                      +[](der::Reader r) { return r.utf8().has_value(); },
                      +[](der::Reader r) { return r.generalized_time().has_value(); },
                      +[](der::Reader r) { return r.utc_time().has_value(); },
                      +[](der::Reader r) { return x509::read_general_name(r).has_value(); },
                      +[](der::Reader r) { return x509::read_extensions(r).has_value(); }})
      (void)read(in);
    const auto tlv = in.any();
    if (!tlv) return;
    if (auto inside = in.open(tlv->content); der::is_constructed(tlv->tag) && inside) walk(*inside);
  }
}

// A well-formed encoding, written anew, is the same octets.
void copy_all(der::Reader& in, der::Writer& w) {
  while (!in.at_end()) {
    const der::Tlv tlv = *in.any();
    if (!der::is_constructed(tlv.tag)) {
      w.primitive(tlv.tag, tlv.content);
      continue;
    }
    der::Reader inside = *in.open(tlv.content);
    w.element(tlv.tag, [&](der::Writer& s) { copy_all(inside, s); });
  }
}

void check_der(View input) {
  der::Context context(input);
  walk(der::Reader(input, context));
  if (!der::check_well_formed(input, context)) return;
  der::Reader in(input, context);
  der::Writer w;
  copy_all(in, w);
  require(equal(w.bytes(), input));
}

void check_name(const x509::Name& name) {
  const std::string text = to_text(name);
  require(same_name(name, name));
  if (const auto again = x509::name_from_text(text)) require(same_name(*again, name));
}

void check_certificate(View input) {
  const auto c = x509::parse_certificate(input);
  if (!c) return;
  require(equal(c->der, input));
  require(join_signed(c->tbs, c->signature_algorithm, c->signature) == c->der);
  check_name(c->subject);
  (void)c->key_usage();
  (void)c->is_ca();
  (void)c->has_purpose(x509::oids::kp_cmc_ra);
  for (const x509::GeneralName& name : c->subject_alt_names()) (void)to_text(name);
  if (c->serial[0] >= 0x80) return;  // we make no negative ones
  const x509::CertificateFields fields{
      c->serial, c->signature_algorithm, c->issuer, c->subject, c->validity,
      c->spki,   c->extensions};
  const auto again = x509::parse_certificate(
      join_signed(encode_tbs(fields), c->signature_algorithm, c->signature));
  require(again && again->serial == c->serial && again->issuer == c->issuer &&
          again->subject == c->subject && again->validity == c->validity &&
          again->spki == c->spki && again->extensions == c->extensions);
}

void check_csr(View input) {
  const auto csr = x509::parse_csr(input);
  if (!csr) return;
  require(equal(csr->der, input));
  require(join_signed(csr->info, csr->signature_algorithm, csr->signature) == csr->der);
  const Bytes info =
      encode_csr_info(csr->subject, csr->spki, {csr->extensions, csr->challenge_password});
  auto again = x509::parse_csr(join_signed(info, csr->signature_algorithm, csr->signature));
  require(again && again->subject == csr->subject && again->spki == csr->spki &&
          again->extensions == csr->extensions &&
          again->challenge_password == csr->challenge_password);
}

void check_crl(View input) {
  const auto crl = x509::parse_crl(input);
  if (!crl) return;
  require(equal(crl->der, input));
  require(join_signed(crl->tbs, crl->fields.signature_algorithm, crl->signature) == crl->der);
  const Bytes tbs = encode_tbs_crl(crl->fields);
  const auto again =
      x509::parse_crl(join_signed(tbs, crl->fields.signature_algorithm, crl->signature));
  require(again && encode_tbs_crl(again->fields) == tbs);
}

void check_text(View input) {
  if (const auto name = x509::name_from_text(text(input))) {
    der::Context context(name->der);
    der::Reader in(name->der, context);
    require(x509::read_name(in) == *name);
    check_name(*name);
  }
  if (const auto name = x509::general_name_from_text(text(input))) {
    der::Context context(name->der);
    der::Reader in(name->der, context);
    require(x509::read_general_name(in) == *name);
    (void)to_text(*name);
  }
  if (const auto octets = der::from_base64(text(input)))
    require(der::from_base64(der::to_base64(*octets)) == octets);
  (void)x509::certificates_from_file(input);
}

void check_names(View input) {
  der::Context context(input);
  der::Reader in(input, context);
  if (const auto name = x509::read_name(in)) check_name(*name);
  check_name(x509::Name{copy(input)});  // octets that nobody has read
}

}  // namespace
}  // namespace countersign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const countersign::View input(data, size);
  countersign::check_der(input);
  countersign::check_names(input);
  countersign::check_certificate(input);
  countersign::check_csr(input);
  countersign::check_crl(input);
  countersign::check_text(input);
  return 0;
}
