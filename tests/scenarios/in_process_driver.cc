#include <boost/asio/executor_work_guard.hpp>
#include <optional>

#include "scenarios/engine_host.h"

namespace countersign::test {
namespace {

class InProcessDriver final : public StoredDriver {
 public:
  using StoredDriver::StoredDriver;

  Bytes exchange(const std::string& operation, const Bytes& request) override {
    std::optional<ports::Outbound> out;
    const auto guard = boost::asio::make_work_guard(host().loop());
    host().responder().handle({{"default", operation}, request, "127.0.0.1:1"},
                              [&out](Result<ports::Outbound> done) { out = std::move(*done); });
    host().loop().restart();
    while (!out) host().loop().run_one();
    return out->body;
  }
};

}  // namespace

std::unique_ptr<Driver> in_process_driver(const ServerSetting& setting,
                                          const std::vector<CredentialSpec>& credentials) {
  return std::make_unique<InProcessDriver>(setting, credentials);
}

}  // namespace countersign::test
