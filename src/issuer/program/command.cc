#include "issuer/program/command.h"

#define BOOST_PROCESS_USE_STD_FS 1
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <boost/optional.hpp>  // Boost 1.81: Process needs this one and type_traits, and leaves them out
#include <boost/type_traits.hpp>
#include <csignal>
#include <optional>

#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>

#include "base/ascii.h"

namespace countersign::issuer {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace process = boost::process::v2;
using boost::system::error_code;

constexpr std::size_t kMostAnswer = std::size_t{1} << 20;
constexpr std::size_t kMostErrors = 4096;
constexpr std::size_t kMostVariable = 32768;    // Linux takes 128 KiB for one, and all have to fit
constexpr int kDataError = 65, kTryLater = 75;  // sysexits.h

Error failed(std::string_view code, std::string why, std::string detail = {}) {
  return {Failure::systemUnavail, code, std::move(why), std::move(detail)};
}

// What a program is started with: the fields of the question that are text or numbers, and a group
// of its own, so that what it starts is ended with it.
class Surroundings {
 public:
  explicit Surroundings(const std::string& question) {
    for (const char* kept : {"PATH", "HOME", "LANG", "TMPDIR"})
      if (const char* value = ::getenv(kept))  // NOLINT(concurrency-mt-unsafe)
        variables_.push_back(std::string(kept) + '=' + value);
    error_code ignored;
    const json::value value = json::parse(question, ignored);
    for (const auto& [name, field] : value.as_object()) {
      if (field.is_string()) add(name, field.get_string());
      if (field.is_int64()) add(name, std::to_string(field.get_int64()));
    }
    for (const std::string& variable : variables_) pointers_.push_back(variable.c_str());
    pointers_.push_back(nullptr);
  }

  // Called by Boost.Process, before the fork and after it.
  error_code on_setup(process::posix::default_launcher& launcher, const auto&,
                      const char* const*) const {
    launcher.env = pointers_.data();
    return {};
  }
  static error_code on_exec_setup(process::posix::default_launcher&, const auto&,
                                  const char* const*) {
    ::setpgid(0, 0);
    ::signal(SIGPIPE, SIG_DFL);
    return {};
  }

 private:
  void add(std::string_view name, std::string_view value) {
    if (value.size() > kMostVariable) return;
    variables_.push_back("COUNTERSIGN_" + ascii::upper_case(name) + '=' + std::string(value));
  }
  std::vector<std::string> variables_;
  std::vector<const char*> pointers_;
};

// One run. Lives by shared_ptr until the process has ended and its output is read, or is cut off.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(const asio::any_io_executor& loop, std::string question, Done<std::string> done)
      : in_(loop),
        out_(loop),
        errors_(loop),
        timer_(loop),
        question_(std::move(question)),
        done_(std::move(done)) {}

  void start(const asio::any_io_executor& loop, const std::string& program,
             const std::vector<std::string>& arguments, Seconds limit) {
    try {
      process_.emplace(loop, program, arguments, process::process_stdio{in_, out_, errors_},
                       Surroundings(question_));
    } catch (const boost::system::system_error& error) {
      return end(std::unexpected(
          failed("issuer.program-failed", program + " could not be run", error.what())));
    }
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](error_code e) {
      if (!e) self->cut_off();
    });
    asio::async_write(in_, asio::buffer(question_),
                      [self = shared_from_this()](error_code, std::size_t) { self->in_.close(); });
    read(out_, out_chunk_, answer_, kMostAnswer);
    read(errors_, errors_chunk_, complaint_, kMostErrors);
    process_->async_wait([self = shared_from_this()](error_code e, int code) {
      self->exit_code_ = e ? -1 : code;
      self->part_done();
    });
  }

 private:
  using Chunk = std::array<char, 4096>;
  // What is over the limit is read, so that the program can go on, and dropped.
  void read(asio::readable_pipe& from, Chunk& chunk, std::string& into, std::size_t most) {
    from.async_read_some(asio::buffer(chunk), [this, self = shared_from_this(), &from, &chunk,
                                               &into, most](error_code e, std::size_t n) {
      into.append(chunk.data(), std::min(n, most - into.size()));
      if (e) return part_done();
      read(from, chunk, into, most);
    });
  }

  void cut_off() {
    kill_group();
    end(std::unexpected(
        failed("issuer.program-time", "the program took longer than it may", complaint_)));
    error_code ignored;
    in_.close(ignored);
    out_.close(ignored);
    errors_.close(ignored);
  }
  void kill_group() {
    if (process_ && process_->id() > 0) ::kill(-process_->id(), SIGKILL);
  }

  void part_done() {
    if (--parts_ > 0) return;
    timer_.cancel();
    if (exit_code_ == 0) return end(std::move(answer_));
    if (exit_code_ == kTryLater) return end(std::string(R"({"pending": 60})"));
    if (exit_code_ == kDataError) {
      json::object refusal{{"refused", complaint_}};
      return end(json::serialize(refusal));
    }
    end(std::unexpected(failed("issuer.program-failed",
                               "the program ended with exit code " + std::to_string(exit_code_),
                               complaint_)));
  }

  void end(Result<std::string> result) {
    if (auto done = std::exchange(done_, {})) done(std::move(result));
  }

  asio::writable_pipe in_;
  asio::readable_pipe out_, errors_;
  asio::steady_timer timer_;
  std::string question_;
  Done<std::string> done_;
  std::optional<process::process> process_;
  Chunk out_chunk_{}, errors_chunk_{};
  std::string answer_, complaint_;
  int exit_code_ = -1;
  int parts_ = 3;  // its two outputs, its end
};

}  // namespace

Command::Command(boost::asio::any_io_executor loop, std::string program,
                 std::vector<std::string> arguments)
    : loop_(std::move(loop)), program_(std::move(program)), arguments_(std::move(arguments)) {
  ::signal(SIGPIPE, SIG_IGN);
}

void Command::ask(const std::string& question, Seconds limit, Done<std::string> done) {
  const auto run = std::make_shared<Run>(loop_, question, std::move(done));
  run->start(loop_, program_, arguments_, limit);
}

}  // namespace countersign::issuer
