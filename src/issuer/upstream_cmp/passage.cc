#include "issuer/upstream_cmp/passage.h"

#include <algorithm>

#include "issuer/upstream_cmp/wire_failure.h"
#include "protect/protection_table.h"

namespace countersign::issuer {
namespace {

using std::chrono::milliseconds;

}  // namespace

Done<Bytes> Passage::on_loop(std::move_only_function<void(Result<Bytes>)> then) {
  return [self = shared_from_this(), then = std::move(then)](Result<Bytes> result) mutable {
    auto& world = self->world_;
    auto go = [self = std::move(self), then = std::move(then),
               result = std::move(result)]() mutable { then(std::move(result)); };
    world.after(milliseconds{0}, std::move(go));
  };
}

void Passage::sign_and_send(message::PKIMessage message) {
  seal(upstream_, upstream_.ra, std::move(message), world_.entropy,
       on_loop([this](Result<Bytes> octets) {
         if (!octets) return done_(std::unexpected(std::move(octets).error()));
         send(std::move(*octets));
       }));
}

void Passage::send(Bytes octets) {
  octets_ = std::move(octets);
  try_once();
}

void Passage::try_once() {
  ++tries_;
  const Time now = world_.clock.now();
  const Seconds left = std::max(Seconds{1}, deadline_ - now);
  ports::Target target = endpoints_.choose(now, url_);
  url_ = target.url;
  target = labelled(upstream_, std::move(target), parcel_.label);
  world_.transport.exchange(target, octets_, std::min(upstream_.timeout, left),
                            on_loop([this](Result<Bytes> reply) { arrived(std::move(reply)); }));
}

// RFC 9483 §3.5 [MUST] the protection of a response that is passed down holds: a signature by a
// certificate that came with it or is known, a MAC by the secret of whoever asked.
Result<> Passage::verify(const message::PKIMessage& answer) {
  using Verified = Parcel::Verified;
  const auto& algorithm = answer.header.protection_alg;
  const bool is_signed =
      algorithm && protect::proof_kind(*algorithm) == message::ProofKind::signature;
  const bool bare_error = !algorithm && answer.body.type == message::BodyType::error;
  if (bare_error && parcel_.answer != Verified::all) return {};
  if (!is_signed && parcel_.answer == Verified::if_known) return {};
  const Secret* secret = parcel_.secret ? &*parcel_.secret : nullptr;
  const Time now = world_.clock.now();
  auto verified = verify_answer(upstream_, answer, {endpoints_.certificates(), secret}, now);
  // What the CA says to us rather than to whom we speak for.
  if (const auto& shared = upstream_.shared; !verified && shared && !is_signed)
    verified = verify_answer(upstream_, answer, {{}, &shared->secret}, now);
  if (verified) {
    endpoints_.met(answer.extra_certs);
    return {};
  }
  const bool left_out =
      answer.extra_certs.empty() && verified.error().code == "protect.certificate-missing";
  if (left_out && parcel_.answer == Verified::if_known) return {};
  return std::unexpected(untrusted(verified.error()));
}

// CAs that it shows the upstream to issue by, which lead to its root.
std::vector<Bytes> Passage::new_issuers(const message::PKIMessage& answer) const {
  std::vector<Bytes> out;
  const auto* content = std::get_if<message::CertRepMessage>(&answer.body.content);
  if (content == nullptr || parcel_.answer != Parcel::Verified::passed_on) return out;
  for (const auto& response : content->response) {
    const auto* der = response.certified_key_pair
                          ? std::get_if<Bytes>(&response.certified_key_pair->cert_or_enc_cert)
                          : nullptr;
    if (der == nullptr) continue;
    const auto certificate = x509::parse_certificate(*der);
    if (!certificate) continue;
    const auto chain =
        check_granted(upstream_, *der, certificate->spki, answer.extra_certs, world_.clock.now());
    if (!chain) continue;
    for (Bytes& ca : unknown_of(upstream_, *chain))
      if (std::ranges::find(out, ca) == out.end()) out.push_back(std::move(ca));
  }
  return out;
}

void Passage::arrived(Result<Bytes> reply) {
  const Time now = world_.clock.now();
  if (!reply) {
    endpoints_.failed(url_, now);
    if (now < deadline_ && !is_lasting(reply.error()))
      return world_.after(delay_after(tries_), [self = shared_from_this()] { self->try_once(); });
    // RFC 9483 §6.1 [MUST] an HTTP status that says nothing of CMP is an error for the requester.
    return done_(std::unexpected(unanswered(reply.error())));
  }
  endpoints_.answered(url_);
  const auto answer = message::parse_message(*reply);
  if (answer && (!parcel_.id || answer->header.transaction_id == parcel_.id)) {
    if (auto sound = verify(*answer); !sound) return done_(std::unexpected(sound.error()));
    auto issuers = new_issuers(*answer);
    if (issuers.empty() || !world_.learn) return done_(std::move(*reply));
    // What stands in the way of that is logged there, and in nobody's here.
    return world_.learn(std::move(issuers),
                        [done = on_loop([this](Result<Bytes> r) { done_(std::move(r)); }),
                         reply = std::move(*reply)](Result<>) mutable { done(std::move(reply)); });
  }
  done_(fail(Failure::systemFailure, "issuer.upstream-answer",
             "the CA behind this server gave an answer that does not fit; tell the administrator "
             "of this server",
             answer ? "another transactionID" : answer.error().reply_text));
}

}  // namespace countersign::issuer
