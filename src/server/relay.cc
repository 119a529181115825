// Messages that a registration authority passes on: all of them untouched (RFC 9483 §5.2.1), or
// with its protection added once it has validated them (§5.2.2.1). The answer goes back as it came,
// and is kept, so that the same message gets the same answer.
#include <algorithm>

#include "crypto/path.h"
#include "server/admission.h"
#include "server/await.h"
#include "server/evidence.h"
#include "server/request.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using message::BodyType;

boost::asio::awaitable<Result<Bytes>> pass_on(Engine& engine, ports::Relay::Item item) {
  auto start = [&](Done<Bytes> done) { engine.relay->forward(std::move(item), std::move(done)); };
  co_return co_await await_done<Bytes>(start);
}

// A wait goes on until it ends: what is said of it is no answer to keep.
bool is_worth_keeping(const message::PKIMessage& answer) {
  return answer.body.type != BodyType::pollRep && answer.body.type != BodyType::error;
}

// What the answer grants, as far as we can tell: so that its holder is known here.
void note_certificates(ports::Commit& commit, const message::PKIMessage& answer,
                       const crypto::TrustSet& ca, const std::string& sender,
                       const RequestDigest& digest, Time now) {
  const auto* content = std::get_if<message::CertRepMessage>(&answer.body.content);
  if (content == nullptr) return;
  int index = 0;
  for (const auto& r : content->response) {
    const auto* der = r.certified_key_pair
                          ? std::get_if<Bytes>(&r.certified_key_pair->cert_or_enc_cert)
                          : nullptr;
    if (der == nullptr) continue;
    const auto parsed = x509::parse_certificate(*der);
    // Whatever the protection of the answer: this is what that CA signed.
    if (!parsed || !crypto::validate_path({*der, {}, ca, now})) continue;
    enrol::CertificateRecord c = describe(*parsed);
    c.status = enrol::CertificateStatus::valid;
    c.sender = sender;
    c.request = digest;
    c.request_index = index++;
    c.issued_at = now;
    commit.certificates.push_back(std::move(c));
  }
}

bool asks_for_key(const message::PKIBody& body) {
  const auto* requests = std::get_if<crmf::CertReqMessages>(&body.content);
  return requests != nullptr && std::ranges::any_of(*requests, [](const crmf::CertReqMsg& r) {
           return enrol::asks_for_key(r.cert_req.cert_template);
         });
}

}  // namespace

bool is_relayed_unseen(const Engine& engine) noexcept {
  return engine.relay != nullptr &&
         (engine.relaying == Relaying::untouched || engine.relaying == Relaying::batched);
}

bool is_relayed(const Engine& engine, const message::PKIBody& body,
                bool known_transaction) noexcept {
  if (engine.relay == nullptr) return false;
  if (engine.relaying != Relaying::updates) return true;
  // RFC 9483 §5.2.3 [MUST NOT] a kur, or a request for a key, loses its protection. What follows
  // one has no transaction here.
  return body.type == BodyType::kur || asks_for_key(body) ||
         (!known_transaction && !opens_transaction(body.type));
}

boost::asio::awaitable<Result<Bytes>> Responder::relay_untouched(Request& request,
                                                                 const message::PKIMessage& m) {
  const ports::Endpoint& endpoint = request.in.endpoint;
  const RequestDigest digest = digest_of(endpoint, m);
  ports::Lookup lookup;
  lookup.digest = digest;
  CO_TRY(auto found, co_await load(engine_, std::move(lookup)));
  if (found.reply) co_return std::move(*found.reply);
  CO_TRY_VOID(check_load(engine_.store.pressure(), m.body.type));
  const auto how = engine_.relaying == Relaying::batched ? ports::Relay::How::batched
                                                         : ports::Relay::How::untouched;
  ports::Relay::Item item{m, how, request.in.endpoint.operation};
  CO_TRY(Bytes reply, co_await pass_on(engine_, std::move(item)));
  co_return co_await keep_relayed(request, std::move(reply), digest, {});
}

boost::asio::awaitable<Result<Bytes>> Responder::relay_vouched(
    Request& request, const message::AuthenticatedMessage& message, const Secret* secret) {
  const RequestDigest digest = digest_of(request.in.endpoint, message.value());
  ports::Relay::Item item{message.value(), ports::Relay::How::vouched_for,
                          request.in.endpoint.operation};
  if (secret != nullptr) item.secret = secret->clone();
  CO_TRY(Bytes reply, co_await pass_on(engine_, std::move(item)));
  co_return co_await keep_relayed(request, std::move(reply), digest, message.sender().identity);
}

boost::asio::awaitable<Result<Bytes>> Responder::keep_relayed(const Request& request, Bytes reply,
                                                              const RequestDigest& digest,
                                                              const std::string& sender) {
  CO_TRY(const auto answer, message::parse_message(reply));
  if (!is_worth_keeping(answer)) co_return reply;
  ports::Commit commit;
  commit.reply = ports::StoredReply{digest, reply, request.now + engine_.keep_replies};
  if (!sender.empty())
    note_certificates(commit, answer, engine_.trust.get()->own, sender, digest, request.now);
  enrol::AuditRow row;
  row.at = request.now;
  row.event = "relayed";
  row.transaction = request.header.transaction_id ? request.header.transaction_id->hex() : "";
  row.sender = sender;
  row.detail = message::name(answer.body.type);
  commit.audit.push_back(std::move(row));
  CO_TRY_VOID(co_await save(engine_, std::move(commit)));
  co_return reply;
}

}  // namespace countersign::server
