// All CAs of our own beside the server's own: those that are stored, whether or not an operator has
// them in use, since what they issued needs its CRL. For one thread, the keeper's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/countersignd/named_ca.h"

namespace countersign::app {

class NamedCas {
 public:
  struct World {
    ports::Ledger& ledger;
    std::string public_url;
    issuer::RunElsewhere run;
    Entropy& entropy;
    const Clock& clock;
    // The files of its present certificates.
    std::function<Result<>(const std::string& ca)> write_files;
    std::function<void(const std::string& ca, const Error&)> complain;
  };
  explicit NamedCas(World world) : world_(std::move(world)) {}

  // Opens those that are stored. One that cannot be opened is complained of.
  Result<> open();
  // By its name; made if there is none. "app.ca-made": it is another; those of make_named_ca().
  Result<std::shared_ptr<RemoteAuthority>> find_or_make(const enrol::Authority& authority);

  std::map<std::string, std::shared_ptr<RemoteAuthority>> all() const;

  // What is due of each; true: something is new.
  bool keep(const NamedCa::Wants& wants);
  void use_crls(const std::vector<enrol::PublishedCrl>& crls);
  void add_crl_issuers(std::vector<server::CrlIssuer>& to) const;
  void add_documents(server::Publications& to) const;

 private:
  OwnCa::Host host_of(const std::string& ca) const;
  void write_files(const std::string& ca) const;
  Result<std::shared_ptr<NamedCa>> make(const enrol::Authority& authority);

  World world_;
  std::map<std::string, std::shared_ptr<NamedCa>> cas_;
};

}  // namespace countersign::app
