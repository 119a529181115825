#include "crypto/digest.h"

#include <array>

#include "crypto/libcrypto.h"

namespace countersign::crypto {
namespace {

struct Row {
  Digest digest;
  const char* name;  // also OpenSSL's
  der::Oid oid;
  std::size_t size;
};

constexpr std::array<Row, kDigests> kTable{{
    {Digest::sha1, "sha1", der::Oid::of("1.3.14.3.2.26"), 20},
    {Digest::sha224, "sha224", der::Oid::of("2.16.840.1.101.3.4.2.4"), 28},
    {Digest::sha256, "sha256", der::Oid::of("2.16.840.1.101.3.4.2.1"), 32},
    {Digest::sha384, "sha384", der::Oid::of("2.16.840.1.101.3.4.2.2"), 48},
    {Digest::sha512, "sha512", der::Oid::of("2.16.840.1.101.3.4.2.3"), 64},
    {Digest::sha3_224, "sha3-224", der::Oid::of("2.16.840.1.101.3.4.2.7"), 28},
    {Digest::sha3_256, "sha3-256", der::Oid::of("2.16.840.1.101.3.4.2.8"), 32},
    {Digest::sha3_384, "sha3-384", der::Oid::of("2.16.840.1.101.3.4.2.9"), 48},
    {Digest::sha3_512, "sha3-512", der::Oid::of("2.16.840.1.101.3.4.2.10"), 64},
    {Digest::shake128, "shake128", der::Oid::of("2.16.840.1.101.3.4.2.11"), 32},
    {Digest::shake256, "shake256", der::Oid::of("2.16.840.1.101.3.4.2.12"), 64},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (static_cast<std::size_t>(kTable[i].digest) != i) return false;
  return true;
}
static_assert(in_order());

const Row& row(Digest digest) noexcept { return kTable[static_cast<std::size_t>(digest)]; }

bool is_xof(Digest digest) noexcept {
  return digest == Digest::shake128 || digest == Digest::shake256;
}

// A digest under way.
struct Running {
  Digest algorithm;
  EvpMdContext context;
  void start() {
    require(EVP_DigestInit_ex2(context.get(), fetched(algorithm), nullptr) == 1, "digest init");
  }
  void end(std::span<Byte> out) {
    const int done = is_xof(algorithm) ? EVP_DigestFinalXOF(context.get(), out.data(), out.size())
                                       : EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
    require(done == 1, "digest end");
  }
};

}  // namespace

const EVP_MD* fetched(Digest digest) {
  static const auto all = [] {
    std::array<const EVP_MD*, kDigests> made{};
    for (std::size_t i = 0; i < kDigests; ++i) {
      made[i] = EVP_MD_fetch(nullptr, kTable[i].name, nullptr);
      require(made[i] != nullptr, kTable[i].name);
    }
    return made;
  }();
  return all[static_cast<std::size_t>(digest)];
}

std::string_view name(Digest digest) noexcept { return row(digest).name; }

std::optional<Digest> digest_from_name(std::string_view name) noexcept {
  for (const Row& r : kTable)
    if (name == r.name) return r.digest;
  return std::nullopt;
}

const der::Oid& oid(Digest digest) noexcept { return row(digest).oid; }

std::optional<Digest> digest_from_oid(const der::Oid& oid) noexcept {
  for (const Row& r : kTable)
    if (oid == r.oid) return r.digest;
  return std::nullopt;
}

std::size_t digest_size(Digest digest) noexcept { return row(digest).size; }

struct Hasher::State : Running {};

Hasher::Hasher(Digest algorithm) : state_(new State{{algorithm, EvpMdContext(EVP_MD_CTX_new())}}) {
  require(state_->context != nullptr, "digest context");
  state_->start();
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::update(View data) {
  require(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1, "digest");
  return *this;
}

Bytes Hasher::finish() {
  Bytes out(digest_size(state_->algorithm));
  state_->end(out);
  state_->start();
  return out;
}

void digest_repeatedly(Digest algorithm, std::span<Byte> octets, unsigned times) {
  Running state{algorithm, EvpMdContext(EVP_MD_CTX_new())};
  require(state.context != nullptr, "digest context");
  for (; times > 0; --times) {
    state.start();
    require(EVP_DigestUpdate(state.context.get(), octets.data(), octets.size()) == 1, "digest");
    state.end(octets);
  }
}

Bytes digest(Digest algorithm, View data) { return Hasher(algorithm).update(data).finish(); }

Bytes sha256(View data) { return digest(Digest::sha256, data); }

}  // namespace countersign::crypto
