#include "crypto/trust_set.h"

#include <atomic>

#include "crypto/crl_check.h"
#include "crypto/trust_set_data.h"

namespace countersign::crypto {
namespace {

std::uint64_t next_generation() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::unexpected<Error> malformed(std::string_view which, std::size_t index) {
  return fail(Failure::badDataFormat, "crypto.certificate-format",
              std::string(which) + " " + std::to_string(index + 1) +
                  " of the trust set is no X.509 certificate in DER; replace it",
              library_error());
}

Bytes subject_der(const X509* certificate) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  require(X509_NAME_get0_der(X509_get_subject_name(certificate), &der, &size) == 1, "subject");
  return {der, der + size};
}

}  // namespace

Certificate decode_certificate(View der) {
  if (der.empty() || der.size() > TrustSet::kLongestCertificate) return nullptr;
  const unsigned char* at = der.data();
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) {
    ERR_clear_error();
    return nullptr;
  }
  // Reads the extensions now, once, instead of when several threads first need them.
  X509_check_purpose(certificate.get(), -1, 0);
  ERR_clear_error();
  return certificate;
}

std::string subject_of(const X509* certificate) {
  constexpr std::size_t kLongest = 200;
  const Bio out(BIO_new(BIO_s_mem()));
  require(out != nullptr, "memory BIO");
  const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, flags);
  char* start = nullptr;
  const long size = BIO_get_mem_data(out.get(), &start);
  std::string subject(start, size > 0 ? static_cast<std::size_t>(size) : 0);
  if (subject.empty()) return "(empty subject)";
  if (subject.size() <= kLongest) return subject;
  std::size_t cut = kLongest;  // not inside a UTF-8 character
  while (cut > 0 && (static_cast<Byte>(subject[cut]) & 0xc0) == 0x80) --cut;
  return subject.substr(0, cut) + "…";
}

Result<TrustSet> TrustSet::make(std::span<const Bytes> anchors,
                                std::span<const Bytes> known_intermediates) {
  if (anchors.empty())
    return fail(Failure::systemFailure, "crypto.trust-set-empty",
                "the trust set has no anchor; name at least one certificate");
  if (anchors.size() > kMostAnchors || known_intermediates.size() > kMostIntermediates)
    return fail(
        Failure::systemFailure, "crypto.trust-set-too-large",
        "the trust set has more than 10000 anchors or 200 intermediate certificates; name fewer");
  auto data = std::make_shared<TrustSetData>();
  data->generation = next_generation();
  data->anchors = anchors.size();
  data->store.reset(X509_STORE_new());
  require(data->store != nullptr, "certificate store");
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const Certificate anchor = decode_certificate(anchors[i]);
    if (!anchor) return malformed("anchor", i);
    require(X509_STORE_add_cert(data->store.get(), anchor.get()) == 1, "add anchor");
    data->anchor_names.insert(subject_der(anchor.get()));
  }
  for (std::size_t i = 0; i < known_intermediates.size(); ++i) {
    Certificate certificate = decode_certificate(known_intermediates[i]);
    if (!certificate) return malformed("intermediate certificate", i);
    data->intermediates.push_back(std::move(certificate));
  }
  return TrustSet(std::move(data));
}

namespace {

CertificateStore same_anchors(X509_STORE* of) {
  CertificateStore out(X509_STORE_new());
  require(out != nullptr, "certificate store");
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(of);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i)
    if (X509* anchor = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)))
      require(X509_STORE_add_cert(out.get(), anchor) == 1, "add anchor");
  return out;
}

RevocationList decode_list(View der) {
  const unsigned char* at = der.data();
  RevocationList list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (list && at == der.data() + der.size()) return list;
  ERR_clear_error();
  return nullptr;
}

}  // namespace

Time to_time(const ASN1_TIME* time) {
  std::tm parts{};
  require(ASN1_TIME_to_tm(time, &parts) == 1, "certificate time");
  const CivilTime civil{parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour,        parts.tm_min,     parts.tm_sec};
  return from_civil(civil).value_or(Time{});
}

Result<TrustSet> with_revocation_lists(const TrustSet& trust, std::span<const Bytes> lists) {
  const TrustSetData& from = trust.data();
  auto data = std::make_shared<TrustSetData>();
  data->generation = next_generation();
  data->anchors = from.anchors;
  data->anchor_names = from.anchor_names;
  data->store = same_anchors(from.store.get());
  for (const Certificate& known : from.intermediates) {
    X509_up_ref(known.get());
    data->intermediates.emplace_back(known.get());
  }
  for (const Bytes& der : lists) {
    const RevocationList list = decode_list(der);
    if (!list)
      return fail(Failure::badDataFormat, "crypto.crl-format",
                  "the revocation list is no CertificateList in DER; fetch it again");
    require(X509_STORE_add_crl(data->store.get(), list.get()) == 1, "add revocation list");
    if (const ASN1_TIME* end = X509_CRL_get0_nextUpdate(list.get()))
      data->list_ends.insert(to_time(end));
  }
  data->has_revocation_lists = !lists.empty();
  return TrustSet(std::move(data));
}

std::uint64_t TrustSet::generation() const noexcept { return data_->generation; }
std::size_t TrustSet::size() const noexcept { return data_->anchors; }

bool TrustSet::has_anchor_named(View subject_der) const {
  return data_->anchor_names.contains(copy(subject_der));
}

}  // namespace countersign::crypto
