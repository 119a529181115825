// One client's messages to a server machine, written as short lines, and what comes of each:
//
//   conversation.does("ir 0 1")            "- | ask(0) ask(1)"
//   conversation.does("answer 0 issued 1") "- | issued(01) reserve"
//   conversation.does("answer 1 pending")  "ip 0:accepted 1:waiting caPubs confirm-by=300"
// (no caPubs under "ir 0 1 by=signature")
//
// Lines: rules …, ir|cr|kur|p10cr|rr|genm …, answer <index> issued
// <serial>|refused|pending|revoked| informed, certConf <id>:accept|reject …, pollReq <id> …, error,
// elapse <seconds since start>, at <seconds since start>. Words with '=' and the bare word implicit
// are options of a line. An error is "!<code> <failure>".
#pragma once

#include <map>
#include <sstream>

#include "authenticated.h"
#include "certificates.h"
#include "crypto/digest.h"
#include "transaction/codec.h"
#include "transaction/confirmation.h"
#include "wording.h"

namespace countersign::test {

struct Line {
  explicit Line(const std::string& text) {
    std::istringstream in(text);
    in >> verb;
    for (std::string word; in >> word;) {
      const auto equals = word.find('=');
      if (equals != std::string::npos)
        options[word.substr(0, equals)] = word.substr(equals + 1);
      else if (word == "implicit")
        options[word] = "yes";
      else
        words.push_back(word);
    }
  }
  std::string option(const std::string& name, const std::string& otherwise = "") const {
    const auto at = options.find(name);
    return at == options.end() ? otherwise : at->second;
  }
  bool has(const std::string& name) const { return options.contains(name); }

  std::string verb;
  std::vector<std::string> words;
  std::map<std::string, std::string> options;
};

inline transaction::CertificateOrder order_for(std::string modifications = {}) {
  transaction::CertificateOrder order;
  order.profile = "device";
  order.subject = x509::common_name("device");
  order.spki = copy(key_of("p256").public_key().spki());
  order.modifications = std::move(modifications);
  return order;
}

inline crmf::CertReqMessages requests(const std::vector<std::string>& ids) {
  crmf::CertReqMessages out;
  for (const auto& id : ids) {
    crmf::CertReqMsg r;
    r.cert_req.cert_req_id = RequestId{std::stoll(id)};
    r.cert_req.cert_template.subject = x509::common_name("device");
    r.cert_req.cert_template.public_key = copy(key_of("p256").public_key().spki());
    out.push_back(std::move(r));
  }
  return out;
}

class Conversation {
 public:
  transaction::Rules rules;
  transaction::Transaction state;
  Time now = kStart;
  std::optional<transaction::Reply> reply;  // the latest

  std::string does(const std::string& text) {
    const Line line(text);
    if (line.verb == "rules") return set_rules(line), "";
    if (line.verb == "answer") return run(answer(line), {});
    if (line.verb == "elapse" || line.verb == "at") {
      now = kStart + Seconds{std::stoll(line.words.at(0))};
      return line.verb == "at" ? "" : run(transaction::Elapsed{}, {});
    }
    return sends(line);
  }

 private:
  static transaction::Answer issued_or(const Line& line, const std::string& kind) {
    if (kind == "issued")
      return issued(static_cast<Byte>(std::stoi(line.words.at(2))), line.option("by", "p256"));
    if (kind == "pending")
      return transaction::Pending{Seconds{std::stoll(line.option("after", "60"))}};
    if (kind == "revoked") return transaction::Revoked{{0x05}};
    if (kind == "informed")
      return transaction::Informed{
          {message::make_info(message::it::caCerts, message::Certificates{{root_certificate()}})}};
    return transaction::Refused{
        {Failure::badCertTemplate, "profile.key-too-short", "use a longer key", "1024 bits"}};
  }
  static transaction::AnswerArrived answer(const Line& line) {
    return {static_cast<std::size_t>(std::stoul(line.words.at(0))),
            issued_or(line, line.words.at(1)),
            line.has("private-key") ? Bytes{0x30, 0x03, 0x02, 0x01, 0x02} : Bytes{}};
  }

