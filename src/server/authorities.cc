#include "server/authorities.h"

#include <algorithm>

namespace countersign::server {
namespace {

using State = ports::Health::State;

State state_of(const AuthoritiesInUse* others, const std::string& name) {
  if (name.empty()) return State::well;
  if (others == nullptr) return State::unusable;
  const auto at = others->find(name);
  if (at == others->end() || at->second.publications == nullptr) return State::unusable;
  return at->second.health().state;
}

std::string stored_name(const std::string& name) {
  return name == enrol::kDefaultAuthority ? std::string() : name;
}

bool issues_as(const Publications& publications, const x509::Name& issuer) {
  return std::ranges::any_of(publications.issuer_names,
                             [&](const auto& name) { return x509::same_name(name, issuer); });
}

}  // namespace

Result<std::string> choose_authority(const AuthoritiesInUse* others,
                                     const enrol::RaProfile& profile,
                                     const std::string* of_updated) {
  if (profile.authorities.empty()) return std::string();
  std::optional<std::string> resting;
  bool full = false, spent = false;
  for (const std::string& listed : profile.authorities) {
    std::string name = stored_name(listed);
    const bool same = of_updated != nullptr && name == *of_updated;
    if (same && state_of(others, name) != State::spent) return name;
  }
  for (const std::string& listed : profile.authorities) {
    std::string name = stored_name(listed);
    const State state = state_of(others, name);
    if (state == State::well) return name;
    if (state == State::resting && !resting) resting = std::move(name);
    full = full || state == State::full;
    spent = spent || state == State::spent;
  }
  if (resting) return *std::move(resting);
  if (full)
    return fail(Failure::systemUnavail, "server.authority-full",
                "the CA that issues by the RA profile \"" + profile.name +
                    "\" has as much to do as it may; send the same message again in a minute");
  if (spent) return std::unexpected(spent_authority(profile.name));
  return fail(
      Failure::systemUnavail, "server.authority-unusable",
      "no CA that issues by the RA profile \"" + profile.name +
          "\" can be used now; its operator finds the reason in the log of this server, and "
          "at /api/v1/authority-health");
}

bool is_spent(const AuthoritiesInUse* others, const std::string& name) {
  return state_of(others, name) == State::spent;
}

Error spent_authority(const std::string& ra_profile) {
  return {Failure::systemUnavail,
          "server.authority-spent",
          "the CA that issues by the RA profile \"" + ra_profile +
              "\" has issued as many certificates in the last 24 hours as it may; send the same "
              "message again in some hours, or ask its operator",
          {}};
}

ChainAndRoot issuers_of(const Publications& own, const AuthoritiesInUse* others, View certificate) {
  if (others != nullptr && !others->empty())
    if (const auto parsed = x509::parse_certificate(certificate))
      if (!issues_as(own, parsed->issuer))
        for (const auto& [name, authority] : *others)
          if (authority.publications && issues_as(*authority.publications, parsed->issuer))
            return {authority.publications->chain_of(certificate),
                    authority.publications->root_certificate};
  return {own.chain_of(certificate), own.root_certificate};
}

std::shared_ptr<const Publications> publications_for(const std::shared_ptr<const Publications>& own,
                                                     const AuthoritiesInUse* others,
                                                     const enrol::RaProfile* profile) {
  if (profile == nullptr || others == nullptr) return own;
  if (const auto name = choose_authority(others, *profile))
    return name->empty() ? own : others->find(*name)->second.publications;
  // None of them is well: what they issued is as it was.
  for (const std::string& listed : profile->authorities) {
    const auto at = others->find(stored_name(listed));
    if (at != others->end() && at->second.publications) return at->second.publications;
  }
  return own;
}

bool is_issuer(const Publications& own, const AuthoritiesInUse* others, const x509::Name& name) {
  if (issues_as(own, name)) return true;
  return others != nullptr && std::ranges::any_of(*others, [&](const auto& other) {
           const auto& publications = other.second.publications;
           return publications != nullptr && issues_as(*publications, name);
         });
}

std::string authority_of(const Publications& own, const AuthoritiesInUse* others,
                         const x509::Name& name) {
  if (others == nullptr || issues_as(own, name)) return {};
  for (const auto& [authority, other] : *others)
    if (other.publications && issues_as(*other.publications, name)) return authority;
  return {};
}

std::vector<x509::Name> issuer_names(const Publications& own, const AuthoritiesInUse* others) {
  std::vector<x509::Name> out = own.issuer_names;
  if (others == nullptr) return out;
  for (const auto& [name, authority] : *others)
    if (authority.publications)
      std::ranges::copy(authority.publications->issuer_names, std::back_inserter(out));
  return out;
}

}  // namespace countersign::server
