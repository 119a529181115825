#include "crypto/trust_set.h"

#include <atomic>

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

std::uint64_t TrustSet::generation() const noexcept { return data_->generation; }
std::size_t TrustSet::size() const noexcept { return data_->anchors; }

bool TrustSet::has_anchor_named(View subject_der) const {
  return data_->anchor_names.contains(copy(subject_der));
}

}  // namespace countersign::crypto
