#include "app/countersign/runner.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/countersign/wishes.h"
#include "base/os_clock.h"
#include "client/failure.h"
#include "crypto/os_entropy.h"
#include "transport/http/client.h"

namespace countersign::app {
namespace {

class AsioTimer final : public client::Timer {
 public:
  explicit AsioTimer(boost::asio::io_context& loop) : loop_(loop) {}
  void after(std::chrono::milliseconds delay, std::move_only_function<void()> then) override {
    auto timer = std::make_shared<boost::asio::steady_timer>(loop_, delay);
    timer->async_wait([timer, then = std::move(then)](boost::system::error_code error) mutable {
      if (!error) then();
    });
  }

 private:
  boost::asio::io_context& loop_;
};

Result<client::Outcome> over_http(const Options& options, client::ErrandRun& run,
                                  std::string_view label, const Clock& clock) {
  boost::asio::io_context loop;
  transport::http::HttpClientOptions with;
  auto target = TRY(target_of(options, label));
  with.tls = TRY(tls_of(options, target));
  transport::http::HttpClient http(loop, std::move(with));
  AsioTimer timer(loop);
  client::Travel travel{http,
                        timer,
                        clock,
                        std::move(target),
                        TRY(duration_of("--timeout", options.timeout, Seconds{30})),
                        [&](const std::string& text) { notice(options, text); }};
  std::optional<Result<client::Outcome>> result;
  run.travel(std::move(travel), [&](Result<client::Outcome> outcome) {
    result = std::move(outcome);
    loop.stop();  // a kept connection must not keep the program
  });
  if (!result) loop.run();
  return std::move(*result);
}

}  // namespace

int run_errand(const Options& options, client::Errand errand,
               const std::function<Result<>(const Ran&)>& tell) {
  const OsClock clock;
  crypto::OsEntropy entropy;
  const auto begun = steady_now();
  const std::string journal = errand.journal;
  const std::string_view label = errand.label;
  const auto run = std::make_shared<client::ErrandRun>(
      std::move(errand), client::ErrandRun::World{clock, entropy, [&](const std::string& text) {
                                                    notice(options, text);
                                                  }});
  auto outcome = options.carried() ? run->carry(options.request_out, options.response_in)
                                   : over_http(options, *run, label, clock);
  if (!outcome) return report_failure(options, outcome.error(), journal);
  if (!outcome->over) {
    report_carried(options, *outcome);
    return 0;
  }
  const Ran ran{std::move(*outcome), steady_now() - begun};
  if (auto told = tell(ran); !told) return report_failure(options, told.error(), journal);
  if (auto closed = run->close(); !closed) return report_failure(options, closed.error(), journal);
  return 0;
}

int run_errand(const Options& options, Result<client::Errand> errand,
               const std::function<Result<>(const Ran&)>& tell) {
  if (!errand) return report_failure(options, errand.error());
  return run_errand(options, std::move(*errand), tell);
}

}  // namespace countersign::app
