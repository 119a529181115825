#include "client/session.h"

#include <algorithm>

#include "message/message.h"

namespace countersign::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{250};
constexpr milliseconds kLongestDelay{4000};
constexpr int kMostTries = 12;
// Where nothing suggests that the server is only away for a moment.
constexpr int kFewTries = 4;

milliseconds delay_before(int retry) {
  return std::min(kLongestDelay, kFirstDelay * (1 << std::min(retry - 1, 6)));
}

}  // namespace

void Session::run(Result<Next> first, Done<Finished> done) {
  done_ = std::move(done);
  go_on(std::move(first));
}

void Session::go_on(Result<Next> next) {
  if (!next) return done_(std::unexpected(std::move(next).error()));
  if (auto* out = std::get_if<SendNow>(&*next)) return send(std::move(out->message));
  if (auto* out = std::get_if<WaitFor>(&*next)) return wait(*out);
  done_(std::get<Finished>(std::move(*next)));
}

void Session::send(Bytes message) {
  message_ = std::move(message);
  tries_ = 0;
  deadline_ = travel_.clock.now() + travel_.timeout;
  try_once();
}

void Session::try_once() {
  ++tries_;
  const Seconds left = std::max(Seconds{1}, deadline_ - travel_.clock.now());
  travel_.transport.exchange(travel_.target, message_, left,
                             [self = shared_from_this()](Result<Bytes> reply) {
                               if (!reply) return self->failed(std::move(reply).error());
                               self->answered_ = true;
                               self->go_on(self->conversation_.answered(*reply));
                             });
}

bool Session::worth_another_try(const Error& error) const {
  // What only a person can put right. A server that is overloaded says so by 5xx.
  static constexpr std::string_view kLasting[] = {"transport.url", "transport.unsupported-scheme",
                                                  "transport.too-large", "transport.content-type"};
  if (std::ranges::find(kLasting, error.code) != std::end(kLasting)) return false;
  if (error.code.starts_with("transport.tls-")) return false;
  const bool by_status =
      error.code == "transport.http-status" || error.code == "transport.proxy-refused";
  if (by_status && !error.detail.starts_with('5')) return false;
  const bool away = error.code == "transport.refused" || error.code == "transport.name" ||
                    error.code == "transport.unreachable" || error.code == "transport.bad-reply";
  return tries_ < (away && !answered_ ? kFewTries : kMostTries);
}

void Session::failed(Error error) {
  const auto delay = delay_before(tries_);
  if (!worth_another_try(error) || travel_.clock.now() + delay >= deadline_)
    return done_(std::unexpected(std::move(error)));
  if (travel_.notice) travel_.notice(error.reply_text + "; sending the same again");
  travel_.timer.after(delay, [self = shared_from_this()] { self->try_once(); });
}

void Session::wait(const WaitFor& wait) {
  const Seconds left = std::max(Seconds{0}, wait.when - travel_.clock.now());
  if (travel_.notice)
    travel_.notice("the server has not decided yet" +
                   (wait.reason.empty() ? "" : " (" + wait.reason + ")") + "; asking again in " +
                   to_text(left));
  travel_.timer.after(left,
                      [self = shared_from_this()] { self->go_on(self->conversation_.waited()); });
}

}  // namespace countersign::client
