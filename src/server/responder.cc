#include "server/responder.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>

#include "crypto/digest.h"
#include "server/admission.h"
#include "server/adoption.h"
#include "server/await.h"
#include "server/devices.h"
#include "server/evidence.h"
#include "server/networks.h"
#include "server/request.h"
#include "server/settle.h"

namespace countersign::server {
namespace {

using message::BodyType;

constexpr int kTries = 3;  // after a commit that lost a race, or made the signer known
constexpr std::string_view kAdopted = "server.adopted";  // nobody outside hears of it
// About 200 µs of SHA-256: more is done on the slow pool.
constexpr std::int64_t kMostIterationsOnLoop = 1000;

// Under which a message's secret is looked up, as something short that can be kept; nullopt: it is
// not proved by one.
std::optional<std::string> secret_reference(const message::PKIHeader& header,
                                            const protect::Evidence& known) {
  const bool by_mac = header.protection_alg &&
                      protect::proof_kind(*header.protection_alg) == message::ProofKind::mac;
  const auto reference =
      by_mac && !known.reference ? protect::reference_of(header) : known.reference;
  if (!reference) return std::nullopt;
  return to_hex(crypto::sha256(view(*reference)));
}

bool begins_again(const Error& error) {
  return error.code == "store.conflict" || error.code == kAdopted;
}

bool is_strangers(const Error& error) {
  return error.code == "protect.signer-untrusted" || error.code == "protect.signer-unknown" ||
         error.code == "protect.signer-elsewhere" || error.code == "crypto.path-no-anchor";
}

void note_stranger(Engine& engine, const ports::Inbound& in, Time now) {
  if (const auto m = message::parse_message(in.body))
    engine.strangers.note(m->extra_certs, in.endpoint.profile, in.peer, now);
}

Result<> check_back_off(BackOff& back_off, const std::string& reference, const std::string& source,
                        Time now) {
  const auto wait = back_off.must_wait(reference, source, now);
  if (!wait) return {};
  // As for a wrong one: who guesses learns nothing of what it has sent now.
  return fail(Failure::badMessageCheck, "server.back-off",
              "too many messages under this reference did not prove its secret; wait " +
                  std::to_string(wait->count()) + " seconds, and check the secret meanwhile");
}

// Short, and chosen by a person.
bool is_guessable(const Secret* secret, bool made_by_us) {
  constexpr std::size_t kHardToGuess = 16;  // octets
  return secret != nullptr && !made_by_us && secret->size() < kHardToGuess;
}

void note_guess(BackOff& back_off, const std::string& reference, const std::string& source,
                const Result<protect::Authentication>& proof, const protect::Evidence& known,
                Time now) {
  if (proof) return back_off.succeeded(reference, source);
  if (proof.error().code != "protect.mac-mismatch") return;
  const auto& secret = known.secret;
  const bool guessable = secret && (is_guessable(secret->secret, secret->made_by_us) ||
                                    is_guessable(secret->former, secret->former_made_by_us));
  back_off.failed(reference, source, guessable ? Guessable::yes : Guessable::no, now);
}

// Whoever has proved a secret may learn where it may be used.
Result<> check_secret(const std::optional<enrol::CredentialRecord>& credential,
                      const message::Sender& sender, const std::string& peer) {
  if (sender.proof != message::ProofKind::mac || !credential) return {};
  return check_network(*credential, peer);
}

// One that is refused takes the others of its message with it: a message is passed on whole.
bool refused_as_a_whole(transaction::Facts& facts) {
  const auto refused = std::ranges::find_if(facts.verdicts, [](const auto& v) { return !v; });
  if (refused == facts.verdicts.end()) return false;
  const Error why = refused->error();
  for (auto& verdict : facts.verdicts)
    if (verdict) verdict = std::unexpected(why);
  return true;
}

}  // namespace

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
  request.catalogue = engine_.catalogue.get();
  request.now = engine_.clock.now();
  request.nonce = fresh_nonce();
  auto reply = co_await answer(request);
  if (reply) co_return ports::Outbound{200, std::move(*reply), {}, {}};
  if (reply.error().code == "server.busy") {
    co_await record_refusal(request, reply.error());
    co_return ports::Outbound{503, {}, reply.error().reply_text + "\n", Seconds{1}};
  }
  ports::Outbound out;  // RFC 9811 §3.4: CMP errors are HTTP 200 like every CMP reply
  out.body = co_await refuse(request, reply.error());
  co_return out;
}

