#include "x509/crl.h"

#include "der/pem.h"
#include "x509/parts.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

constexpr std::int64_t kV2 = 1;
// A list of a large CA: some 40 octets an entry.
constexpr der::Limits kCrlLimits{.bytes = 128 << 20, .depth = 40, .items = 4'000'000};

// RFC 5280 §5.3: of the entry extensions, reasonCode and invalidityDate are kept.
Parsed<> read_entry_extension(const Extension& extension, const Reader& entry, RevokedEntry& out) {
  const auto at_entry = [&](der::Fault fault) {  // the value was read on its own
    fault.offset = entry.fault(fault.code).offset;
    return std::unexpected(fault);
  };
  if (extension.id == oids::reason_code) {
    const auto reason = read_reason_code(extension.value);
    if (!reason) return at_entry(reason.error());
    out.reason = *reason;
    return {};
  }
  if (extension.id == oids::invalidity_date) {
    const auto date = read_invalidity_date(extension.value);
    if (!date) return at_entry(date.error());
    out.invalidity_date = *date;
    return {};
  }
  // RFC 5280 §5.3 [MUST NOT] use a CRL with a critical entry extension that is not processed.
  if (extension.critical) return entry.refuse(Code::unsupported);
  return {};
}

// RFC 5280 §5.1
//   SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time,
//              crlEntryExtensions Extensions OPTIONAL }
Parsed<RevokedEntry> read_entry(Reader& in) {
  RevokedEntry out;
  out.serial = copy(TRY_AT(in, "userCertificate", in.integer()));
  out.revoked_at = TRY_AT(in, "revocationDate", read_time(in));
  if (in.at_end()) return out;
  const Reader here = in;
  const Extensions extensions = TRY_AT(in, "crlEntryExtensions", read_extensions(in));
  for (const Extension& extension : extensions)
    TRY_AT(in, "crlEntryExtensions", read_entry_extension(extension, here, out));
  TRY(in.finish());
  return out;
}

//   revokedCertificates SEQUENCE OF SEQUENCE { … } OPTIONAL                  RFC 5280 §5.1
Parsed<std::vector<RevokedEntry>> read_entries(Reader& tbs) {
  std::vector<RevokedEntry> out;
  if (!tbs.next_is(Tag::sequence)) return out;
  Reader list = TRY(tbs.read(Tag::sequence));
  // RFC 5280 §5.1.2.6 [MUST] the list is absent when no certificate is revoked.
  if (list.at_end()) return list.refuse(Code::empty);
  while (!list.at_end()) {
    TRY(list.count(out.size() + 1));
    const std::size_t index = out.size();
    Reader entry = TRY_ITEM(list, "", index, list.read(Tag::sequence));
    out.push_back(TRY_ITEM(list, "", index, read_entry(entry)));
  }
  return out;
}

// RFC 5280 §5.1
//   TBSCertList ::= SEQUENCE {
//     version Version OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time,
//     nextUpdate Time OPTIONAL, revokedCertificates SEQUENCE OF … OPTIONAL,
//     crlExtensions [0] EXPLICIT Extensions OPTIONAL }
// Gives the octets of `signature`; the caller compares them.
Parsed<View> read_tbs(Reader& tbs, CrlFields& out) {
  const Reader here = tbs;
  // RFC 5280 §5.1.2.1 [MUST] version 2 when extensions are used, as they always are now.
  if (TRY_AT(tbs, "version", tbs.small_integer()) != kV2) {
    tbs.context().unwind("version");
    return here.refuse(Code::value);
  }
  const View signature = TRY_AT(tbs, "signature", tbs.any(Tag::sequence)).whole;
  out.issuer = TRY(read_issuer(tbs));
  out.this_update = TRY_AT(tbs, "thisUpdate", read_time(tbs));
  // RFC 5280 §5.1.2.5 [MUST] nextUpdate is present.
  out.next_update = TRY_AT(tbs, "nextUpdate", read_time(tbs));
  out.revoked = TRY_AT(tbs, "revokedCertificates", read_entries(tbs));
  if (!tbs.at_end()) {
    Reader tagged = TRY_AT(tbs, "crlExtensions", tbs.read(der::context(0)));
    out.extensions = TRY_AT(tbs, "crlExtensions", read_extensions(tagged));
    TRY_AT(tbs, "crlExtensions", tagged.finish());
  }
  TRY(tbs.finish());
  return signature;
}

// RFC 5280 §5.1
//   CertificateList ::= SEQUENCE { tbsCertList TBSCertList,
//                                  signatureAlgorithm AlgorithmIdentifier,
//                                  signatureValue BIT STRING }
Parsed<Crl> read_crl(Reader& in) {
  Crl out;
  auto parts =
      TRY(read_signed(in, "tbsCertList", [&](Reader& tbs) { return read_tbs(tbs, out.fields); }));
  out.fields.signature_algorithm = std::move(parts.algorithm);
  out.signature = copy(parts.signature);
  out.der = copy(parts.whole);
  out.tbs = copy(parts.tbs);
  return out;
}

void write_entry(Writer& w, const RevokedEntry& entry) {
  Extensions extensions;
  // RFC 5280 §5.3.1 [SHOULD] absent instead of unspecified.
  if (entry.reason != CrlReason::unspecified) extensions.push_back(make_reason_code(entry.reason));
  if (entry.invalidity_date) extensions.push_back(make_invalidity_date(*entry.invalidity_date));
  w.sequence([&](Writer& s) {
    s.integer_octets(entry.serial);
    s.x509_time(entry.revoked_at);
    if (!extensions.empty()) write(s, extensions);
  });
}

}  // namespace

Bytes encode_tbs_crl(const CrlFields& fields) {
  Writer w(512 + fields.revoked.size() * 64);
  w.sequence([&](Writer& tbs) {
    tbs.integer(kV2);
    write(tbs, fields.signature_algorithm);
    write(tbs, fields.issuer);
    tbs.x509_time(fields.this_update);
    tbs.x509_time(fields.next_update);
    if (!fields.revoked.empty())
      tbs.sequence([&](Writer& list) {
        for (const RevokedEntry& entry : fields.revoked) write_entry(list, entry);
      });
    if (!fields.extensions.empty())
      tbs.tagged(0, [&](Writer& tagged) { write(tagged, fields.extensions); });
  });
  return std::move(w).take();
}

Result<Crl> parse_crl(View der) { return read_whole(der, "crl", kCrlLimits, read_crl); }

Result<std::vector<Bytes>> crls_from_file(View content) {
  std::vector<Bytes> out;
  for (auto& block : der::from_pem(text(content)).value_or(std::vector<der::PemBlock>{}))
    if (block.label == "X509 CRL") out.push_back(std::move(block.der));
  if (out.empty()) out.push_back(copy(content));
  for (const Bytes& list : out) TRY(parse_crl(list));
  return out;
}

}  // namespace countersign::x509
