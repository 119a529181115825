// The part of a running server that waits for officers, and tells them.
#include <algorithm>

#include "app/countersignd/serve.h"
#include "enrol/subscriber_use.h"
#include "server/late.h"

namespace countersign::app {
namespace {

std::optional<issuer::NoticePlan> notice_plan(const server::Config& config) {
  if (config.approval.notify.empty()) return std::nullopt;
  return issuer::NoticePlan{config.approval.remind_every, desk_url(config)};
}

}  // namespace

// What the RA profile says, and for all of them the configuration file.
issuer::ApprovalRules Service::approval_rules() {
  using issuer::ApprovalNeed;
  const auto need = [](const enrol::RaProfile* p, bool counts, bool by_file, Seconds check_after) {
    ApprovalNeed out;
    out.officers = by_file ? 1 : 0;
    out.check_after = check_after;
    if (p == nullptr) return out;
    out.wait = p->approval_wait;
    out.escalate_after = p->escalate_after;
    out.escalate_to = p->escalate_to;
    if (counts && p->approvals > 0) {
      out.officers = p->approvals;
      out.check_after = p->approval_check_after;
    }
    return out;
  };
  issuer::ApprovalRules rules;
  rules.of_certificate = [this, need](const transaction::CertificateOrder& order) {
    const auto catalogue = engine_->catalogue.get();
    const auto* profile = catalogue->ra_profile(order.profile);
    const auto& file = config_.approval;
    const bool named = std::ranges::any_of(file.templates, [&](const std::string& name) {
      return name == "*" || name == order.profile;
    });
    const bool update = order.replaces.has_value();
    return need(profile, !update || (profile != nullptr && profile->approve_updates),
                named && (!update || file.updates), file.check_after);
  };
  rules.of_revocation = [this, need](const transaction::RevocationOrder& order) {
    const auto catalogue = engine_->catalogue.get();
    const auto* profile = catalogue->ra_profile(order.profile);
    return need(profile, profile != nullptr && profile->approve_revocations,
                config_.approval.revocations, config_.approval.check_after);
  };
  return rules;
}

ports::Issuer& Service::behind_officers(ports::Issuer& issuer) {
  by_authority_ = std::make_unique<issuer::ByAuthority>(issuer);
  officers_ = std::make_unique<issuer::ManualIssuer>(
      *by_authority_, approval_rules(),
      issuer::ManualWorld{
          *data_.store, host_.clock,
          [this](const ports::OrderKey& key, transaction::Answer answer, Done<> done) {
            server::hand_in(*engine_, loops_->at(0), key, std::move(answer), std::move(done));
          },
          [this](const ports::OrderKey& key, const std::string& what, const Error& error) {
            server::complain_of(*engine_, key, what, error);
          },
          notice_plan(config_),
          [this](const transaction::CertificateOrder& order) {
            return enrol::check_in_use(*engine_->catalogue.get(), order.subscriber);
          }});
  return *officers_;
}

// A typing error here would be an approval that nobody asks for.
Result<> Service::check_approvals() const {
  for (const std::string& name : config_.approval.templates)
    if (name != "*" && engine_->catalogue.get()->ra_profile(name) == nullptr)
      return fail(Failure::systemFailure, "config.value",
                  "approval.templates: there is no RA profile \"" + name +
                      "\"; name one that there is, or [\"*\"] for all");
  return {};
}

Result<> Service::open_notices() {
  if (config_.approval.notify.empty()) return {};
  auto complain = [this](const enrol::OrderRecord& notice, const Error& error) {
    server::complain_of(
        *engine_, {notice.id, notice.endpoint, notice.sender, notice.transaction, notice.index, {}},
        "officers could not be told, and will be later", error);
  };
  notices_ = TRY(
      ApprovalNotices::open(config_.approval, {*data_.store, host_.clock, std::move(complain)}));
  return {};
}

}  // namespace countersign::app
