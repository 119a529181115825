// A new root certificate that the old one vouches for. RFC 9810 §4.4, RFC 9483 §4.3.2.
// Errors: client.root-update, with what does not hold; those of files.h and identity.h.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "message/message.h"

namespace countersign::client {

// Only check_root_update() makes one.
class VouchedRoot {
 public:
  const Bytes& der() const noexcept { return der_; }

 private:
  explicit VouchedRoot(Bytes der) : der_(std::move(der)) {}
  friend Result<VouchedRoot> check_root_update(const message::RootCaKeyUpdateContent& update,
                                               const std::vector<Bytes>& roots, Time now);
  Bytes der_;
};

// newWithNew is signed by itself, newWithOld holds the same key and name and leads to one of
// `roots`, oldWithNew, if there, holds that root's key and leads to newWithNew. All at `now`.
Result<VouchedRoot> check_root_update(const message::RootCaKeyUpdateContent& update,
                                      const std::vector<Bytes>& roots, Time now);

// Puts the root before those that the file holds, if it holds it not yet; the old ones stay, since
// certificates under them are still in use. The file is made where there is none.
Result<> accept_root(const std::string& path, const VouchedRoot& root);

}  // namespace countersign::client