boost::asio::awaitable<Bytes> Responder::refuse(const Request& request, const Error& error) {
  co_await record_refusal(request, error);
  const ReplyContext context = request.context();
  co_return co_await error_reply(engine_, context, error, request.nonce, request.now);
}

boost::asio::awaitable<Result<Bytes>> Responder::answer(Request& request) {
  for (int tries = 0; tries < kTries; ++tries) {
    auto reply = co_await answer_once(request);
    if (reply || !begins_again(reply.error())) co_return reply;
    request.mac_key.reset();
    request.sender.clear();
  }
  co_return fail(Failure::systemUnavail, "server.contended",
                 "other messages of this transaction are being answered; send it again");
}

// The path: parse, answered already?, authenticate, load; then decide().
boost::asio::awaitable<Result<Bytes>> Responder::answer_once(Request& request) {
  const ports::Endpoint& endpoint = request.in.endpoint;
  auto parsed = message::parse_message(request.in.body, request.profile().limits);
  if (!parsed) {
    salvage(request);
    co_return std::unexpected(std::move(parsed).error());
  }
  message::PKIMessage m = std::move(*parsed);
  request.header = m.header;
  request.parsed = true;
  CO_TRY_VOID(check_open(request.endpoint()));
  CO_TRY_VOID(check_signer(engine_, request.profile()));
  CO_TRY_VOID(check_form(request.profile(), m));
  if (is_relayed_unseen(engine_)) co_return co_await relay_untouched(request, m);
  if (m.body.type == BodyType::nested) co_return co_await answer_nested(request, std::move(m));
  CO_TRY_VOID(check_label(endpoint, m.body));
  // RFC 9810 §5.1.1: a first message without transactionID gets one from us
  if (!request.header.transaction_id)
    request.header.transaction_id = TransactionId{fresh_nonce().octets};

  const RequestDigest digest = digest_of(endpoint, m);
  std::string key = endpoint.profile + '\0' + request.header.transaction_id->hex();
  const auto turn = co_await engine_.turnstile.enter(std::move(key));
  auto lookup = first_lookup(endpoint, m, digest);
  CO_TRY(auto found, co_await load(engine_, std::move(lookup)));
  if (found.reply) co_return std::move(*found.reply);
  if (found.answered_before) co_return std::unexpected(answered_long_ago(found, digest));
  CO_TRY_VOID(check_load(engine_.store.pressure(), m.body.type));

  CO_TRY_VOID(co_await look_up_by_body(request, m, found));
  auto transactions = open_transactions(engine_, found);
  const auto trust = engine_.trust.get();
  auto known_of_sender = evidence(*trust, request.endpoint(), found, transactions, request.now);
  known_of_sender.reference = request.secret;
  CO_TRY(const auto message, co_await authenticate(request, std::move(m), known_of_sender));
  if (request.by_former) take_former_secret(found);
  CO_TRY_VOID(check_secret(found.credential, message.sender(), request.in.peer));
  CO_TRY_VOID(check_sender(request.profile(), message, found.certificates));
  const auto* anchor = anchor_of(foreign_trust(*trust, request.profile()), message.sender());
  if (auto record = to_be_adopted(engine_, message, anchor, found, request.now)) {
    const auto& id = *request.header.transaction_id;
    auto commit = adoption_of(*std::move(record), message.sender(), id, request.now);
    CO_TRY_VOID(co_await save(engine_, std::move(commit)));
    co_return fail(Failure::systemUnavail, kAdopted, "the signer's certificate is known now");
  }
  const Naming naming{message, *request.catalogue, request.profile(), anchor, request.now};
  CO_TRY_VOID(co_await look_up_named(engine_, naming, found));
  const Looked looked{found, transactions, anchor, digest};
  co_return co_await decide(request, message, looked);
}

