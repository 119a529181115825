#include "issuer/local_ca.h"

#include <algorithm>
#include <array>

#include "crypto/keys.h"
#include "issuer/serial.h"

namespace countersign::issuer {
namespace {

namespace oid = x509::oids;

// The extensions that are the issuer's to make.
constexpr std::array kOwn = {oid::subject_key_identifier, oid::authority_key_identifier,
                             oid::crl_distribution_points, oid::authority_info_access};

std::unexpected<Error> broken(std::string_view code, std::string sentence) {
  return fail(Failure::systemFailure, code, std::move(sentence));
}

Result<> check_issuing(const x509::Certificate& issuing, const x509::Certificate& root,
                       const ports::Signer& signer) {
  const auto usage = issuing.key_usage();
  const auto signs = static_cast<std::size_t>(x509::KeyUsage::keyCertSign);
  if (!issuing.is_ca() || (usage && !usage->test(signs)))
    return broken("issuer.not-a-ca", "the issuing certificate may not sign certificates");
  if (!equal(signer.spki(), issuing.spki))
    return broken("issuer.key-mismatch", "the issuing key does not belong to its certificate");
  if (issuing.issuer != root.subject)
    return broken("issuer.root-mismatch", "the issuing certificate is not of this root");
  return {};
}

// RFC 5280 §6.1.3: a path is valid while all of it is; so ours ends with its issuer.
Result<x509::Validity> cut(x509::Validity wanted, const x509::Validity& issuer, Time now) {
  if (now > issuer.not_after)
    return fail(Failure::systemUnavail, "issuer.expired",
                "the certificate of the CA expired on " + to_date(issuer.not_after) +
                    "; ask its operator to renew it");
  wanted.not_before = std::max(wanted.not_before, issuer.not_before);
  wanted.not_after = std::min(wanted.not_after, issuer.not_after);
  if (wanted.not_after <= wanted.not_before)
    return fail(Failure::systemUnavail, "issuer.validity",
                "the certificate of the CA is valid from " + to_iso(issuer.not_before) +
                    " through " + to_iso(issuer.not_after) +
                    "; no time is left for this certificate");
  return wanted;
}

}  // namespace

LocalCa::LocalCa(LocalCaOptions options, x509::Certificate issuing,
                 std::shared_ptr<const ports::Signer> signer, Entropy& entropy)
    : options_(std::move(options)),
      issuing_(std::move(issuing)),
      chain_{options_.issuing_certificate},
      issuing_key_id_(issuing_.subject_key_identifier()),
      signer_(std::move(signer)),
      entropy_(entropy) {
  chain_.insert(chain_.end(), options_.links.begin(), options_.links.end());
}

Result<std::unique_ptr<LocalCa>> LocalCa::create(LocalCaOptions options,
                                                 std::shared_ptr<const ports::Signer> signer,
                                                 Entropy& entropy) {
  auto issuing = TRY(x509::parse_certificate(options.issuing_certificate));
  const auto root = TRY(x509::parse_certificate(options.root_certificate));
  TRY(check_issuing(issuing, root, *signer));
  auto ca = std::unique_ptr<LocalCa>(
      new LocalCa(std::move(options), std::move(issuing), std::move(signer), entropy));
  if (ca->issuing_key_id_.empty()) ca->issuing_key_id_ = crypto::key_identifier(ca->issuing_.spki);
  return ca;
}

Result<x509::CertificateFields> LocalCa::fields(const transaction::CertificateOrder& order,
                                                Time now) {
  x509::CertificateFields out;
  out.validity = TRY(cut(order.validity, issuing_.validity, now));
  const Bytes key_id = crypto::key_identifier(order.spki);
  out.serial = TRY(new_serial(entropy_));
  out.signature_algorithm = signer_->algorithm();
  out.issuer = issuing_.subject;
  out.subject = order.subject;
  out.spki = order.spki;
  for (const x509::Extension& extension : order.extensions)
    if (std::ranges::find(kOwn, extension.id) == kOwn.end()) out.extensions.push_back(extension);
  out.extensions.push_back(x509::make_subject_key_identifier(key_id));
  // RFC 5280 §4.2.1.1 [MUST] authorityKeyIdentifier in every certificate of a CA.
  out.extensions.push_back(x509::make_authority_key_identifier(issuing_key_id_));
  out.extensions.push_back(
      x509::make_crl_distribution_point(crl_url(options_.public_url, options_.generation)));
  out.extensions.push_back(x509::make_authority_info_access(
      issuing_certificate_url(options_.public_url, options_.generation), ""));
  return out;
}

void LocalCa::issue(const ports::OrderKey&, const transaction::CertificateOrder& order, Time now,
                    Done<transaction::Answer> done) {
  const auto made = fields(order, now);
  if (!made) {
    done(std::unexpected(made.error()));
    return;
  }
  Bytes tbs = x509::encode_tbs(*made);
  Bytes kept = tbs;
  signer_->sign(std::move(tbs),
                [tbs = std::move(kept), serial = made->serial, algorithm = signer_->algorithm(),
                 chain = chain_, root = options_.root_certificate,
                 done = std::move(done)](Result<Bytes> signature) mutable {
                  if (!signature) {
                    done(std::unexpected(std::move(signature).error()));
                    return;
                  }
                  done(transaction::Issued{x509::join_signed(tbs, algorithm, *signature),
                                           std::move(serial), std::move(chain), std::move(root)});
                });
}

}  // namespace countersign::issuer
