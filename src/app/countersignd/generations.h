// The keys of our own CAs that followed one another, as the store holds them.
//
// The first root is "key.root" and "certificate.root", the second "key.root.2" and so on, and the
// same for issuing CAs. The value "authority.generations" says which are the present ones. A
// roll-over writes the new key, the certificates, that value and its audit row in one commit:
// killed at any point, the folder has the old authority or the new one, whole. Keys are never
// removed.
//
// All this is of the server's own CA. One that operators set beside it has the same with its name
// before it ("ca.meters/key.issuing"). Its root is its own, or the server's ("shared").
#pragma once

#include <string>
#include <vector>

#include "issuer/rollover.h"
#include "ports/store.h"
#include "x509/certificate.h"

namespace countersign::app {

struct RootGeneration {
  issuer::Generation generation;
  x509::Certificate certificate;  // by itself
  Bytes new_with_old;             // empty: of the first
  Bytes old_with_new;
};
struct IssuingGeneration {
  issuer::Generation generation;
  x509::Certificate certificate;  // by the present root, if it had not expired when that came
};
struct Authority {
  std::vector<RootGeneration> roots;       // the present one first
  std::vector<IssuingGeneration> issuing;  // the same
  const std::string& name() const { return issuing.front().generation.ca; }
  bool shares_root() const { return roots.front().generation.ca != name(); }
};
// `ca`: its name; empty: the server's own. "app.no-authority", "app.authority-damaged",
// "store.conflict" when it changes meanwhile
Result<Authority> load_authority(ports::Ledger& ledger, const std::string& ca = {});
// Of those beside the server's own, in order of their making.
Result<std::vector<std::string>> load_authority_names(ports::Ledger& ledger);

// The present ones.
struct Generations {
  issuer::Generation root, issuing;
  friend bool operator==(const Generations&, const Generations&) = default;
};
Result<Generations> load_generations(ports::Ledger& ledger, const std::string& ca = {});

// "key.root", "key.root.2", "ca.meters/key.root.2"
std::string stored_name(std::string_view what, const issuer::Generation& generation);

// newWithOld of every root that lasts at `now`, the newest first: over these, who trusts only an
// older root comes to the present one.
std::vector<Bytes> links_at(const Authority& authority, Time now);

// The issuing CAs below an authority's root: its own, and of the server's root those of all that
// share it. With what must be as it was read when they are certified again.
struct BelowRoot {
  std::vector<IssuingGeneration> issuing;
  std::vector<ports::Ledger::Guard> guards;
};
Result<BelowRoot> load_below_root(ports::Ledger& ledger, const Authority& authority);

// A new CA beside the server's own: its first keys, and what else belongs to it, as "what" and
// value. `keys.root` is of its own root, or the server's present one. One commit; "store.conflict"
// when there is one of that name, or a key of the server's own CA was replaced meanwhile.
struct FirstKeys {
  Generations keys;
  std::vector<std::pair<std::string, Bytes>> values;
  std::vector<std::pair<std::string, Secret>> secrets;
};
Result<> save_first(ports::Ledger& ledger, const FirstKeys& first, const x509::Certificate& issuing,
                    Time now);

struct KeyChange {      // for the audit
  std::string_view by;  // "officer", "operator:ada"
  Time at{};
};
// One commit each. "store.conflict" when somebody else was faster.
Result<> save_root(ports::Ledger& ledger, const Authority& present, const issuer::NewRoot& made,
                   const BelowRoot& again, const KeyChange& by);
Result<> save_issuing(ports::Ledger& ledger, const Authority& present,
                      const issuer::NewIssuing& made, const KeyChange& by);

}  // namespace countersign::app
