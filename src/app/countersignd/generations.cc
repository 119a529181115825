#include "app/countersignd/generations.h"

#include <algorithm>
#include <boost/json.hpp>

#include "crypto/digest.h"

namespace countersign::app {
namespace {

constexpr std::string_view kGenerations = "authority.generations";
constexpr std::string_view kNames = "authority.names";
constexpr int kMostGenerations = 1000;

std::unexpected<Error> damaged(std::string detail) {
  return fail(Failure::systemFailure, "app.authority-damaged",
              "the description of the CA in the store is damaged; restore a backup",
              std::move(detail));
}

std::unexpected<Error> changed_meanwhile() {
  return fail(Failure::systemUnavail, "store.conflict",
              "somebody else replaced a key of the CA at the same time; look again and repeat");
}

Result<Bytes> needed(ports::Ledger& ledger, const std::string& name) {
  auto value = TRY(ledger.value(name));
  if (!value)
    return fail(Failure::systemFailure, "app.no-authority",
                "this data folder has no CA yet; make one with `countersignd init`", name);
  return std::move(*value);
}

// A shared root is the server's: which is the present one is said there.
Bytes generations_json(const Generations& g) {
  boost::json::object out{{"issuing", g.issuing.number}};
  if (g.root.ca == g.issuing.ca) out["root"] = g.root.number;
  return to_bytes(boost::json::serialize(out));
}

Result<issuer::Generation> generation_in(const boost::json::object& object, const char* key,
                                         const std::string& ca) {
  const auto* value = object.if_contains(key);
  const bool fits = value != nullptr && value->is_int64() && value->as_int64() >= 1 &&
                    value->as_int64() <= kMostGenerations;
  if (!fits) return damaged(std::string(kGenerations));
  return issuer::Generation{static_cast<int>(value->as_int64()), ca};
}

// `shared`: the present root of the server's own CA.
Result<Generations> read_generations(const std::optional<Bytes>& stored, const std::string& ca,
                                     const issuer::Generation& shared) {
  if (!stored && ca.empty()) return Generations{};
  if (!stored)
    return fail(Failure::systemFailure, "app.no-authority",
                "there is no CA of the name \"" + ca + "\" in this data folder");
  boost::system::error_code error;
  const auto json = boost::json::parse(std::string(text(*stored)), error);
  const auto* object = json.if_object();
  if (error || object == nullptr) return damaged(std::string(kGenerations));
  const auto issuing = TRY(generation_in(*object, "issuing", ca));
  if (!object->contains("root") && !ca.empty()) return Generations{shared, issuing};
  return Generations{TRY(generation_in(*object, "root", ca)), issuing};
}

Result<RootGeneration> load_root(ports::Ledger& ledger, const issuer::Generation& generation) {
  const std::string name = stored_name("certificate.root", generation);
  RootGeneration out{generation, TRY(x509::parse_certificate(TRY(needed(ledger, name)))), {}, {}};
  if (generation.number == 1) return out;
  out.new_with_old = TRY(needed(ledger, name + ".new-with-old"));
  out.old_with_new = TRY(needed(ledger, name + ".old-with-new"));
  return out;
}

enrol::AuditRow row_of(std::string event, const x509::Certificate& certificate,
                       const issuer::Generation& generation, std::string_view by, Time now) {
  enrol::AuditRow row;
  row.at = now;
  row.event = std::move(event);
  row.sender = by;
  row.subject = x509::to_text(certificate.subject);
  row.serial = x509::serial_text(certificate.serial);
  row.detail = (generation.ca.empty() ? "" : "authority " + generation.ca + ", ") + "generation " +
               std::to_string(generation.number) + ", SHA-256 " +
               to_fingerprint(crypto::sha256(certificate.der));
  return row;
}

// That this root of the server's own CA is the present one.
Result<ports::Ledger::Guard> guard_of_root(ports::Ledger& ledger, const issuer::Generation& root) {
  ports::Ledger::Guard out{std::string(kGenerations), TRY(ledger.value(kGenerations))};
  if (TRY(read_generations(out.expected, {}, {})).root != root) return changed_meanwhile();
  return out;
}

// What every roll-over changes: guarded by what it began with.
Result<ports::Ledger::ValuesChange> change_to(ports::Ledger& ledger, const Authority& present,
                                              const Generations& next) {
  ports::Ledger::ValuesChange change;
  const std::string name = stored_name(kGenerations, {1, present.name()});
  const auto stored = TRY(ledger.value(name));
  const Generations begun{present.roots.front().generation, present.issuing.front().generation};
  if (TRY(read_generations(stored, present.name(), begun.root)) != begun)
    return changed_meanwhile();
  change.guards.push_back({name, stored});
  if (present.shares_root()) change.guards.push_back(TRY(guard_of_root(ledger, begun.root)));
  change.values.emplace_back(name, generations_json(next));
  return change;
}

}  // namespace

std::string stored_name(std::string_view what, const issuer::Generation& generation) {
  std::string out = generation.ca.empty() ? "" : "ca." + generation.ca + "/";
  out += what;
  if (generation.number > 1) out += "." + std::to_string(generation.number);
  return out;
}

Result<Generations> load_generations(ports::Ledger& ledger, const std::string& ca) {
  auto own = TRY(read_generations(TRY(ledger.value(kGenerations)), {}, {}));
  if (ca.empty()) return own;
  return read_generations(TRY(ledger.value(stored_name(kGenerations, {1, ca}))), ca, own.root);
}

Result<std::vector<std::string>> load_authority_names(ports::Ledger& ledger) {
  std::vector<std::string> out;
  const auto stored = TRY(ledger.value(kNames));
  if (!stored) return out;
  boost::system::error_code error;
  const auto json = boost::json::parse(std::string(text(*stored)), error);
  if (error || !json.is_array()) return damaged(std::string(kNames));
  for (const auto& name : json.get_array())
    if (name.is_string()) out.emplace_back(name.get_string());
  return out;
}

Result<Authority> load_authority(ports::Ledger& ledger, const std::string& ca) {
  const Generations present = TRY(load_generations(ledger, ca));
  Authority out;
  for (int n = present.root.number; n >= 1; --n)
    out.roots.push_back(TRY(load_root(ledger, {n, present.root.ca})));
  for (int n = present.issuing.number; n >= 1; --n) {
    const issuer::Generation generation{n, ca};
    const Bytes der = TRY(needed(ledger, stored_name("certificate.issuing", generation)));
    out.issuing.push_back({generation, TRY(x509::parse_certificate(der))});
  }
  // Every roll-over changes the generations: the same still, what was read belongs together.
  if (TRY(load_generations(ledger, ca)) != present) return changed_meanwhile();
  return out;
}

Result<BelowRoot> load_below_root(ports::Ledger& ledger, const Authority& authority) {
  BelowRoot out{authority.issuing, {}};
  if (!authority.name().empty()) return out;
  out.guards.push_back({std::string(kNames), TRY(ledger.value(kNames))});
  for (const std::string& name : TRY(load_authority_names(ledger))) {
    const std::string generations = stored_name(kGenerations, {1, name});
    ports::Ledger::Guard guard{generations, TRY(ledger.value(generations))};
    auto other = TRY(load_authority(ledger, name));
    if (!other.shares_root()) continue;
    out.guards.push_back(std::move(guard));
    std::ranges::move(other.issuing, std::back_inserter(out.issuing));
  }
  return out;
}

std::vector<Bytes> links_at(const Authority& authority, Time now) {
  std::vector<Bytes> out;
  for (const RootGeneration& root : authority.roots) {
    const auto link = x509::parse_certificate(root.new_with_old);
    if (link && now < link->validity.not_after) out.push_back(root.new_with_old);
  }
  return out;
}

Result<> save_first(ports::Ledger& ledger, const FirstKeys& first, const x509::Certificate& issuing,
                    Time now) {
  const issuer::Generation& own = first.keys.issuing;
  ports::Ledger::ValuesChange change;
  change.guards.push_back({std::string(kNames), TRY(ledger.value(kNames))});
  const auto names = TRY(load_authority_names(ledger));
  if (std::ranges::find(names, own.ca) != names.end()) return changed_meanwhile();
  if (first.keys.root.ca.empty())
    change.guards.push_back(TRY(guard_of_root(ledger, first.keys.root)));
  boost::json::array list(names.begin(), names.end());
  list.emplace_back(own.ca);
  change.values.emplace_back(kNames, to_bytes(boost::json::serialize(list)));
  change.values.emplace_back(stored_name(kGenerations, own), generations_json(first.keys));
  for (const auto& [what, value] : first.values)
    change.values.emplace_back(stored_name(what, own), value);
  for (const auto& [what, secret] : first.secrets)
    change.secrets.emplace_back(stored_name(what, own), secret.clone());
  return ledger.change_values(change, row_of("authority-made", issuing, own, "server", now));
}

Result<> save_root(ports::Ledger& ledger, const Authority& present, const issuer::NewRoot& made,
                   const BelowRoot& again, const KeyChange& by) {
  const issuer::Generation next = issuer::next(present.roots.front().generation);
  auto change = TRY(change_to(ledger, present, {next, present.issuing.front().generation}));
  const std::string name = stored_name("certificate.root", next);
  change.secrets.emplace_back(stored_name("key.root", next), made.key.clone());
  change.values.emplace_back(name, made.certificate);
  change.values.emplace_back(name + ".new-with-old", made.new_with_old);
  change.values.emplace_back(name + ".old-with-new", made.old_with_new);
  change.guards.insert(change.guards.end(), again.guards.begin(), again.guards.end());
  for (const auto& [generation, certificate] : again.issuing)
    change.values.emplace_back(stored_name("certificate.issuing", generation), certificate.der);
  const auto certificate = TRY(x509::parse_certificate(made.certificate));
  return ledger.change_values(change, row_of("root-replaced", certificate, next, by.by, by.at));
}

Result<> save_issuing(ports::Ledger& ledger, const Authority& present,
                      const issuer::NewIssuing& made, const KeyChange& by) {
  const issuer::Generation next = issuer::next(present.issuing.front().generation);
  auto change = TRY(change_to(ledger, present, {present.roots.front().generation, next}));
  change.secrets.emplace_back(stored_name("key.issuing", next), made.key.clone());
  change.values.emplace_back(stored_name("certificate.issuing", next), made.certificate);
  const auto certificate = TRY(x509::parse_certificate(made.certificate));
  return ledger.change_values(change, row_of("issuing-replaced", certificate, next, by.by, by.at));
}

}  // namespace countersign::app