  void set_rules(const Line& line) {
    using transaction::Unconfirmed;
    if (line.option("implicit") == "never") rules.implicit_confirm = false;
    rules.confirm_wait = Seconds{std::stoll(line.option("confirm-wait", "300"))};
    rules.longest_wait = Seconds{std::stoll(line.option("longest-wait", "2592000"))};
    rules.most_requests = std::stoul(line.option("most-requests", "100"));
    if (line.option("variant") == "lightweight") rules.variant = message::Variant::lightweight;
    rules.kur_revoke_old = line.option("kur-revoke-old") == "yes";
    const auto unconfirmed = line.option("unconfirmed", "revoke");
    rules.unconfirmed = unconfirmed == "keep"    ? Unconfirmed::keep
                        : unconfirmed == "alarm" ? Unconfirmed::alarm
                                                 : Unconfirmed::revoke;
  }

  message::PKIBody body(const Line& line) {
    using message::BodyType;
    const auto& words = line.words;
    const auto ids = words.empty() ? std::vector<std::string>{"0"} : words;
    if (line.verb == "ir") return {BodyType::ir, requests(ids)};
    if (line.verb == "cr") return {BodyType::cr, requests(ids)};
    if (line.verb == "kur") return {BodyType::kur, requests(ids)};
    if (line.verb == "p10cr") return {BodyType::p10cr, csr()};
    if (line.verb == "genm") return {BodyType::genm, message::InfoMsgContent{}};
    if (line.verb == "rr")
      return {BodyType::rr, message::RevReqContent(words.empty() ? 1 : std::stoul(words[0]))};
    if (line.verb == "pollReq") {
      message::PollReqContent content;
      for (const auto& id : words) content.push_back({RequestId{std::stoll(id)}});
      return {BodyType::pollReq, content};
    }
    if (line.verb == "certConf") return {BodyType::certConf, confirmation(line)};
    if (line.verb == "error") {
      message::ErrorMsgContent content;
      content.status = message::rejection(Failure::badRequest, "no");
      return {BodyType::error, content};
    }
    return {BodyType::pkiconf, message::PKIConfirmContent{}};
  }

  static const x509::CertificationRequest& csr() {
    static const auto request = make_csr("CN=device", key_of("p256"));
    return request;
  }

  // The certificate of the latest reply under that id; a client that lost it hashes nothing.
  Bytes certificate(RequestId id) const {
    const auto at = delivered_.find(id);
    if (at != delivered_.end()) return at->second;
    return delivered_.size() == 1 ? delivered_.begin()->second : Bytes{};
  }

  message::CertConfirmContent confirmation(const Line& line) const {
    message::CertConfirmContent out;
    for (const auto& word : line.words) {
      message::CertStatus status;
      status.cert_req_id = RequestId{std::stoll(word)};
      if (word.ends_with(":reject"))
        status.status_info = message::rejection(Failure::badCertTemplate, "not what I asked for");
      if (line.has("fail-info"))
        status.status_info = message::PKIStatusInfo{
            message::PKIStatus::accepted, {}, message::failure_bits(Failure::badRequest)};
      std::optional<der::AlgorithmIdentifier> named;
      if (line.has("hash-alg"))
        named = der::AlgorithmIdentifier{
            crypto::oid(*crypto::digest_from_name(line.option("hash-alg"))), {}};
      status.hash_alg = named;
      auto hash = transaction::certificate_hash(certificate(status.cert_req_id), named);
      status.cert_hash = hash ? std::move(*hash) : Bytes(32);
      if (line.option("hash") == "wrong") status.cert_hash[0] ^= 1;
      out.push_back(std::move(status));
    }
    return out;
  }

  message::PKIHeader header(const Line& line) {
    message::PKIHeader h;
    h.pvno = std::stoll(line.option("pvno", "2"));
    h.transaction_id = TransactionId{Bytes(16, 0x11)};
    h.sender_nonce = Nonce{Bytes(16, static_cast<Byte>(++count_))};
    const std::string nonce = line.option("nonce", server_nonce_.empty() ? "none" : "right");
    if (nonce == "right") h.recip_nonce = server_nonce_;
    if (nonce == "wrong") h.recip_nonce = Nonce{Bytes(16, 0xee)};
    if (nonce == "stored") h.recip_nonce = state.last_nonce;
    if (line.has("implicit"))
      h.general_info.push_back(
          message::make_info(message::it::implicitConfirm, message::NullValue{}));
    return h;
  }

