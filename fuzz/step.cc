// The server machine under any sequence of events: octets choose bodies, ids, nonces, answers and
// the passing of time. It never throws; its state is always one that a store can keep; a
// certificate is confirmed or withdrawn once at most, and only after it was issued.
#include <cstdlib>
#include <set>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "tests/support/certificates.h"
#include "transaction/codec.h"
#include "transaction/confirmation.h"
#include "transaction/phase_table.h"

namespace {

using namespace countersign;
using namespace countersign::transaction;
using message::BodyType;

void demand(bool holds) {
  if (!holds) std::abort();
}

class Octets {
 public:
  explicit Octets(View data) : data_(data) {}
  bool more() const { return !data_.empty(); }
  unsigned next(unsigned choices = 256) {
    if (data_.empty()) return 0;
    const unsigned value = data_[0];
    data_ = data_.subspan(1);
    return value % choices;
  }

 private:
  View data_;
};

class Play {
 public:
  explicit Play(Octets& in) : in_(in) {
    rules_.implicit_confirm = in_.next(2) == 0;
    rules_.unconfirmed = static_cast<Unconfirmed>(in_.next(3));
    rules_.kur_revoke_old = in_.next(2) != 0;
    rules_.longest_wait = Seconds{1000};
    rules_.most_requests = 4;
  }

  void one_event() {
    switch (in_.next(4)) {
      case 0:
      case 1:
        return receive();
      case 2:
        return answer();
      default:
        now_ += Seconds{in_.next() * 4};
        return run(Elapsed{}, false);
    }
  }

 private:
  RequestId id() { return RequestId{static_cast<int>(in_.next(6)) - 1}; }

  message::CertConfirmContent confirmation() {
    message::CertConfirmContent out;
    for (unsigned n = in_.next(4); n > 0; --n) {
      message::CertStatus status;
      status.cert_req_id = id();
      const Byte serial = static_cast<Byte>(in_.next(8));
      constexpr std::array<const char*, 4> kDigests = {nullptr, "sha256", "sha1", "shake256"};
      if (const char* name = kDigests[in_.next(4)])
        status.hash_alg =
            der::AlgorithmIdentifier{crypto::oid(*crypto::digest_from_name(name)), {}};
      if (auto hash = certificate_hash(test::issued(serial).certificate, status.hash_alg))
        status.cert_hash = std::move(*hash);
      if (in_.next(2) != 0)
        status.status_info = message::rejection(static_cast<Failure>(in_.next(27)), "no");
      out.push_back(std::move(status));
    }
    return out;
  }

  message::BodyContent content(BodyType type) {
    static const auto csr = test::make_csr("CN=x", test::key_of("p256"));
    switch (type) {
      case BodyType::ir:
      case BodyType::cr:
      case BodyType::kur: {
        crmf::CertReqMessages out(in_.next(6));
        for (auto& r : out) r.cert_req.cert_req_id = id();
        return out;
      }
      case BodyType::p10cr:
        return csr;
      case BodyType::rr:
        return message::RevReqContent(in_.next(6));
      case BodyType::genm:
        return message::InfoMsgContent{};
      case BodyType::certConf:
        return confirmation();
      case BodyType::error:
        return message::ErrorMsgContent{};
      case BodyType::pollReq: {
        message::PollReqContent out(in_.next(4));
        for (auto& entry : out) entry.cert_req_id = id();
        return out;
      }
      default:
        return message::PKIConfirmContent{};
    }
  }

