// countersignd serve [--demo]

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "app/countersignd/config_file.h"
#include "app/countersignd/demo.h"
#include "app/countersignd/init.h"
#include "app/countersignd/serve.h"

namespace countersign::app {
namespace {

Result<server::Config> config_of(const ServeOptions& options, const std::string& data) {
  auto config = TRY(load_config(data, options.config));
  if (!options.listen.empty()) config.listen = options.listen;
  if (!options.tls.empty()) config.tls.listen = options.tls;
  return config;
}

bool is_loopback(std::string_view listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]") ||
         listen.starts_with("localhost:");
}

// A demo's folder goes with it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::string name = (std::filesystem::temp_directory_path() / "countersign-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      return fail(Failure::systemFailure, "app.file", "no temporary folder can be made");
    return TemporaryFolder(std::move(name));
  }
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// From its first use on a signal waits to be asked for: one that comes while the server begins
// stops it as gracefully as a later one.
struct StopSignals {
  boost::asio::io_context loop;
  boost::asio::signal_set signals{loop, SIGINT, SIGTERM};
};
StopSignals& stop_signals() {
  static StopSignals all;
  return all;
}

void wait_for_signal() {
  auto& [loop, signals] = stop_signals();
  signals.async_wait([](const boost::system::error_code&, int) {});
  loop.run();
}

// In the shape `http://127.0.0.1:8829` for the address that is really listened on.
std::string url_of(const std::string& endpoint) { return "http://" + endpoint; }

Result<int> serve_demo(const Host& host, const ServeOptions& options) {
  std::optional<TemporaryFolder> temporary;
  if (options.data.empty()) temporary.emplace(TRY(TemporaryFolder::make()));
  const std::string data = temporary ? temporary->path() : options.data;
  auto config = TRY(config_of(options, data));
  if (config.listen.empty())
    return fail(Failure::systemFailure, "app.demo-listen",
                "a demo shows how to enrol over plain HTTP: let listen name an address");
  for (const auto& listen : {config.listen, config.tls.listen})
    if (!listen.empty() && !is_loopback(listen) && !options.demo_anyone)
      return fail(Failure::systemFailure, "app.demo-anyone",
                  "a demo gives its secret to whoever reads the screen; to let it listen on " +
                      listen + ", add --demo-anyone");
  const bool old = has_data(data);
  // Whoever is on loopback may try everything.
  if (!old && options.config.empty() && is_loopback(config.listen))
    config.cmp.central_keys = enrol::CentralKeys::any;
  if (!old) {
    InitOptions init;
    init.data = data;
    init.name = "Countersign Demo";
    // Port 0 is not known yet: certificates name the usual place then.
    if (!config.listen.ends_with(":0")) init.url = url_of(config.listen);
    auto made = TRY(make_ca(host, init, {"demo-", std::nullopt}));
    config.public_url = init.url;
    return run_demo(host, std::move(made), std::move(config), temporary.has_value());
  }
  auto opened = TRY(open_data(data, store::Exclusive::yes, host.entropy, host.clock.now()));
  auto made = TRY(adopt(host, std::move(opened)));
  return run_demo(host, std::move(made), std::move(config), false);
}

Result<int> serve(const Host& host, const ServeOptions& options) {
  if (options.demo) return serve_demo(host, options);
  if (options.data.empty())
    return fail(Failure::systemFailure, "app.no-data",
                "name the data folder with --data, or try `countersignd serve --demo`");
  auto config = TRY(config_of(options, options.data));
  auto data = TRY(open_data(options.data, store::Exclusive::yes, host.entropy, host.clock.now()));
  auto service = TRY(Service::open(host, std::move(data), std::move(config)));
  for (const auto& url : service->urls()) std::cout << "listening on " << url << "\n";
  std::cout << std::flush;
  wait_for_signal();
  service->stop();
  return kDone;
}

}  // namespace

void stay_until_stopped() { wait_for_signal(); }

int run_serve(const Host& host, const ServeOptions& options) {
  stop_signals();
  const auto done = serve(host, options);
  return done ? *done : report(done.error());
}

}  // namespace countersign::app
