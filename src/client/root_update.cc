#include "client/root_update.h"

#include <algorithm>

#include "client/files.h"
#include "client/identity.h"
#include "crypto/path.h"
#include "x509/certificate.h"

namespace countersign::client {
namespace {

std::unexpected<Error> refuse(const std::string& what, std::string detail = {}) {
  return fail(Failure::signerNotTrusted, "client.root-update",
              "the new root certificate cannot be trusted: " + what, std::move(detail));
}

Result<x509::Certificate> parsed(View der, const std::string& name) {
  auto certificate = x509::parse_certificate(der);
  if (certificate) return certificate;
  return refuse(name + " cannot be read", certificate.error().detail);
}

// The anchor that the certificate leads to.
Result<Bytes> anchor_of(View certificate, const std::vector<Bytes>& roots, Time now,
                        const std::string& problem) {
  const auto trust = crypto::TrustSet::make(roots);
  if (!trust) return refuse("the known root cannot be read", trust.error().detail);
  const auto path = crypto::validate_path({certificate, {}, *trust, now});
  if (!path) return refuse(problem + ": " + path.error().reply_text, path.error().detail);
  return path->chain.back();
}

bool same_owner(const x509::Certificate& a, const x509::Certificate& b) {
  return equal(a.spki, b.spki) && x509::same_name(a.subject, b.subject);
}

}  // namespace

// RFC 9810 §4.4.2.2: validity periods, subjects and issuers fit, and both signatures hold.
Result<VouchedRoot> check_root_update(const message::RootCaKeyUpdateContent& update,
                                      const std::vector<Bytes>& roots, Time now) {
  const auto fresh = TRY(parsed(update.new_with_new, "newWithNew"));
  if (!fresh.self_issued() || !fresh.is_ca()) return refuse("newWithNew is no root certificate");
  TRY(anchor_of(update.new_with_new, {update.new_with_new}, now, "newWithNew does not hold"));
  // RFC 9483 §4.3.2 [MUST] newWithOld is what makes the new root trustworthy
  if (!update.new_with_old) return refuse("newWithOld is missing");
  const auto linked = TRY(parsed(*update.new_with_old, "newWithOld"));
  if (!same_owner(linked, fresh)) return refuse("newWithOld is not for the key of newWithNew");
  const Bytes anchor =
      TRY(anchor_of(*update.new_with_old, roots, now, "newWithOld does not lead to a known root"));
  const auto old = TRY(parsed(anchor, "the known root"));
  if (!x509::same_name(old.subject, fresh.subject))
    return refuse("it has another name than the known root");
  if (!update.old_with_new) return VouchedRoot(update.new_with_new);
  const auto back = TRY(parsed(*update.old_with_new, "oldWithNew"));
  if (!same_owner(back, old)) return refuse("oldWithNew is not for the key of the known root");
  TRY(anchor_of(*update.old_with_new, {update.new_with_new}, now,
                "oldWithNew does not lead to newWithNew"));
  return VouchedRoot(update.new_with_new);
}

Result<> accept_root(const std::string& path, const VouchedRoot& root) {
  std::vector<Bytes> list;
  if (file_exists(path)) list = TRY(load_anchor_list(path));
  if (std::ranges::find(list, root.der()) != list.end()) return {};
  list.insert(list.begin(), root.der());
  const std::string pem = to_pem(list);
  return write_file(path, view(pem), Access::open);
}

}  // namespace countersign::client
