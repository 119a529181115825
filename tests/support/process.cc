#include "support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{120'000};

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Process::Process(const Words& words, const fs::path& out, const fs::path& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int failed = posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + words.front());
}

Process::~Process() {
  if (id_ <= 0) return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void Process::send(int signal) const {
  if (id_ > 0) ::kill(id_, signal);
}

std::optional<int> Process::wait(milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (id_ > 0) {
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) == id_) {
      id_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (std::chrono::steady_clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(milliseconds{2});
  }
  return -1;
}

Workshop::Workshop() {
  std::string pattern = (fs::temp_directory_path() / "countersign-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
}

Workshop::~Workshop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Ran Workshop::run(const Words& words) {
  const std::string name = std::to_string(++runs_);
  Process process(words, at("out." + name), at("err." + name));
  const auto exit = process.wait(kPatience);
  return {exit.value_or(-1), read_file(at("out." + name)), read_file(at("err." + name))};
}

Ran Workshop::openssl(const Words& words) {
  Words all{COUNTERSIGN_OPENSSL};
  all.insert(all.end(), words.begin(), words.end());
  Ran ran = run(all);
  ran.err += ran.out;  // `openssl cmp` writes its diagnostics to either
  return ran;
}

void Workshop::certificate(const std::string& name, const Words& more) {
  Words words{"req", "-x509", "-newkey", "ec", "-pkeyopt"};
  words.insert(words.end(), {"ec_paramgen_curve:P-256", "-nodes", "-days", "30"});
  words.insert(words.end(), {"-keyout", at(name + ".key"), "-out", at(name + ".pem")});
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = openssl(words);
  if (ran.exit != 0) throw std::runtime_error(ran.err);
}

Ran Workshop::countersign(const Words& words) {
  Words all{std::string(COUNTERSIGN_BIN_DIR) + "/countersign"};
  all.insert(all.end(), words.begin(), words.end());
  return run(all);
}

Ran Workshop::countersignd(const Words& words) {
  Words all{std::string(COUNTERSIGN_BIN_DIR) + "/countersignd"};
  all.insert(all.end(), words.begin(), words.end());
  return run(all);
}

std::string http(int port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char part[4096];
    for (ssize_t n = 0; (n = ::recv(fd, part, sizeof part, 0)) > 0;)
      answer.append(part, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

RunningServer::RunningServer(Workshop& shop, const std::string& config, const Words& init)
    : shop_(shop) {
  Words words{"init", "--data", data(), "--json"};
  words.insert(words.end(), init.begin(), init.end());
  const Ran made = shop_.countersignd(words);
  if (made.exit != 0) throw std::runtime_error("init: " + made.err);
  const auto json = boost::json::parse(made.out).as_object();
  reference_ = json.at("reference").as_string().c_str();
  secret_ = json.at("secret").as_string().c_str();
  // Several run at the same time: none takes the usual port of the API.
  const std::string api = config.find("[api]") == std::string::npos ? "api.listen = \"\"\n" : "";
  std::ofstream(data() + "/config.toml", std::ios::app) << api << config;
  start();
}

RunningServer::~RunningServer() = default;

void RunningServer::start() {
  const std::string name = "serve." + std::to_string(++starts_);
  process_ = std::make_unique<Process>(Words{std::string(COUNTERSIGN_BIN_DIR) + "/countersignd",
                                             "serve", "--data", data(), "--listen", host_port()},
                                       shop_.at(name + ".out"), shop_.at(name + ".err"));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    const std::string out = read_file(shop_.at(name + ".out"));
    const auto at = out.find("listening on http://127.0.0.1:");
    if (at != std::string::npos && out.find('\n', at) != std::string::npos) {
      port_ = std::stoi(out.substr(at + 30));
      // Both lines are written at once.
      if (const auto tls = out.find("listening on https://"); tls != std::string::npos)
        https_port_ = std::stoi(out.substr(out.find(':', tls + 21) + 1));
      return;
    }
    if (const auto ended = process_->wait(milliseconds{10}))
      throw std::runtime_error("serve ended: " + read_file(shop_.at(name + ".err")));
  }
  throw std::runtime_error("serve does not listen");
}

void RunningServer::kill() {
  process_->send(SIGKILL);
  process_->wait(kPatience);
}

int RunningServer::stop() {
  process_->send(SIGTERM);
  return process_->wait(kPatience).value_or(-1);
}

std::string RunningServer::log() const {
  return read_file(shop_.at("serve." + std::to_string(starts_) + ".err"));
}

std::string RunningServer::certificates() {
  const Ran listed = shop_.countersignd({"certificates", "--data", data(), "--json"});
  if (listed.exit != 0) throw std::runtime_error("certificates: " + listed.err);
  std::string out;
  const auto rows = boost::json::parse(listed.out);
  for (const auto& row : rows.as_array()) {
    const auto& c = row.as_object();
    out += std::string(c.at("serial").as_string()) + " " + std::string(c.at("status").as_string()) +
           " " + std::string(c.at("subject").as_string()) + "\n";
  }
  return out;
}

std::string RunningServer::http(const std::string& request) const {
  return test::http(port_, request);
}

Bytes RunningServer::post(View message, const std::string& path) const {
  const std::string answer =
      http("POST " + path + " HTTP/1.0\r\nContent-Type: application/pkixcmp\r\nContent-Length: " +
           std::to_string(message.size()) + "\r\n\r\n" + std::string(text(message)));
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? Bytes{} : to_bytes(std::string_view(answer).substr(body + 4));
}

}  // namespace countersign::test
