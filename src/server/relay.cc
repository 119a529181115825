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

boost::asio::awaitable<Result<Bytes>> pass_on(ports::Relay& relay, ports::Relay::Item item) {
  auto start = [&](Done<Bytes> done) { relay.forward(std::move(item), std::move(done)); };
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
  int index = -1;
  for (const auto& r : content->response) {
    ++index;
    const auto* der = r.certified_key_pair
                          ? std::get_if<Bytes>(&r.certified_key_pair->cert_or_enc_cert)
                          : nullptr;
    if (der == nullptr) continue;
    const auto parsed = x509::parse_certificate(*der);
    // Whatever the protection of the answer: this is what that CA signed.
    const std::vector<View> between(answer.extra_certs.begin(), answer.extra_certs.end());
    if (!parsed || !crypto::validate_path({*der, between, ca, now})) continue;
    enrol::CertificateRecord c = describe(*parsed);
    c.status = enrol::CertificateStatus::valid;
    c.sender = sender;
    c.request = digest;
    c.request_index = index;
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

// RFC 9483 §4.1.6: a key is sealed for its requester under the secret that protects the request.
// Where this registration authority alone knows that, its CA can neither check nor use it.
bool ca_lacks_secret(const message::PKIBody& asked, const message::PKIBody& answered) {
  const auto* error = std::get_if<message::ErrorMsgContent>(&answered.content);
  if (error == nullptr || !asks_for_key(asked) || !error->status.fail_info) return false;
  const auto bits = message::failures(*error->status.fail_info);
  return std::ranges::find(bits, Failure::badMessageCheck) != bits.end();
}

std::string route_key(const std::string& endpoint, const message::Sender& sender,
                      const std::string& id) {
  return endpoint + '\0' + sender.identity + '\0' + id;
}

// That of who signs, else one that the message names.
const enrol::CertificateRecord* certificate_in_question(const ports::Snapshot& found,
                                                        const message::Sender& sender) {
  for (const auto& c : found.certificates)
    if (sender.certificate && equal(c.der, sender.certificate->der)) return &c;
  if (sender.certificate || found.certificates.empty()) return nullptr;
  return &found.certificates.front();
}

// Of who asks for a key: nobody is asked before the request is examined.
std::string authority_by_profile(const enrol::Catalogue& catalogue, const enrol::CmpProfile& at,
                                 const message::AuthenticatedMessage& message,
                                 const ports::Snapshot& found, const AuthoritiesInUse* others,
                                 const enrol::TrustRecord* anchor) {
  const enrol::Setting setting{.catalogue = catalogue, .profile = at, .our_issuers = {}};
  const enrol::Known known{.credential = found.credential ? &*found.credential : nullptr,
                           .anchor = anchor,
                           .certificates = found.certificates,
                           .tokens = found.tokens};
  const auto* profile = enrol::ra_profile_asked_for(message, setting, known);
  if (profile == nullptr) return {};
  return choose_authority(others, *profile).value_or(std::string());
}

// The server's own, or that of another authority; null: nothing can be passed on to it.
std::shared_ptr<ports::Relay> relay_of(const Engine& engine, const AuthoritiesInUse* others,
                                       const std::string& authority) {
  if (authority.empty()) return {std::shared_ptr<void>(), engine.relay};
  if (others == nullptr) return nullptr;
  const auto at = others->find(authority);
  return at == others->end() ? nullptr : at->second.relay;
}

}  // namespace

bool is_relayed_unseen(const Engine& engine) noexcept {
  return engine.relay != nullptr &&
         (engine.relaying == Relaying::untouched || engine.relaying == Relaying::batched);
}

// RFC 9483 §5.2.3 [MUST NOT] a kur, or a request for a key, loses its protection. What follows
// one has no transaction here.
Route route_of(Engine& engine, const enrol::Catalogue& catalogue, const std::string& endpoint,
               const message::AuthenticatedMessage& message, const ports::Snapshot& found,
               const enrol::TrustRecord* anchor, bool known) {
  const auto others = engine.authorities.get();
  const bool all_of_it = engine.relay != nullptr && engine.relaying != Relaying::updates;
  const bool nobody = engine.relay == nullptr && (others == nullptr || others->empty());
  if (!all_of_it && (known || nobody)) return {};
  const bool follows = !opens_transaction(message->body.type);
  const bool updates = message->body.type == BodyType::kur;
  if (!all_of_it && !follows && !updates && !asks_for_key(message->body)) return {};
  Route out;
  const auto& id = message->header.transaction_id;
  out.key = route_key(endpoint, message.sender(), id ? id->hex() : std::string());
  const auto* issued_here = certificate_in_question(found, message.sender());
  if (issued_here != nullptr) out.subscriber = issued_here->subscriber;
  if (found.credential) out.subscriber = found.credential->subscriber;
  const auto begun = follows ? engine.routes.find(out.key) : std::nullopt;
  if (begun) out.requests = begun->requests;
  if (!all_of_it) {
    if (issued_here != nullptr) out.authority = issued_here->authority;
    if (begun) out.authority = begun->authority;
    if (!follows && !updates)
      out.authority =
          authority_by_profile(catalogue, catalogue.endpoint_or_default(endpoint).profile, message,
                               found, others.get(), anchor);
  }
  out.relay = relay_of(engine, others.get(), out.authority);
  return out.relay != nullptr ? out : Route{};
}

void take_orders(Route& route, const Engine& engine, const ports::Snapshot& found,
                 std::vector<enrol::Verdict>& verdicts) {
  const auto others = engine.authorities.get();
  for (auto& verdict : verdicts) {
    const auto* order = verdict ? std::get_if<transaction::CertificateOrder>(&*verdict) : nullptr;
    if (order == nullptr) continue;
    route.requests.push_back({order->profile, order->subscriber});
    const auto updated = std::ranges::find_if(found.certificates, [&](const auto& c) {
      return order->replaces && equal(c.serial, *order->replaces);
    });
    if (updated == found.certificates.end() || engine.relaying != Relaying::updates) continue;
    route.authority = updated->authority;
    route.relay = relay_of(engine, others.get(), route.authority);
    if (route.relay != nullptr && is_spent(others.get(), route.authority))
      verdict = std::unexpected(spent_authority(order->profile));
  }
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
  CO_TRY(Bytes reply, co_await pass_on(*engine_.relay, std::move(item)));
  const Route route;
  co_return co_await keep_relayed(request, std::move(reply), digest, {}, route);
}

boost::asio::awaitable<Result<Bytes>> Responder::relay_vouched(
    Request& request, const message::AuthenticatedMessage& message, const Route& route,
    const Secret* secret) {
  const RequestDigest digest = digest_of(request.in.endpoint, message.value());
  ports::Relay::Item item{message.value(), ports::Relay::How::vouched_for,
                          request.in.endpoint.operation};
  if (secret != nullptr) item.secret = secret->clone();
  engine_.routes.put(route.key, {route.authority, route.requests});
  CO_TRY(Bytes reply, co_await pass_on(*route.relay, std::move(item)));
  if (secret != nullptr) {
    CO_TRY(const auto answer, message::parse_message(reply));
    if (ca_lacks_secret(message->body, answer.body))
      co_return fail(Failure::badRequest, "server.key-under-secret",
                     "the CA behind this registration authority makes the key, and does not know "
                     "the secret that the key would be sealed with; sign the request with a "
                     "certificate, or make the key yourself");
  }
  co_return co_await keep_relayed(request, std::move(reply), digest, message.sender().identity,
                                  route);
}

boost::asio::awaitable<Result<Bytes>> Responder::keep_relayed(const Request& request, Bytes reply,
                                                              const RequestDigest& digest,
                                                              const std::string& sender,
                                                              const Route& route) {
  CO_TRY(const auto answer, message::parse_message(reply));
  if (!is_worth_keeping(answer)) co_return reply;
  ports::Commit commit;
  commit.reply = ports::StoredReply{digest, reply, request.now + engine_.keep_replies};
  if (!sender.empty())
    note_certificates(commit, answer, engine_.trust.get()->own, sender, digest, request.now);
  for (auto& c : commit.certificates) {
    const auto index = static_cast<std::size_t>(c.request_index);
    c.authority = route.authority;
    c.subscriber = route.subscriber;
    if (index >= route.requests.size()) continue;
    c.profile = route.requests[index].profile;
    c.subscriber = route.requests[index].subscriber;
  }
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
