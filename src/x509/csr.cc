#include "x509/csr.h"

#include <algorithm>

#include "x509/parts.h"

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

constexpr auto kExtensionRequest = der::Oid::of("1.2.840.113549.1.9.14");
constexpr auto kChallengePassword = der::Oid::of("1.2.840.113549.1.9.7");
constexpr Tag kAttributes = der::context(0);

// RFC 2985 §5.4.1
//   challengePassword ATTRIBUTE ::= { WITH SYNTAX DirectoryString … SINGLE VALUE TRUE … }
// In an encoding that nobody uses it is as none. Does not move the caller's reader.
std::string password_in(Reader values) {
  const auto value = values.any();
  if (!value) return {};
  const bool text = value->tag == Tag::utf8_string || value->tag == Tag::printable_string ||
                    value->tag == Tag::ia5_string;
  if (!text || !der::valid_utf8(value->content)) return {};
  return {reinterpret_cast<const char*>(value->content.data()), value->content.size()};
}

// RFC 2986 §4.1
//   Attribute ::= SEQUENCE { type OBJECT IDENTIFIER, values SET SIZE (1..MAX) OF ANY }
// RFC 2985 §5.4.2
//   extensionRequest ATTRIBUTE ::= { WITH SYNTAX ExtensionRequest SINGLE VALUE TRUE … }
//   ExtensionRequest ::= Extensions
Parsed<> read_attribute(Reader& in, CertificationRequest& out) {
  Extensions& requested = out.extensions;
  const Reader here = in;
  const der::Oid type = TRY_AT(in, "type", in.oid());
  Reader values = TRY_AT(in, "values", in.read(Tag::set));
  TRY(in.finish());
  if (values.at_end()) return values.refuse(Code::empty);
  if (type == kExtensionRequest) {
    if (!requested.empty()) return here.refuse(Code::duplicate);
    requested = TRY_AT(in, "extensionRequest", read_extensions(values));
    return values.finish();
  }
  if (type == kChallengePassword) out.challenge_password = password_in(values);
  while (!values.at_end()) TRY_AT(in, "values", values.well_formed());
  return {};
}

// RFC 2986 §4.1
//   attributes [0] Attributes           Attributes ::= SET OF Attribute       (IMPLICIT)
Parsed<> read_attributes(Reader& info, CertificationRequest& out) {
  if (info.at_end()) return {};  // departure 1
  Reader list = TRY(info.read(kAttributes));
  for (std::size_t n = 0; !list.at_end(); ++n) {  // departure 2
    TRY(list.count(n + 1));
    Reader entry = TRY_ITEM(list, "", n, list.read(Tag::sequence));
    TRY_ITEM(list, "", n, read_attribute(entry, out));
  }
  return {};
}

// RFC 2986 §4.1
//   CertificationRequestInfo ::= SEQUENCE {
//     version INTEGER { v1(0) }, subject Name, subjectPKInfo SubjectPublicKeyInfo,
//     attributes [0] Attributes }
Parsed<> read_info(Reader& info, CertificationRequest& out) {
  const Reader here = info;
  if (TRY_AT(info, "version", info.small_integer()) != 0) {
    info.context().unwind("version");
    return here.refuse(Code::value);
  }
  out.subject = TRY_AT(info, "subject", read_name(info));
  out.spki = copy(TRY_AT(info, "subjectPKInfo", read_spki(info)));
  TRY_AT(info, "attributes", read_attributes(info, out));
  return info.finish();
}

}  // namespace

// RFC 2986 §4.2
//   CertificationRequest ::= SEQUENCE {
//     certificationRequestInfo CertificationRequestInfo,
//     signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
Parsed<CertificationRequest> read_csr(Reader& in, Tag tag) {
  CertificationRequest out;
  const der::Tlv whole = TRY(in.any(tag));
  Reader request = TRY(in.open(whole.content));
  const der::Tlv info = TRY_AT(in, "certificationRequestInfo", request.any(Tag::sequence));
  Reader inside = TRY_AT(in, "certificationRequestInfo", request.open(info.content));
  TRY_AT(in, "certificationRequestInfo", read_info(inside, out));
  out.signature_algorithm = TRY_AT(in, "signatureAlgorithm", der::read_algorithm(request));
  out.signature = copy(TRY_AT(in, "signature", request.bit_octets()));
  TRY(request.finish());
  out.der = copy(whole.whole);
  out.der[0] = static_cast<Byte>(Tag::sequence);  // where it stood under an IMPLICIT tag
  out.info = copy(info.whole);
  return out;
}

Result<CertificationRequest> parse_csr(View der) {
  return read_whole(der, "csr", {}, [](Reader& in) { return read_csr(in); });
}

namespace {

template <class Inside>
Bytes encode_attribute(const der::Oid& type, Inside inside) {
  Writer w;
  w.sequence([&](Writer& attribute) {
    attribute.oid(type);
    attribute.set(inside);
  });
  return std::move(w).take();
}

}  // namespace

Bytes encode_csr_info(const Name& subject, View spki, const CsrAttributes& attributes) {
  std::vector<Bytes> list;
  if (!attributes.extensions.empty())
    list.push_back(encode_attribute(kExtensionRequest,
                                    [&](Writer& values) { write(values, attributes.extensions); }));
  if (!attributes.challenge_password.empty())
    list.push_back(encode_attribute(
        kChallengePassword, [&](Writer& values) { values.utf8(attributes.challenge_password); }));
  std::ranges::sort(list);  // X.690 §11.6
  Writer w(128 + spki.size());
  w.sequence([&](Writer& info) {
    info.integer(0);
    write(info, subject);
    info.raw(spki);
    info.element(kAttributes, [&](Writer& all) {
      for (const Bytes& one : list) all.raw(one);
    });
  });
  return std::move(w).take();
}

}  // namespace countersign::x509
