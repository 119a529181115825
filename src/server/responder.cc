#include "server/responder.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>

#include "crypto/digest.h"
#include "enrol/examine.h"
#include "server/admission.h"
#include "server/await.h"
#include "server/evidence.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using message::BodyType;

constexpr int kTries = 3;  // after a commit that lost a race

}  // namespace

struct Responder::Request {
  ports::Inbound in;
  message::PKIHeader header;  // as far as it is known, for replies and logs
  bool parsed = false;
  std::optional<protect::MacKey> mac_key;
  bool authenticated = false;
  Time now{};
  Nonce nonce;

  ReplyContext context() const {
    return {parsed ? &header : nullptr, mac_key ? &*mac_key : nullptr, authenticated};
  }
};

void Responder::handle(ports::Inbound in, Done<ports::Outbound> done) {
  boost::asio::co_spawn(
      loop_, respond(std::move(in)),
      [done = std::move(done)](const std::exception_ptr& broken, ports::Outbound out) mutable {
        if (broken) std::rethrow_exception(broken);
        done(std::move(out));
      });
}

boost::asio::awaitable<ports::Outbound> Responder::respond(ports::Inbound in) {
  Request request;
  request.in = std::move(in);
  request.now = engine_.clock.now();
  request.nonce = fresh_nonce();
  auto reply = co_await answer(request);
  if (reply) co_return ports::Outbound{200, std::move(*reply), {}, {}};
  log_refusal(request, reply.error());
  if (reply.error().code == "server.busy")
    co_return ports::Outbound{503, {}, reply.error().reply_text + "\n", Seconds{1}};
  // RFC 9811 §3.4: CMP errors are HTTP 200 like every CMP reply
  const ReplyContext context = request.context();
  ports::Outbound out;
  out.body = co_await error_reply(engine_, context, reply.error(), request.nonce, request.now);
  co_return out;
}

boost::asio::awaitable<Result<Bytes>> Responder::answer(Request& request) {
  if (auto salvaged = message::salvage_header(request.in.body)) {
    request.header = std::move(*salvaged);
    request.parsed = true;
  }
  for (int tries = 0; tries < kTries; ++tries) {
    auto reply = co_await answer_once(request);
    if (reply || reply.error().code != "store.conflict") co_return reply;
    request.mac_key.reset();
    request.authenticated = false;
  }
  co_return fail(Failure::systemUnavail, "server.contended",
                 "other messages of this transaction are being answered; send it again");
}

