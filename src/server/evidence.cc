#include "server/evidence.h"

#include <algorithm>

#include "crypto/digest.h"
#include "enrol/controls.h"
#include "server/admission.h"
#include "transaction/codec.h"
#include "x509/attribute_type.h"

namespace countersign::server {
namespace {

constexpr std::size_t kMostNamedCertificates = 4;

void add_unique(std::vector<Bytes>& list, Bytes value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

protect::CertificateState state_of(enrol::CertificateStatus status) {
  switch (status) {
    case enrol::CertificateStatus::valid:
      return protect::CertificateState::valid;
    case enrol::CertificateStatus::unconfirmed:
      return protect::CertificateState::unconfirmed;
    case enrol::CertificateStatus::held:
      return protect::CertificateState::held;
    case enrol::CertificateStatus::revoked:
      break;
  }
  return protect::CertificateState::revoked;
}

// What a registration authority put in the place of the request counts (RFC 4211 §7.2). Whether it
// may is for enrol: what is looked up in vain does no harm.
void name_request(const crmf::CertReqMsg& r, const message::Sender& sender,
                  enrol::TokenPolicy tokens, ports::Lookup& lookup) {
  const auto wanted = enrol::wanted_request(r, sender);
  if (!wanted) return;
  if (tokens != enrol::TokenPolicy::ignore)
    for (Bytes& token : enrol::tokens_of(*wanted, r.reg_info))
      add_unique(lookup.tokens, std::move(token));
  if (wanted->cert_template.public_key)
    add_unique(lookup.key_hashes, crypto::sha256(*wanted->cert_template.public_key));
  const auto* old = crmf::find(wanted->controls, crmf::oids::old_cert_id);
  if (old == nullptr) return;
  der::Context context(old->value);
  der::Reader in(old->value, context);
  if (auto id = crmf::read_cert_id(in)) add_unique(lookup.serials, id->serial_number);
}

// One that may not is as unknown as one that is not there.
bool may_be_used(const enrol::CredentialRecord& c, const enrol::CmpEndpoint& endpoint, Time now) {
  const bool here = c.cmp_profile.empty() || c.cmp_profile == endpoint.cmp_profile;
  return c.enabled && here && (!c.begins || now >= *c.begins);
}

// RFC 9483 §4.2, §4.4: who revokes its own certificate and was told to wait polls under that same
// certificate: until it has the rp, and for nothing else, since the transactionID is taken.
bool may_fetch_its_end(const enrol::CertificateRecord& c,
                       const std::vector<OpenTransaction>& transactions) {
  const auto revoked_it = [&](const transaction::Request& r) {
    const auto* answered = std::get_if<transaction::Answered>(&r.state);
    const auto* revoked =
        answered != nullptr ? std::get_if<transaction::Revoked>(&answered->answer) : nullptr;
    return revoked != nullptr && equal(revoked->serial, c.serial);
  };
  const std::string own = "certificate:" + to_hex(c.fingerprint);
  return std::ranges::any_of(transactions, [&](const OpenTransaction& t) {
    return t.record.sender == own && std::ranges::any_of(t.state.requests, revoked_it);
  });
}

}  // namespace

RequestDigest digest_of(const ports::Endpoint& endpoint, const message::PKIMessage& m) {
  crypto::Hasher hasher(crypto::Digest::sha256);
  hasher.update(view(endpoint.profile));
  constexpr Byte kSeparator[] = {0};
  hasher.update(kSeparator);
  hasher.update(m.header_and_body);
  if (m.protection) hasher.update(m.protection->octets);
  return RequestDigest{hasher.finish()};
}

ports::Lookup first_lookup(const ports::Endpoint& endpoint, const message::PKIMessage& m,
                           const RequestDigest& digest) {
  ports::Lookup lookup;
  lookup.endpoint = endpoint.profile;
  lookup.digest = digest;
  lookup.transaction = m.header.transaction_id;
  const auto kind =
      m.header.protection_alg ? protect::proof_kind(*m.header.protection_alg) : std::nullopt;
  if (kind == message::ProofKind::mac) {
    lookup.reference = protect::reference_of(m.header);
    return lookup;
  }
  for (const Bytes& c : m.extra_certs) {
    if (lookup.serials.size() == kMostNamedCertificates) break;
    if (auto serial = x509::serial_of(c)) add_unique(lookup.serials, std::move(*serial));
  }
  if (m.header.sender_kid) lookup.key_ids.push_back(*m.header.sender_kid);
  return lookup;
}

namespace {

// As protect::reference_of has it.
bool is_printable(std::string_view text) {
  return !text.empty() &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

const x509::Name* subject_asked_for(const message::PKIBody& body) {
  if (const auto* csr = std::get_if<x509::CertificationRequest>(&body.content))
    return &csr->subject;
  const std::optional<x509::Name>* subject = nullptr;
  if (const auto* requests = std::get_if<crmf::CertReqMessages>(&body.content))
    if (!requests->empty()) subject = &requests->front().cert_req.cert_template.subject;
  if (const auto* revocations = std::get_if<message::RevReqContent>(&body.content))
    if (!revocations->empty()) subject = &revocations->front().cert_details.subject;
  return subject != nullptr && *subject ? &**subject : nullptr;
}

std::optional<std::string> reference_in_subject(const enrol::CmpProfile& profile,
                                                const message::PKIBody& body) {
  if (profile.reference_from_subject.empty()) return std::nullopt;
  const auto* type = x509::attribute_type(profile.reference_from_subject);
  const x509::Name* subject = subject_asked_for(body);
  if (type == nullptr || subject == nullptr) return std::nullopt;
  auto values = x509::attributes(*subject, type->oid);
  if (values.size() != 1 || !is_printable(values.front())) return std::nullopt;
  return std::move(values.front());
}

}  // namespace

std::optional<std::string> reference_in_body(const enrol::CmpProfile& profile,
                                             const message::PKIMessage& m,
                                             const ports::Snapshot& found) {
  const bool looks_further =
      !profile.reference_from_subject.empty() || !profile.default_reference.empty();
  const auto& algorithm = m.header.protection_alg;
  const bool by_mac = algorithm && protect::proof_kind(*algorithm) == message::ProofKind::mac;
  if (!looks_further || !by_mac || found.credential) return std::nullopt;
  if (auto named = reference_in_subject(profile, m.body)) return named;
  constexpr std::string_view kBySecret = "secret:";
  if (!opens_transaction(m.body.type))
    for (const auto& t : found.transactions)
      if (t.sender.starts_with(kBySecret)) return t.sender.substr(kBySecret.size());
  if (profile.default_reference.empty()) return std::nullopt;
  return profile.default_reference;
}

std::optional<ports::Lookup> second_lookup(const message::AuthenticatedMessage& m,
                                           enrol::TokenPolicy tokens) {
  ports::Lookup lookup;
  const auto& content = m->body.content;
  if (const auto* requests = std::get_if<crmf::CertReqMessages>(&content))
    for (const auto& r : *requests) name_request(r, m.sender(), tokens, lookup);
  if (const auto* csr = std::get_if<x509::CertificationRequest>(&content)) {
    lookup.key_hashes.push_back(crypto::sha256(csr->spki));
    if (tokens != enrol::TokenPolicy::ignore) lookup.tokens = enrol::tokens_of(*csr);
  }
  if (const auto* revocations = std::get_if<message::RevReqContent>(&content))
    for (const auto& r : *revocations) {
      const auto& named = r.cert_details;
      if (named.serial_number) add_unique(lookup.serials, *named.serial_number);
      if (!named.serial_number && named.public_key)
        add_unique(lookup.key_hashes, crypto::sha256(*named.public_key));
    }
  if (lookup.serials.empty() && lookup.key_hashes.empty() && lookup.tokens.empty())
    return std::nullopt;
  return lookup;
}

std::vector<OpenTransaction> open_transactions(const Engine& engine, ports::Snapshot& found) {
  std::vector<OpenTransaction> out;
  const auto publications = engine.publications.get();
  const auto others = engine.authorities.get();
  for (auto& record : found.transactions) {
    auto state = transaction::decode(record.state);
    if (state) {
      const auto restored = transaction::restore(
          *state, [&](View serial) -> std::optional<transaction::StoredCertificate> {
            for (const auto& c : found.certificates) {
              if (!equal(c.serial, serial)) continue;
              auto issuers = issuers_of(*publications, others.get(), c.der);
              return transaction::StoredCertificate{c.der, std::move(issuers.chain),
                                                    std::move(issuers.root)};
            }
            return std::nullopt;
          });
      if (!restored) state = std::unexpected(restored.error());
    }
    if (!state) {
      engine.log({LogEvent::Level::error,
                  "a stored transaction cannot be read",
                  record.id.hex(),
                  {},
                  std::string(state.error().code),
                  state.error().detail});
      continue;
    }
    out.push_back({std::move(record), std::move(*state)});
  }
  return out;
}

protect::Evidence evidence(const Trust& trust, const enrol::CmpEndpoint& endpoint,
                           const ports::Snapshot& found,
                           const std::vector<OpenTransaction>& transactions, Time now) {
  protect::Evidence out;
  out.own_authority = &trust.own;
  out.issue_elsewhere = trust.elsewhere;
  const ForeignTrust& foreign = foreign_trust(trust, endpoint.profile);
  if (foreign.anchors) out.anchors = &*foreign.anchors;
  out.ra_fingerprints = foreign.ra_fingerprints;
  for (const auto& c : found.certificates) {
    auto state = state_of(c.status);
    if (state != protect::CertificateState::valid && may_fetch_its_end(c, transactions))
      state = protect::CertificateState::valid;
    out.own.push_back({c.der, state});
  }
  if (found.credential && may_be_used(*found.credential, endpoint, now)) {
    const auto& c = *found.credential;
    const std::string identity = "secret:" + c.reference;
    // A spent or expired secret still verifies its open transactions, and opens no new ones.
    const bool open = std::ranges::any_of(transactions, [&](const OpenTransaction& t) {
      return t.record.sender == identity &&
             transaction::phase(t.state) != transaction::Phase::ended;
    });
    const bool fresh = (!c.uses_left || *c.uses_left > 0) && (!c.expires || now < *c.expires);
    if (fresh || open) {
      out.secret = protect::KnownSecret{c.reference, &c.secret, c.made_by_us};
      out.secret->acts_as_ra = c.is_ra;
      if (c.former && (open || now < c.former->until)) {
        out.secret->former = &c.former->secret;
        out.secret->former_made_by_us = c.former->made_by_us;
      }
    }
  }
  for (const OpenTransaction& t : transactions)
    if (t.state.signer_certificate) out.transaction_certificate = t.state.signer_certificate;
  return out;
}

void take_former_secret(ports::Snapshot& found) {
  auto& c = *found.credential;
  std::swap(c.secret, c.former->secret);
  std::swap(c.made_by_us, c.former->made_by_us);
}

namespace {

// Who is to issue what was granted.
Result<std::string> authority_for(const enrol::Catalogue& catalogue,
                                  const transaction::CertificateOrder& order,
                                  const ports::Snapshot& found, const AuthoritiesInUse* others) {
  const auto* profile = catalogue.ra_profile(order.profile);
  if (profile == nullptr || profile->authorities.empty()) return std::string();
  const auto updated = std::ranges::find_if(found.certificates, [&](const auto& c) {
    return order.replaces && equal(c.serial, *order.replaces);
  });
  return choose_authority(others, *profile,
                          updated == found.certificates.end() ? nullptr : &updated->authority);
}

}  // namespace

std::vector<enrol::Verdict> verdicts_on(const Engine& engine, const Situation& situation,
                                        const message::AuthenticatedMessage& message,
                                        const ports::Snapshot& found,
                                        const enrol::TrustRecord* anchor, Time now) {
  const auto publications = engine.publications.get();
  const auto others = engine.authorities.get();
  const bool alone = others == nullptr || others->empty();
  std::vector<x509::Name> all_issuers;
  if (!alone) all_issuers = issuer_names(*publications, others.get());
  // Of a registration authority: what it asks its CA by depends on them.
  const bool asks_others = engine.relay != nullptr || !alone;
  const auto originals = asks_others ? enrol::Originals::keep : enrol::Originals::drop;
  const auto tokens = situation.relayed ? enrol::TokenPolicy::ignore : situation.profile.tokens;
  const auto blocked = engine.blocked_keys.get();
  const enrol::Setting setting{
      situation.catalogue,
      situation.profile,
      alone ? std::span(publications->issuer_names) : std::span(all_issuers),
      situation.transport,
      originals,
      tokens,
      blocked.get(),
      situation.notes};
  const enrol::Known names{found.credential ? &*found.credential : nullptr, anchor,
                           found.certificates, found.tokens, found.devices};
  auto verdicts = enrol::examine(message, setting, names, now);
  for (auto& verdict : verdicts) {
    auto* order = verdict ? std::get_if<transaction::CertificateOrder>(&*verdict) : nullptr;
    if (order == nullptr) continue;
    if (auto chosen = authority_for(situation.catalogue, *order, found, others.get()); chosen)
      order->authority = *std::move(chosen);
    else
      verdict = std::unexpected(std::move(chosen).error());
  }
  return verdicts;
}

}  // namespace countersign::server
