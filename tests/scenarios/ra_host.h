// A registration authority whole, in one process: its responder over a real store, its issuer and
// its relay, and the server machine as its CA behind a wire that keeps all that goes up. Time is
// told: it goes on when nothing else is left to do.
#pragma once

#include "scenarios/engine_host.h"
#include "scenarios/upstream_host.h"
#include "transaction/confirmation.h"

namespace countersign::test {

class WholeRa : public Upstream {
 protected:
  using Adjust = std::function<void(issuer::Upstream&)>;
  using PKIMessage = message::PKIMessage;

  WholeRa() {
    wire_.server = [this](View request) { return answer_to(request); };
    ca_.add_credential(device_7());
    serve();
  }
  void serve(server::Relaying relaying = server::Relaying::updates, const Adjust& adjust = {}) {
    host_.reset();
    relay_.reset();
    open(adjust);
    relay_ = std::make_unique<issuer::Forwarder>(issuer_->upstream(), issuer_->world(),
                                                 issuer_->endpoints());
    host_ = std::make_unique<EngineHost>(folder_.path(), setting_, *issuer_, clock_, own_entropy_);
    host_->engine().relay = relay_.get();
    host_->engine().relaying = relaying;
    (void)host_->store().add_credential(device_7());
  }
  // Both know it: for what is passed on.
  static enrol::CredentialRecord device_7() {
    return make_credential({"device-7", "an agreed secret of some length", {}, "any"});
  }
  // The CA knows this authority by its certificate: what is in a nested message is approved.
  Bytes answer_to(View octets) {
    const auto m = message::parse_message(octets).value();
    const auto* nested = std::get_if<message::NestedMessageContent>(&m.body.content);
    if (nested == nullptr) return ca_.handle(octets, clock_.at);
    return ca_.handle(message::encode(nested->messages.at(0)), clock_.at);
  }

  Nonce nonce() {
    Nonce out{Bytes(16)};
    (void)own_entropy_.fill(out.octets);
    return out;
  }
  PKIMessage first(message::PKIBody body) {
    PKIMessage m;
    m.header.transaction_id = TransactionId{nonce().octets};
    m.header.sender_nonce = nonce();
    m.body = std::move(body);
    return m;
  }
  PKIMessage ir(const std::string& subject = "CN=device-7") {
    return first({message::BodyType::ir,
                  crmf::CertReqMessages{Device::request(0, subject, key_of("p256"))}});
  }
  PKIMessage next(const PKIMessage& last, message::PKIBody body) {
    PKIMessage m = first(std::move(body));
    m.header.transaction_id = last.header.transaction_id;
    m.header.recip_nonce = last.header.sender_nonce;
    return m;
  }
  static message::PKIBody confirmation(const PKIMessage& ip) {
    message::CertStatus status;
    const auto& response = std::get<message::CertRepMessage>(ip.body.content).response.at(0);
    status.cert_req_id = response.cert_req_id;
    status.cert_hash =
        transaction::certificate_hash(
            std::get<Bytes>(response.certified_key_pair.value().cert_or_enc_cert), {})
            .value();
    return {message::BodyType::certConf, message::CertConfirmContent{status}};
  }
  static message::PKIBody poll(RequestId which = kWholeMessage) {
    return {message::BodyType::pollReq, message::PollReqContent{{which}}};
  }

  // By a device with a secret, and its answer, checked by that secret or up to the root.
  PKIMessage ask(PKIMessage m, const std::string& operation = "") {
    const Bytes reply = exchange(Device({}).seal(std::move(m), clock_.at), operation);
    auto opened = Device({}).open(reply, clock_.at);
    if (!opened) throw std::runtime_error(std::string(opened.error().code));
    return std::move(*opened);
  }
  Bytes exchange(const Bytes& request, const std::string& operation = "") {
    std::optional<ports::Outbound> out;
    const auto guard = boost::asio::make_work_guard(host_->loop());
    host_->responder().handle({{"default", operation}, request, "127.0.0.1:1"},
                              [&out](Result<ports::Outbound> done) { out = std::move(*done); });
    host_->loop().restart();
    for (int idle = 0; !out && idle < 1000;) {
      const bool due = !tasks_.empty() && tasks_.begin()->first <= clock_.at;
      if (!due && host_->loop().run_one_for(std::chrono::milliseconds{10}) > 0) continue;
      ++idle;
      if (!tasks_.empty()) run_next();
    }
    if (!out) throw std::runtime_error("no reply");
    return std::move(out->body);
  }
  void run_next() {
    clock_.at = std::max(clock_.at, tasks_.begin()->first);
    auto task = std::move(tasks_.extract(tasks_.begin()).mapped());
    task();
  }

  // "ip accepted", "error waiting", "ip rejection badPOP".
  static std::string said(const PKIMessage& m) {
    std::string out(message::name(m.body.type));
    const message::PKIStatusInfo* status = nullptr;
    if (const auto* error = std::get_if<message::ErrorMsgContent>(&m.body.content))
      status = &error->status;
    if (const auto* rep = std::get_if<message::CertRepMessage>(&m.body.content))
      status = &rep->response.at(0).status;
    if (status == nullptr) return out;
    static constexpr const char* kStatus[] = {"accepted", "grantedWithMods", "rejection",
                                              "waiting"};
    out += std::string(" ") + kStatus[static_cast<int>(status->status)];
    if (status->fail_info)
      for (const Failure f : message::failures(*status->fail_info))
        out += " " + std::string(name(f));
    return out;
  }
  PKIMessage sent(std::size_t index) const {
    return message::parse_message(wire_.sent.at(index)).value();
  }

  TemporaryFolder folder_;
  CountingEntropy own_entropy_{31};
  std::unique_ptr<issuer::Forwarder> relay_;
  std::unique_ptr<EngineHost> host_;
};

}  // namespace countersign::test
