// The device registry of somebody else, asked over HTTP: GET URL?serial=…, answered by the members
// of an entry as the API has them, or by 404. Owns a loop, with a thread of its own, on which all
// of it happens; at most 256 questions are under way.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "base/secret.h"
#include "ports/device_source.h"
#include "server/config.h"
#include "transport/http/client.h"

namespace countersign::app {

class DeviceWebhook final : public ports::DeviceSource {
 public:
  // Errors: "config.webhook", "app.file".
  static Result<std::unique_ptr<DeviceWebhook>> open(const server::Config::Devices& config);
  ~DeviceWebhook() override;
  DeviceWebhook(const DeviceWebhook&) = delete;
  DeviceWebhook& operator=(const DeviceWebhook&) = delete;

  void find(std::string serial, Time now, Done<std::optional<enrol::DeviceRecord>> done) override;
  // When nobody waits any more: what is under way would not be answered.
  void stop();

 private:
  explicit DeviceWebhook(server::Config::Devices config);
  void ask(const std::string& serial, Time now, Done<std::optional<enrol::DeviceRecord>> done);

  const server::Config::Devices config_;
  Secret token_;
  std::atomic<std::size_t> under_way_ = 0;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<transport::http::HttpClient> http_;
  std::jthread thread_;
};

// What such an answer says; nullopt: 404. "device.webhook-answer".
Result<std::optional<enrol::DeviceRecord>> device_told(const ports::WebResponse& answer,
                                                       const std::string& serial);

}  // namespace countersign::app
