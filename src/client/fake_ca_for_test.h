// A CA behind a Transport, for tests of the client: MAC'd ir and kur to ip and kup, certConf to
// pkiConf, the same bytes to the same reply. At a chosen exchange it lets the client die: the
// request is lost, or its answer is.
#pragma once

#include <map>

#include "client/enrolment.h"
#include "client/identity.h"
#include "client/session.h"
#include "crypto/cms.h"
#include "crypto/key_package.h"
#include "crypto/os_entropy.h"
#include "crypto/sign.h"
#include "message/info_type.h"
#include "protect/mac_key.h"

namespace countersign::client {

struct FixedClock final : Clock {
  Time now() const noexcept override { return time; }
  Time time = from_unix(1'795'000'000);
};

struct FakeTimer final : Timer {
  explicit FakeTimer(FixedClock& of) : clock(of) {}
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> then) override {
    clock.time += std::chrono::ceil<Seconds>(delay);
    then();
  }
  FixedClock& clock;
};

class FakeCa final : public ports::Transport {
 public:
  enum class Loss { none, request, answer };

  explicit FakeCa(FixedClock& clock) : clock_(clock) { root = issue(name("Root"), key_, true); }

  void exchange(const ports::Target&, Bytes request, Seconds, Done<Bytes> done) override {
    const bool here = ++exchanges == lose_at;
    if (here && loss == Loss::request) return;  // the client is dead
    const auto known = replies_.find(request);
    if (known == replies_.end()) replies_[request] = answer(request);
    if (here && loss == Loss::answer) return;
    if (broken > 0) {
      --broken;
      return done(fail(Failure::systemUnavail, "transport.closed", "closed"));
    }
    done(replies_[request]);
  }

  Bytes root;
  std::string secret = "s";
  int issued = 0, confirmed = 0, exchanges = 0;
  int lose_at = 0;  // the how manieth exchange is the client's last
  Loss loss = Loss::none;
  int broken = 0;  // so many answers do not arrive
  int waits = 0;   // so many times the answer is that it is not decided yet
  bool refuse = false, wrong_key = false;

 private:
  static x509::Name name(const std::string& cn) { return x509::common_name(cn); }
  Bytes issue(const x509::Name& subject, const crypto::PrivateKey& key, bool ca) {
    return issue(subject, key.public_key().spki(), ca);
  }
  Bytes issue(const x509::Name& subject, View spki, bool ca) {
    x509::CertificateFields fields;
    fields.serial = {static_cast<Byte>(++serial_)};
    fields.signature_algorithm = key_.default_signature_algorithm();
    fields.issuer = name("Root");
    fields.subject = subject;
    fields.validity = {clock_.now() - Seconds{300}, clock_.now() + Seconds{86400L * 30}};
    fields.spki = copy(spki);
    if (ca) fields.extensions.push_back(x509::make_basic_constraints({true, {}}));
    fields.extensions.push_back(x509::make_subject_key_identifier(crypto::key_identifier(spki)));
    const Bytes tbs = x509::encode_tbs(fields);
    return x509::join_signed(tbs, fields.signature_algorithm,
                             crypto::sign(key_, fields.signature_algorithm, tbs).value());
  }

  message::PKIBody body_for(const message::PKIMessage& request) {
    if (request.body.type == message::BodyType::certConf) {
      ++confirmed;
      return {message::BodyType::pkiconf, message::PKIConfirmContent{}};
    }
    if (request.body.type == message::BodyType::pollReq) {
      if (--waits > 0)
        return {message::BodyType::pollRep, message::PollRepContent{{RequestId{0}, 60, {}}}};
      return grant(asked_);
    }
    asked_ = request.body;
    return grant(asked_);
  }

  message::PKIBody grant(const message::PKIBody& asked) {
    const auto& wish = std::get<crmf::CertReqMessages>(asked.content).front();
    message::CertRepMessage content;
    content.ca_pubs = {root};
    content.response = {{wish.cert_req.cert_req_id, {}, {}, {}}};
    const bool first = asked.type == message::BodyType::ir;
    if (waits > 0) {
      content.response[0].status.status = message::PKIStatus::waiting;
      return {first ? message::BodyType::ip : message::BodyType::kup, std::move(content)};
    }
    if (refuse) {
      content.response[0].status = message::rejection(Failure::badCertTemplate, "no");
    } else {
      ++issued;
      const auto& t = wish.cert_req.cert_template;
      const auto made = generate_key("p256").value();  // where the client sends none
      const View spki = t.public_key ? View(*t.public_key) : made.public_key().spki();
      message::CertifiedKeyPair pair{
          issue(*t.subject, wrong_key ? key_.public_key().spki() : spki, false), {}, {}};
      if (!t.public_key)
        pair.private_key = crmf::EncryptedKey{crmf::EnvelopedData{enveloped(made)}};
      content.response[0].certified_key_pair = std::move(pair);
    }
    return {first ? message::BodyType::ip : message::BodyType::kup, std::move(content)};
  }

  Bytes enveloped(const crypto::PrivateKey& made) {
    namespace cms = crypto::cms;
    const Secret package = crypto::key_package(made);
    const Bytes key_id = key_.public_key().key_identifier();
    const cms::Signing signing{cms::oids::key_package,
                               package.expose(),
                               key_id,
                               key_.default_signature_algorithm(),
                               {root},
                               clock_.now()};
    const auto signature =
        crypto::sign(key_, signing.algorithm, cms::to_be_signed(signing).value()).value();
    const Secret data = cms::signed_data(signing, signature).value();
    const Secret shared(view(secret));
    crypto::OsEntropy entropy;
    return cms::envelop(cms::oids::signed_data, data.expose(), cms::PasswordRecipient{shared, 1000},
                        entropy)
        .value();
  }

  Bytes answer(View octets) {
    const auto request = message::parse_message(octets).value();
    message::PKIMessage reply;
    reply.header.pvno = request.header.pvno;
    reply.header.sender = x509::directory_name(name("Root"));
    reply.header.recipient = request.header.sender;
    reply.header.message_time = clock_.now();
    reply.header.sender_kid = request.header.sender_kid;
    reply.header.transaction_id = request.header.transaction_id;
    reply.header.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(++nonces_))};
    reply.header.recip_nonce = request.header.sender_nonce;
    reply.body = body_for(request);
    const Secret shared(view(secret));
    crypto::OsEntropy entropy;
    const auto key = protect::derive_mac_key(*request.header.protection_alg, shared, true, {});
    protect::protect_with_mac(reply, key.value(), entropy).value();
    return message::encode(reply);
  }

  FixedClock& clock_;
  message::PKIBody asked_;
  crypto::PrivateKey key_ = generate_key("p256").value();
  std::map<Bytes, Bytes> replies_;
  int serial_ = 0, nonces_ = 0;
};

}  // namespace countersign::client