  std::vector<std::expected<transaction::Order, Error>> verdicts(const Line& line,
                                                                 const message::PKIBody& b) const {
    std::size_t count = 1;
    if (const auto* list = std::get_if<crmf::CertReqMessages>(&b.content)) count = list->size();
    if (const auto* list = std::get_if<message::RevReqContent>(&b.content)) count = list->size();
    std::vector<std::expected<transaction::Order, Error>> out;
    for (std::size_t i = 0; i < count; ++i) {
      if (line.option("refuse") == std::to_string(i)) {
        out.push_back(fail(Failure::badPOP, "pop.signature", "sign it with the key"));
        continue;
      }
      auto order = order_for(line.option("modified"));
      if (line.has("replaces")) order.replaces = Bytes{0x05};
      order.updated_before = line.has("again");
      order.ignored = line.option("ignored");
      if (line.has("tokens")) order.tokens = {Bytes{static_cast<Byte>(0xa0 + i)}};
      if (b.type == message::BodyType::rr)
        out.push_back(transaction::RevocationOrder{{0x05}, 1, {}});
      else if (b.type == message::BodyType::genm)
        out.push_back(transaction::InformationOrder{});
      else
        out.push_back(std::move(order));
    }
    return out;
  }

  std::string sends(const Line& line) {
    message::PKIMessage m;
    m.header = header(line);
    m.body = body(line);
    auto ordered = transaction::phase(state) == transaction::Phase::fresh
                       ? verdicts(line, m.body)
                       : std::vector<std::expected<transaction::Order, Error>>{};
    derived_fits_ = m.header.recip_nonce && *m.header.recip_nonce == derived_nonce();
    const auto arrived = line.option("by") == "signature" ? authenticated_by_signature(std::move(m))
                                                          : authenticated(std::move(m));
    return run(transaction::Received{arrived}, std::move(ordered));
  }

  static Nonce derived_nonce() { return Nonce{Bytes(16, 0xdd)}; }

  std::string run(const transaction::Event& event,
                  std::vector<std::expected<transaction::Order, Error>> ordered) {
    const transaction::Facts facts{rules, Nonce{Bytes(16, static_cast<Byte>(0x80 + ++count_))},
                                   std::move(ordered), derived_fits_,
                                   RequestDigest{Bytes(32, static_cast<Byte>(count_))}};
    auto step = transaction::step(state, event, facts, now);
    derived_fits_ = false;
    if (!step)
      return "!" + std::string(step.error().code) + " " + std::string(name(step.error().failure));
    state = std::move(step->next);
    std::string out = "-";
    if (step->reply) {
      out = in_words(step->reply->body) + in_words(step->reply->general_info, kStart);
      take(*step->reply, facts.fresh_nonce);
    }
    const std::string effects = in_words(step->effects);
    return effects.empty() ? out : out + " | " + effects;
  }

  void take(const transaction::Reply& r, const Nonce& fresh) {
    reply = r;
    server_nonce_ = r.body.type == message::BodyType::pollRep ? derived_nonce() : fresh;
    const auto* content = std::get_if<message::CertRepMessage>(&r.body.content);
    if (content == nullptr) return;
    for (const auto& response : content->response)
      if (response.certified_key_pair)
        delivered_[response.cert_req_id] =
            std::get<message::CMPCertificate>(response.certified_key_pair->cert_or_enc_cert);
  }

  int count_ = 0;
  bool derived_fits_ = false;
  Nonce server_nonce_;
  std::map<RequestId, Bytes> delivered_;
};

// A case of a table: its name is a sentence, its lines are what is done and what comes of it.
struct Turn {
  const char* does;
  const char* gives;
};
struct Story {
  const char* sentence;
  std::vector<Turn> turns;
};
inline void PrintTo(const Story& story, std::ostream* out) { *out << story.sentence; }

}  // namespace countersign::test
