// An authority beside the server's own, opened: who asks it, and what goes with its certificates.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "app/countersignd/signing_keys.h"
#include "crypto/tls_context.h"
#include "enrol/authority.h"
#include "issuer/upstream_cmp/errand.h"
#include "ports/relay.h"
#include "ports/remote_issuer.h"
#include "server/engine.h"

namespace countersign::app {

struct RemoteAuthority {
  virtual ~RemoteAuthority() = default;
  virtual ports::RemoteIssuer& issuer() = 0;
  virtual ports::Relay* relay() { return nullptr; }  // null: nothing can be passed on to it
  virtual std::shared_ptr<const server::Publications> publications() const = 0;
  // Signs what we say as its registration authority; null: no certificate of ours was named.
  virtual std::shared_ptr<const server::CmpSigner> signer() const = 0;
  // Signs private keys that are made for others; null: the server's own does.
  virtual std::shared_ptr<const server::CmpSigner> kga() const { return nullptr; }
  // Revocation lists that its answers are looked up in. "crypto.crl-format".
  virtual Result<> use_lists(std::span<const Bytes>) { return {}; }
  // Are its files others than at the last call? taken: and it goes by them from now on. An error
  // changes nothing. `anyway`: they are taken whether or not they are others.
  enum class Files { same, taken, to_open_anew };
  virtual Result<Files> reread(bool /*anyway*/) { return Files::same; }
  // CAs that lead to its root, which it turned out to issue by.
  virtual Result<> use_issuers(const std::vector<Bytes>&) { return {}; }
  // Ends what it has on the loop, which goes next. What was asked is stored.
  virtual void close() = 0;
};

// What each is opened with.
struct RemoteWorld {
  boost::asio::io_context& loop;  // all of them are talked to on it
  ports::Store& store;
  const Clock& clock;
  Entropy& entropy;
  SigningKeys& keys;
  std::string commands;  // folder of programs; empty: none
  std::string prefix;    // of the names of fields in sentences: "upstream."
  // A CA of our own of that name, made if there is none; empty: this server has no CA.
  std::function<Result<std::shared_ptr<RemoteAuthority>>(const enrol::Authority&)> own_ca;
  std::function<void(std::chrono::milliseconds, std::move_only_function<void()>)> after;
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> late;
  std::function<void(const ports::OrderKey&, const std::string&, const Error&)> complain;
  // CAs that authorities turned out to issue by, by the authority's name: to have them kept, and
  // those that were.
  std::function<void(std::string authority, std::vector<Bytes> cas, Done<> done)> learn;
  std::function<Result<std::vector<Bytes>>(const std::string& authority)> learnt;
};

// Errors: "app.file", "config.upstream"; those of issuer/upstream_cmp/upstream.h, and of
// make_named_ca().
Result<std::shared_ptr<RemoteAuthority>> open_authority(const enrol::Authority& authority,
                                                        RemoteWorld world);

// Of a certificate, its chain, and its key. "issuer.upstream-key".
Result<std::shared_ptr<const server::CmpSigner>> make_signer(
    std::vector<Bytes> chain, std::shared_ptr<const ports::Signer> signer);

// Our key as its registration authority. "config.upstream" if none is named; those of
// SigningKeys::open.
Result<std::shared_ptr<const ports::Signer>> key_of(const enrol::Authority& authority,
                                                    const RemoteWorld& world);

// Whom to trust behind its https, and what to show there.
Result<crypto::TlsContext> tls_of(const enrol::Authority& authority, const RemoteWorld& world,
                                  View root);

// Of a field that names a file with some. "config.upstream", "app.file".
Result<std::vector<Bytes>> certificates_of(const RemoteWorld& world, std::string_view field,
                                           const std::string& path);
// Of a field that names one. "config.upstream" if it is empty, "app.file".
Result<Bytes> read_file_of(const RemoteWorld& world, std::string_view field,
                           const std::string& path);

}  // namespace countersign::app