// The path: parse, answered already?, authenticate, load, facts, step, protect, one commit.
boost::asio::awaitable<Result<Bytes>> Responder::answer_once(Request& request) {
  const ports::Endpoint& endpoint = request.in.endpoint;
  CO_TRY(auto m, message::parse_message(request.in.body, engine_.profile.limits));
  request.header = m.header;
  request.parsed = true;
  CO_TRY_VOID(protect::check_header(m));
  CO_TRY_VOID(check_label(endpoint, m.body));
  if (busy(engine_.store.pressure(), opens_transaction(m.body.type)))
    co_return fail(Failure::systemUnavail, "server.busy",
                   "this server is busy; send the same request again in a second");
  // RFC 9810 §5.1.1: a first message without transactionID gets one from us
  if (!request.header.transaction_id)
    request.header.transaction_id = TransactionId{fresh_nonce().octets};
  const TransactionId id = *request.header.transaction_id;

  const RequestDigest digest = digest_of(endpoint, m);
  std::string key = endpoint.profile + '\0' + id.hex();
  const auto turn = co_await engine_.turnstile.enter(std::move(key));
  auto lookup = first_lookup(endpoint, m, digest);
  CO_TRY(auto found, co_await load(engine_, std::move(lookup)));
  if (found.reply) co_return std::move(*found.reply);
  if (found.answered_before) co_return std::unexpected(answered_long_ago(found, digest));

  auto transactions = open_transactions(engine_, found);
  const auto trust = engine_.trust.get();
  const protect::Authenticator authenticator(engine_.profile.protection, engine_.keys,
                                             engine_.paths);
  const auto known_of_sender = evidence(*trust, found, transactions, request.now);
  CO_TRY(auto proof, authenticator.authenticate(std::move(m), known_of_sender, request.now));
  const auto& sender = proof.message.sender();
  request.mac_key = std::move(proof.mac_key);
  request.authenticated = true;
  CO_TRY_VOID(check_standing(proof.message));

  if (auto further = second_lookup(proof.message.value())) {
    CO_TRY(auto named, co_await load(engine_, std::move(*further)));
    std::ranges::move(named.certificates, std::back_inserter(found.certificates));
  }

  const auto mine = std::ranges::find_if(
      transactions, [&](const OpenTransaction& t) { return t.record.sender == sender.identity; });
  const bool known = mine != transactions.end();
  const auto& header = proof.message->header;
  transaction::Facts facts{engine_.profile.rules, request.nonce, {}, false};
  if (!known) {
    const enrol::Setting setting{
        enrol::built_in_templates(),    template_of(endpoint, engine_.profile),
        engine_.profile.duplicate_keys, engine_.profile.backdate,
        engine_.profile.protection,     engine_.issuer_name};
    const enrol::Known names{found.credential ? &*found.credential : nullptr,
                             anchor_of(*trust, sender), found.certificates};
    facts.verdicts = enrol::examine(proof.message, setting, names, engine_.keys, request.now);
  } else if (header.recip_nonce) {
    facts.derived_nonce_fits = is_derived_poll_nonce(engine_.poll_key, id, *header.recip_nonce);
  }
  transaction::Transaction state;
  if (known)
    state = std::move(mine->state);
  else
    state.origin = digest;
  const transaction::Event event{transaction::Received{proof.message}};
  const std::string order_id = order_id_of(endpoint, sender.identity, id);
  CO_TRY(auto outcome,
         co_await settle(engine_, std::move(state), event, facts, order_id, request.now));

  const bool changes = outcome.reply->changes_state;
  if (outcome.reply->body.type == BodyType::pollRep)
    request.nonce = derive_poll_nonce(engine_.poll_key, id, request.nonce.octets);
  auto reply = answer_to(engine_, request.context(), request.nonce, request.now);
  reply.header.pvno = header.pvno;
  reply.header.general_info = std::move(outcome.reply->general_info);
  reply.body = std::move(outcome.reply->body);
  reply.extra_certs = std::move(outcome.reply->extra_certs);
  const ReplyContext reply_context = request.context();
  CO_TRY(Bytes sealed, co_await seal_reply(engine_, reply_context, std::move(reply)));
  if (!changes) co_return sealed;

  const CommitContext context{endpoint.profile, sender.identity, sender.reference, id,
                              known ? mine->record.version : 0};
  auto commit = make_commit(engine_, outcome, context, request.now);
  commit.reply = ports::StoredReply{digest, sealed, request.now + engine_.profile.keep_replies};
  const bool revokes = revokes_something(commit);
  const auto committed = co_await save(engine_, std::move(commit));
  if (!committed) co_return std::unexpected(committed.error());
  if (revokes) engine_.revoked();
  co_return sealed;
}

Nonce Responder::fresh_nonce() {
  Nonce nonce{Bytes(16)};
  // A machine without randomness cannot serve: better to stop than to repeat nonces.
  if (!engine_.entropy.fill(nonce.octets)) throw std::runtime_error("no randomness");
  return nonce;
}

void Responder::log_refusal(const Request& request, const Error& error) {
  engine_.log({LogEvent::Level::info, "refused: " + error.reply_text,
               request.header.transaction_id ? request.header.transaction_id->hex() : "",
               request.in.peer, std::string(error.code), error.detail});
}

}  // namespace countersign::server
