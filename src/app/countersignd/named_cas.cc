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

Result<std::shared_ptr<RemoteAuthority>> NamedCas::find_or_make(const enrol::Authority& authority) {
  const auto at = cas_.find(authority.name);
  if (at != cas_.end()) return at->second;
  const auto names = TRY(load_authority_names(world_.ledger));
  if (std::ranges::find(names, authority.name) == names.end())
    TRY(make_named_ca(host_of(authority.name), authority, world_.clock.now()));
  auto ca = TRY(NamedCa::open(host_of(authority.name), world_.clock));
  cas_.emplace(authority.name, ca);
  write_files(authority.name);
  return ca;
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
