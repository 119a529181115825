// Trust anchors, decoded once, and certificates known beforehand that may stand between a leaf and
// an anchor. An immutable handle: cheap to copy, safe for several threads. An anchor need not be
// self-signed, and a certificate that is itself an anchor is trusted as it is.
// Two sets never have the same generation, so what was found under one is not taken for another.
// Errors: crypto.certificate-format (badDataFormat), crypto.trust-set-empty,
// crypto.trust-set-too-large (systemFailure: a trust set is configuration).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace countersign::crypto {

struct TrustSetData;  // trust_set_data.h, private to this folder

class TrustSet {
 public:
  static constexpr std::size_t kMostAnchors = 10'000;
  static constexpr std::size_t kMostIntermediates = 200;  // all are offered to every path
  static constexpr std::size_t kLongestCertificate = 64 * 1024;

  static Result<TrustSet> make(std::span<const Bytes> anchors,
                               std::span<const Bytes> known_intermediates = {});

  std::uint64_t generation() const noexcept;
  std::size_t size() const noexcept;  // anchors
  // Whether an anchor has exactly this subject, octet by octet.
  bool has_anchor_named(View subject_der) const;

  explicit TrustSet(std::shared_ptr<const TrustSetData> data) noexcept : data_(std::move(data)) {}
  const TrustSetData& data() const noexcept { return *data_; }

 private:
  std::shared_ptr<const TrustSetData> data_;
};

}  // namespace countersign::crypto
