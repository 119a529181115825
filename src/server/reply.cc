#include "server/reply.h"

#include <algorithm>

#include "crypto/mac.h"
#include "server/await.h"
#include "transaction/replies.h"

namespace countersign::server {
namespace {

// Null: it has none of its own, or one that cannot be used. Then nothing is served there, and the
// server itself says so.
std::shared_ptr<const CmpSigner> own_signer(const Engine& engine, const ReplyContext& context) {
  if (context.profile == nullptr || context.profile->signer.empty()) return nullptr;
  const auto signers = engine.profile_signers.get();
  if (signers == nullptr) return nullptr;
  const auto at = signers->find(context.profile->signer);
  return at == signers->end() ? nullptr : at->second.signer;
}

// Who has certificates of another authority trusts that one, and may trust it alone.
std::shared_ptr<const CmpSigner> signer_of(const Engine& engine, const ReplyContext& context) {
  if (auto own = own_signer(engine, context)) return own;
  const auto others = engine.authorities.get();
  if (others == nullptr || others->empty() || context.profile == nullptr)
    return engine.signer.get();
  const auto catalogue = engine.catalogue.get();
  const auto* usual = catalogue->ra_profile(context.profile->default_ra_profile);
  if (usual == nullptr || usual->authorities.empty()) return engine.signer.get();
  const auto first = others->find(usual->authorities.front());
  const bool signs = first != others->end() && first->second.signer != nullptr;
  return signs ? first->second.signer : engine.signer.get();
}

// The certificate of who signs is the first, whatever the profile leaves out: by what else would a
// signature be checked? RFC 9483 §3.3 [MUST] its chain follows it.
std::vector<Bytes> certificates_of(const Engine& engine, const ReplyContext& context,
                                   const CmpSigner& signer) {
  using transaction::ExtraCerts;
  const auto wanted =
      context.profile != nullptr ? context.profile->rules.extra_certs : ExtraCerts::chain;
  std::vector<Bytes> out = signer.extra_certs;
  if (wanted == ExtraCerts::signer) out.resize(1);
  if (wanted != ExtraCerts::chain_and_root) return out;
  const auto publications = engine.publications.get();
  const auto others = engine.authorities.get();
  Bytes root = signer.root;
  if (root.empty()) root = issuers_of(*publications, others.get(), out.front()).root;
  if (std::ranges::find(out, root) == out.end()) out.push_back(std::move(root));
  return out;
}

boost::asio::awaitable<Result<Bytes>> sign_reply(const Engine& engine, const ReplyContext& context,
                                                 message::PKIMessage reply) {
  const auto signer = signer_of(engine, context);
  reply.header.sender = x509::directory_name(signer->certificate.subject);
  // RFC 9483 §3.1 [MUST] senderKID is the SKI of the protection certificate
  reply.header.sender_kid.reset();
  if (!signer->key_id.empty()) reply.header.sender_kid = signer->key_id;
  std::vector<Bytes> extra = certificates_of(engine, context, *signer);
  for (Bytes& c : reply.extra_certs)
    if (std::ranges::find(extra, c) == extra.end()) extra.push_back(std::move(c));
  reply.extra_certs = std::move(extra);
  Bytes tbs = protect::prepare_signature(reply, signer->signer->algorithm());
  auto start = [&](Done<Bytes> done) { signer->signer->sign(std::move(tbs), std::move(done)); };
  CO_TRY(Bytes signature, co_await await_done<Bytes>(start));
  protect::attach_signature(reply, std::move(signature));
  co_return message::encode(reply);
}

// RFC 9483 §3.2 [MUST] as the request, but where the operator has it otherwise: RFC 9810 §5.1.3
// leaves it open.
bool goes_by_mac(const ReplyContext& context) noexcept {
  return context.mac_key != nullptr &&
         context.profile->response_protection == enrol::ResponseProtection::as_request;
}

bool names_one_of_ours(const Engine& engine, const x509::GeneralName& recipient) {
  const auto name = x509::directory_name(recipient);
  return name && is_issuer(*engine.publications.get(), engine.authorities.get().get(), *name);
}

Bytes poll_prf(const Secret& key, const TransactionId& id, View random) {
  auto mac = crypto::hmac(crypto::Digest::sha256, key.expose(), id.octets, random);
  mac.resize(8);
  return mac;
}

}  // namespace

message::PKIMessage answer_to(const Engine& engine, const ReplyContext& context, Nonce fresh_nonce,
                              Time now) {
  message::PKIMessage reply;
  reply.header.sender = x509::directory_name(signer_of(engine, context)->certificate.subject);
  reply.header.message_time = now;
  reply.header.sender_nonce = std::move(fresh_nonce);
  if (context.request == nullptr) return reply;
  const auto& request = *context.request;
  // RFC 9810 §7: the version of the request where we have it, else the nearest that we have
  reply.header.pvno = std::clamp<std::int64_t>(request.pvno, 2, 3);
  reply.header.recipient = request.sender;
  reply.header.transaction_id = request.transaction_id;
  reply.header.recip_nonce = request.sender_nonce;
  if (!goes_by_mac(context)) return reply;
  reply.header.sender_kid = request.sender_kid;
  // RFC 9483 §3.1 [MUST] by MAC: the name of the secret, as commonName of sender and as senderKID
  const bool by_the_letter = context.profile->rules.variant == message::Variant::lightweight;
  const auto reference = protect::reference_of(request);
  if (by_the_letter && reference)
    reply.header.sender = x509::directory_name(x509::common_name(*reference));
  // No certificate says who answers: who asked one of our CAs is answered in its name.
  else if (names_one_of_ours(engine, request.recipient))
    reply.header.sender = request.recipient;
  return reply;
}

boost::asio::awaitable<Result<Bytes>> seal_reply(const Engine& engine, const ReplyContext& context,
                                                 message::PKIMessage reply) {
  if (goes_by_mac(context)) {
    const auto done = protect::protect_with_mac(reply, *context.mac_key, engine.entropy);
    if (!done) co_return std::unexpected(done.error());
    co_return message::encode(reply);
  }
  if (context.authenticated || context.profile->sign_refusals)
    co_return co_await sign_reply(engine, context, std::move(reply));
  co_return message::encode(reply);
}

boost::asio::awaitable<Bytes> error_reply(const Engine& engine, const ReplyContext& context,
                                          const Error& error, Nonce fresh_nonce, Time now) {
  auto reply = answer_to(engine, context, std::move(fresh_nonce), now);
  const auto language = context.request != nullptr ? message::wanted_language(*context.request)
                                                   : message::Language::en;
  reply.body = {message::BodyType::error, transaction::error_content(error, language)};
  auto sealed = co_await seal_reply(engine, context, reply);
  if (sealed) co_return std::move(*sealed);
  engine.log({LogEvent::Level::error,
              "an error reply could not be signed",
              {},
              {},
              std::string(sealed.error().code),
              sealed.error().detail});
  reply.header_and_body.clear();
  reply.header.protection_alg.reset();
  co_return message::encode(reply);
}

Nonce derive_poll_nonce(const Secret& poll_key, const TransactionId& id, View eight_random) {
  Nonce nonce{copy(eight_random.first(8))};
  append(nonce.octets, poll_prf(poll_key, id, eight_random.first(8)));
  return nonce;
}

bool is_derived_poll_nonce(const Secret& poll_key, const TransactionId& id, const Nonce& nonce) {
  if (nonce.octets.size() != 16) return false;
  const View octets = nonce.octets;
  return equal_in_constant_time(poll_prf(poll_key, id, octets.first(8)), octets.subspan(8));
}

}  // namespace countersign::server
