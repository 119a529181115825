#include "app/countersignd/rollover.h"

#include <algorithm>

#include "enrol/catalogue.h"

namespace countersign::app {
namespace {

Result<std::shared_ptr<const ports::Signer>> open_key(ports::Ledger& ledger, std::string_view what,
                                                      const issuer::Generation& generation) {
  return load_signer(ledger, stored_name(what, generation), {});
}

Result<Seconds> longest_validity(ports::Ledger& ledger) {
  Seconds out{0};
  const auto built = enrol::build_catalogue({}, TRY(ledger.objects()));
  for (const auto& [name, t] : built.catalogue->templates())
    out = std::max(out, t.longest_validity);
  return out;
}

}  // namespace

Result<> roll_root(Data& data, const std::string& ca, const issuer::RolloverSpec& spec,
                   Entropy& entropy, const KeyChange& change) {
  const Time now = change.at;
  auto& ledger = *data.store;
  const Authority present = TRY(load_authority(ledger, ca));
  if (present.shares_root())
    return fail(Failure::systemFailure, "app.shared-root",
                "the root of \"" + ca +
                    "\" is the server's own: replace that with `countersignd ca rollover --root`, "
                    "without --authority");
  auto below = TRY(load_below_root(ledger, present));
  const RootGeneration& old = present.roots.front();
  const auto signer = TRY(open_key(ledger, "key.root", old.generation));
  const auto made =
      TRY(issuer::make_next_root(spec, {old.certificate, *signer, old.generation}, now, entropy));
  const auto certificate = TRY(x509::parse_certificate(made.certificate));
  const auto fresh = TRY(issuer::open_software_signer(made.key));
  const issuer::CaKey root{certificate, *fresh, issuer::next(old.generation)};
  BelowRoot again{{}, std::move(below.guards)};
  for (const auto& issuing : below.issuing) {
    if (now >= issuing.certificate.validity.not_after) continue;
    const Bytes der = TRY(issuer::certify_again(issuing.certificate, root, spec, now, entropy));
    again.issuing.push_back({issuing.generation, TRY(x509::parse_certificate(der))});
  }
  TRY(save_root(ledger, present, made, again, change));
  return write_certificates(data, ca);
}

Result<> roll_issuing(Data& data, const std::string& ca, const issuer::RolloverSpec& spec,
                      Entropy& entropy, const KeyChange& change) {
  const Time now = change.at;
  auto& ledger = *data.store;
  const Authority present = TRY(load_authority(ledger, ca));
  const RootGeneration& root = present.roots.front();
  const IssuingGeneration& old = present.issuing.front();
  const auto root_signer = TRY(open_key(ledger, "key.root", root.generation));
  const auto old_signer = TRY(open_key(ledger, "key.issuing", old.generation));
  const auto made = TRY(issuer::make_next_issuing(
      spec, TRY(load_spec(ledger, ca)), {old.certificate, *old_signer, old.generation},
      {root.certificate, *root_signer, root.generation}, now, entropy));
  TRY(save_issuing(ledger, present, made, change));
  return write_certificates(data, ca);
}

Result<Time> issuing_due(ports::Ledger& ledger, const Authority& authority) {
  const Seconds longest = TRY(longest_validity(ledger));
  return authority.issuing.front().certificate.validity.not_after - longest;
}

Result<Time> root_due(ports::Ledger& ledger, const Authority& authority) {
  const Time end = authority.roots.front().certificate.validity.not_after;
  const auto& issuing = authority.issuing.front().certificate.validity;
  // An issuing CA that was cut short itself does not tell how long one is to live.
  if (issuing.not_after >= end) return end - TRY(longest_validity(ledger));
  return end - (issuing.not_after - issuing.not_before);
}

}  // namespace countersign::app