  message::PKIMessage arriving() {
    message::PKIMessage m;
    m.header.pvno = 2 + in_.next(2);
    m.header.transaction_id = TransactionId{Bytes(16, 1)};
    m.header.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(in_.next()))};
    constexpr std::array kBodies = {BodyType::ir,      BodyType::cr,       BodyType::p10cr,
                                    BodyType::kur,     BodyType::rr,       BodyType::genm,
                                    BodyType::pollReq, BodyType::certConf, BodyType::error};
    const unsigned choice = in_.next(36);
    m.body.type = choice < 27 ? static_cast<BodyType>(choice) : kBodies[choice - 27];
    m.body.content = content(m.body.type);
    const unsigned nonce = in_.next(4);
    if (nonce == 0 && !t_.last_nonce.empty()) m.header.recip_nonce = t_.last_nonce;
    if (nonce > 1) m.header.recip_nonce = Nonce{Bytes(16, static_cast<Byte>(nonce))};
    if (in_.next(2) != 0)
      m.header.general_info = {
          message::make_info(message::it::implicitConfirm, message::NullValue{})};
    return m;
  }

  // The encoding of most bodies that are refused by type alone does not matter here.
  void receive() {
    message::PKIMessage m = arriving();
    const bool derived = m.header.recip_nonce == Nonce{Bytes(16, 3)};
    const BodyType type = m.body.type;
    if (m.body.content.index() == message::BodyContent(message::PKIConfirmContent{}).index())
      m.body.type = BodyType::pkiconf;
    std::size_t count = 1;
    if (const auto* list = std::get_if<crmf::CertReqMessages>(&m.body.content))
      count = list->size();
    if (const auto* list = std::get_if<message::RevReqContent>(&m.body.content))
      count = list->size();
    const auto verdicts = verdicts_for(type, count);
    const auto arrived = test::authenticated(std::move(m));
    run(Received{arrived}, derived, verdicts);
  }

  std::vector<std::expected<Order, Error>> verdicts_for(BodyType type, std::size_t count) {
    std::vector<std::expected<Order, Error>> out;
    for (std::size_t i = 0; i < count; ++i) {
      if (in_.next(4) == 0) {
        out.push_back(fail(Failure::badPOP, "pop.signature", "no"));
        continue;
      }
      CertificateOrder order;
      if (in_.next(2) != 0) order.replaces = Bytes{0x60};
      if (in_.next(4) == 0) order.modifications = "shorter";
      if (type == BodyType::rr)
        out.push_back(RevocationOrder{{0x60}, 1, {}});
      else if (type == BodyType::genm)
        out.push_back(InformationOrder{});
      else
        out.push_back(std::move(order));
    }
    return out;
  }

  void answer() {
    const std::size_t index = in_.next(5);
    switch (in_.next(5)) {
      case 0:
        return run(AnswerArrived{index, test::issued(next_serial_++)}, false);
      case 1:
        return run(AnswerArrived{index, Refused{{Failure::badCertTemplate, "x.y", "no", {}}}},
                   false);
      case 2:
        return run(AnswerArrived{index, Pending{Seconds{in_.next()}}}, false);
      case 3:
        return run(AnswerArrived{index, Revoked{{0x60}}}, false);
      default:
        return run(AnswerArrived{index, Informed{}}, false);
    }
  }

  void run(const Event& event, bool derived,
           std::vector<std::expected<Order, Error>> verdicts = {}) {
    const Facts facts{rules_, Nonce{Bytes(16, static_cast<Byte>(0x10 + (++count_ & 0x3f)))},
                      std::move(verdicts), derived};
    auto result = step(t_, event, facts, now_);
    if (!result) {
      demand(!result.error().code.empty() && !result.error().reply_text.empty());
      demand(std::holds_alternative<Received>(event));
      return;
    }
    for (const Effect& effect : result->effects) check(effect);
    t_ = std::move(result->next);
    if (result->reply && result->reply->changes_state) demand(t_.last_nonce == facts.fresh_nonce);
    check_state();
    check_codec();
  }

  void check(const Effect& effect) {
    if (const auto* note = std::get_if<Note>(&effect)) {
      demand(!note->event.empty());
      if (note->event == "issued") demand(unconfirmed_.insert(note->serial).second);
    }
    if (const auto* e = std::get_if<Confirm>(&effect)) demand(unconfirmed_.erase(e->serial) == 1);
    if (const auto* e = std::get_if<Withdraw>(&effect)) demand(unconfirmed_.erase(e->serial) == 1);
    if (std::holds_alternative<ReserveUse>(effect)) demand(++reserved_ == 1);
    if (std::holds_alternative<GiveUseBack>(effect)) demand(--reserved_ == 0);
    if (const auto* e = std::get_if<ReserveToken>(&effect)) ++reserved_tokens_[e->digest];
    if (const auto* e = std::get_if<GiveTokenBack>(&effect))
      demand(--reserved_tokens_[e->digest] >= 0);
  }

  void check_state() const {
    bool delivered = false, waiting = false, accepted = false;
    for (const Request& r : t_.requests) {
      if (const auto* d = std::get_if<Delivered>(&r.state)) {
        delivered = true;
        demand(!d->certificate.empty() && !d->serial.empty());
      }
      waiting = waiting || std::holds_alternative<Asked>(r.state) ||
                std::holds_alternative<Answered>(r.state);
      const auto* settled = std::get_if<Settled>(&r.state);
      accepted = accepted || (settled != nullptr && settled->outcome == Outcome::accepted);
    }
    const Phase expected = t_.requests.empty() ? Phase::fresh
                           : delivered         ? Phase::confirming
                           : waiting           ? Phase::waiting
                                               : Phase::ended;
    demand(phase(t_) == expected && has_waiting(t_) == waiting);
    demand(!delivered || (t_.confirm_by && wake_at(t_)));
    if (expected == Phase::ended)
      demand(!wake_at(t_) && (reserved_ == 1) == (accepted && t_.mac_protected && enrols()) &&
             unconfirmed_.empty());
  }

  bool enrols() const { return t_.initial != BodyType::rr && t_.initial != BodyType::genm; }

  void check_codec() const {
    const Bytes stored = encode(t_);
    auto back = decode(stored);
    demand(back.has_value());
    const auto find = [](View serial) -> std::optional<StoredCertificate> {
      const auto known = test::issued(serial.empty() ? Byte{0} : serial[0]);
      return StoredCertificate{known.certificate, known.chain, known.root};
    };
    demand(restore(*back, find).has_value());
    demand(encode(*back) == stored && phase(*back) == phase(t_));
  }

  Octets& in_;
  Rules rules_;
  Transaction t_;
  Time now_ = test::kStart;
  std::set<Bytes> unconfirmed_;
  Byte next_serial_ = 1;
  int reserved_ = 0;
  std::map<Bytes, int> reserved_tokens_;
  unsigned count_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Octets in({data, size});
  Play play(in);
  for (int events = 0; in.more() && events < 64; ++events) play.one_event();
  return 0;
}