// Who sent it is known, and what there is to know: facts, step, protect, one commit.
boost::asio::awaitable<Result<Bytes>> Responder::decide(
    Request& request, const message::AuthenticatedMessage& message, const Looked& looked) {
  const ports::Endpoint& endpoint = request.in.endpoint;
  const std::string& sender = message.sender().identity;
  const auto mine = std::ranges::find_if(
      looked.transactions, [&](const OpenTransaction& t) { return t.record.sender == sender; });
  const bool known = mine != looked.transactions.end();
  Route route = route_of(engine_, *request.catalogue, endpoint.profile, message, looked.found,
                         looked.anchor, known);
  auto facts = facts_of(request, message, looked, route, known);
  if (route.relay != nullptr) take_orders(route, engine_, looked.found, facts.verdicts);
  log_refusals(request, facts);
  // RFC 9483 §5.2.2.1: our protection says that we have validated and approved it; §3.6.2 [MUST]
  // what we have not is refused in the response of its own kind
  const auto& credential = looked.found.credential;
  const Secret* secret = request.mac_key && credential ? &credential->secret : nullptr;
  if (route.relay != nullptr && !refused_as_a_whole(facts))
    co_return co_await relay_vouched(request, message, route, secret);
  transaction::Transaction state;
  if (known)
    state = std::move(mine->state);
  else
    state.origin = looked.digest;
  const transaction::Event event{transaction::Received{message}};
  const TransactionId& id = *request.header.transaction_id;
  const auto orders = order_key(endpoint.profile, sender, id);
  const KeyRequester requester{message.sender(), credential ? &credential->secret : nullptr,
                               message->header.pvno, request.in.peer};
  CO_TRY(auto outcome,
         co_await settle(engine_, std::move(state), event, facts, orders, request.now, &requester));

  const bool changes = outcome.reply->changes_state;
  CO_TRY(Bytes sealed, co_await seal(request, std::move(*outcome.reply)));
  if (!changes) co_return sealed;
  const CommitContext context{endpoint.profile, sender, message.sender().reference, id,
                              known ? mine->record.version : 0};
  auto commit = make_commit(engine_, outcome, context, request.now);
  commit.reply = ports::StoredReply{looked.digest, sealed, request.now + engine_.keep_replies};
  note_approval(commit, request.approved_by);
  const bool revokes = revokes_something(commit);
  CO_TRY_VOID(co_await save(engine_, std::move(commit)));
  if (revokes) engine_.revoked();
  co_return sealed;
}

boost::asio::awaitable<Result<>> Responder::look_up_by_body(Request& request,
                                                            const message::PKIMessage& m,
                                                            ports::Snapshot& found) {
  request.secret = reference_in_body(request.profile(), m, found);
  if (!request.secret) co_return Result<>{};
  ports::Lookup lookup;
  lookup.reference = request.secret;
  CO_TRY(auto more, co_await load(engine_, std::move(lookup)));
  found.credential = std::move(more.credential);
  co_return Result<>{};
}

boost::asio::awaitable<Result<message::AuthenticatedMessage>> Responder::authenticate(
    Request& request, message::PKIMessage m, const protect::Evidence& known) {
  const protect::Authenticator authenticator(request.profile().protection, engine_.keys,
                                             engine_.paths, engine_.derived);
  const bool costly = m.header.protection_alg &&
                      protect::iterations_of(*m.header.protection_alg) > kMostIterationsOnLoop;
  auto prove = [&] { return authenticator.authenticate(std::move(m), known, request.now); };
  const std::string source = request.in.peer.substr(0, request.in.peer.rfind(':'));
  const auto reference = source.empty() ? std::nullopt : secret_reference(m.header, known);
  if (reference) CO_TRY_VOID(check_back_off(engine_.back_off, *reference, source, request.now));
  std::optional<Result<protect::Authentication>> proof;
  if (costly)
    proof = co_await engine_.costly.run<protect::Authentication>(request.in.peer, prove);
  else
    proof = prove();
  if (reference) note_guess(engine_.back_off, *reference, source, *proof, known, request.now);
  if (!*proof && is_strangers(proof->error())) note_stranger(engine_, request.in, request.now);
  if (!*proof) co_return std::unexpected(std::move(*proof).error());
  request.mac_key = std::move((*proof)->mac_key);
  request.by_former = (*proof)->by_former;
  request.sender = (*proof)->message.sender().identity;
  co_return std::move((*proof)->message);
}

