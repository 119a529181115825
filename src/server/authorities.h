// The authorities in use beside the server's own, and which of them a request goes to. Made by app
// as operators change them, swapped whole.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "enrol/catalogue.h"
#include "ports/relay.h"
#include "ports/remote_issuer.h"
#include "server/publications.h"

namespace countersign::server {

struct CmpSigner;

struct AuthorityInUse {
  // Null: it could not be opened, and issues nothing.
  std::shared_ptr<const Publications> publications;
  std::shared_ptr<ports::Relay> relay;  // of one that is reached over CMP
  // Signs what is said where requests go to it first; null: the server's own does.
  std::shared_ptr<const CmpSigner> signer;
  // Signs private keys that are made for others; null: the server's own does.
  std::shared_ptr<const CmpSigner> kga;
  std::function<ports::Health()> health;
};
// Empty names are the server's own, in the store; "default" is, in what operators set.
using AuthoritiesInUse = std::map<std::string, AuthorityInUse, std::less<>>;

// Who issues by that RA profile now: the first of its list that is well, else one that rests, since
// nobody knows before it is tried. `of_updated` (a key update's certificate) stays with who issued
// it while the list has it, and it may issue. Errors: systemUnavail "server.authority-full",
// "server.authority-spent", "server.authority-unusable".
Result<std::string> choose_authority(const AuthoritiesInUse* others,
                                     const enrol::RaProfile& profile,
                                     const std::string* of_updated = nullptr);

// Has it issued as many as it may? And what is said of it: systemUnavail "server.authority-spent".
bool is_spent(const AuthoritiesInUse* others, const std::string& name);
Error spent_authority(const std::string& ra_profile);

// What goes with a certificate of any of them: the chain without the root, and the root.
struct ChainAndRoot {
  std::vector<Bytes> chain;
  Bytes root;
};
ChainAndRoot issuers_of(const Publications& own, const AuthoritiesInUse* others, View certificate);

// Of whoever issues by that RA profile; null: none is named.
std::shared_ptr<const Publications> publications_for(const std::shared_ptr<const Publications>& own,
                                                     const AuthoritiesInUse* others,
                                                     const enrol::RaProfile* profile);

// Does one of those that issue here have this name?
bool is_issuer(const Publications& own, const AuthoritiesInUse* others, const x509::Name& name);
// The authority whose name that is, as certificates have it in the store.
std::string authority_of(const Publications& own, const AuthoritiesInUse* others,
                         const x509::Name& name);
// Names of all of them, those of the server's own first.
std::vector<x509::Name> issuer_names(const Publications& own, const AuthoritiesInUse* others);

}  // namespace countersign::server
