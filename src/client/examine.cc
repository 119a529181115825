#include "client/examine.h"

#include <algorithm>

#include "client/failure.h"
#include "client/identity.h"
#include "crypto/crl_check.h"
#include "crypto/path.h"

namespace countersign::client {
namespace {

bool has(const std::vector<x509::GeneralName>& list, const x509::GeneralName& name) {
  return std::ranges::any_of(list, [&](const auto& other) {
    return other == name || x509::to_text(other) == x509::to_text(name);
  });
}

// What was asked for and is not there, in sentences.
std::vector<std::string> missing_names(const x509::Certificate& leaf, const Expectation& expected) {
  std::vector<std::string> out;
  if (!expected.subject.is_null() && !x509::same_name(leaf.subject, expected.subject))
    out.push_back("subject is " + x509::to_text(leaf.subject) + " instead of " +
                  x509::to_text(expected.subject));
  const auto names = leaf.subject_alt_names();
  for (const auto& wanted : expected.alternative_names)
    if (!has(names, wanted))
      out.push_back("subject alternative name " + x509::to_text(wanted) + " is missing");
  return out;
}

std::vector<std::string> added_names(const x509::Certificate& leaf, const Expectation& expected) {
  std::vector<std::string> out;
  for (const auto& name : leaf.subject_alt_names())
    if (!has(expected.alternative_names, name))
      out.push_back("subject alternative name " + x509::to_text(name) + " was added");
  return out;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& entry : list) out += (out.empty() ? "" : "; ") + entry;
  return out;
}

// RFC 9810 §8.9: caPubs make anchors only where the secret vouches for them.
Result<std::vector<Bytes>> anchors(const transaction::Examine& issued, const Trust& trust,
                                   message::ProofKind proof) {
  std::vector<Bytes> out = trust.anchor_list;
  if (trust.pinned) {
    const auto pinned = x509::parse_certificate(*trust.pinned);
    if (pinned && pinned->is_ca()) out.push_back(*trust.pinned);
  }
  if (trust.anchors_from_mac && proof == message::ProofKind::mac)
    for (const Bytes& root : issued.ca_pubs) {
      const auto parsed = x509::parse_certificate(root);
      if (parsed && parsed->self_issued()) out.push_back(root);
    }
  if (!out.empty()) return out;
  return fail(
      Failure::signerNotTrusted, "client.certificate-path",
      trust.anchors_from_mac
          ? "the server sent no root certificate (caPubs) to trust; name the CA's root with "
            "--trust"
          : "nothing says which CA to trust; name its root with --trust");
}

// Path: leaf first, anchor last.
Result<std::vector<Bytes>> find_path(const transaction::Examine& issued, const Trust& trust,
                                     message::ProofKind proof, Time now) {
  const auto trusted = TRY(anchors(issued, trust, proof));
  const auto set = TRY(recode(trust_set(trusted, trust), "client.certificate-path",
                              "the server's root certificate"));
  std::vector<View> between(issued.extra_certs.begin(), issued.extra_certs.end());
  between.insert(between.end(), issued.ca_pubs.begin(), issued.ca_pubs.end());
  auto path = TRY(recode(crypto::validate_path({issued.certificate, between, set, now}),
                         "client.certificate-path",
                         "the issued certificate does not lead to a trusted root"));
  return std::move(path.chain);
}

}  // namespace

Result<crypto::TrustSet> trust_set(const std::vector<Bytes>& anchors, const Trust& trust) {
  auto set = TRY(crypto::TrustSet::make(anchors));
  if (trust.revocation_lists.empty()) return set;
  return crypto::with_revocation_lists(set, trust.revocation_lists);
}

Result<Kept> examine(const transaction::Examine& issued, const Expectation& expected,
                     const Trust& trust, message::ProofKind proof, Time now) {
  const auto leaf = TRY(recode(x509::parse_certificate(issued.certificate),
                               "client.certificate-format", "the issued certificate"));
  if (!expected.key || !certifies(leaf, *expected.key))
    return fail(Failure::incorrectData, "client.certificate-key",
                "the issued certificate is for another key than the one that was sent");
  Kept kept{issued.certificate, {}, {}, missing_names(leaf, expected), issued.remarks};
  if (!kept.differences.empty() && !issued.with_mods)
    return fail(
        Failure::incorrectData, "client.certificate-name",
        "the issued certificate is not what was asked for, and the server does not say so: " +
            joined(kept.differences));
  if (issued.with_mods)
    for (auto& added : added_names(leaf, expected)) kept.differences.push_back(std::move(added));
  auto path = TRY(find_path(issued, trust, proof, now));
  kept.root = path.back();
  if (path.size() > 1) kept.chain.assign(path.begin() + 1, path.end() - 1);
  return kept;
}

}  // namespace countersign::client
