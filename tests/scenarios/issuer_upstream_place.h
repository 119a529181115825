// The issuer contract's place for a CA over CMP: the whole engine over a store of its own, which
// knows us by the certificate that it gave us as its registration authority.
#pragma once

#include "crypto/digest.h"
#include "issuer/software_signer.h"
#include "issuer/upstream_cmp/upstream_cmp.h"
#include "scenarios/issuer_place.h"
#include "support/certificates.h"
#include "support/device.h"

namespace countersign::test {

// That CA, and the way to it.
class CaUpstream final : public StoredDriver, public ports::Transport {
 public:
  explicit CaUpstream(const Clock& clock) : StoredDriver({}, {}), clock_(clock) {
    auto credential = make_credential({kReference, kSecret, {}, "any"});
    credential.profile = "ra";
    host().store().add_credential(credential).value();
  }

  // Our certificate, by an ir with that secret.
  Bytes enrol() {
    Credentials who;
    who.reference = kReference;
    who.secret = Secret(to_bytes(kSecret));
    Device device(std::move(who));
    message::PKIMessage m;
    m.header.transaction_id = TransactionId{Bytes(16, 0x42)};
    m.header.sender_nonce = Nonce{Bytes(16, 0x43)};
    m.header.general_info = {
        message::make_info(message::it::implicitConfirm, message::NullValue{})};
    m.body = {message::BodyType::ir,
              crmf::CertReqMessages{Device::request(0, "CN=RA 1", key_of("p384"))}};
    const auto reply =
        device.open(exchange({}, device.seal(std::move(m), clock_.now())), clock_.now()).value();
    const auto& response = std::get<message::CertRepMessage>(reply.body.content).response.at(0);
    return std::get<Bytes>(response.certified_key_pair.value().cert_or_enc_cert);
  }

  Bytes exchange(const std::string& operation, const Bytes& request) override {
    set_time(clock_.now());
    std::optional<ports::Outbound> out;
    const auto guard = boost::asio::make_work_guard(host().loop());
    host().responder().handle({{"default", operation}, request, "127.0.0.1:1"},
                              [&out](Result<ports::Outbound> done) { out = std::move(*done); });
    host().loop().restart();
    while (!out) host().loop().run_one();
    return out->body;
  }
  void exchange(const ports::Target&, Bytes request, Seconds, Done<Bytes> done) override {
    const auto m = message::parse_message(request).value();
    const bool waits = issuer().otherwise.kind == IssuerSays::Kind::pending;
    if (m.body.type == message::BodyType::ir && waits) waiting_ = *m.header.transaction_id;
    done(exchange({}, request));
  }

  // What waits, if anything does.
  void decide(const IssuerSays& says, const Bytes& ra) {
    if (!issuer().waits(0)) return;
    set_time(clock_.now());
    late_answer("certificate:" + to_hex(crypto::sha256(ra)), waiting_, 0,
                issuer().late(0, says, clock_.now()));
  }

 private:
  static constexpr const char* kReference = "ra-1";
  static constexpr const char* kSecret = "the secret that makes an RA";
  const Clock& clock_;
  TransactionId waiting_;
};

class UpstreamPlace final : public IssuerPlace {
 public:
  static constexpr std::string_view kKind = "cmp";

  UpstreamPlace() : IssuerPlace(kStart), ca_(clock()), ra_(ca_.enrol()) { reopen(); }
  ~UpstreamPlace() override { shut(); }
  ports::RemoteIssuer& issuer() { return *issuer_; }

  void will(Turn turn) {
    says_ = turn == Turn::grants ? IssuerSays::Kind::issued : IssuerSays::Kind::refused;
    ca_.issuer().otherwise.kind = says_;
  }
  void hold() { ca_.issuer().otherwise.kind = IssuerSays::Kind::pending; }
  void decide() {
    ca_.issuer().otherwise.kind = says_;
    IssuerSays says;
    says.kind = says_;
    ca_.decide(says, ra_);
  }
  std::size_t made() override { return of_status({}); }
  std::size_t revoked() override { return of_status(enrol::CertificateStatus::revoked); }

 private:
  void open() override {
    auto upstream =
        issuer::make_upstream({"http://upstream"}, {ra_, authority().issuing.der},
                              issuer::make_software_signer(crypto::PrivateKey(key_of("p384"))),
                              {authority().issuing.der, authority().root.der});
    issuer_ = std::make_unique<issuer::UpstreamCmp>(
        std::move(upstream).value(),
        issuer::UpstreamWorld{store(), ca_, clock(), entropy(), after(), take_late(), complain()});
  }
  void forget() override { issuer_.reset(); }
  void hand_in() override {
    ca_.set_time(now());
    resume_due(*issuer_);
  }
  // But for our own.
  std::size_t of_status(std::optional<enrol::CertificateStatus> status) {
    const auto all = ca_.certificates();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const auto& c) { return c.der != ra_ && (!status || c.status == *status); }));
  }

  IssuerSays::Kind says_ = IssuerSays::Kind::issued;
  CaUpstream ca_;
  Bytes ra_;
  std::unique_ptr<issuer::UpstreamCmp> issuer_;
};

}  // namespace countersign::test
