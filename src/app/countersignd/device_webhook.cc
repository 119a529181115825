#include "app/countersignd/device_webhook.h"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "app/countersignd/hook.h"

namespace countersign::app {
namespace {

namespace json = boost::json;
using enrol::DeviceRecord;
using Told = std::optional<DeviceRecord>;

constexpr std::size_t kMostUnderWay = 256;
constexpr std::size_t kLongestAnswer = 64 * 1024;
constexpr Seconds kLongestTimeout{60};  // a stop waits for what is under way
constexpr int kFound = 200;
constexpr int kNotFound = 404;

std::unexpected<Error> misconfigured(std::string sentence) {
  return fail(Failure::systemFailure, "config.webhook", std::move(sentence));
}

std::unexpected<Error> silent(const std::string& why) {
  return fail(Failure::systemUnavail, "device.webhook-silent",
              "the device registry behind this server does not answer now; send the same message "
              "again",
              why);
}

std::unexpected<Error> unreadable(std::string why) {
  return fail(Failure::systemUnavail, "device.webhook-answer",
              "the device registry behind this server gave an answer that cannot be read; its "
              "operator finds it in the log",
              std::move(why));
}

Result<> take_attributes(DeviceRecord& device, const json::value& value) {
  const auto* all = value.if_object();
  if (all == nullptr) return unreadable("attributes is no object");
  for (const auto& [name, text] : *all) {
    if (!text.is_string()) return unreadable("attributes." + std::string(name) + " is no text");
    TRY(enrol::set_field(device, "attributes." + std::string(name),
                         std::string(text.get_string())));
  }
  return {};
}

// Members that an entry does not have say nothing to us.
Result<DeviceRecord> read_device(const json::object& members, const std::string& serial) {
  DeviceRecord device;
  for (const auto& [key, value] : members) {
    const std::string name(key);
    if (name == "attributes") {
      TRY(take_attributes(device, value));
    } else if (name == "blocked" || name == "state") {
      if (value == json::value(true) || value == json::value("blocked"))
        device.state = enrol::DeviceState::blocked;
    } else if (enrol::is_device_field(name) && !value.is_null()) {
      if (!value.is_string()) return unreadable(name + " is no text");
      TRY(enrol::set_field(device, name, std::string(value.get_string())));
    }
  }
  if (device.serial.empty()) device.serial = serial;
  if (device.serial != serial) return unreadable("it is about the device " + device.serial);
  device.author = "webhook";
  return device;
}

}  // namespace

Result<Told> device_told(const ports::WebResponse& answer, const std::string& serial) {
  if (answer.status == kNotFound) return std::nullopt;
  if (answer.status != kFound) return silent("HTTP " + std::to_string(answer.status));
  boost::system::error_code error;
  const auto parsed =
      json::parse({reinterpret_cast<const char*>(answer.body.data()), answer.body.size()}, error);
  if (error || !parsed.is_object()) return unreadable("no JSON object");
  auto device = read_device(parsed.get_object(), serial);
  if (device) return std::move(*device);
  if (device.error().code == "device.webhook-answer")
    return std::unexpected(std::move(device).error());
  return unreadable(device.error().reply_text);
}

DeviceWebhook::DeviceWebhook(server::Config::Devices config)
    : config_(std::move(config)), work_(loop_.get_executor()) {}

DeviceWebhook::~DeviceWebhook() {
  stop();
  http_.reset();
}

Result<std::unique_ptr<DeviceWebhook>> DeviceWebhook::open(const server::Config::Devices& config) {
  if (config.timeout > kLongestTimeout)
    return misconfigured("devices.webhook_timeout is longer than a minute; shorten it");
  Hook hook = TRY(open_hook({"devices.webhook", config.webhook, config.trust, config.token}));
  hook.options.body_limit = kLongestAnswer;
  std::unique_ptr<DeviceWebhook> out(new DeviceWebhook(config));
  out->token_ = std::move(hook.token);
  out->http_ = std::make_unique<transport::http::HttpClient>(out->loop_, std::move(hook.options));
  out->thread_ = std::jthread([loop = &out->loop_] { loop->run(); });
  return out;
}

void DeviceWebhook::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

void DeviceWebhook::find(std::string serial, Time now, Done<Told> done) {
  if (under_way_.fetch_add(1) >= kMostUnderWay) {
    --under_way_;
    return done(silent("too many questions are under way"));
  }
  boost::asio::post(loop_,
                    [this, serial = std::move(serial), now, done = std::move(done)]() mutable {
                      ask(serial, now, std::move(done));
                    });
}

void DeviceWebhook::ask(const std::string& serial, Time now, Done<Told> done) {
  const char mark = config_.webhook.contains('?') ? '&' : '?';
  const std::string url = config_.webhook + mark +
                          "serial=" + boost::urls::encode(serial, boost::urls::unreserved_chars);
  auto answered = [this, serial, now,
                   done = std::move(done)](Result<ports::WebResponse> answer) mutable {
    --under_way_;
    if (!answer) return done(silent(answer.error().reply_text));
    auto told = device_told(*answer, serial);
    if (told && *told) (*told)->good_until = now + config_.keep;
    done(std::move(told));
  };
  transport::http::HttpCall call;
  if (!token_.empty())
    call.headers.emplace_back("Authorization", "Bearer " + std::string(text(token_.expose())));
  http_->call({url, {}}, std::move(call), config_.timeout, std::move(answered));
}

}  // namespace countersign::app
