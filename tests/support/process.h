// Programs as a test runs them: real processes on loopback, ended by their id, output in files.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace countersign::test {

using Words = std::vector<std::string>;

// A child process; killed when this goes, if it still runs.
class Process {
 public:
  Process(const Words& words, const std::filesystem::path& out, const std::filesystem::path& err);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void send(int signal) const;
  int id() const { return id_; }
  // The exit code, 128 + signal when killed; nullopt if it is still running after that time.
  std::optional<int> wait(std::chrono::milliseconds patience);

 private:
  int id_ = -1;
};

struct Ran {
  int exit = -1;
  std::string out, err;
};

// A folder that goes with its owner, and programs run in its name.
class Workshop {
 public:
  Workshop();
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  Ran run(const Words& words);  // the first word is a path
  Ran openssl(const Words& words);
  // A new key (P-256) NAME.key and NAME.pem for it, by `openssl req -x509`: self-signed unless
  // `more` says otherwise. Throws where that fails.
  void certificate(const std::string& name, const Words& more);
  Ran countersign(const Words& words);
  Ran countersignd(const Words& words);

 private:
  std::filesystem::path folder_;
  int runs_ = 0;
};

// countersignd over a data folder of the workshop, on a port of its own choice.
class RunningServer {
 public:
  // Makes the CA first unless the folder has one. `config` is added to its config.toml.
  explicit RunningServer(Workshop& shop, const std::string& config = {}, const Words& init = {});
  ~RunningServer();

  void start();  // on the port that it had before, if any
  void kill();   // -9
  int stop();    // SIGTERM; the exit code

  std::string host_port() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + host_port(); }
  std::string https_host_port() const { return "127.0.0.1:" + std::to_string(https_port_); }
  std::string https_url() const { return "https://" + https_host_port(); }
  std::string data() const { return shop_.at("data"); }
  const std::string& reference() const { return reference_; }
  const std::string& secret() const { return secret_; }
  std::string log() const;
  int process_id() const { return process_->id(); }

  // Options of a `countersign` or `openssl cmp` call that use the first secret.
  Words by_secret() const { return {"--reference", reference_, "--secret", "pass:" + secret_}; }
  // "serial status subject" lines of `countersignd certificates`.
  std::string certificates();
  // One POST of application/pkixcmp over a fresh connection: the reply's body.
  Bytes post(View message, const std::string& path = "/.well-known/cmp") const;
  // Any HTTP/1.0 request as written: the whole answer.
  std::string http(const std::string& request) const;

 private:
  Workshop& shop_;
  std::unique_ptr<Process> process_;
  int port_ = 0;
  int https_port_ = 0;  // another at each start, where the configuration says 0
  int starts_ = 0;
  std::string reference_, secret_;
};

std::string read_file(const std::filesystem::path& path);
// Any HTTP/1.0 request as written, to loopback: the whole answer.
std::string http(int port, const std::string& request);

}  // namespace countersign::test
