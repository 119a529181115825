#include "app/countersignd/approval_notices.h"

#include <unistd.h>

#include <boost/asio/post.hpp>

#include "app/countersignd/hook.h"
#include "app/countersignd/webhook.h"
#include "issuer/program/command.h"

namespace countersign::app {
namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr std::size_t kLongestAnswer = 64 * 1024;
constexpr Seconds kLongestTimeout{60};

bool is_url(const std::string& notify) {
  return notify.starts_with("https:") || notify.starts_with("http:");
}

Result<std::unique_ptr<issuer::Courier>> courier_of(const server::Config::Approval& config,
                                                    boost::asio::io_context& loop) {
  if (config.notify_timeout > kLongestTimeout)
    return fail(Failure::systemFailure, "config.value",
                "approval.notify_timeout is longer than a minute; shorten it");
  if (is_url(config.notify)) {
    Hook hook = TRY(
        open_hook({"approval.notify", config.notify, config.notify_trust, config.notify_token}));
    hook.options.body_limit = kLongestAnswer;
    return std::make_unique<Webhook>(loop, std::move(hook.options), config.notify,
                                     std::move(hook.token));
  }
  if (::access(config.notify.c_str(), X_OK) != 0)
    return fail(Failure::systemFailure, "config.value",
                "approval.notify: there is no program " + config.notify +
                    " that may be run; name one by its path, or an https URL");
  return std::make_unique<issuer::Command>(loop.get_executor(), config.notify,
                                           std::vector<std::string>{});
}

}  // namespace

ApprovalNotices::ApprovalNotices(World world)
    : world_(std::move(world)), loop_(std::make_unique<boost::asio::io_context>(1)) {}

ApprovalNotices::~ApprovalNotices() {
  stop();
  timer_.reset();
  courier_.reset();
  loop_.reset();  // what was under way goes with it
}

Result<std::unique_ptr<ApprovalNotices>> ApprovalNotices::open(
    const server::Config::Approval& config, World world) {
  std::unique_ptr<ApprovalNotices> out(new ApprovalNotices(std::move(world)));
  out->courier_ = TRY(courier_of(config, *out->loop_));
  auto post = [loop = out->loop_.get()](std::move_only_function<void()> work) {
    boost::asio::post(*loop, std::move(work));
  };
  out->notices_ = std::make_unique<issuer::Notices>(
      issuer::NoticeWorld{out->world_.store, out->world_.clock, *out->courier_,
                          config.notify_timeout, std::move(post), out->world_.complain});
  out->timer_ = std::make_unique<boost::asio::steady_timer>(*out->loop_);
  return out;
}

void ApprovalNotices::tick() {
  notices_->run_due();
  timer_->expires_after(kTick);
  timer_->async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

void ApprovalNotices::start() {
  boost::asio::post(*loop_, [this] { tick(); });
  thread_ = std::jthread([loop = loop_.get()] { loop->run(); });
}

void ApprovalNotices::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

std::string desk_url(const server::Config& config) {
  std::string url = config.approval.desk_url;
  if (url.empty() && !config.api.listen.empty())
    url = (config.api.tls ? "https://" : "http://") + config.api.listen + "/api/v1/requests";
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace countersign::app
