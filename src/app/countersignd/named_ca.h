// A CA of our own that an operator set beside the server's own: an authority of the kind "own".
// Made when it is first opened, kept like the server's own one: its keys may be replaced while it
// is in use, its CMP signer is renewed, it has CRLs of its own.
//
// All but its issuer is for one thread, the keeper's.
#pragma once

#include <atomic>

#include "app/countersignd/own_ca.h"
#include "app/countersignd/remote_authority.h"
#include "issuer/present_ca.h"

namespace countersign::app {

class NamedCa final : public RemoteAuthority {
 public:
  // One that is stored already. Those of load_authority().
  static Result<std::shared_ptr<NamedCa>> open(OwnCa::Host host, const Clock& clock);

  ports::RemoteIssuer& issuer() override { return issuer_; }
  std::shared_ptr<const server::Publications> publications() const override;
  std::shared_ptr<const server::CmpSigner> signer() const override { return signer_; }
  std::shared_ptr<const server::CmpSigner> kga() const override { return kga_; }
  void close() override {}

  // What is due, one thing at a time: other keys are taken over, signers renewed that would end
  // within `renewal`; a key generation authority is made where keys are made for others. True:
  // something is new.
  struct Wants {
    Seconds renewal;
    bool makes_keys = false;
  };
  Result<bool> keep(const Wants& wants);
  // Those of its own, and of its root, among these.
  void use_crls(const std::vector<enrol::PublishedCrl>& crls);
  std::vector<server::CrlIssuer> crl_issuers() const;
  const server::Publications& published() const { return ca_->publications(); }
  bool shares_root() const { return ca_->shares_root(); }

 private:
  // Answers at once, and has nothing to go on with.
  class InPlace final : public ports::RemoteIssuer {
   public:
    InPlace(const Clock& clock, std::string name) : clock_(clock), name_(std::move(name)) {}
    void set(const OwnCa& ca);
    Speed speed() const noexcept override { return Speed::in_place; }
    void issue(const ports::OrderKey& key, const transaction::CertificateOrder& order, Time now,
               Done<transaction::Answer> done) override {
      ca_.issue(key, order, now, std::move(done));
    }
    void resume(const enrol::OrderRecord&) override {}
    ports::Health health() const override;

   private:
    const Clock& clock_;
    std::string name_;
    issuer::PresentCa ca_;
    std::atomic<Time> ends_{};
  };

  NamedCa(OwnCa::Host host, const Clock& clock)
      : host_(std::move(host)), clock_(clock), issuer_(clock, host_.ca) {}
  Result<> load();
  bool is_due(const std::shared_ptr<const server::CmpSigner>& signer, Seconds renewal) const;
  Result<issuer::AuthoritySpec> spec() const;

  OwnCa::Host host_;
  const Clock& clock_;
  InPlace issuer_;
  std::optional<OwnCa> ca_;
  std::vector<enrol::PublishedCrl> crls_;
  std::shared_ptr<const server::CmpSigner> signer_, kga_;
};

// Its first keys, in one commit. Takes seconds (RSA). "app.ca-name": another CA of this server has
// that name; those of issuer/authority.h and of save_first().
Result<> make_named_ca(const OwnCa::Host& host, const enrol::Authority& authority, Time now);

}  // namespace countersign::app
