#include "app/countersignd/named_cas.h"

namespace countersign::app {

OwnCa::Host NamedCas::host_of(const std::string& ca) const {
  return {world_.ledger, ca, world_.public_url, world_.run, world_.entropy};
}

// They are for people: without them it works all the same.
void NamedCas::write_files(const std::string& ca) const {
  if (const auto written = world_.write_files(ca); !written) world_.complain(ca, written.error());
}

Result<> NamedCas::open() {
  for (const std::string& name : TRY(load_authority_names(world_.ledger))) {
    auto ca = NamedCa::open(host_of(name), world_.clock);
    if (!ca) {
      world_.complain(name, ca.error());
      continue;
    }
    cas_.emplace(name, std::move(*ca));
    write_files(name);
  }
  return {};
}

Result<std::shared_ptr<NamedCa>> NamedCas::make(const enrol::Authority& authority) {
  constexpr int kTries = 3;  // a roll-over of the shared root may come between
  const auto host = host_of(authority.name);
  for (int tries = 1;; ++tries) {
    const auto names = TRY(load_authority_names(world_.ledger));
    if (std::ranges::find(names, authority.name) != names.end()) break;
    const auto made = make_named_ca(host, authority, world_.clock.now());
    if (made) break;
    if (made.error().code != "store.conflict" || tries == kTries)
      return std::unexpected(made.error());
  }
  return NamedCa::open(host, world_.clock);
}

Result<std::shared_ptr<RemoteAuthority>> NamedCas::find_or_make(const enrol::Authority& authority) {
  auto at = cas_.find(authority.name);
  if (at == cas_.end()) {
    at = cas_.emplace(authority.name, TRY(make(authority))).first;
    write_files(authority.name);
  }
  const bool shared = authority.root == enrol::RootOf::shared;
  if (at->second->shares_root() == shared) return at->second;
  return fail(Failure::systemFailure, "app.ca-made",
              "the CA \"" + authority.name + "\" was made with root = \"" +
                  (shared ? "own" : "shared") +
                  "\", which stays so: set that back, or take another name for another CA");
}

std::map<std::string, std::shared_ptr<RemoteAuthority>> NamedCas::all() const {
  return {cas_.begin(), cas_.end()};
}

bool NamedCas::keep(const NamedCa::Wants& wants) {
  bool changed = false;
  for (const auto& [name, ca] : cas_) {
    const auto kept = ca->keep(wants);
    if (!kept) world_.complain(name, kept.error());
    if (!kept || !*kept) continue;
    changed = true;
    write_files(name);
  }
  return changed;
}

void NamedCas::use_crls(const std::vector<enrol::PublishedCrl>& crls) {
  for (const auto& [name, ca] : cas_) ca->use_crls(crls);
}

void NamedCas::add_crl_issuers(std::vector<server::CrlIssuer>& to) const {
  for (const auto& [name, ca] : cas_) std::ranges::move(ca->crl_issuers(), std::back_inserter(to));
}

void NamedCas::add_documents(server::Publications& to) const {
  for (const auto& [name, ca] : cas_)
    for (const auto& [path, document] : ca->published().documents)
      to.documents.insert_or_assign(path, document);
}

}  // namespace countersign::app
