// A server with a registration authority before it, in one process over a real store: messages
// alone, nested one by one, and in batches. RFC 9483 §5.2.2.
#pragma once

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "scenarios/engine_host.h"
#include "support/certificates.h"
#include "support/device.h"

namespace countersign::test {

using message::BodyType;
using message::PKIMessage;

inline x509::Certificate certificate(CertificateWish wish) {
  wish.extensions.push_back(x509::make_subject_key_identifier(crypto::key_identifier(wish.spki)));
  return x509::parse_certificate(make_certificate(wish)).value();
}

inline Bytes spki(const std::string& kind) { return copy(key_of(kind).public_key().spki()); }

class Nested : public testing::Test {
 protected:
  Nested() {
    (void)host_.store().add_credential(
        make_credential({"device-7", "an agreed secret of some length", {}, "any"}));
    // One certificate that is an RA by its name in the configuration, and one CA of RAs.
    ra_ = certificate(
        {.subject = "CN=RA", .issuer = "CN=RA", .spki = spki("p384"), .signed_by = "p384"});
    ca_of_ras_ = certificate({.subject = "CN=CA of RAs",
                              .issuer = "CN=CA of RAs",
                              .spki = spki("p521"),
                              .signed_by = "p521",
                              .extensions = {x509::make_basic_constraints({true, {}})}});
    const std::vector<Bytes> anchors = {ra_.der, ca_of_ras_.der};
    server::ForeignTrust foreign{crypto::TrustSet::make(anchors).value(), {}, {}};
    for (const Bytes& der : anchors) {
      foreign.records.push_back({crypto::sha256(der), der, "any", true, kStart});
      foreign.ra_fingerprints.push_back(crypto::sha256(der));
    }
    server::Trust trust{authority().own, {}, {}};
    trust.foreign.emplace(std::vector<std::string>{}, std::move(foreign));
    host_.engine().trust.set(std::make_shared<server::Trust>(std::move(trust)));
  }

  Nonce nonce() {
    Nonce out{Bytes(16)};
    (void)entropy_.fill(out.octets);
    return out;
  }
  PKIMessage ir(const std::string& subject = "CN=device-7") {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = {BodyType::ir, crmf::CertReqMessages{Device::request(0, subject, key_of("p256"))}};
    return m;
  }
  PKIMessage sealed(PKIMessage m) {
    return message::parse_message(Device({}).seal(std::move(m), kStart)).value();
  }
  // An outer message around those; a batch unless told otherwise.
  PKIMessage outer(std::vector<PKIMessage> inner) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = {BodyType::nested, message::NestedMessageContent(std::move(inner))};
    return m;
  }
  PKIMessage added_to(const PKIMessage& inner) {
    PKIMessage m = outer({inner});
    m.header.transaction_id = inner.header.transaction_id;
    m.header.sender_nonce = inner.header.sender_nonce;
    return m;
  }
  Bytes by(const x509::Certificate& signer, const std::string& key, PKIMessage m) {
    Credentials who;
    who.mac.reset();
    who.certificate = signer;
    who.key = key;
    return Device(std::move(who)).seal(std::move(m), kStart);
  }
  Bytes by_ra(PKIMessage m) { return by(ra_, "p384", std::move(m)); }

  ports::Outbound exchange(const Bytes& request, const std::string& operation = "") {
    std::optional<ports::Outbound> out;
    const auto guard = boost::asio::make_work_guard(host_.loop());
    host_.responder().handle({{"default", operation}, request, "127.0.0.1:1"},
                             [&out](Result<ports::Outbound> done) { out = std::move(*done); });
    host_.loop().restart();
    while (!out) host_.loop().run_one();
    return std::move(*out);
  }
  PKIMessage ask(const Bytes& request, const std::string& operation = "") {
    return message::parse_message(exchange(request, operation).body).value();
  }
  // "ip", or the failure and code of an error, as the device that sent it sees them.
  static std::string said(const PKIMessage& m) {
    const auto* error = std::get_if<message::ErrorMsgContent>(&m.body.content);
    if (error == nullptr) return std::string(message::name(m.body.type));
    std::string out(name(message::failures(*error->status.fail_info).at(0)));
    return out + " " + error->error_details.at(0);
  }
  std::string refused(PKIMessage m) { return said(ask(by_ra(std::move(m)))); }
  std::size_t certificates() { return host_.store().certificates({})->size(); }
  static const std::vector<PKIMessage>& inside(const PKIMessage& m) {
    return std::get<message::NestedMessageContent>(m.body.content).messages;
  }

  TemporaryFolder folder_;
  ToldClock clock_;
  CountingEntropy entropy_{5};
  ScriptedIssuer issuer_;
  ServerSetting setting_;
  EngineHost host_{folder_.path(), setting_, issuer_, clock_, entropy_};
  x509::Certificate ra_, ca_of_ras_;
};

}  // namespace countersign::test
