// `countersign` and the mock server of `openssl cmp -port` in one temporary folder: what the tests
// of client_openssl_mock_test.cc stand on.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace countersign::test {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

inline std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// A child process with its output in files; ended, by its id, when this goes.
class Process {
 public:
  Process(const Words& words, const fs::path& out, const fs::path& err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    if (posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environ) != 0) id_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { end(SIGKILL); }

  void end(int signal) {
    if (id_ <= 0) return;
    ::kill(id_, signal);
    ::waitpid(id_, nullptr, 0);
    id_ = -1;
  }
  // The exit code; nullopt if it is still running after that time.
  std::optional<int> wait(milliseconds patience) {
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

 private:
  pid_t id_ = -1;
};

struct Ran {
  int exit = -1;
  std::string out, err;
};

class ClientAgainstMock : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "countersign-mock-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    certificate("root", "/CN=Mock Root", "", {"keyUsage=critical,keyCertSign,cRLSign"});
    certificate("server", "/CN=Mock Server", "root",
                {"keyUsage=critical,digitalSignature", "basicConstraints=CA:FALSE",
                 "extendedKeyUsage=1.3.6.1.5.5.7.3.28"});
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  Ran run(Words words, milliseconds patience = kPatience) {
    Process process(words, at("stdout"), at("stderr"));
    const auto exit = process.wait(patience);
    EXPECT_TRUE(exit) << words[1] << " did not end";
    return {exit.value_or(-1), read(at("stdout")), read(at("stderr"))};
  }
  void openssl(Words words) {
    words.insert(words.begin(), COUNTERSIGN_OPENSSL);
    const Ran ran = run(words);
    ASSERT_EQ(ran.exit, 0) << words[1] << ": " << ran.err;
  }
  Ran countersign(Words words) {
    words.insert(words.begin(), std::string(COUNTERSIGN_BIN_DIR) + "/countersign");
    return run(words);
  }

  void key(const std::string& name) {
    openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
             at(name + ".key")});
  }
  // <name>.pem for <name>.key, by <issuer> or by itself.
  void certificate(const std::string& name, const std::string& subject, const std::string& issuer,
                   const Words& extensions, const std::string& key_name = "") {
    const std::string own = key_name.empty() ? name : key_name;
    if (!fs::exists(at(own + ".key"))) key(own);
    Words words{"req",   "-x509", "-new", "-key", at(own + ".key"), "-subj",
                subject, "-days", "30",   "-out", at(name + ".pem")};
    if (!issuer.empty())
      words.insert(words.end(), {"-CA", at(issuer + ".pem"), "-CAkey", at(issuer + ".key")});
    for (const auto& extension : extensions) words.insert(words.end(), {"-addext", extension});
    openssl(words);
  }

  void serve(Words words) {
    words.insert(words.begin(), {COUNTERSIGN_OPENSSL, "cmp", "-config", "", "-port", "0"});
    fs::remove(at("server.out"));
    server_.emplace(words, at("server.out"), at("server.err"));
    for (int i = 0; i < 5000; ++i) {
      const std::string out = read(at("server.out"));
      const auto accept = out.find("ACCEPT ");
      if (accept != std::string::npos && out.find('\n', accept) != std::string::npos) {
        const auto colon = out.find(" PID=", accept);
        port_ = std::stoi(out.substr(out.rfind(':', colon) + 1));
        return;
      }
      std::this_thread::sleep_for(milliseconds{2});
    }
    FAIL() << "the mock server does not start: " << read(at("server.err"));
  }
  void serve_with_secret(Words more) {
    more.insert(more.begin(), {"-srv_ref", "device-1", "-srv_secret", "pass:a long secret",
                               "-srv_trusted", at("root.pem")});
    serve(more);
  }
  void serve_with_certificate(Words more) {
    more.insert(more.begin(), {"-srv_cert", at("server.pem"), "-srv_key", at("server.key"),
                               "-srv_trusted", at("root.pem"), "-srv_untrusted", at("root.pem")});
    serve(more);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/pkix/"; }

  Words enroll(const Words& more = {}, const std::string& command = "enroll") const {
    Words words{command,     url(),   "--reference", "device-1",   "--secret", "pass:a long secret",
                "--subject", "CN=me", "--key",       at("me.key"), "--cert",   at("out.pem")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // A certificate that the mock server can give for the client's key.
  void prepare_me() { certificate("me", "/CN=me", "root", {"basicConstraints=CA:FALSE"}); }

  void expect_pair(const std::string& key_name, const std::string& certificate_name) {
    openssl({"pkey", "-in", at(key_name), "-pubout", "-out", at("a.pub")});
    openssl({"x509", "-in", at(certificate_name), "-noout", "-pubkey", "-out", at("b.pub")});
    EXPECT_EQ(read(at("a.pub")), read(at("b.pub"))) << "key and certificate do not match";
  }
  void expect_nothing_left(const std::string& key_name = "me.key") {
    EXPECT_FALSE(fs::exists(at(key_name + ".pending")));
    for (const auto& entry : fs::directory_iterator(folder_))
      EXPECT_NE(entry.path().extension(), ".new") << entry.path();
  }

  // One message there and back, as if carried by hand.
  std::string carry(const std::string& body) {
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string reply;
    if (::connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      const std::string request =
          "POST /pkix/ HTTP/1.0\r\nContent-Type: application/pkixcmp\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
      EXPECT_EQ(::send(handle, request.data(), request.size(), 0),
                static_cast<ssize_t>(request.size()));
      char block[4096];
      for (ssize_t got = 0; (got = ::recv(handle, block, sizeof block, 0)) > 0;)
        reply.append(block, static_cast<std::size_t>(got));
    }
    ::close(handle);
    const auto head = reply.find("\r\n\r\n");
    return head == std::string::npos ? "" : reply.substr(head + 4);
  }

  fs::path folder_;
  std::optional<Process> server_;
  int port_ = 0;
};

}  // namespace countersign::test