// What was looked up and verified, for the machine.
transaction::Facts Responder::facts_of(const Request& request,
                                       const message::AuthenticatedMessage& message,
                                       const Looked& looked, const Route& route, bool known) {
  const enrol::CmpProfile& profile = request.profile();
  transaction::Facts facts{profile.rules, request.nonce, {}, false};
  facts.message = looked.digest;
  facts.language = message::wanted_language(message->header);
  if (known) {
    if (const auto& nonce = message->header.recip_nonce)
      facts.derived_nonce_fits =
          is_derived_poll_nonce(engine_.poll_key, *request.header.transaction_id, *nonce);
    return facts;
  }
  const Situation situation{*request.catalogue, profile, request.in.transport,
                            route.relay != nullptr};
  facts.verdicts =
      verdicts_on(engine_, situation, message, looked.found, looked.anchor, request.now);
  return facts;
}

boost::asio::awaitable<Result<Bytes>> Responder::seal(Request& request, transaction::Reply answer) {
  if (answer.body.type == BodyType::pollRep)
    request.nonce =
        derive_poll_nonce(engine_.poll_key, *request.header.transaction_id, request.nonce.octets);
  const ReplyContext context = request.context();
  auto reply = answer_to(engine_, context, request.nonce, request.now);
  reply.header.pvno = request.header.pvno;
  reply.header.general_info = std::move(answer.general_info);
  reply.body = std::move(answer.body);
  reply.extra_certs = std::move(answer.extra_certs);
  co_return co_await seal_reply(engine_, context, std::move(reply));
}

// What is refused in a response of its own kind has its row in the audit by the machine.
void Responder::log_refusals(const Request& request, const transaction::Facts& facts) const {
  for (const auto& verdict : facts.verdicts)
    if (!verdict)
      engine_.log({LogEvent::Level::info, "refused: " + verdict.error().reply_text,
                   request.header.transaction_id->hex(), request.in.peer,
                   std::string(verdict.error().code), verdict.error().detail});
}

// So that the answer to what cannot be read names its transaction, if that can.
void Responder::salvage(Request& request) {
  auto header = message::salvage_header(request.in.body);
  if (!header) return;
  request.header = std::move(*header);
  request.parsed = true;
}

Nonce Responder::fresh_nonce() {
  Nonce nonce{Bytes(16)};
  // A machine without randomness cannot serve: better to stop than to repeat nonces.
  if (!engine_.entropy.fill(nonce.octets)) throw std::runtime_error("no randomness");
  return nonce;
}

// Whoever has proved itself gets a row of its own in the audit; the others are summed.
boost::asio::awaitable<void> Responder::record_refusal(const Request& request, const Error& error) {
  const std::string id =
      request.header.transaction_id ? request.header.transaction_id->hex() : std::string();
  engine_.log({LogEvent::Level::info, "refused: " + error.reply_text, id, request.in.peer,
               std::string(error.code), error.detail});
  if (error.code == "server.busy") co_return;
  if (request.sender.empty()) {
    engine_.refusals.count(error.code);
    co_return;
  }
  enrol::AuditRow row;
  row.at = request.now;
  row.event = "refused";
  row.transaction = id;
  row.sender = request.sender;
  row.code = error.code;
  row.detail = error.reply_text;
  ports::Commit commit;
  commit.audit.push_back(std::move(row));
  // The refusal stands whether or not it could be written down; a full store says so itself.
  (void)co_await save(engine_, std::move(commit));
}

}  // namespace countersign::server
