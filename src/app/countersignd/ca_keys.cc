#include "app/countersignd/ca_keys.h"

namespace countersign::app {
namespace {

constexpr std::string_view kRoot = "root", kIssuing = "issuing";

template <class Generations>
void add(std::vector<console::CaKey>& out, std::string_view role, const Generations& all) {
  for (const auto& one : all)
    out.push_back({one.generation.ca, role, one.generation.number, &one == all.data(),
                   issuer::algorithm_of(one.certificate.spki).value_or("?"), one.certificate});
}

void add(std::vector<console::CaKey>& out, const Authority& authority) {
  if (!authority.shares_root()) add(out, kRoot, authority.roots);
  add(out, kIssuing, authority.issuing);
}

}  // namespace

Result<std::vector<console::CaKey>> ca_keys(ports::Ledger& ledger) {
  std::vector<console::CaKey> out;
  add(out, TRY(load_authority(ledger)));
  for (const std::string& name : TRY(load_authority_names(ledger)))
    add(out, TRY(load_authority(ledger, name)));
  return out;
}

Result<console::CaKey> new_ca_key(Data& data, const server::Config& config,
                                  const console::NewCaKey& wanted, Entropy& entropy, Time now) {
  // An RA's folder has a CA that `init` made, and nobody uses.
  if (!config.upstream.url.empty())
    return fail(Failure::systemFailure, "app.no-own-ca",
                "upstream.url makes this server a registration authority: its certificates come "
                "from " +
                    config.upstream.url + ", whose operator replaces the keys of that CA");
  const issuer::RolloverSpec spec{wanted.algorithm, config.public_url};
  const KeyChange change{wanted.by, now};
  const bool root = wanted.role == kRoot;
  TRY(root ? roll_root(data, wanted.authority, spec, entropy, change)
           : roll_issuing(data, wanted.authority, spec, entropy, change));
  std::vector<console::CaKey> keys;
  add(keys, TRY(load_authority(*data.store, wanted.authority)));
  for (console::CaKey& key : keys)
    if (key.present && key.role == wanted.role) return std::move(key);
  throw std::logic_error("a CA without a present key");
}

}  // namespace countersign::app
