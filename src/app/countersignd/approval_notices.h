// Tells officers what waits for them, by the program or the URL that approval.notify names. Owns a
// loop, with a thread of its own, on which all of it happens.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "issuer/manual/notices.h"
#include "server/config.h"

namespace countersign::app {

class ApprovalNotices {
 public:
  struct World {
    ports::Store& store;
    const Clock& clock;
    std::function<void(const enrol::OrderRecord&, const Error&)> complain;  // on any thread
  };
  // Errors: "config.webhook", "config.value", "app.file".
  static Result<std::unique_ptr<ApprovalNotices>> open(const server::Config::Approval& config,
                                                       World world);
  ~ApprovalNotices();
  ApprovalNotices(const ApprovalNotices&) = delete;
  ApprovalNotices& operator=(const ApprovalNotices&) = delete;

  void start();
  // What is under way stops, and is told again after the next start. The store may still call in.
  void stop();

 private:
  explicit ApprovalNotices(World world);
  void tick();

  const World world_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<issuer::Courier> courier_;
  std::unique_ptr<issuer::Notices> notices_;
  std::unique_ptr<boost::asio::steady_timer> timer_;
  std::jthread thread_;
};

// Where officers decide: what the configuration says, else where the API is; empty: nowhere.
std::string desk_url(const server::Config& config);

}  // namespace countersign::app
